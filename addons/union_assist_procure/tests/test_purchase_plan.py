from datetime import timedelta

from psycopg2.errors import CheckViolation

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .common import CapCommon

GROUP = "union_assist_catalog.group_"


@tagged("post_install", "-at_install", "union_assist")
class TestPurchasePlan(CapCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        counties = cls.env["union.assist.region"].search([("level", "=", "county")], limit=2)
        cls.other = cls._create_supplier(
            "Mountain Tea", persons=150, assist_region_id=counties[0].id
        )
        cls.supplier.assist_region_id = counties[1]
        cls.seller = cls._sell(cls.supplier, 10.0)
        cls.other_seller = cls._sell(cls.other, 11.0)
        cls.needed = cls.company._assist_today() + timedelta(days=30)
        cls.operator = new_test_user(cls.env, "plan operator", groups=GROUP + "operator")

    @classmethod
    def _sell(cls, supplier, price, product=None, **values):
        return cls.env["product.supplierinfo"].create(
            {
                "partner_id": supplier.id,
                "product_tmpl_id": (product or cls.product).product_tmpl_id.id,
                "price": price,
                **values,
            }
        )

    def _plan(self, *demands, user=None, **values):
        demands = demands or ({"product_id": self.product.id, "quantity": 1000},)
        return (
            self.env["union.assist.purchase.plan"]
            .with_user(user or self.operator)
            .create(
                {
                    "name": "Festival",
                    "demand_ids": [
                        Command.create({"date_needed": self.needed, **demand}) for demand in demands
                    ],
                    **values,
                }
            )
        )

    def _line(self, plan, supplier):
        return plan.line_ids.filtered(lambda line: line.supplier_id == supplier)

    def test_from_demand_to_requests_and_back(self):
        with Form(self.env["union.assist.purchase.plan"].with_user(self.operator)) as form:
            form.name = "Mid-Autumn"
            with form.demand_ids.new() as demand:
                demand.product_id = self.product
                demand.quantity = 1000
                demand.date_needed = self.needed
        plan = form.record
        self.assertEqual(plan.demand_ids.uom_id, self.product.uom_id)
        self.assertTrue(plan.weights_id)
        plan.action_compute()
        self.assertEqual(plan.state, "computed")
        self.assertEqual(sum(plan.line_ids.mapped("quantity")), 1000)
        self.assertEqual(plan.amount, sum(line.quantity * line.price for line in plan.line_ids))
        self.assertTrue(all(plan.line_ids.mapped("reason")))
        self.assertFalse(any(plan.line_ids.mapped("warning")))
        self.assertFalse(plan.open_count)

        plan.action_order()
        self.assertEqual(plan.state, "ordered")
        self.assertEqual(plan.order_ids.partner_id, self.supplier | self.other)
        for order in plan.order_ids:
            line = self._line(plan, order.partner_id)
            self.assertEqual(order.state, "draft")
            self.assertEqual(order.origin, "Mid-Autumn")
            self.assertEqual(order.user_id, self.operator)
            self.assertEqual(order.order_line.product_qty, line.quantity)
            self.assertEqual(order.order_line.price_unit, line.price)
            self.assertEqual(order.amount_untaxed, line.amount)
            self.assertEqual(order.order_line.date_planned.date(), self.needed)
        self.assertEqual(self.env[plan.action_view_orders()["res_model"]], plan.order_ids.browse())
        with self.assertRaisesRegex(UserError, "archive it"):
            plan.unlink()
        with self.assertRaisesRegex(UserError, "undo its requests"):
            plan.action_cancel()

        plan.action_undo_orders()
        self.assertEqual(plan.state, "computed")
        self.assertEqual(set(plan.order_ids.mapped("state")), {"cancel"})
        plan.action_cancel()
        plan.action_reset()
        self.assertEqual((plan.state, len(plan.line_ids)), ("draft", 0))

    def test_undo_keeps_confirmed_orders(self):
        plan = self._plan()
        plan.action_compute()
        plan.action_order()
        kept = plan.order_ids[0]
        kept.button_confirm()
        plan.action_undo_orders()
        self.assertEqual(kept.state, "purchase")
        self.assertEqual(set((plan.order_ids - kept).mapped("state")), {"cancel"})
        self.assertEqual(plan.state, "ordered")
        with self.assertRaisesRegex(UserError, "one by one"):
            plan.action_undo_orders()

    def test_within_caps(self):
        """What is confirmed counts; the plan keeps to the room that is left."""
        self._create_order(298000.0).button_confirm()
        self.supplier.invalidate_recordset()
        plan = self._plan()
        plan.action_compute()
        line = self._line(plan, self.supplier)
        self.assertEqual(line.cap_left, 2000)
        self.assertLessEqual(line.quantity, 200)
        self.assertEqual(sum(plan.line_ids.mapped("quantity")), 1000)
        plan.action_order()
        plan.order_ids.button_confirm()
        self.assertLessEqual(self.cap.committed, 300000)

    def test_not_enough_and_why(self):
        self._create_order(299000.0).button_confirm()
        self.other_seller.delay = 40
        plan = self._plan()
        plan.action_compute()
        self.assertEqual(plan.demand_ids.placed, 100)
        self.assertEqual(plan.demand_ids.unplaced, 900)
        self.assertIn("caps are used up", plan.demand_ids.reason)
        self.assertIn("Lead times", plan.demand_ids.reason)
        self.assertEqual(plan.open_count, 1)
        self.assertIn("Too late: takes 40 days", self._line(plan, self.other).reason)
        self.assertIn("Uses up its cap", self._line(plan, self.supplier).reason)

    def test_nobody_offers(self):
        product = self.env["product.product"].create({"name": "Honey"})
        plan = self._plan({"product_id": product.id, "quantity": 5})
        plan.action_compute()
        self.assertFalse(plan.line_ids)
        self.assertIn("No supplier", plan.demand_ids.reason)
        with self.assertRaisesRegex(UserError, "nothing to order"):
            plan.action_order()

    def test_category(self):
        """Any goods of the category meet the demand, in its unit; others do not."""
        top = self.env["product.category"].create({"name": "Dried Goods"})
        below = self.env["product.category"].create({"name": "Fungi", "parent_id": top.id})
        kilogram, gram = self.env.ref("uom.product_uom_kgm"), self.env.ref("uom.product_uom_gram")
        loose, bag, piece = self.env["product.product"].create(
            [
                {"name": "Loose", "categ_id": top.id, "uom_id": kilogram.id},
                {"name": "Bag", "categ_id": below.id, "uom_id": gram.id},
                {"name": "Piece", "categ_id": top.id},
            ]
        )
        self._sell(self.supplier, 20.0, loose, min_qty=2)
        self._sell(self.other, 0.01, bag)
        self._sell(self.other, 1.0, piece)
        plan = self._plan({"categ_id": top.id, "quantity": 60, "uom_id": kilogram.id})
        plan.action_compute()
        self.assertEqual(plan.line_ids.product_id, loose | bag)
        self.assertAlmostEqual(plan.demand_ids.placed, 60)
        plan.action_reset()
        plan.demand_ids.uom_id = self.env.ref("uom.product_uom_litre")
        plan.action_compute()
        self.assertIn("converts", plan.demand_ids.reason)

    def test_lines_can_be_changed_and_are_checked(self):
        self.seller.write({"min_qty": 100, "assist_lot_size": 50})
        plan = self._plan()
        plan.action_compute()
        line = self._line(plan, self.supplier)
        line.quantity = 75
        self.assertIn("Below the least quantity", line.warning)
        self.assertIn("Not a multiple", line.warning)
        line.quantity = 300000
        self.assertIn("Above the cap", line.warning)
        self.assertEqual(plan.warning_count, 1)
        with self.assertRaisesRegex(UserError, "Above the cap"):
            plan.action_order()
        line.quantity = 150
        self.assertFalse(line.warning)
        self.assertTrue(line.quantity_planned, "what was proposed stays to be compared")
        with self.assertRaisesRegex(UserError, "Only the quantity"):
            line.price = 1.0
        with self.assertRaises(AccessError):
            line.copy()
        with self.assertRaises(CheckViolation), mute_logger("odoo.sql_db"):
            line.quantity = -1
            line.flush_recordset()

    def test_changed_demand_is_planned_anew(self):
        plan = self._plan()
        plan.action_compute()
        with self.assertRaisesRegex(UserError, "go back to its demand"):
            plan.demand_ids.quantity = 5
        with self.assertRaisesRegex(UserError, "go back to its demand"):
            plan.demand_ids.unlink()

    def test_no_longer_orderable(self):
        plan = self._plan()
        plan.action_compute()
        self.seller.date_end = self.company._assist_today() - timedelta(days=1)
        with self.assertRaisesRegex(UserError, "may no longer be ordered"):
            plan.action_order()
        self.assertFalse(plan.order_ids)

    def test_units_and_discount_of_the_pricelist(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        self.seller.write({"product_uom_id": dozen.id, "price": 120.0, "discount": 10.0})
        self.other_seller.unlink()
        plan = self._plan({"product_id": self.product.id, "quantity": 120})
        plan.action_compute()
        plan.action_order()
        line = plan.order_ids.order_line
        self.assertEqual((line.product_qty, line.product_uom_id), (10, dozen))
        self.assertEqual(plan.order_ids.amount_untaxed, 1080)
        self.assertEqual(plan.amount, 1080)

    def test_weights_decide(self):
        price, spread = self.env["union.assist.plan.weights"].create(
            [
                {"name": "Price", "price": 1, "quality": 0, "use": 0, "counties": 0},
                {"name": "Spread", "price": 0, "quality": 0, "use": 1, "counties": 1},
            ]
        )
        cheap, fair = self._plan(weights_id=price.id), self._plan(weights_id=spread.id)
        (cheap | fair).action_compute()
        self.assertEqual(self._line(cheap, self.supplier).quantity, 1000)
        self.assertIn("Dearer", self._line(cheap, self.other).reason)
        self.assertGreater(self._line(fair, self.other).quantity, 400)
        self.assertLess(cheap.amount, fair.amount)
        half = self._plan(weights_id=price.id, max_share=0.5)
        half.action_compute()
        self.assertEqual(half.line_ids.mapped("quantity"), [500, 500])
        columns = fair._get_comparison()["columns"]
        self.assertEqual([column["suppliers"] for column in columns], [1, 2, 2])
        self.assertEqual(columns[0]["supplier_index"], 10000)
        self.assertLess(columns[2]["supplier_index"], 5100)
        self.assertIn("Fairest", fair.comparison_html)

    def test_input_without_sense(self):
        with self.assertRaisesRegex(UserError, "no demand yet"):
            self._plan(demand_ids=False).action_compute()
        kilogram = self.env.ref("uom.product_uom_kgm")
        with self.assertRaisesRegex(ValidationError, "does not convert"):
            self._plan({"product_id": self.product.id, "quantity": 1, "uom_id": kilogram.id})
        for values in (
            {"quantity": 1},
            {"quantity": 0, "product_id": self.product.id},
            {
                "quantity": 1,
                "product_id": self.product.id,
                "categ_id": self.product.categ_id.id
                or self.env["product.category"].search([], limit=1).id,
            },
        ):
            with self.assertRaises(CheckViolation), mute_logger("odoo.sql_db"):
                self._plan(values).flush_recordset()

    def test_second_company(self):
        """Prices and caps are those of the plan's company, and nobody else sees the plan."""
        second = self.env["res.company"].create({"name": "Second Company"})
        self._sell(self.other, 5.0, company_id=second.id)
        user = new_test_user(
            self.env,
            "second operator",
            groups=GROUP + "operator",
            company_id=second.id,
            company_ids=[Command.set(second.ids)],
        )
        plan = self._plan(user=user, company_id=second.id)
        plan.action_compute()
        self.assertEqual(plan.line_ids.mapped("price"), [5.0])
        self.assertFalse(plan.line_ids.mapped("cap_amount")[0])
        plan.action_order()
        self.assertEqual(plan.order_ids.company_id, second)
        plans = self.env["union.assist.purchase.plan"].with_user(self.operator)
        self.assertNotIn(plan, plans.search([]))
        with self.assertRaises(AccessError):
            plan.with_user(self.operator).line_ids.read(["price"])

    def test_who_may(self):
        """Operators plan; viewers look on; nobody else sees anything."""
        plan = self._plan()
        plan.action_compute()
        for group in ("user", "federation"):
            user = new_test_user(self.env, f"plan {group}", groups=GROUP + group)
            seen = plan.with_user(user)
            self.assertTrue(seen.line_ids[0].reason)
            for call in (
                seen.action_compute,
                seen.action_order,
                seen.action_reset,
                seen.action_cancel,
                seen.action_undo_orders,
                seen.unlink,
                lambda seen=seen: seen.line_ids[0].write({"quantity": 1}),
                lambda seen=seen: seen.demand_ids.write({"quantity": 1}),
                lambda user=user: self._plan(user=user),
            ):
                with self.assertRaises(AccessError):
                    call()
        for groups in (
            GROUP + "county",
            "purchase.group_purchase_user",
            "base.group_user",
            "base.group_portal",
            "base.group_public",
        ):
            user = new_test_user(self.env, f"plan {groups}", groups=groups)
            for records in (plan, plan.demand_ids, plan.line_ids, plan.weights_id):
                with self.assertRaises(AccessError):
                    records.with_user(user).read(["display_name"])

    def test_queries_do_not_grow(self):
        products = self.env["product.product"].create(
            [{"name": f"Tea {number}"} for number in range(50)]
        )
        for product in products:
            self._sell(self.supplier, 10.0, product)
            self._sell(self.other, 11.0, product)
        plans = self.env["union.assist.purchase.plan"]
        for number in (5, 50):
            plans |= self._plan(
                *({"product_id": product.id, "quantity": 100} for product in products[:number])
            )
        counts = []
        for plan in plans:
            plan.action_compute()
            plan.computed_on = False  # whether it is written again hangs on the second otherwise
            counts.append(self.record_queries(plan.action_compute))
        self.assert_same_queries(*counts)
        readings = [
            self._count_queries(
                lambda plan: (
                    plan.line_ids.mapped("warning"),
                    plan.line_ids.mapped("reason"),
                    plan.demand_ids.mapped("reason"),
                    plan.comparison_html,
                ),
                plan,
            )
            for plan in plans
        ]
        self.assert_same_queries(*readings)
