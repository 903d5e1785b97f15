from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

# Who packed what: kept by packing, never by hand.
PACKED_FIELDS = frozenset(
    ("assist_loss_qty", "assist_packed_by_id", "assist_packed_on", "assist_yield")
)


class MrpProduction(models.Model):
    """A manufacturing order of a gift pack is its packing order (打包单)."""

    _inherit = "mrp.production"
    _assist_kept_fields = PACKED_FIELDS

    assist_is_gift_pack = fields.Boolean(related="product_id.assist_is_gift_pack")
    assist_packed_by_id = fields.Many2one("res.users", "Packed By", readonly=True, copy=False)
    assist_packed_on = fields.Datetime("Packed On", readonly=True, copy=False)
    assist_yield = fields.Float(
        "Yield (%)",
        readonly=True,
        copy=False,
        aggregator="avg",
        digits=(16, 1),
        help="Packed in percent of planned.",
    )
    assist_loss_qty = fields.Float(
        "Loss",
        readonly=True,
        copy=False,
        digits="Product Unit",
        help="Planned and neither packed nor left to a backorder.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        self._assist_check_packed_fields(*vals_list)
        return super().create(vals_list)

    def write(self, vals):
        self._assist_check_packed_fields(vals)
        return super().write(vals)

    def _assist_check_packed_fields(self, *vals_list):
        if not self.env.su and any(PACKED_FIELDS & vals.keys() for vals in vals_list):
            raise AccessError(
                self.env._("By whom and when gift packs were packed cannot be set by hand.")
            )

    def action_confirm(self):
        self._assist_check_recipe(("approved",))
        return super().action_confirm()

    def _assist_check_recipe(self, states):
        """Gift packs are packed by an approved recipe, and of nothing else than it names."""
        for order in self.filtered("assist_is_gift_pack"):
            recipe = order.bom_id.sudo()
            if recipe.product_tmpl_id != order.product_tmpl_id or (
                recipe.assist_recipe_state not in states
            ):
                raise UserError(
                    self.env._(
                        "%(product)s is a gift pack: %(order)s needs an approved recipe of it."
                        " Recipes are under Packing → Recipes.",
                        product=order.product_id.display_name,
                        order=order.name,
                    )
                )
            moves = order.move_raw_ids.filtered(lambda move: move.state != "cancel")
            # A component may itself be a kit that was taken apart.
            named = recipe.explode(order.product_id, 1.0)[1]
            strange = moves.product_id - self.env["product.product"].union(
                *(line.product_id for line, _data in named)
            )
            if strange:
                raise UserError(
                    self.env._(
                        "%(products)s: not in the recipe of %(pack)s (version %(version)s). Take"
                        " it out of %(order)s, or have a new version of the recipe approved.",
                        products=", ".join(strange.mapped("display_name")),
                        pack=order.product_id.display_name,
                        version=recipe.assist_version,
                        order=order.name,
                    )
                )

    def _prepare_stock_lot_values(self):
        vals = super()._prepare_stock_lot_values()
        if self.assist_is_gift_pack:
            vals["assist_production_date"] = self.company_id._assist_today()
        return vals

    def _post_inventory(self, cancel_backorder=False):
        packs = self.filtered("assist_is_gift_pack")
        packs._assist_check_recipe(("approved", "replaced"))
        packs._assist_check_parts()
        result = super()._post_inventory(cancel_backorder=cancel_backorder)
        packs._assist_register_packing()
        return result

    def _assist_check_parts(self):
        """Refuse to pack what has expired, or goods whose lot is not named."""
        now = fields.Datetime.now()
        for line in self.move_raw_ids.move_line_ids:
            if line.state in ("done", "cancel") or not line.picked or line.quantity <= 0:
                continue
            expiry = line.lot_id.expiration_date
            if expiry and expiry <= now:
                raise UserError(
                    self.env._(
                        "%(product)s, lot %(lot)s, expired on %(date)s: it cannot be packed into"
                        " %(order)s. Choose another lot.",
                        product=line.product_id.display_name,
                        lot=line.lot_id.name,
                        date=fields.Date.to_string(expiry),
                        order=line.move_id.raw_material_production_id.name,
                    )
                )

    def _assist_register_packing(self):
        """Keep who packed and when, the yield, and what the packs' lots follow from."""
        for order in self.sudo():
            planned, packed = order.product_qty, order.qty_produced
            order.write(
                {
                    "assist_packed_by_id": self.env.uid,
                    "assist_packed_on": fields.Datetime.now(),
                    "assist_yield": packed / planned * 100 if planned else 0.0,
                    "assist_loss_qty": max(planned - packed, 0.0),
                }
            )
        for company, orders in self.sudo().grouped("company_id").items():
            lots = orders.move_finished_ids.move_line_ids.lot_id
            lots.filtered(lambda lot: not lot.assist_production_date).write(
                {"assist_production_date": company._assist_today()}
            )
            lots._assist_set_pack_expiry()

    def action_print_assist_labels(self):
        """Print the labels of the gift packs of these packing orders."""
        self.check_access("read")
        return self.env.ref(
            "union_assist_logistics.action_report_packing_order_label"
        ).report_action(self.ids, config=False)
