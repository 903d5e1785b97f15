from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import CapCommon


@tagged("post_install", "-at_install", "union_assist")
class TestCapAccess(CapCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._create_order(260_000)
        cls.order.button_confirm()
        cls.other = cls._create_supplier("Oil Company", persons=10)
        cls._create_order(5000, cls.other).button_confirm()
        cls.other_cap = cls._get_cap(cls.other)
        groups = {
            "viewer": "union_assist_catalog.group_user",
            "operator": "union_assist_catalog.group_operator",
            "manager": "union_assist_catalog.group_manager",
            "buyer": "purchase.group_purchase_user",
            "employee": "base.group_user",
            "public": "base.group_public",
        }
        cls.users = {
            role: new_test_user(cls.env, f"cap_{role}", groups) for role, groups in groups.items()
        }
        contact = cls.env["res.partner"].create(
            {"name": "Contact", "parent_id": cls.supplier.id, "email": "cap@example.com"}
        )
        cls.users["portal"] = new_test_user(
            cls.env, "cap_portal", "base.group_portal", partner_id=contact.id
        )
        cls.company_b = cls.env["res.company"].create({"name": "Second Company"})
        cls.users["second"] = new_test_user(
            cls.env,
            "cap_second",
            "union_assist_catalog.group_manager",
            company_id=cls.company_b.id,
            company_ids=[Command.set(cls.company_b.ids)],
        )

    def _sees(self, role, record):
        model = record.with_user(self.users[role])
        if not model.has_access("read"):
            return False
        return bool(model.search([("id", "in", record.ids)]))

    def test_who_sees_caps_and_ledger(self):
        for role, own, others in (
            ("viewer", True, True),
            ("operator", True, True),
            ("manager", True, True),
            ("buyer", False, False),
            ("employee", False, False),
            ("public", False, False),
            ("portal", True, False),
            ("second", False, False),
        ):
            with self.subTest(role=role):
                self.assertEqual(self._sees(role, self.cap), own)
                self.assertEqual(self._sees(role, self.cap.entry_ids), own)
                self.assertEqual(self._sees(role, self.other_cap), others)
                self.assertEqual(self._sees(role, self.other_cap.entry_ids), others)

    def test_viewers_read_the_ledger_without_reading_orders(self):
        entry = self.cap.entry_ids.with_user(self.users["viewer"])
        self.assertFalse(entry.order_id.has_access("read"))
        self.assertEqual(entry.display_name, self.order.name)

    def test_who_reads_and_changes_policies(self):
        for role, reads, writes in (
            ("viewer", True, False),
            ("operator", True, False),
            ("manager", True, True),
            ("buyer", False, False),
            ("portal", False, False),
            ("public", False, False),
            ("second", False, False),
        ):
            with self.subTest(role=role):
                policy = self.policy.with_user(self.users[role])
                bracket = self.policy.bracket_ids.with_user(self.users[role])
                for record in (policy, bracket):
                    self.assertEqual(record.has_access("read"), reads)
                    for operation in ("write", "create", "unlink"):
                        self.assertEqual(record.has_access(operation), writes)

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_nobody_writes_caps_or_ledger(self):
        entry = self.order.sudo().assist_entry_ids
        for role in self.users:
            user = self.users[role]
            with self.subTest(role=role):
                for record in (self.cap.with_user(user), entry.with_user(user)):
                    for operation in ("write", "create", "unlink"):
                        self.assertFalse(record.has_access(operation))
                with self.assertRaises(UserError):
                    self.cap.with_user(user).write({"committed": 0})
                with self.assertRaises(AccessError):
                    self.env["union.assist.cap.entry"].with_user(user).create(
                        {
                            "cap_id": self.cap.id,
                            "order_id": self.order.id,
                            "kind": "release",
                            "amount": -260_000,
                        }
                    )
                with self.assertRaises(UserError):
                    entry.with_user(user).unlink()
        self.assert_used(260_000)

    def test_a_buyer_without_programme_rights_meets_the_cap(self):
        """Who may buy but not look into the programme sees the room and the refusal."""
        order = self._create_order(40_001).with_user(self.users["buyer"])
        self.assertEqual(order.assist_cap_left, -1)
        with self.assertRaisesRegex(UserError, "exceeds the purchase cap"):
            order.button_confirm()
        order.order_line.price_unit = 40_000
        order.button_confirm()
        self.assert_used(300_000)
        self.assertEqual(self.cap.entry_ids[0].user_id, self.users["buyer"])

    def test_operators_buy_and_administrators_administer(self):
        operator, manager = self.users["operator"], self.users["manager"]
        self.assertTrue(operator.has_group("purchase.group_purchase_user"))
        self.assertFalse(operator.has_group("purchase.group_purchase_manager"))
        self.assertTrue(manager.has_group("purchase.group_purchase_manager"))

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_a_supplier_reads_its_own_orders_and_no_household(self):
        portal = self.users["portal"]
        self.assertEqual(
            self.env["purchase.order"].with_user(portal).search([]), self.order.with_user(portal)
        )
        cap = self.cap.with_user(portal)
        self.assertEqual((cap.amount, cap.committed, cap.remaining), (300_000, 260_000, 40_000))
        for model in ("union.assist.household", "union.assist.verification"):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].with_user(portal).search([])
        linkages = self.env["union.assist.linkage"].with_user(portal).search([])
        self.assertEqual(linkages.supplier_id.ids, portal.commercial_partner_id.ids)
        with self.assertRaises(AccessError):
            self.other_cap.with_user(portal).read(["amount"])
        with self.assertRaises(AccessError):
            self.cap.with_user(portal).policy_id.read(["name"])
