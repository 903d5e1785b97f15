import psycopg2

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import CapCommon


@tagged("post_install", "-at_install", "union_assist")
class TestCapOverride(CapCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["union.assist.cap.authority"].search([]).active = False
        cls.manager = new_test_user(
            cls.env, "override_manager", "union_assist_catalog.group_manager"
        )
        cls.operator = new_test_user(
            cls.env, "override_operator", "union_assist_catalog.group_operator"
        )
        cls.authority = cls.env["union.assist.cap.authority"].create(
            {
                "group_id": cls.env.ref("union_assist_catalog.group_manager").id,
                "max_amount": 20_000,
                "max_rate": 0.1,
                "date_from": cls.year_start,
                "source": "Test",
            }
        )
        cls.full = cls._create_order(290_000, quantity=100)
        cls.full.button_confirm()

    def _grant(self, order, amount, user=None, **values):
        return order.with_user(user or self.manager)._assist_grant_override(
            self.cap.with_user(user or self.manager), amount, "Festival of the county", **values
        )

    def assert_refused(self, order):
        with self.assertRaisesRegex(UserError, "exceeds the purchase cap"), self.cr.savepoint():
            order.button_confirm()

    def test_an_order_exceeds_the_cap_by_what_was_granted_and_no_cent_more(self):
        order = self._create_order(25_000.01, quantity=1)
        self.assertTrue(order.assist_cap_exceeded)
        override = self._grant(order, 15_000)
        self.assertRecordValues(
            override.sudo(),
            [
                {
                    "order_id": order.id,
                    "cap_id": self.cap.id,
                    "amount": 15_000,
                    "user_id": self.manager.id,
                    "reason": "Festival of the county",
                    "authority_id": self.authority.id,
                    "cap_amount": 300_000,
                }
            ],
        )
        self.assertTrue(order.assist_cap_exceeded)
        self.assert_refused(order)
        order.order_line.price_unit = 25_000
        self.assertFalse(order.assist_cap_exceeded)
        order.button_confirm()
        self.assertRecordValues(
            order.assist_entry_ids.sorted("id"),
            [
                {"kind": "commit", "amount": 10_000, "excess": 0},
                {"kind": "override", "amount": 15_000, "excess": 15_000},
            ],
        )
        self.assert_used(315_000)
        self.assertEqual(self.cap.level, "over")

    def test_others_still_meet_the_counter(self):
        order = self._create_order(25_000)
        self._grant(order, 15_000)
        self.assert_refused(self._create_order(25_000))
        order.button_confirm()
        self.assert_refused(self._create_order(0.01))
        self.full.button_cancel()
        self.assert_used(25_000)
        self._create_order(275_000).button_confirm()
        self.assert_refused(self._create_order(0.01))

    def test_what_exceeded_the_cap_is_given_back_first(self):
        order = self._create_order(25_000, quantity=25)
        self._grant(order, 15_000)
        order.button_confirm()
        order.order_line.price_unit = 200  # 20,000 back: 15,000 of the override, 5,000 of the cap
        self.assertRecordValues(
            order.assist_entry_ids.sorted("id")[2:],
            [
                {"kind": "override", "amount": -15_000, "reason": "reduction"},
                {"kind": "release", "amount": -5000, "reason": "reduction"},
            ],
        )
        self.assert_used(295_000)
        order.order_line.price_unit = 1000  # the permission still holds
        self.assert_used(315_000)
        with self.assertRaises(UserError), self.cr.savepoint():
            order.order_line.price_unit = 1000.01
        order.button_cancel()
        self.assert_used(290_000)
        held = order._get_assist_held()[order][self.cap]
        self.assertEqual(held, (0, 0))

    def test_a_confirmed_order_may_be_allowed_to_grow(self):
        self.full.order_line.write({"price_unit": 3000})
        self.assert_used(300_000)
        with self.assertRaises(UserError), self.cr.savepoint():
            self.full.order_line.product_qty = 101
        self._grant(self.full, 3000)
        self.full.order_line.product_qty = 101
        self.assert_used(303_000)
        self.assertEqual(self.full.assist_entry_ids[0].kind, "override")

    def test_who_may_and_up_to_how_much(self):
        order = self._create_order(100_000)
        for amount in (20_000.01, 1_000_000):
            with self.assertRaisesRegex(AccessError, "20,000.00 more"):
                self._grant(order, amount)
        with self.assertRaises(AccessError):
            self._grant(order, 1, user=self.operator)
        self._grant(order, 15_000)
        with self.assertRaisesRegex(AccessError, "5,000.00 more"):
            self._grant(order, 5000.01)
        self._grant(order, 5000)
        # A tenth of the cap for all its orders together: 30,000, of which 20,000 are granted.
        with self.assertRaisesRegex(AccessError, "10,000.00 more"):
            self._grant(self._create_order(100_000), 10_000.01)
        order.button_cancel()
        self._grant(self._create_order(100_000), 20_000)

    def test_authority_has_its_days_and_company(self):
        order = self._create_order(100_000)
        self.authority.date_to = self.year_start
        if self.today != self.year_start:
            with self.assertRaises(AccessError):
                self._grant(order, 1)
        self.authority.date_to = False
        self.authority.company_id = self.env["res.company"].create({"name": "Other"})
        with self.assertRaises(AccessError):
            self._grant(order, 1)

    def test_what_an_override_needs(self):
        order = self._create_order(100_000)
        grant = order.with_user(self.manager)._assist_grant_override
        for amount, reason in ((0, "Why"), (-5, "Why"), (10, ""), (10, "  ")):
            with self.subTest(amount=amount, reason=reason), self.assertRaises(UserError):
                grant(self.cap, amount, reason)
        other = self._create_supplier("Oil Company", persons=10)
        with self.assertRaisesRegex(UserError, "Nothing of"):
            grant(self._get_cap(other), 10, "Why")

    def test_files_belong_to_the_override(self):
        order = self._create_order(100_000)
        file = (
            self.env["ir.attachment"]
            .with_user(self.manager)
            .create({"name": "decision.txt", "raw": b"Decision"})
        )
        override = self._grant(order, 10, attachments=file)
        self.assertEqual((file.res_model, file.res_id), (override._name, override.id))
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            file.with_user(self.manager).unlink()

    @mute_logger("odoo.sql_db")
    def test_overrides_never_change(self):
        override = self._grant(self._create_order(100_000), 10).sudo()
        for function in (override.unlink, lambda: override.write({"amount": 1})):
            with self.assertRaisesRegex(UserError, "append-only"), self.cr.savepoint():
                function()
        for query in (
            "UPDATE union_assist_cap_override SET amount = 1 WHERE id = %s",
            "DELETE FROM union_assist_cap_override WHERE id = %s",
        ):
            with self.assertRaises(psycopg2.IntegrityError), self.cr.savepoint():
                self.cr.execute(query, [override.id])
        for role in (self.operator, self.manager):
            with self.assertRaises(AccessError):
                self.env["union.assist.cap.override"].with_user(role).create(
                    {
                        "order_id": self.full.id,
                        "cap_id": self.cap.id,
                        "amount": 10**6,
                        "reason": "I may",
                    }
                )

    def test_a_policy_that_asks_for_approval(self):
        self.policy.action = "approve"
        fits, exceeds = self._create_order(10_000), self._create_order(15_000)
        exceeds.with_user(self.operator).button_confirm()
        self.assertEqual(exceeds.state, "to approve")
        self.assertIn("5,000.00", exceeds.message_ids[0].body)
        self.assert_used(290_000)
        with self.assertRaisesRegex(AccessError, "Cap Authorities"):
            exceeds.with_user(self.operator).button_approve()
        for user in (self.operator, self.manager):
            with self.assertRaises(UserError), self.cr.savepoint():
                exceeds.with_user(user).write({"state": "purchase"})
        exceeds.with_user(self.manager).button_approve()
        self.assertEqual(exceeds.state, "purchase")
        self.assertRecordValues(
            exceeds.assist_override_ids, [{"amount": 5000, "user_id": self.manager.id}]
        )
        self.assertEqual(
            sorted(exceeds.assist_entry_ids.mapped(lambda entry: (entry.kind, entry.amount))),
            [("commit", 10_000), ("override", 5000)],
        )
        self.assert_used(305_000)
        self.full.order_line.product_qty = 90
        fits.with_user(self.operator).button_confirm()
        self.assertEqual(fits.state, "purchase", "what fits needs no approval")

    def test_who_may_approve_does_so_in_a_second_step(self):
        self.policy.action = "approve"
        order = self._create_order(15_000)
        order.with_user(self.manager).button_confirm()
        self.assertEqual(order.state, "to approve")
        self.assertFalse(order.assist_override_ids)

    def test_growing_above_a_cap_that_asks_for_approval(self):
        self.policy.action = "approve"
        with self.assertRaises(UserError), self.cr.savepoint():
            self.full.order_line.product_qty = 110
        self._grant(self.full, 19_000)
        self.full.order_line.product_qty = 110
        self.assert_used(319_000)

    def test_a_policy_that_warns(self):
        self.policy.action = "warn"
        order = self._create_order(15_000)
        order.button_confirm()
        self.assertEqual(order.state, "purchase")
        self.assertRecordValues(
            order.assist_entry_ids, [{"kind": "commit", "amount": 15_000, "excess": 5000}]
        )
        self.assertTrue(
            any("5,000.00 above" in (body or "") for body in order.message_ids.mapped("body"))
        )
        self.assert_used(305_000)

    def test_an_override_at_one_cap_does_not_help_at_another(self):
        category = self.env["product.category"].create({"name": "Tea"})
        tea = self.env["product.product"].create(
            {"name": "Green Tea", "categ_id": category.id, "supplier_taxes_id": False}
        )
        self._create_policy(amount=100, category_ids=[Command.set(category.ids)])
        order = self._create_order(25_000)
        self.env["purchase.order.line"].create(
            {
                "order_id": order.id,
                "product_id": tea.id,
                "name": "Tea",
                "product_qty": 1,
                "price_unit": 16_000,
                "tax_ids": False,
            }
        )
        self._grant(order, 15_000)
        self.assert_refused(order)
        cap = order._get_assist_uses()[order][0].cap
        self.assertEqual(cap.amount, 15_000)
        order.with_user(self.manager)._assist_grant_override(cap, 1000, "Why")
        order.button_confirm()
        self.assert_used(315_000)
        self.assertEqual(order.state, "purchase")

    def test_who_sees_overrides_and_authorities(self):
        override = self._grant(self._create_order(100_000), 10)
        roles = {
            "viewer": ("union_assist_catalog.group_user", True),
            "operator": ("union_assist_catalog.group_operator", True),
            "county": ("union_assist_catalog.group_county", False),
            "buyer": ("purchase.group_purchase_user", False),
            "employee": ("base.group_user", False),
            "portal": ("base.group_portal", False),
            "public": ("base.group_public", False),
        }
        for role, (group, sees) in roles.items():
            user = new_test_user(self.env, f"sees_override_{role}", group)
            with self.subTest(role=role):
                for record in (override, self.authority):
                    self.assertEqual(record.with_user(user).has_access("read"), sees)
                    for operation in ("write", "create", "unlink"):
                        self.assertFalse(record.with_user(user).has_access(operation))
        self.assertTrue(self.authority.with_user(self.manager).has_access("write"))
        self.assertFalse(override.with_user(self.manager).has_access("write"))
