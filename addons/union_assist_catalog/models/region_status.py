from itertools import pairwise

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class UnionAssistRegionStatus(models.Model):
    """A dated assistance status of a region, and the document that it rests on."""

    _name = "union.assist.region.status"
    _description = "Region Assistance Status"
    _order = "date_from desc, id desc"

    region_id = fields.Many2one(
        "union.assist.region", required=True, index=True, ondelete="cascade"
    )
    kind = fields.Selection(
        [
            ("lifted", "Lifted County"),
            ("key_national", "National Key Assistance County"),
            ("key_provincial", "Provincial Key Assistance County"),
            ("task", "With Assistance Tasks"),
        ],
        "Status",
        required=True,
        default="lifted",
        help="A county may have several at a time: key counties are chosen among the lifted.",
    )
    date_from = fields.Date("From", required=True)
    date_to = fields.Date("Until", help="Last day; empty while it goes on.")
    source = fields.Char(
        required=True, translate=True, help="The document that says so, with its date."
    )

    _period_order = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)",
        "The last day of a status is not before its first day.",
    )

    @api.depends("kind")
    @api.depends_context("lang")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for status in self:
            status.display_name = labels.get(status.kind)

    @api.constrains("region_id", "kind", "date_from", "date_to")
    def _check_overlap(self):
        same = self.search([("region_id", "in", self.region_id.ids)], order="date_from, id")
        for statuses in same.grouped(lambda status: (status.region_id, status.kind)).values():
            for earlier, later in pairwise(statuses):
                if not earlier.date_to or earlier.date_to >= later.date_from:
                    raise ValidationError(
                        self.env._(
                            "%(region)s would have the status “%(status)s” twice from %(date)s."
                            " End the earlier one before that day.",
                            region=later.region_id.display_name,
                            status=later.display_name,
                            date=later.date_from,
                        )
                    )

    @api.model
    def _get_in_force_domain(self, date):
        """Domain of the statuses that hold on ``date``."""
        return Domain("date_from", "<=", date) & (
            Domain("date_to", "=", False) | Domain("date_to", ">=", date)
        )
