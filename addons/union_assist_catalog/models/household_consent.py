from odoo import api, fields, models
from odoo.exceptions import ValidationError


class UnionAssistHouseholdConsent(models.Model):
    """What a household agreed to, how it said so, and until when."""

    _name = "union.assist.household.consent"
    _description = "Household Consent"
    _order = "date_given desc, id desc"
    _rec_name = "scope"
    _assist_personal = True

    household_id = fields.Many2one(
        "union.assist.household", required=True, index=True, ondelete="cascade"
    )
    scope = fields.Selection(
        [
            ("file", "Keeping the Household File"),
            ("supplier", "Naming the Household to its Supplier"),
            ("publicity", "Pictures or Story in Public"),
        ],
        required=True,
        default="file",
    )
    method = fields.Selection(
        [
            ("written", "Signed on Paper"),
            ("electronic", "Electronically"),
            ("oral", "Orally before a Witness"),
        ],
        "How",
        required=True,
        default="written",
    )
    date_given = fields.Date(
        "Given on", required=True, default=lambda self: self.env.company._assist_today()
    )
    date_withdrawn = fields.Date("Withdrawn on")
    file = fields.Binary(
        attachment=True, help="The signed form. No picture of an identity card is kept."
    )
    file_name = fields.Char()

    _period_order = models.Constraint(
        "CHECK (date_withdrawn IS NULL OR date_withdrawn >= date_given)",
        "Consent is not withdrawn before it was given.",
    )

    def write(self, vals):
        result = super().write(vals)
        if "household_id" in vals:
            self.check_access("write")  # of the new household too
        return result

    @api.constrains("date_given", "date_withdrawn")
    def _check_dates(self):
        today = self.env.company._assist_today()
        for consent in self:
            if max(consent.date_given, consent.date_withdrawn or consent.date_given) > today:
                raise ValidationError(
                    self.env._(
                        "%(household)s: consent is given and withdrawn today at the latest.",
                        household=consent.household_id.code,
                    )
                )
