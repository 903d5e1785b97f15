from odoo import api, fields, models


class UnionAssistHoldLine(models.Model):
    """A lot that a hold covers: named by it, or made of a lot that is.

    Written by holds alone. The gate asks this table, and nothing else, whether a lot is held.
    """

    _name = "union.assist.hold.line"
    _description = "Lot on Hold"
    _order = "hold_id desc, level, lot_id"
    _rec_name = "lot_id"

    hold_id = fields.Many2one(
        "union.assist.hold", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="hold_id.company_id", store=True, index=True)
    lot_id = fields.Many2one(
        "stock.lot", required=True, readonly=True, index=True, ondelete="restrict"
    )
    product_id = fields.Many2one(related="lot_id.product_id", store=True, index=True)
    uom_id = fields.Many2one(related="product_id.uom_id", string="Unit")
    production_date = fields.Date(related="lot_id.assist_production_date")
    held = fields.Boolean(readonly=True, default=True)
    level = fields.Integer(
        readonly=True,
        help="0: the hold names the lot; 1: made of such a lot; 2: made of what was made of it.",
    )
    stock_qty = fields.Float("In Stock", compute="_compute_quantities", digits="Product Unit")
    undecided_qty = fields.Float(
        "Before Stock", compute="_compute_quantities", digits="Product Unit"
    )
    apart_qty = fields.Float("Set Apart", compute="_compute_quantities", digits="Product Unit")
    packed_qty = fields.Float(
        "Of It Packed",
        compute="_compute_quantities",
        digits="Product Unit",
        help="Part of what we have that lies in packages.",
    )
    taken_qty = fields.Float(
        "Of It Picked or Loaded",
        compute="_compute_quantities",
        digits="Product Unit",
        help="Part of what we have that was picked for transfers that are not finished.",
    )
    delivered_qty = fields.Float(
        "With Recipients",
        compute="_compute_quantities",
        digits="Product Unit",
        help="Delivered and not returned.",
    )

    _lot_unique = models.UniqueIndex("(hold_id, lot_id)")
    _held_idx = models.Index("(lot_id, company_id) WHERE held")

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()  # the products of which lots are on hold
        return super().create(vals_list)

    def write(self, vals):
        if {"held", "lot_id"} & vals.keys():
            self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    def _compute_quantities(self):
        places = {}
        for company, lines in self.grouped("company_id").items():
            for lot_id, place in (
                self.env["union.assist.trace"]._get_places(lines.lot_id.ids, company).items()
            ):
                places[company.id, lot_id] = place
        for line in self:
            place = places.get((line.company_id.id, line.lot_id.id), {})
            for name in ("stock", "undecided", "apart", "packed", "taken", "delivered"):
                line[f"{name}_qty"] = place.get(name, 0.0)
