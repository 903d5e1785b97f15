from odoo import api, fields, models


class UnionAssistRecallBalance(models.Model):
    """The mass balance of a lot when the recall began: what came in is there or went out."""

    _name = "union.assist.recall.balance"
    _description = "Mass Balance of a Lot"
    _order = "recall_id desc, level, lot_id"
    _rec_name = "lot_id"

    recall_id = fields.Many2one(
        "union.assist.recall", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="recall_id.company_id", store=True, index=True)
    lot_id = fields.Many2one(
        "stock.lot", required=True, readonly=True, index=True, ondelete="restrict"
    )
    product_id = fields.Many2one(related="lot_id.product_id")
    uom_id = fields.Many2one(related="lot_id.product_uom_id", string="Unit")
    level = fields.Integer(
        readonly=True, help="0: recalled itself; 1: made of such a lot; and so on."
    )
    received = fields.Float(readonly=True, digits="Product Unit")
    produced = fields.Float(readonly=True, digits="Product Unit")
    returned = fields.Float(readonly=True, digits="Product Unit", help="Sent back by recipients.")
    found = fields.Float(readonly=True, digits="Product Unit", help="Added by stock counts.")
    delivered = fields.Float(readonly=True, digits="Product Unit")
    consumed = fields.Float("Used", readonly=True, digits="Product Unit")
    sent_back = fields.Float("To Vendor", readonly=True, digits="Product Unit")
    lost = fields.Float("Scrapped", readonly=True, digits="Product Unit")
    in_stock = fields.Float(readonly=True, digits="Product Unit")
    difference = fields.Float(
        compute="_compute_difference",
        store=True,
        digits="Product Unit",
        help="What came in, less what went out and what is there: 0 when every unit is known of.",
    )

    @api.depends(
        "received",
        "produced",
        "returned",
        "found",
        "delivered",
        "consumed",
        "sent_back",
        "lost",
        "in_stock",
    )
    def _compute_difference(self):
        for line in self:
            came_in = line.received + line.produced + line.returned + line.found
            gone = line.delivered + line.consumed + line.sent_back + line.lost
            line.difference = line.uom_id.round(came_in - gone - line.in_stock)
