import functools
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .packing_common import UnionAssistPackingCommon


@tagged("post_install", "-at_install", "union_assist")
class TestRecipeApproval(UnionAssistPackingCommon):
    def test_four_eyes(self):
        recipe = self.make_recipe(approved=False)
        self.assertEqual(recipe.assist_recipe_state, "draft")
        with self.assertRaises(UserError):
            recipe.action_assist_approve()
        recipe.action_assist_submit()
        with self.assertRaisesRegex(UserError, "somebody else"):
            recipe.action_assist_approve()
        with self.assertRaises(AccessError):
            recipe.with_user(self.keeper).action_assist_approve()
        recipe.with_user(self.manager).action_assist_approve()
        self.assertEqual(recipe.assist_recipe_state, "approved")
        self.assertEqual(recipe.assist_approved_by_id, self.manager)

    def test_approval_is_no_field(self):
        recipe = self.make_recipe(approved=False)
        with self.assertRaises(AccessError):
            recipe.assist_recipe_state = "approved"
        with self.assertRaises(AccessError):
            recipe.with_user(self.manager).write({"assist_approved_by_id": self.manager.id})
        with self.assertRaises(AccessError):
            self.make_recipe(approved=False, assist_recipe_state="approved")

    def test_approved_recipe_does_not_change(self):
        recipe = self.make_recipe().with_user(self.manager)
        line = recipe.bom_line_ids[0]
        for change in (
            lambda: recipe.write({"assist_layers": 2}),
            lambda: recipe.write({"bom_line_ids": [(2, line.id)]}),
            lambda: line.write({"product_qty": 2}),
            lambda: line.unlink(),
            lambda: recipe.unlink(),
            lambda: recipe.bom_line_ids.create(
                {"bom_id": recipe.id, "product_id": self.rice.id, "product_qty": 1}
            ),
        ):
            with self.assertRaises(UserError):
                change()

    def test_new_version_replaces(self):
        first = self.make_recipe()
        action = first.action_assist_new_version()
        second = self.env["mrp.bom"].browse(action["res_id"]).with_user(self.operator)
        self.assertEqual((second.assist_version, second.assist_recipe_state), (2, "draft"))
        self.assertEqual(len(second.bom_line_ids), 3)
        self.assertEqual(self.env["mrp.bom"]._bom_find(self.pack)[self.pack], first)
        second.assist_layers = 2
        second.action_assist_submit()
        second.with_user(self.manager).action_assist_approve()
        self.assertEqual((first.assist_recipe_state, first.active), ("replaced", False))
        self.assertEqual(self.env["mrp.bom"]._bom_find(self.pack)[self.pack], second)

    def test_rules_refuse(self):
        for values, message in (
            ({"assist_layers": 4}, "Grain products"),
            ({"assist_layers": 0}, "cannot be told"),
        ):
            recipe = self.make_recipe(approved=False, **values)
            with self.subTest(message=message), self.assertRaisesRegex(UserError, message):
                recipe.action_assist_submit()

    def test_cost_share_refuses_with_source(self):
        self.box.standard_price = 24.01
        recipe = self.make_recipe(approved=False)
        self.assertAlmostEqual(recipe.assist_packaging_share, 20.0, places=1)
        with self.assertRaisesRegex(UserError, "GB 23350-2021"):
            recipe.action_assist_submit()
        recipe.action_assist_check()
        finding = recipe.assist_finding_ids.filtered(lambda f: "cost" in f.name.lower())
        self.assertEqual((finding.verdict, finding.limit), ("fail", "≤ 20 %"))

    def test_mooncakes_are_not_mixed(self):
        self.rice.assist_packing_class = "mooncake"
        recipe = self.make_recipe(approved=False)
        with self.assertRaisesRegex(UserError, "Mooncakes are not mixed.*Green Tea"):
            recipe.action_assist_submit()

    def test_gifts_are_exempt(self):
        self.box.standard_price = 100
        recipe = self.make_recipe(assist_not_for_sale=True, assist_layers=9)
        self.assertEqual(set(recipe.assist_finding_ids.mapped("verdict")), {"exempt"})

    def test_rules_are_dated(self):
        self.env.ref("union_assist_logistics.packing_rule_layers_grain").date_to = "2025-12-31"
        recipe = self.make_recipe(assist_layers=4)
        self.assertNotIn("Grain", " ".join(recipe.assist_finding_ids.mapped("name")))

    def test_warning_does_not_refuse(self):
        self.env.ref("union_assist_logistics.packing_rule_layers_grain").action = "warn"
        recipe = self.make_recipe(assist_layers=4)
        failed = recipe.assist_finding_ids.filtered(lambda finding: finding.verdict == "fail")
        self.assertEqual(failed.mapped("action"), ["warn"])

    def test_packaging_alone_is_no_pack(self):
        recipe = self.make_recipe(
            approved=False, bom_line_ids=[(0, 0, {"product_id": self.box.id, "product_qty": 1})]
        )
        with self.assertRaisesRegex(UserError, "goods among its components"):
            recipe.action_assist_submit()

    def test_gift_pack_needs_lots_and_expiry(self):
        with self.assertRaises(ValidationError):
            self.pack.product_tmpl_id.tracking = "none"

    def test_other_boms_are_left_alone(self):
        bom = self.env["mrp.bom"].create(
            {
                "product_tmpl_id": self.box.product_tmpl_id.id,
                "bom_line_ids": [(0, 0, {"product_id": self.rice.id, "product_qty": 1})],
            }
        )
        self.assertFalse(bom.assist_recipe_state)
        bom.bom_line_ids.product_qty = 3
        self.assertEqual(self.env["mrp.bom"]._bom_find(self.box)[self.box], bom)

    def test_queries_of_checks(self):
        # One rule: more than 100 findings are written in more than one go.
        rules = self.env["union.assist.packing.rule"].search([])
        (rules - self.env.ref("union_assist_logistics.packing_rule_cost")).active = False
        recipes = self.env["mrp.bom"]
        for _index in range(50):
            recipes |= self.make_recipe(approved=False)
        recipes = recipes.with_user(self.operator)
        recipes.action_assist_check()
        self.assert_same_queries(
            self.record_queries(recipes[:5].action_assist_check),
            self.record_queries(recipes.action_assist_check),
        )


@tagged("post_install", "-at_install", "union_assist")
class TestPackingOrder(UnionAssistPackingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Stock of before the plan needs no decision; that of the plan's day on does.
        cls.plan.date_from = cls.today + timedelta(days=1)
        cls.soon = cls.today + timedelta(days=60)
        cls.later = cls.today + timedelta(days=300)
        cls.tea_lot = cls.stock_up(cls.tea, "T-1", 100, cls.later)
        cls.rice_lot = cls.stock_up(cls.rice, "R-1", 100, cls.soon)
        cls.stock_up(cls.box, None, 100)

    def test_pack_by_approved_recipe_only(self):
        draft = self.make_recipe(approved=False)
        order = self.env["mrp.production"].create(
            {"product_id": self.pack.id, "product_qty": 1, "bom_id": draft.id}
        )
        with self.assertRaisesRegex(UserError, "approved recipe"):
            order.action_confirm()
        with self.assertRaisesRegex(UserError, "approved recipe"):
            order.button_mark_done()
        free = self.env["mrp.production"].create({"product_id": self.pack.id, "product_qty": 1})
        self.assertFalse(free.bom_id)
        with self.assertRaisesRegex(UserError, "approved recipe"):
            free.action_confirm()

    def test_expiry_is_the_earliest_of_the_parts(self):
        self.make_recipe()
        order = self.make_order(10)
        self.finish(order)
        self.assertEqual(order.state, "done")
        lot = order.lot_producing_ids
        self.assertEqual(lot.expiration_date.date(), self.soon)
        self.assertEqual(lot.assist_production_date, self.today)
        self.assertEqual(lot.assist_component_lot_ids, self.tea_lot | self.rice_lot)
        self.assertEqual(order.assist_packed_by_id, self.keeper)
        self.assertTrue(order.assist_packed_on)

    def test_lot_really_consumed_decides(self):
        """Not the lot that was reserved first, nor any other in stock."""
        self.make_recipe()
        early = self.stock_up(self.rice, "R-0", 50, self.today + timedelta(days=20))
        order = self.make_order(4)
        line = order.move_raw_ids.filtered(lambda m: m.product_id == self.rice).move_line_ids
        line.lot_id = self.rice_lot
        self.finish(order)
        self.assertEqual(order.lot_producing_ids.expiration_date.date(), self.soon)
        second = self.make_order(4)
        line = second.move_raw_ids.filtered(lambda m: m.product_id == self.rice).move_line_ids
        line.lot_id = early
        self.finish(second)
        self.assertEqual(second.lot_producing_ids.expiration_date, early.expiration_date)

    def test_expiry_is_not_edited_to_later(self):
        self.make_recipe()
        order = self.make_order(2)
        self.finish(order)
        lot = order.lot_producing_ids.with_user(self.manager)
        with self.assertRaisesRegex(UserError, "cannot expire later"):
            lot.expiration_date += timedelta(days=1)
        lot.expiration_date -= timedelta(days=1)
        with self.assertRaisesRegex(UserError, "production date"):
            lot.assist_production_date = self.today - timedelta(days=9)

    def test_parts_that_expire_earlier_take_packs_along(self):
        self.make_recipe()
        order = self.make_order(2)
        self.finish(order)
        self.tea_lot.expiration_date = fields.Datetime.to_datetime(self.today) + timedelta(days=9)
        self.assertEqual(order.lot_producing_ids.expiration_date, self.tea_lot.expiration_date)

    def test_expired_parts_are_refused(self):
        self.make_recipe()
        order = self.make_order(2)
        self.tea_lot.expiration_date = fields.Datetime.now() - timedelta(days=1)
        with self.assertRaisesRegex(UserError, "expired on"):
            order.with_context(skip_expired=True, skip_consumption=True).button_mark_done()
        self.assertNotEqual(order.state, "done")

    def test_nothing_but_the_recipe(self):
        self.make_recipe()
        order = self.make_order(2)
        other = self.env["product.product"].create({"name": "Mooncake", "is_storable": True})
        self.stock_up(other, None, 10)
        self.env["stock.move"].create(
            {
                "raw_material_production_id": order.id,
                "product_id": other.id,
                "product_uom_qty": 2,
                "quantity": 2,
                "picked": True,
                "location_id": order.location_src_id.id,
                "location_dest_id": order.production_location_id.id,
            }
        )
        with self.assertRaisesRegex(UserError, "not in the recipe"):
            self.finish(order)

    def test_queries_of_packing_orders_do_not_grow(self):
        """What is asked before packing orders are packed, and kept of them afterwards."""
        self.make_recipe()
        for product, name in ((self.tea, "T-9"), (self.rice, "R-9"), (self.box, None)):
            self.stock_up(product, name, 50, name and self.soon)
        counts = []
        for size in (5, 30):
            orders = self.env["mrp.production"].union(
                *(self.make_order(1) for _order in range(size))
            )
            for order in orders:
                self.assertEqual(order.reservation_state, "assigned")
            orders = orders.browse(orders.ids)
            counts.append(
                [
                    self.record_queries(work)
                    for work in (
                        functools.partial(orders._assist_check_recipe, ("approved",)),
                        orders._assist_check_parts,
                        orders._assist_register_packing,
                    )
                ]
            )
        for few, many in zip(*counts, strict=True):
            self.assert_same_queries(few, many)

    def test_yield_and_loss(self):
        self.make_recipe()
        order = self.make_order(10)
        self.finish(order, 9)
        self.assertEqual(order.state, "done")
        self.assertAlmostEqual(order.assist_yield, 90)
        self.assertAlmostEqual(order.assist_loss_qty, 1)

    def test_who_packed_is_not_set_by_hand(self):
        self.make_recipe()
        order = self.make_order(1)
        with self.assertRaises(AccessError):
            order.assist_packed_by_id = self.keeper
        with self.assertRaises(AccessError):
            self.make_order(1, assist_yield=100)

    def test_pack_without_a_plan_may_leave(self):
        self.make_recipe()
        order = self.make_order(3)
        self.finish(order)
        self.assertEqual(self.send(order.lot_producing_ids, 3).state, "done")

    def test_pack_under_a_plan_waits_for_its_decision(self):
        self.make_recipe()
        self.plan.copy(
            {
                "product_tmpl_ids": [(6, 0, self.pack.product_tmpl_id.ids)],
                "date_from": "2020-01-01",
            }
        )
        order = self.make_order(3)
        self.finish(order)
        lot = order.lot_producing_ids
        with self.assertRaisesRegex(UserError, "no quality decision"), self.env.cr.savepoint():
            self.send(lot, 3)
        lot.with_user(self.inspector).action_assist_inspect()
        self.pass_lot(lot.assist_inspection_ids)
        self.assertEqual(self.send(lot, 3).state, "done")

    def test_undecided_parts_are_not_packed(self):
        self.plan.date_from = "2020-01-01"
        self.make_recipe()
        order = self.make_order(3)
        with self.assertRaisesRegex(UserError, "no quality decision"):
            self.finish(order)

    def send(self, lot, quantity):
        picking = self.env["stock.picking"].create(
            {
                "picking_type_id": self.warehouse.out_type_id.id,
                "location_id": self.stock.id,
                "location_dest_id": self.customer_location.id,
                "move_ids": [
                    (
                        0,
                        0,
                        {
                            "product_id": lot.product_id.id,
                            "product_uom_qty": quantity,
                            "location_id": self.stock.id,
                            "location_dest_id": self.customer_location.id,
                        },
                    )
                ],
            }
        )
        picking.action_confirm()
        picking.action_assign()
        picking.move_ids.picked = True
        picking._action_done()
        return picking


@tagged("post_install", "-at_install", "union_assist")
class TestOverPackagingAtSale(UnionAssistPackingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_recipe()

    def order(self, price):
        return self.env["sale.order"].create(
            {
                "partner_id": self.union.id,
                "order_line": [
                    (
                        0,
                        0,
                        {
                            "product_id": self.pack.id,
                            "product_uom_qty": 5,
                            "price_unit": price,
                            "tax_ids": [(5,)],
                        },
                    )
                ],
            }
        )

    def test_queries_do_not_grow_with_packs(self):
        packs = self.pack
        for number in range(19):
            packs |= self.pack.copy({"name": f"Pack {number}"})
        for pack in packs[1:]:
            self.make_recipe(product_tmpl_id=pack.product_tmpl_id.id)
        counts = []
        for some in (packs[:5], packs):
            order = self.env["sale.order"].create(
                {
                    "partner_id": self.union.id,
                    "order_line": [
                        (0, 0, {"product_id": pack.id, "product_uom_qty": 5, "price_unit": 49})
                        for pack in some
                    ],
                }
            )
            found = order._assist_get_packing_findings()
            self.assertEqual(len(found[order]["all"]), len(some))
            counts.append(self.record_queries(order._assist_get_packing_findings))
        self.assert_same_queries(*counts)

    def test_price_decides(self):
        fine = self.order(50)
        self.assertFalse(fine.assist_packing_warning)
        fine.action_confirm()
        self.assertEqual(fine.state, "sale")
        cheap = self.order(49)
        self.assertIn("GB 23350-2021", cheap.assist_packing_warning)
        with self.assertRaisesRegex(UserError, "over-packaged"):
            cheap.action_confirm()

    def test_given_away_is_exempt(self):
        gift = self.order(0)
        gift.action_confirm()
        self.assertEqual(gift.state, "sale")

    def test_warning_is_logged(self):
        self.env.ref("union_assist_logistics.packing_rule_cost").action = "warn"
        cheap = self.order(49)
        cheap.action_confirm()
        self.assertEqual(cheap.state, "sale")
        self.assertIn("GB 23350-2021", "".join(cheap.message_ids.mapped("body")))
