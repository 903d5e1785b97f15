from odoo import fields, models


class UnionAssistHoldLift(models.TransientModel):
    """Dialog that asks why a hold is lifted."""

    _name = "union.assist.hold.lift"
    _description = "Lift a Hold"

    hold_id = fields.Many2one("union.assist.hold", required=True, readonly=True, ondelete="cascade")
    reason = fields.Text(required=True, help="What was found out, and by whom.")

    def action_confirm(self):
        """Lift the hold."""
        self.ensure_one()
        self.hold_id._lift(self.reason)
        return {"type": "ir.actions.act_window_close"}
