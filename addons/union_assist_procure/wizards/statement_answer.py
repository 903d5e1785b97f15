from odoo import api, fields, models
from odoo.tools import float_compare


class UnionAssistStatementAnswer(models.TransientModel):
    """Dialog by which an operator answers a supplier's claim."""

    _name = "union.assist.statement.answer"
    _description = "Answer to a Disputed Line"

    line_id = fields.Many2one(
        "union.assist.statement.line", required=True, readonly=True, ondelete="cascade"
    )
    dispute_id = fields.Many2one(
        "union.assist.statement.dispute", compute="_compute_dispute_id", string="Claim"
    )
    currency_id = fields.Many2one(related="line_id.currency_id")
    product_uom_id = fields.Many2one(related="line_id.product_uom_id")
    received = fields.Float(related="line_id.received")
    rejected = fields.Float(related="line_id.rejected")
    returned = fields.Float(related="line_id.returned")
    accepted = fields.Float(related="line_id.accepted")
    price_unit = fields.Float(related="line_id.price_unit")
    reason = fields.Text(related="dispute_id.reason")
    is_quantity_claimed = fields.Boolean(related="dispute_id.is_quantity_claimed")
    claimed_quantity = fields.Float(related="dispute_id.claimed_quantity")
    is_price_claimed = fields.Boolean(related="dispute_id.is_price_claimed")
    claimed_price = fields.Float(related="dispute_id.claimed_price")
    attachment_ids = fields.Many2many(related="dispute_id.attachment_ids")
    kind = fields.Selection(
        [
            ("accepted", "Accept the claim"),
            ("corrected", "Correct to other figures"),
            ("rejected", "Reject the claim"),
        ],
        "Answer",
        required=True,
        default="accepted",
    )
    quantity = fields.Float(
        "New Quantity",
        compute="_compute_figures",
        store=True,
        readonly=False,
        digits="Product Unit",
    )
    price = fields.Float(
        "New Price (with Taxes)",
        compute="_compute_figures",
        store=True,
        readonly=False,
        min_display_digits="Product Price",
    )
    answer = fields.Text("Answer to the Supplier", help="The supplier reads it.")

    @api.depends("line_id")
    def _compute_dispute_id(self):
        for wizard in self:
            wizard.dispute_id = wizard.line_id.dispute_ids.filtered(lambda d: d.state == "open")[:1]

    @api.depends("line_id")
    def _compute_figures(self):
        for wizard in self:
            wizard.quantity = wizard.line_id.accepted
            wizard.price = wizard.line_id.price_unit

    def action_confirm(self):
        """Answer the claim."""
        self.ensure_one()
        quantity = price = None
        if self.kind == "corrected":
            line = self.line_id
            if line.product_uom_id.compare(self.quantity, line.accepted):
                quantity = self.quantity
            if float_compare(self.price, line.price_unit, precision_digits=6):
                price = self.price
        self.line_id._answer(self.kind, self.answer, quantity, price)
        return {"type": "ir.actions.act_window_close"}
