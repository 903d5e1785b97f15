from odoo import fields, models

#: In what state goods were received: in order, or with which difference.
RECEIVED_KINDS = [
    ("received", "In Order"),
    ("short", "Short"),
    ("damaged", "Damaged"),
    ("wrong", "Wrong Goods"),
    ("near_expiry", "Near Expiry"),
    ("refused", "Refused"),
]


class UnionAssistDeliveryReceiptLine(models.Model):
    """How many of the goods of one row were received in which state.

    Each row of the delivery has a line for what is in order, be it nothing, and one for each
    difference; together they make up what was sent.
    """

    _name = "union.assist.delivery.receipt.line"
    _inherit = ["union.assist.append.only"]
    _description = "Line of a Delivery Receipt"
    _order = "receipt_id, row, id"
    _rec_name = "product_id"

    receipt_id = fields.Many2one(
        "union.assist.delivery.receipt", required=True, readonly=True, index=True
    )
    company_id = fields.Many2one(related="receipt_id.company_id", store=True, index=True)
    row = fields.Integer(required=True, readonly=True, help="Row of the goods, from 1.")
    move_id = fields.Many2one("stock.move", required=True, readonly=True, index=True)
    product_id = fields.Many2one("product.product", required=True, readonly=True, index=True)
    lot_id = fields.Many2one("stock.lot", readonly=True, index="btree_not_null")
    uom_id = fields.Many2one("uom.uom", "Unit", required=True, readonly=True)
    sent_qty = fields.Float("Sent", digits="Product Unit", required=True, readonly=True)
    kind = fields.Selection(RECEIVED_KINDS, "State", required=True, readonly=True)
    quantity = fields.Float(digits="Product Unit", required=True, readonly=True)
    remark = fields.Char(readonly=True)
    photo_ids = fields.Many2many(
        "union.assist.delivery.photo",
        "union_assist_delivery_line_photo_rel",
        "line_id",
        "photo_id",
        "Photographs",
        readonly=True,
    )
    photo_count = fields.Integer("Photographs Taken", compute="_compute_photo_count")

    _append_only_except = ("create_uid", "write_uid", "write_date", "company_id")
    _quantity_positive = models.Constraint(
        "CHECK (quantity >= 0 AND quantity <= sent_qty)",
        "No more can be received, or missing, than was sent.",
    )
    _row_kind_unique = models.Constraint(
        "UNIQUE(receipt_id, row, kind)", "A row of goods has one line for each state."
    )

    def _compute_photo_count(self):
        for line in self:
            line.photo_count = len(line.photo_ids)
