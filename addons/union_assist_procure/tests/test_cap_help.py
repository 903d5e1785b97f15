from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.base.tests.test_ir_cron import CronMixinCase

from .common import CapCommon


@tagged("post_install", "-at_install", "union_assist")
class TestCapHelp(CapCommon, CronMixinCase):
    """What people see of caps: live figures, overrides, caps that sank, what if."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Those of the demo data would hold beside the ones of the tests.
        cls.env["union.assist.cap.authority"].search([]).active = False
        cls.order = cls._create_order(260_000)
        cls.order.button_confirm()
        groups = {
            "viewer": "union_assist_catalog.group_user",
            "operator": "union_assist_catalog.group_operator",
            "manager": "union_assist_catalog.group_manager",
            "buyer": "purchase.group_purchase_user",
            "employee": "base.group_user",
            "public": "base.group_public",
        }
        cls.users = {
            role: new_test_user(
                cls.env, f"help_{role}", group, email=f"{role}@example.com", lang="en_US"
            )
            for role, group in groups.items()
        }
        for role, supplier in (
            ("portal", cls.supplier),
            ("other", cls._create_supplier("Oil Company", persons=10)),
        ):
            contact = cls.env["res.partner"].create({"name": role, "parent_id": supplier.id})
            cls.users[role] = new_test_user(
                cls.env, f"help_{role}", "base.group_portal", partner_id=contact.id
            )
        company = cls.env["res.company"].create({"name": "Second Company"})
        cls.users["second"] = new_test_user(
            cls.env,
            "help_second",
            "union_assist_catalog.group_manager",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    # --------------------------------------------------
    # Live figures of the order
    # --------------------------------------------------

    def test_the_room_left_is_live(self):
        """It follows the lines while they change, with nothing saved."""
        order = Form(self.env["purchase.order"].with_user(self.users["buyer"]))
        order.partner_id = self.supplier
        with order.order_line.new() as line:
            line.product_id = self.product
            line.product_qty = 100
            line.price_unit = 300
        self.assertEqual(order.assist_cap_left, 10_000)
        self.assertFalse(order.assist_cap_exceeded)
        with order.order_line.edit(0) as line:
            line.product_qty = 200
        self.assertEqual(order.assist_cap_left, -20_000)
        self.assertTrue(order.assist_cap_exceeded)
        with order.order_line.edit(0) as line:
            line.price_unit = 150
        self.assertEqual(order.assist_cap_left, 10_000)
        order.order_line.remove(0)
        self.assertEqual(order.assist_cap_left, 40_000)

    def test_the_room_left_of_each_cap_is_live(self):
        category = self.env["product.category"].create({"name": "Mountain Goods"})
        cake = self.env["product.product"].create(
            {"name": "Cake", "categ_id": category.id, "supplier_taxes_id": False}
        )
        self._create_policy(100, category_ids=[Command.set(category.ids)])
        order = Form(self.env["purchase.order"].with_user(self.users["buyer"]))
        order.partner_id = self.supplier
        with order.order_line.new() as line:
            line.product_id = self.product
            line.product_qty = 1
            line.price_unit = 100
        self.assertEqual(order.assist_cap_count, 1)
        self.assertFalse(order.assist_cap_table)
        with order.order_line.new() as line:
            line.product_id = cake
            line.product_qty = 1
            line.price_unit = 1000
        self.assertEqual(order.assist_cap_count, 2)
        for part in ("Mountain Goods", "15,000.00", "14,000.00", "39,900.00"):
            self.assertIn(part, order.assist_cap_table)
        with order.order_line.edit(1) as line:
            line.product_qty = 16
        self.assertIn("-1,000.00", order.assist_cap_table.replace("\ufeff", ""))
        self.assertEqual(order.assist_cap_left, -1000, "of the cap with the least room")
        with order.order_line.edit(1) as line:
            line.product_id = self.product
        self.assertEqual(order.assist_cap_count, 1)

    # --------------------------------------------------
    # Overrides
    # --------------------------------------------------

    def _authorise(self, group="union_assist_catalog.group_manager", **values):
        return self.env["union.assist.cap.authority"].create(
            {"group_id": self.env.ref(group).id, "source": "Minutes", **values}
        )

    def _grant(self, order, role="manager", **values):
        wizard = Form(
            self.env["union.assist.cap.override.grant"]
            .with_user(self.users[role])
            .with_context(default_order_id=order.id)
        )
        for name, value in values.items():
            wizard[name] = value
        return wizard

    def test_grant_and_confirm(self):
        order = self._create_order(50_000)
        self.assertFalse(order.with_user(self.users["manager"]).assist_can_override)
        self._authorise(max_amount=20_000)
        order.invalidate_recordset(["assist_can_override"])
        self.assertTrue(order.with_user(self.users["manager"]).assist_can_override)
        self.assertFalse(order.with_user(self.users["buyer"]).assist_can_override)
        proof = self.env["ir.attachment"].with_user(self.users["manager"]).create({"name": "Proof"})
        wizard = self._grant(order, reason="Festival")
        self.assertEqual((wizard.excess, wizard.amount), (10_000, 10_000))
        self.assertIn("20,000.00", wizard.allowed)
        grant = wizard.save()
        grant.attachment_ids = proof
        grant.action_grant_confirm()
        self.assertEqual(order.state, "purchase")
        override = order.assist_override_ids
        self.assertEqual((override.amount, override.reason), (10_000, "Festival"))
        self.assertEqual(override.attachment_ids, proof)
        self.assertEqual(override.user_id, self.users["manager"])
        self.assertEqual(order.assist_cap_granted, 10_000)
        self.assert_used(310_000)
        self.assertIn("override", order.assist_entry_ids.mapped("kind"))

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_no_more_than_the_authority_and_not_without_reason(self):
        self._authorise(max_amount=5000)
        order = self._create_order(50_000)
        grant = self._grant(order, reason="Festival").save()
        with self.assertRaises(AccessError), self.cr.savepoint():
            grant.action_grant_confirm()
        grant = self._grant(order, amount=5000, reason=" ").save()
        with self.assertRaisesRegex(UserError, "and a reason"), self.cr.savepoint():
            grant.action_grant()
        self.assertFalse(order.assist_override_ids)
        for role in ("viewer", "operator", "buyer"):
            grant = self.env["union.assist.cap.override.grant"].with_user(self.users[role])
            with self.subTest(role=role), self.assertRaises(AccessError), self.cr.savepoint():
                grant.create(
                    {"order_id": order.id, "cap_id": self.cap.id, "amount": 1, "reason": "x"}
                ).action_grant()
        for role in ("employee", "portal", "other", "public"):
            grant = self.env["union.assist.cap.override.grant"].with_user(self.users[role])
            with self.subTest(role=role), self.assertRaises(AccessError), self.cr.savepoint():
                grant.create({"order_id": order.id, "cap_id": self.cap.id, "amount": 1})
        with self.assertRaises(AccessError):
            self._grant(order, "second")
        self.assertFalse(order.assist_override_ids)

    def test_an_order_without_a_cap_has_nothing_to_override(self):
        partner = self.env["res.partner"].create({"name": "Stationer"})
        with self.assertRaisesRegex(UserError, "counts against a purchase cap"):
            self._grant(self._create_order(10, partner))

    # --------------------------------------------------
    # Caps that sank
    # --------------------------------------------------

    def _get_activities(self, active=True):
        activity_type = self.env.ref("union_assist_procure.activity_type_cap_over")
        return (
            self.env["mail.activity"]
            .with_context(active_test=active)
            .search(
                [
                    ("activity_type_id", "=", activity_type.id),
                    ("res_model", "=", "res.partner"),
                    ("res_id", "=", self.supplier.id),
                ]
            )
        )

    def _check(self):
        self.env.invalidate_all()
        self.env["union.assist.cap"]._check_over()

    def test_the_supplier_is_marked_and_its_buyer_asked_once(self):
        self.supplier.buyer_id = self.users["operator"]
        self._check()
        self.assertFalse(self._get_activities())
        self.assertFalse(self.supplier.assist_cap_over)
        linkage = self.supplier.assist_linkage_ids
        linkage.action_revoke()
        self._check()
        self.assertTrue(self.supplier.assist_cap_over)
        self.assertEqual(self.order.state, "purchase", "nothing confirmed breaks")
        activity = self._get_activities()
        self.assertEqual(activity.user_id, self.users["operator"])
        self.assertIn("260,000.00", activity.note)
        household = linkage.household_id
        self.assertNotIn(household.code, activity.note)
        found = self.env["res.partner"].search([("assist_cap_over", "=", True)])
        self.assertIn(self.supplier, found)
        self.assertNotIn(
            self.supplier, self.env["res.partner"].search([("assist_cap_over", "=", False)])
        )
        with self.assertRaisesRegex(UserError, "exceeds the purchase cap"), self.cr.savepoint():
            self._create_order(1).button_confirm()
        self._check()
        self.assertEqual(self._get_activities(), activity, "not again every night")
        activity.action_done()
        self._check()
        self.assertFalse(self._get_activities(), "nor when it was marked as done")
        self._lift(self.supplier, 150)
        self._check()
        self.assertFalse(self.supplier.assist_cap_over)
        self.assertFalse(self._get_activities(active=False))
        self.policy.bracket_ids.amount = 100
        self._check()
        self.assertEqual(len(self._get_activities()), 1, "anew after there was room")

    def test_it_is_closed_when_there_is_room_again(self):
        self.supplier.buyer_id = self.users["operator"]
        self.policy.bracket_ids.amount = 1000
        self._check()
        self.assertTrue(self._get_activities())
        self.order.button_cancel()
        self._check()
        self.assertFalse(self._get_activities(active=False))
        self.assertIn("room under the purchase cap again", self.supplier.message_ids[0].body)

    def test_what_was_allowed_to_exceed_the_cap_is_no_reason(self):
        self._authorise(max_amount=20_000)
        order = self._create_order(50_000)
        self._grant(order, reason="Festival").save().action_grant_confirm()
        self._check()
        self.assertEqual(self.cap.level, "over")
        self.assertFalse(self._get_activities())
        self.policy.bracket_ids.amount = 1999
        self._check()
        self.assertTrue(self._get_activities())

    def test_who_is_asked(self):
        caps = self.env["union.assist.cap"]
        manager = self.env.ref("union_assist_catalog.group_manager").all_user_ids.sorted("id")[0]
        self.order.user_id = self.users["operator"]
        self.assertEqual(caps._get_buyers([self.supplier])[self.supplier], self.users["operator"])
        self.users["operator"].active = False
        self.assertEqual(caps._get_buyers([self.supplier])[self.supplier], manager)
        self.supplier.buyer_id = self.users["buyer"]
        self.assertEqual(caps._get_buyers([self.supplier])[self.supplier], self.users["buyer"])

    def test_it_is_looked_at_as_soon_as_heads_or_rules_change(self):
        cron = self.env.ref("union_assist_procure.ir_cron_check_over")

        def count_triggers(change):
            self.env.cr.precommit.data.pop("assist_check_over", None)
            with self.capture_triggers(cron.id) as captured:
                change()
            return len(captured.records)

        linkage = self.supplier.assist_linkage_ids
        self.assertEqual(count_triggers(linkage.action_revoke), 1)
        self.assertEqual(count_triggers(lambda: self._lift(self.supplier, 1)), 1)
        self.assertEqual(count_triggers(lambda: self.policy.bracket_ids.write({"amount": 100})), 1)
        self.assertEqual(
            count_triggers(lambda: self.policy.write({"date_to": self.today + timedelta(1)})), 1
        )
        self.assertEqual(count_triggers(lambda: self._create_order(10)), 0)

    def test_the_check_takes_the_same_queries_for_many(self):
        def create_suppliers(count):
            suppliers = self.env["res.partner"]
            for index in range(count):
                supplier = self._create_supplier(f"S{index}", persons=1)
                self._create_order(1500, supplier).button_confirm()
                suppliers |= supplier
            return suppliers

        few = create_suppliers(3)
        many = create_suppliers(9)

        def count(suppliers):
            return self.record_queries(lambda: suppliers.mapped("assist_cap_over"))

        self.assert_same_queries(count(few), count(many))

    # --------------------------------------------------
    # What if
    # --------------------------------------------------

    def test_what_more_persons_would_give(self):
        figures = self.cap.get_what_if(persons=10)
        self.assertEqual(
            (figures["amount"], figures["more"], figures["remaining"], figures["persons"]),
            (320_000, 20_000, 60_000, 160),
        )
        self.assertIn("160 verified persons × ", figures["reason"])
        self.assertEqual(self.cap.get_what_if(persons=-1000)["amount"], 0)
        self.policy.write({"max_amount": 310_000})
        self.assertEqual(self.cap.get_what_if(10)["amount"], 310_000)
        self.policy.write({"basis": "households"})
        self.assertEqual(self.cap.get_what_if(households=2)["amount"], 6000)
        self.assertEqual(self.cap.get_what_if("5", "2")["amount"], 6000, "as a form sends it")
        for wrong in ("many", "nan", "inf", 1e12, [1]):
            with self.subTest(wrong=wrong), self.assertRaisesRegex(UserError, "is no number"):
                self.cap.get_what_if(wrong)

    def test_the_dialog_follows_the_numbers(self):
        action = self.supplier.with_user(self.users["viewer"]).action_assist_what_if()
        what_if = Form(
            self.env[action["res_model"]]
            .with_user(self.users["viewer"])
            .with_context(**action["context"])
        )
        self.assertEqual(what_if.line_ids._records[0]["new_amount"], 320_000)
        what_if.persons = 1
        self.assertEqual(what_if.line_ids._records[0]["new_amount"], 302_000)
        self.assertEqual(what_if.line_ids._records[0]["new_remaining"], 42_000)

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_who_may_ask_what_if(self):
        for role in ("viewer", "operator", "manager", "portal"):
            with self.subTest(role=role):
                self.assertEqual(
                    self.cap.with_user(self.users[role]).get_what_if(10)["amount"], 320_000
                )
        for role in ("buyer", "employee", "public", "other", "second"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                self.cap.with_user(self.users[role]).get_what_if(10)
        for role in ("portal", "buyer", "employee", "public"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                self.env["union.assist.cap.what.if"].with_user(self.users[role]).create(
                    {"supplier_id": self.supplier.id}
                )
