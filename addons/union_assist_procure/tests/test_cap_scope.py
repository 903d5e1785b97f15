from datetime import timedelta

import psycopg2

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import CapCommon


@tagged("post_install", "-at_install", "union_assist")
class TestCapScope(CapCommon):
    """Caps for some goods beside the one for all others."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        categories = cls.env["product.category"]
        cls.food = categories.create({"name": "Food"})
        cls.tea = categories.create({"name": "Tea", "parent_id": cls.food.id})
        cls.green = categories.create({"name": "Green", "parent_id": cls.tea.id})
        cls.other = categories.create({"name": "Other"})
        cls.green_tea = cls._create_product("Green Tea", cls.green)
        cls.crate = cls._create_product("Crate", cls.other)
        cls.tea_policy = cls._create_policy(
            amount=400, name="Tea", category_ids=[Command.set(cls.tea.ids)]
        )  # 150 × 400 = 60,000
        cls.tea_cap = cls.env["union.assist.cap"].search(
            [("supplier_id", "=", cls.supplier.id), ("scope", "=", str(cls.tea.id))]
        )

    @classmethod
    def _create_product(cls, name, category):
        return cls.env["product.product"].create(
            {
                "name": name,
                "type": "consu",
                "is_storable": True,
                "categ_id": category.id,
                "supplier_taxes_id": False,
                "purchase_method": "purchase",
            }
        )

    def _get_all_goods_cap(self):
        return self._get_cap(self.supplier).filtered(lambda cap: not cap.scope)

    @classmethod
    def _create_mixed(cls, tea, rest, **values):
        return cls.env["purchase.order"].create(
            {
                "partner_id": cls.supplier.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "product_qty": 1,
                            "price_unit": amount,
                            "tax_ids": False,
                        }
                    )
                    for product, amount in ((cls.green_tea, tea), (cls.crate, rest))
                ],
                **values,
            }
        )

    def test_lines_count_against_the_cap_of_their_goods(self):
        self.assertEqual(self.tea_cap.amount, 60_000)
        self.assertEqual(self.tea_cap.goods, "Food / Tea")
        order = self._create_mixed(60_000, 300_000)
        order.button_confirm()
        self.assert_used(60_000, self.tea_cap)
        self.assert_used(300_000, self._get_all_goods_cap())
        self.assertEqual(order.assist_entry_ids.mapped("reason"), ["confirm"] * 2)
        for amounts in ((0.01, 0), (0, 0.01)):
            with self.assertRaisesRegex(UserError, "exceeds"), self.cr.savepoint():
                self._create_mixed(*amounts).button_confirm()
        order.button_cancel()
        self.assert_used(0, self.tea_cap)
        self.assert_used(0, self._get_all_goods_cap())

    def test_the_refusal_names_the_goods_and_lowers_their_lines_alone(self):
        with self.assertRaises(UserError) as refusal:
            self._create_mixed(60_001, 200_000).button_confirm()
        self.assertIn("Food / Tea", str(refusal.exception))
        self.assertNotIn("Crate", str(refusal.exception))
        self.assertIn("60,000.00", str(refusal.exception))

    def test_the_order_form_shows_the_tightest_cap(self):
        order = self._create_mixed(50_000, 200_000)
        self.assertEqual((order.assist_cap_amount, order.assist_cap_left), (60_000, 10_000))
        self.assertEqual(order.assist_policy_id, self.tea_policy)
        with Form(order) as form, form.order_line.edit(1) as line:
            line.price_unit = 295_000
        self.assertEqual((order.assist_cap_amount, order.assist_cap_left), (300_000, 5000))
        self.assertEqual(order.assist_policy_id, self.policy)

    def test_another_product_on_a_line_moves_it_to_the_other_cap(self):
        order = self._create_mixed(10_000, 20_000)
        order.button_confirm()
        line = order.order_line[1]
        line.write({"product_id": self.green_tea.id, "price_unit": 20_000})
        self.assert_used(30_000, self.tea_cap)
        self.assert_used(0, self._get_all_goods_cap())
        self.assertEqual(
            order.assist_entry_ids.filtered(lambda entry: entry.kind == "release").reason, "goods"
        )

    def test_which_policy_wins(self):
        caps = self.env["union.assist.cap"]

        def policy_of(product):
            pair = (self.supplier, product)
            return caps._get_for_products([pair], self.company, self.today)[pair].policy_id

        self.assertEqual(policy_of(self.green_tea), self.tea_policy)
        self.assertEqual(policy_of(self.crate), self.policy)
        kind = self._create_policy(amount=1000, supplier_kind="sme")
        self.assertEqual(policy_of(self.crate), kind)
        self.assertEqual(policy_of(self.green_tea), self.tea_policy, "goods come before the kind")
        both = self._create_policy(
            amount=500, supplier_kind="sme", category_ids=[Command.set(self.food.ids)]
        )
        self.assertEqual(policy_of(self.green_tea), both)
        # The tea policy for all kinds has no goods left of this supplier: its cap is not shown.
        self.assertEqual(self.supplier.assist_cap_amount, 150 * 1500)

    def test_goods_without_a_policy_have_no_cap(self):
        self.policy.active = False
        order = self._create_mixed(60_000, 9_000_000)
        order.button_confirm()
        self.assert_used(60_000, self.tea_cap)
        self.assertEqual(len(order.assist_entry_ids), 1)
        pair = (self.supplier, self.crate)
        caps = self.env["union.assist.cap"]._get_for_products([pair], self.company, self.today)
        self.assertFalse(caps[pair])

    def test_no_two_policies_for_the_same_goods(self):
        for category in (self.tea, self.food, self.green):
            with (
                self.subTest(category=category.name),
                self.assertRaisesRegex(ValidationError, "same goods of the same suppliers"),
                self.cr.savepoint(),
            ):
                self._create_policy(category_ids=[Command.set((category | self.other).ids)])
        self._create_policy(category_ids=[Command.set(self.other.ids)])
        self._create_policy(supplier_kind="sme", category_ids=[Command.set(self.green.ids)])
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self.tea.parent_id = self.other
        self.tea_policy.date_to = self.today
        self._create_policy(
            category_ids=[Command.set(self.food.ids)], date_from=self.today + timedelta(days=1)
        )

    def test_a_category_with_a_policy_is_not_deleted(self):
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.ForeignKeyViolation),
            self.cr.savepoint(),
        ):
            self.tea.unlink()

    def test_a_policy_for_the_same_goods_goes_on_with_the_same_cap(self):
        self._create_mixed(50_000, 0).button_confirm()
        self.tea_policy.date_to = self.today - timedelta(days=1)
        self._create_policy(
            amount=500, category_ids=[Command.set(self.tea.ids)], date_from=self.today
        )
        self.assert_used(50_000, self.tea_cap)
        self.assertEqual(self.tea_cap.amount, 75_000)

    def test_what_was_bought_under_a_policy_that_ended_stays_bounded(self):
        order = self._create_mixed(50_000, 0)
        order.button_confirm()
        self.tea_policy.date_from = self.year_start - timedelta(days=400)
        order.date_approve = order.date_approve - timedelta(days=1)
        self.tea_policy.date_to = self.today - timedelta(days=1)
        if order.date_approve.year == self.today.year:
            self.assert_used(50_000, self.tea_cap)
            self.assertEqual(self.tea_cap.policy_id, self.tea_policy)
            with self.assertRaises(UserError), self.cr.savepoint():
                order.order_line[0].price_unit = 60_001

    def test_goods_that_change_their_category_move(self):
        order = self._create_mixed(10_000, 20_000)
        order.button_confirm()
        self.crate.categ_id = self.green
        self.assert_used(30_000, self.tea_cap)
        self.assert_used(0, self._get_all_goods_cap())
        self.assertEqual(set(order.assist_entry_ids.mapped("reason")), {"confirm", "category"})
        self.green.parent_id = False
        self.assert_used(0, self.tea_cap)
        self.assert_used(30_000, self._get_all_goods_cap())

    def test_a_policy_for_goods_takes_over_from_the_one_for_all(self):
        order = self._create_mixed(0, 20_000)
        order.button_confirm()
        self._create_policy(amount=10, category_ids=[Command.set(self.other.ids)])
        self.assert_used(0, self._get_all_goods_cap())
        cap = order.assist_entry_ids.sorted("id")[-1].cap_id
        self.assertEqual((cap.scope, cap.level), (str(self.other.id), "over"))
        self.assert_used(20_000, cap)
        self.assertEqual(
            order.assist_entry_ids.sorted("id").mapped("kind"), ["commit", "recount", "recount"]
        )

    def test_figures_of_the_supplier_are_those_of_all_its_caps(self):
        self._create_mixed(10_000, 20_000).button_confirm()
        self.assertRecordValues(
            self.supplier,
            [
                {
                    "assist_cap_amount": 360_000,
                    "assist_cap_used": 30_000,
                    "assist_cap_left": 330_000,
                    "assist_cap_over": False,
                }
            ],
        )

    def test_same_number_of_queries_for_5_and_50(self):
        orders = self.env["purchase.order"].browse()
        for _index in range(50):
            orders |= self._create_mixed(1, 2)
        orders.button_confirm()
        suppliers = self.env["res.partner"].create(
            [
                {"name": f"S{index}", "is_company": True, "assist_supplier_kind": "sme"}
                for index in range(50)
            ]
        )

        def caps_of(some):
            pairs = [(supplier, self.green_tea) for supplier in some]
            caps = self.env["union.assist.cap"]._get_for_products(pairs, self.company, self.today)
            return [cap.remaining for cap in caps.values()]

        for records, function in (
            (orders, lambda some: some.mapped("assist_cap_left")),
            (orders, lambda some: some._assist_sync_commitment()),
            (suppliers, lambda some: some.mapped("assist_cap_left")),
            (suppliers, caps_of),
        ):
            self.assert_same_queries(
                self._count_queries(function, records[:5]), self._count_queries(function, records)
            )
