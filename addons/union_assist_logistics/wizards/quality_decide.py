from odoo import api, fields, models
from odoo.exceptions import UserError


class UnionAssistQualityDecide(models.TransientModel):
    """Dialog that decides on one inspected lot, whole or split."""

    _name = "union.assist.quality.decide"
    _description = "Decide on an Inspected Lot"

    inspection_id = fields.Many2one(
        "union.assist.quality.inspection", required=True, readonly=True, ondelete="cascade"
    )
    quantity = fields.Float(related="inspection_id.quantity")
    uom_id = fields.Many2one(related="inspection_id.uom_id", string="Unit")
    result = fields.Selection(related="inspection_id.result")
    safety_failed = fields.Boolean(related="inspection_id.safety_failed")
    retest_ids = fields.One2many(related="inspection_id.retest_ids")
    released_qty = fields.Float(
        "Release", compute="_compute_quantities", store=True, readonly=False, digits="Product Unit"
    )
    conceded_qty = fields.Float(
        "Release by Concession", digits="Product Unit", help="Released although an item failed."
    )
    conceded_reason = fields.Char("Reason of Concession")
    rejected_qty = fields.Float(
        "Reject", compute="_compute_quantities", store=True, readonly=False, digits="Product Unit"
    )
    rejected_reason = fields.Char("Reason of Rejection")
    remaining_qty = fields.Float(
        "Left to Decide", compute="_compute_remaining_qty", digits="Product Unit"
    )

    @api.depends("inspection_id")
    def _compute_quantities(self):
        """Propose what the results say; the decider changes it."""
        for wizard in self:
            inspection = wizard.inspection_id
            wizard.released_qty = inspection.quantity if inspection.result == "pass" else 0.0
            wizard.rejected_qty = inspection.quantity if inspection.safety_failed else 0.0

    @api.depends("released_qty", "conceded_qty", "rejected_qty")
    def _compute_remaining_qty(self):
        for wizard in self:
            wizard.remaining_qty = wizard.quantity - (
                wizard.released_qty + wizard.conceded_qty + wizard.rejected_qty
            )

    def action_confirm(self):
        """Make the decision."""
        self.ensure_one()
        parts = [
            ("released", self.released_qty, False),
            ("conceded", self.conceded_qty, self.conceded_reason),
            ("rejected", self.rejected_qty, self.rejected_reason),
        ]
        vals_list = [
            {
                "inspection_id": self.inspection_id.id,
                "kind": kind,
                "quantity": quantity,
                "reason": reason,
            }
            for kind, quantity, reason in parts
            if quantity
        ]
        if not vals_list:
            raise UserError(self.env._("Enter the quantities to release, concede or reject."))
        self.env["union.assist.quality.decision"].create(vals_list)
        return {"type": "ir.actions.act_window_close"}
