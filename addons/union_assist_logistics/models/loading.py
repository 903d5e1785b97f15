from odoo import fields, models


class Loading(models.Model):
    """A carton, or goods without one, that somebody put on a vehicle: who, what, when.

    Written by the loading screen only. What is taken off again keeps its record.
    """

    _name = "union.assist.loading"
    _description = "Loaded Goods"
    _order = "loaded_at desc, id desc"
    _rec_name = "product_names"

    route_id = fields.Many2one(
        "stock.picking.batch", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="route_id.company_id", store=True, index=True)
    picking_id = fields.Many2one(
        "stock.picking", "Delivery", required=True, readonly=True, index=True, ondelete="cascade"
    )
    package_id = fields.Many2one("stock.package", "Carton", readonly=True, index=True)
    move_line_id = fields.Many2one(
        "stock.move.line",
        "Goods without Carton",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    product_names = fields.Char("Goods", readonly=True)
    quantity = fields.Float(
        digits="Product Unit", readonly=True, help="In the unit of the delivery's line."
    )
    loaded_at = fields.Datetime(required=True, readonly=True)
    loaded_by_id = fields.Many2one("res.users", required=True, readonly=True)
    taken_off = fields.Boolean(readonly=True)
    taken_off_at = fields.Datetime(readonly=True)
    taken_off_by_id = fields.Many2one("res.users", readonly=True)
    key = fields.Char(
        required=True,
        readonly=True,
        help="Given by the device, so that what is sent again counts once.",
    )

    _key_unique = models.UniqueIndex("(route_id, key)")
    _package_once = models.UniqueIndex(
        "(route_id, package_id) WHERE package_id IS NOT NULL AND taken_off IS NOT TRUE",
        "This carton is loaded already.",
    )
    _line_once = models.UniqueIndex(
        "(route_id, move_line_id) WHERE move_line_id IS NOT NULL AND taken_off IS NOT TRUE",
        "These goods are loaded already.",
    )

    def _take_off(self):
        """Note that these goods are on the vehicle no longer."""
        loadings = self.sudo().filtered(lambda loading: not loading.taken_off)
        loadings.write(
            {
                "taken_off": True,
                "taken_off_at": fields.Datetime.now(),
                "taken_off_by_id": self.env.uid,
            }
        )
        # Before the same goods are loaded again, which the database allows once.
        loadings.flush_recordset()
