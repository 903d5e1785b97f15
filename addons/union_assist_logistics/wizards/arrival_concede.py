from odoo import fields, models


class UnionAssistArrivalConcede(models.TransientModel):
    """Dialog that allows goods to be received although checks failed."""

    _name = "union.assist.arrival.concede"
    _description = "Concede Arrival Checks"

    check_ids = fields.Many2many(
        "union.assist.arrival.check",
        "union_assist_arrival_concede_rel",
        string="Failed Checks",
        required=True,
    )
    reason = fields.Char(required=True)

    def action_confirm(self):
        """Allow the checks."""
        self.ensure_one()
        self.check_ids._concede(self.reason)
        return {"type": "ir.actions.act_window_close"}
