from odoo import fields, models
from odoo.exceptions import UserError


class UnionAssistConsentWithdrawal(models.TransientModel):
    """Withdraws the consent of households, which removes their personal data for good."""

    _name = "union.assist.consent.withdrawal"
    _description = "Withdrawal of Consent"

    household_ids = fields.Many2many("union.assist.household", string="Households", required=True)
    date = fields.Date(
        "Withdrawn on", required=True, default=lambda self: self.env.company._assist_today()
    )
    confirmed = fields.Boolean("I have compared the codes and understand that this is final")

    def action_withdraw(self):
        """Withdraw the consent and blank the personal data."""
        self.ensure_one()
        if not self.confirmed:
            raise UserError(
                self.env._("Names and numbers are removed for good: tick the box to confirm it.")
            )
        self.household_ids._withdraw_consent(self.date)
        return {"type": "ir.actions.act_window_close"}
