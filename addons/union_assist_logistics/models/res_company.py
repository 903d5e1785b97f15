from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools.gs1 import is_prefix

NOTE_SEQUENCE = "union.assist.delivery.note"


class ResCompany(models.Model):
    _inherit = "res.company"

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        companies._assist_create_note_sequences()
        return companies

    @api.model
    def _assist_create_missing_note_sequences(self):
        """Give every company its sequence of delivery note numbers."""
        numbered = (
            self.env["ir.sequence"]
            .sudo()
            .with_context(active_test=False)
            .search([("code", "=", NOTE_SEQUENCE), ("company_id", "!=", False)])
            .company_id
        )
        missing = self.sudo().with_context(active_test=False)
        missing.search([("id", "not in", numbered.ids)])._assist_create_note_sequences()

    def _assist_create_note_sequences(self):
        self.env["ir.sequence"].sudo().create(
            [
                {
                    "name": self.env._("Delivery notes of %(company)s", company=company.name),
                    "code": NOTE_SEQUENCE,
                    "company_id": company.id,
                    "implementation": "no_gap",
                    "use_date_range": True,
                    "prefix": "SH%(range_year)s-",
                    "padding": 5,
                }
                for company in self
            ]
        )

    def _assist_next_note_numbers(self, count, date):
        """Draw delivery note numbers of this company; see ``_assist_next_numbers``."""
        self.ensure_one()
        sequence = (
            self.env["ir.sequence"]
            .sudo()
            .search([("code", "=", NOTE_SEQUENCE), ("company_id", "=", self.id)], limit=1)
        )
        if not sequence:
            raise UserError(
                self.env._(
                    "%(company)s has no sequence for its delivery notes. Create or restore one"
                    " with the code %(code)s under Settings → Technical → Sequences.",
                    company=self.name,
                    code=NOTE_SEQUENCE,
                )
            )
        return sequence._assist_next_numbers(count, date)

    # ------------------------------------------------------------------
    # Proof of delivery
    # ------------------------------------------------------------------
    assist_difference_location_id = fields.Many2one(
        "stock.location",
        "Delivery Differences",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="Where goods are booked that a receiver does not have and that do not come back.",
    )

    def _assist_get_difference_location(self):
        """Return where goods lost on delivery are booked; made when it is first needed.

        In transit, so that what goes there counts as returned and stays ours until it is
        written off.
        """
        self.ensure_one()
        company = self.sudo()
        if not company.assist_difference_location_id:
            company.assist_difference_location_id = company.env["stock.location"].create(
                {
                    "name": self.env._("Delivery Differences"),
                    "usage": "transit",
                    "company_id": self.id,
                }
            )
        return company.assist_difference_location_id.with_env(self.env)

    # ------------------------------------------------------------------
    # Cartons
    # ------------------------------------------------------------------
    assist_gs1_prefix = fields.Char(
        "GS1 Company Prefix",
        help="7 to 10 digits, assigned by GS1 (in China the Article Numbering Center). Cartons"
        " get an SSCC made of it; without it labels show the name of the package.",
    )

    @api.constrains("assist_gs1_prefix")
    def _check_assist_gs1_prefix(self):
        for company in self:
            prefix = company.assist_gs1_prefix
            if prefix and not is_prefix(prefix):
                raise ValidationError(
                    self.env._(
                        "“%(prefix)s” is no GS1 company prefix of %(company)s: enter the 7 to 10"
                        " digits of the certificate, without check digit or blanks.",
                        prefix=prefix,
                        company=company.name,
                    )
                )
