from unittest.mock import patch

from odoo import fields
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ..report.carton import CartonReport, PackLabelReport
from .packing_common import UnionAssistPackingCommon


@tagged("post_install", "-at_install", "union_assist")
class TestTourGiftPack(UnionAssistPackingCommon, HttpCase):
    """Gift packs from the recipe to the label of the carton, by the people who do it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.operator | cls.manager | cls.keeper).lang = "en_US"
        cls.env["stock.picking"].search([("state", "=", "assigned")]).do_unreserve()
        cls.plan.date_from = fields.Date.add(cls.today, days=1)
        cls.tea_lot = cls.stock_up(cls.tea, "T-1", 50)
        cls.rice_lot = cls.stock_up(cls.rice, "R-1", 50)
        cls.stock_up(cls.box, None, 50)

    def open(self, action, record, tour, user):
        action = self.env.ref(f"union_assist_logistics.{action}")
        self.start_tour(
            f"/odoo/action-{action.id}/{record.id}", tour, login=user.login, timeout=120
        )

    @mute_logger("odoo.http")  # what the people are refused on the way
    def test_recipe_to_label(self):
        recipe = self.make_recipe(approved=False, assist_layers=4)
        self.open("action_gift_recipe", recipe, "union_assist_gift_recipe_submit", self.operator)
        self.assertEqual(recipe.assist_recipe_state, "submitted")
        self.open("action_gift_recipe", recipe, "union_assist_gift_recipe_approve", self.manager)
        self.assertEqual(recipe.assist_approved_by_id, self.manager)

        order = (
            self.env["mrp.production"]
            .with_user(self.keeper)
            .create(
                {
                    "product_id": self.pack.id,
                    "product_qty": 5,
                    "picking_type_id": self.warehouse.manu_type_id.id,
                }
            )
        )
        with patch.object(
            PackLabelReport, "_render_pdf", autospec=True, side_effect=PackLabelReport._render_pdf
        ) as printed:
            self.open("action_packing_order", order, "union_assist_gift_pack", self.keeper)
        self.assertEqual(order.state, "done")
        self.assertEqual(printed.call_count, 1)
        lot = order.lot_producing_ids
        self.assertEqual(
            lot.expiration_date, min((self.tea_lot | self.rice_lot).mapped("expiration_date"))
        )

        sale = self.env["sale.order"].create(
            {
                "partner_id": self.union.id,
                "warehouse_id": self.warehouse.id,
                "order_line": [(0, 0, {"product_id": self.pack.id, "product_uom_qty": 5})],
            }
        )
        sale.action_confirm()
        sale.picking_ids.filtered(lambda p: p.state == "assigned").button_validate()
        self.browser_size = "375x667"
        self.touch_enabled = True
        action = self.env.ref("union_assist_logistics.action_pack_screen")
        with patch.object(
            CartonReport, "_render_pdf", autospec=True, side_effect=CartonReport._render_pdf
        ) as printed:
            self.start_tour(
                f"/odoo/action-{action.id}",
                "union_assist_pack_screen",
                login=self.keeper.login,
                timeout=120,
            )
        self.assertEqual(printed.call_count, 1)
        picking = sale.picking_ids.filtered(
            lambda p: p.picking_type_id == self.warehouse.pack_type_id
        )
        self.assertEqual(picking.state, "done")
        cartons = picking.assist_carton_ids.sorted("assist_carton_number")
        self.assertEqual(cartons.mapped("assist_lot_ids"), lot)
        self.assertEqual(cartons[1].shipping_weight, 6.4)
