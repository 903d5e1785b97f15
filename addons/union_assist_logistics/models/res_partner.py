from collections import defaultdict

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from .nonconformity import OPEN_STATES


class ResPartner(models.Model):
    _inherit = "res.partner"

    # ------------------------------------------------------------------
    # Nonconformities
    # ------------------------------------------------------------------
    assist_nonconformity_count = fields.Integer(
        "Nonconformities", compute="_compute_assist_nonconformity_count"
    )

    def _compute_assist_nonconformity_count(self):
        model = self.env["union.assist.nonconformity"]
        counts = {}
        if model.has_access("read"):
            counts = dict(
                model._read_group([("supplier_id", "in", self.ids)], ["supplier_id"], ["__count"])
            )
        for partner in self:
            partner.assist_nonconformity_count = counts.get(partner._origin, 0)

    def action_view_assist_nonconformities(self):
        """Open the nonconformities of this supplier."""
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "union_assist_logistics.action_nonconformity"
            ),
            "domain": [("supplier_id", "=", self.id)],
            "context": {"default_supplier_id": self.id},
        }

    @api.model
    def _assist_score_parts(self):
        return {**super()._assist_score_parts(), "quality": self._assist_score_quality}

    @api.model
    def _assist_score_quality(self, suppliers):
        """Score the accepted share of what was inspected, less points for what is still open.

        Over the last months (rule ``quality_score_months``); points by severity are the rules
        ``nonconformity_points_minor``, ``…_major`` and ``…_critical``.
        """
        today = self.env.company._assist_today()
        value_of = self.env["union.assist.parameter"]._get_value
        months = int(value_of("quality_score_months", today))
        first = today - relativedelta(months=months)
        self.env["union.assist.quality.inspection"].flush_model()
        inspected = {
            supplier_id: (accepted, count)
            for supplier_id, accepted, count in self.env.execute_query(
                SQL(
                    """
                    SELECT supplier_id, AVG(1 - rejected_qty / quantity), COUNT(*)
                      FROM union_assist_quality_inspection
                     WHERE supplier_id IN %s AND state = 'decided' AND recorded_on >= %s
                     GROUP BY supplier_id
                    """,
                    tuple(suppliers.ids) or (0,),
                    first,
                )
            )
        }
        points = {
            severity: value_of(f"nonconformity_points_{severity}", today)
            for severity in ("minor", "major", "critical")
        }
        found = defaultdict(lambda: (0, 0.0))
        for supplier, severity, count in (
            self.env["union.assist.nonconformity"]
            .sudo()
            ._read_group(
                [
                    ("supplier_id", "in", suppliers.ids),
                    ("state", "in", OPEN_STATES),
                    ("date", ">=", first),
                ],
                ["supplier_id", "severity"],
                ["__count"],
            )
        ):
            total, lost = found[supplier.id]
            found[supplier.id] = (total + count, lost + count * points[severity])
        scores = {}
        for supplier_id in inspected.keys() | found.keys():
            accepted, count = inspected.get(supplier_id, (1.0, 0))
            total, lost = found[supplier_id]
            scores[supplier_id] = (
                min(max(100.0 * float(accepted) - lost, 0.0), 100.0),
                self.env._(
                    "Last %(months)s months: %(share)s %% accepted of %(count)s inspected lots;"
                    " %(open)s open nonconformities take %(points)s points.",
                    months=months,
                    share=f"{100 * float(accepted):.1f}",
                    count=count,
                    open=total,
                    points=f"{lost:g}",
                ),
            )
        return scores

    # ------------------------------------------------------------------
    # How strictly a supplier's lots are inspected
    # ------------------------------------------------------------------
    assist_standing_count = fields.Integer(
        "Inspection History Count", compute="_compute_assist_standing_count", compute_sudo=True
    )

    def _compute_assist_standing_count(self):
        counts = dict(
            self.env["union.assist.quality.standing"]._read_group(
                [("supplier_id", "in", self.ids), ("company_id", "in", self.env.companies.ids)],
                ["supplier_id"],
                ["__count"],
            )
        )
        for partner in self:
            partner.assist_standing_count = counts.get(partner._origin, 0)

    def action_view_assist_standings(self):
        """Open how strictly the lots of these suppliers are inspected, and why."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "union_assist_logistics.action_quality_standing"
        )
        action["domain"] = [("supplier_id", "in", self.ids)]
        return action

    # ------------------------------------------------------------------
    # Delivery: how notes look, when goods are received
    # ------------------------------------------------------------------
    assist_note_layout_id = fields.Many2one(
        "union.assist.note.layout",
        "Delivery Note Layout",
        help="Paper, columns, prices and copies of this customer's delivery notes. Empty: as the"
        " company of the contact, else as the operation type has it.",
    )
    assist_receive_from = fields.Float(
        "Receives From", help="Time of day from which goods are received; 0:00 is any time."
    )
    assist_receive_to = fields.Float(
        "Receives Until", help="Time of day until which goods are received; 0:00 is any time."
    )

    @api.constrains("assist_receive_from", "assist_receive_to")
    def _check_assist_receive(self):
        for partner in self:
            begin, end = partner.assist_receive_from, partner.assist_receive_to
            if not (0 <= begin < 24 and 0 <= end <= 24) or (end and begin >= end):
                raise ValidationError(
                    self.env._(
                        "%(partner)s: goods are received from a time of day until a later one.",
                        partner=partner.display_name,
                    )
                )

    def _assist_get_receive_window(self):
        """Return the hours at which goods are received as text: ``09:00–11:30``, or nothing."""
        self.ensure_one()
        # A delivery address without hours of its own has those of its company.
        partner = self
        if not (self.assist_receive_from or self.assist_receive_to):
            partner = self.commercial_partner_id
        begin, end = (
            f"{int(hours):02}:{round(hours % 1 * 60):02}"
            for hours in (partner.assist_receive_from, partner.assist_receive_to or 24)
        )
        if (begin, end) == ("00:00", "24:00"):
            return ""
        return f"{begin}–{end}"
