from odoo import fields, models


class UnionAssistTenderStep(models.TransientModel):
    """Asks for what a step of a tender needs: a reason, and a later deadline to extend it."""

    _name = "union.assist.tender.step"
    _description = "Tender Step"
    _rec_name = "tender_id"

    tender_id = fields.Many2one("union.assist.tender", required=True, ondelete="cascade")
    step = fields.Selection(
        [("extend", "Extend"), ("cancel", "Cancel"), ("fail", "Close without Award")],
        required=True,
    )
    deadline = fields.Datetime("New Deadline")
    current_deadline = fields.Datetime(related="tender_id.deadline", string="Deadline so Far")
    reason = fields.Text(required=True, help="Kept in the log, and told to the invited.")

    def action_confirm(self):
        """Take the step, by the rights of the user on the tender."""
        self.ensure_one()
        if self.step == "extend":
            self.tender_id._extend(self.deadline, self.reason)
        else:
            self.tender_id._close("cancelled" if self.step == "cancel" else "failed", self.reason)
        return {"type": "ir.actions.act_window_close"}
