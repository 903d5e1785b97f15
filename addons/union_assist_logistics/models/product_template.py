from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .packing_rule import PACKING_CLASSES


class ProductTemplate(models.Model):
    _inherit = "product.template"

    assist_inspection_count = fields.Integer(
        "Inspection Count", compute="_compute_assist_inspection_count", compute_sudo=True
    )

    def _compute_assist_inspection_count(self):
        counts = dict(
            self.env["union.assist.quality.inspection"]._read_group(
                [("product_tmpl_id", "in", self.ids), ("state", "!=", "cancel")],
                ["product_tmpl_id"],
                ["__count"],
            )
        )
        for product in self:
            product.assist_inspection_count = counts.get(product._origin, 0)

    @api.constrains("tracking", "is_storable", "categ_id")
    def _check_assist_quality_tracking(self):
        plans = self.env["union.assist.quality.plan"]
        if not plans._get_index():
            return
        for product in self.filtered(lambda record: record.tracking == "none"):
            plan_ids = [
                plan_id
                for company in product.company_id or self.env["res.company"].sudo().search([])
                for plan_id in plans._get_applicable_ids(
                    product, company, [company._assist_today()], any_step=True
                )
            ]
            named = [
                plan
                for plan in plans.sudo().browse(plan_ids)
                if product.is_storable or product in plan.product_tmpl_ids
            ]
            if named:
                raise ValidationError(
                    self.env._(
                        "%(product)s is inspected by lot (plan “%(plan)s”): set its Tracking to"
                        " “By Lots”.",
                        product=product.display_name,
                        plan=named[0].name,
                    )
                )

    def action_view_assist_inspections(self):
        """Open the inspections of these products."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "union_assist_logistics.action_quality_inspection"
        )
        action["domain"] = [("product_tmpl_id", "=", self.id)]
        action["context"] = {}
        return action

    # ------------------------------------------------------------------
    # Cold chain
    # ------------------------------------------------------------------
    assist_cold_chain = fields.Boolean(
        "Cold Chain",
        help="The temperature is measured on arrival, at loading and at handover. Off: as the goods"
        " class says.",
    )
    assist_temperature_min = fields.Float("Kept At Least (°C)", digits=(16, 1))
    assist_temperature_max = fields.Float("Kept At Most (°C)", digits=(16, 1))

    _assist_temperature_ordered = models.Constraint(
        "CHECK (assist_cold_chain IS NOT TRUE OR COALESCE(assist_temperature_min, 0) < "
        "COALESCE(assist_temperature_max, 0))",
        "Goods of the cold chain need a lowest temperature below the highest.",
    )

    def _assist_get_temperatures(self):
        """Return the (lowest, highest) °C that this product is kept at, or nothing.

        Its own, where it belongs to the cold chain itself, else those of its goods class;
        empty where neither does.
        """
        self.ensure_one()
        if self.assist_cold_chain:
            return self.assist_temperature_min, self.assist_temperature_max
        goods_class = self.assist_goods_class_id.sudo()
        if goods_class.cold_chain:
            return goods_class.temperature_min, goods_class.temperature_max
        return ()

    # ------------------------------------------------------------------
    # Gift packs
    # ------------------------------------------------------------------
    assist_is_gift_pack = fields.Boolean(
        "Gift Pack",
        help="Packed to stock from other products by an approved recipe, with a lot of its own.",
    )
    assist_is_packaging = fields.Boolean(
        "Packaging Material",
        help="Boxes, bags, inlays: their cost in a gift pack is its packaging cost.",
    )
    assist_packing_class = fields.Selection(
        PACKING_CLASSES,
        "Packing Rules for",
        help="Kind of goods that the rules against over-packaging tell apart.",
    )
    assist_carton_class = fields.Selection(
        [("chilled", "Chilled"), ("frozen", "Frozen"), ("smell", "Strong Smell")],
        "Carton of Its Own for",
        help="Goods of one such class never share a carton with any others.",
    )

    @api.onchange("assist_is_gift_pack")
    def _onchange_assist_is_gift_pack(self):
        if self.assist_is_gift_pack:
            self.is_storable = True
            self.tracking = "lot"
            self.use_expiration_date = True

    @api.constrains("assist_is_gift_pack", "tracking", "is_storable", "use_expiration_date")
    def _check_assist_gift_pack(self):
        for product in self.filtered("assist_is_gift_pack"):
            if (
                not product.is_storable
                or product.tracking != "lot"
                or not product.use_expiration_date
            ):
                raise ValidationError(
                    self.env._(
                        "%(product)s is a gift pack: track its inventory by lots and with"
                        " expiration dates, so that a pack expires with the first of its parts.",
                        product=product.display_name,
                    )
                )
