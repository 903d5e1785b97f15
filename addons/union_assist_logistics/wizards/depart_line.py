from odoo import api, fields, models


class DepartLine(models.TransientModel):
    _name = "union.assist.depart.line"
    _description = "Goods Left Behind"

    depart_id = fields.Many2one(
        "union.assist.depart", required=True, readonly=True, index=True, ondelete="cascade"
    )
    route_id = fields.Many2one(related="depart_id.route_id")
    move_line_id = fields.Many2one("stock.move.line", required=True, readonly=True)
    picking_id = fields.Many2one(related="move_line_id.picking_id", string="Delivery")
    package_id = fields.Many2one(related="move_line_id.result_package_id", string="Carton")
    goods = fields.Char(compute="_compute_goods")
    quantity = fields.Float(digits="Product Unit", readonly=True)
    target_id = fields.Many2one(
        "stock.picking.batch",
        "Goes With",
        domain="[('assist_route_state', 'in', ('draft', 'loading')), ('id', '!=', route_id)]",
        help="Empty: it stays for a later delivery.",
    )
    reason = fields.Char()

    @api.depends("move_line_id")
    def _compute_goods(self):
        for line in self:
            line.goods = line.move_line_id._assist_name_goods()
