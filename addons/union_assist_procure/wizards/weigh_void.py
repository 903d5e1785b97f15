from odoo import fields, models


class UnionAssistWeighVoid(models.TransientModel):
    """Say why weigh tickets are void, or payments of them cancelled."""

    _name = "union.assist.weigh.void"
    _description = "Void Weigh Tickets"

    ticket_ids = fields.Many2many("union.assist.weigh.ticket", string="Weigh Tickets")
    payment_ids = fields.Many2many("union.assist.weigh.payment", string="Payments")
    reason = fields.Char(required=True, help="It stays on file. Nothing personal.")

    def action_apply(self):
        """Void the tickets and cancel the payments."""
        self.ensure_one()
        if self.payment_ids:
            self.payment_ids.write({"state": "cancelled", "cancel_reason": self.reason})
        if self.ticket_ids:
            self.ticket_ids.write({"state": "void", "void_reason": self.reason})
        return {"type": "ir.actions.act_window_close"}
