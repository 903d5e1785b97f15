from datetime import datetime, timedelta

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common import CapCommon


@tagged("post_install", "-at_install", "union_assist")
class TestCapOrder(CapCommon):
    def test_at_the_cap_passes_and_a_cent_above_is_refused(self):
        self._create_order(260_000).button_confirm()
        self.assert_used(260_000)
        above = self._create_order(40_000.01)
        with self.assertRaises(UserError) as refusal:
            above.button_confirm()
        message = str(refusal.exception)
        for part in (
            above.name,
            self.supplier.name,
            str(self.today.year),
            "300,000.00",
            "150 verified persons",
            "260,000.00",
            "40,000.01",
            "0.01",
        ):
            self.assertIn(part, message)
        self.assertEqual(above.state, "draft")
        self._create_order(40_000).button_confirm()
        self.assert_used(300_000)
        self.assertEqual(self.cap.level, "full")
        self.assertEqual(self.cap.remaining, 0)

    def test_the_ledger_keeps_heads_and_user(self):
        order = self._create_order(1000)
        order.button_confirm()
        entry = order.assist_entry_ids
        self.assertRecordValues(
            entry,
            [
                {
                    "cap_id": self.cap.id,
                    "kind": "commit",
                    "amount": 1000,
                    "cap_amount": 300_000,
                    "persons": 150,
                    "households": 1,
                    "policy_id": self.policy.id,
                    "user_id": self.env.uid,
                }
            ],
        )
        self._lift(self.supplier, 10)
        self.assertEqual(entry.persons, 150, "as counted at the confirmation")
        self.assertEqual(self.cap.amount, 320_000)

    def test_a_supplier_without_kind_has_no_cap(self):
        partner = self.env["res.partner"].create({"name": "Stationery", "is_company": True})
        order = self._create_order(9_000_000, partner)
        self.assertFalse(order.assist_policy_id)
        order.button_confirm()
        self.assertEqual(order.state, "purchase")
        self.assertFalse(order.assist_entry_ids)

    def test_a_supplier_that_lifts_nobody_is_refused(self):
        newcomer = self._create_supplier("Newcomer")
        with self.assertRaises(UserError):
            self._create_order(0.01, newcomer).button_confirm()
        self.policy.min_amount = 5000
        self._create_order(5000, newcomer).button_confirm()
        self.assert_used(5000, self._get_cap(newcomer))

    def test_contacts_and_branches_use_the_cap_of_their_company(self):
        contact = self.env["res.partner"].create(
            {"name": "Contact", "parent_id": self.supplier.id, "type": "contact"}
        )
        self._create_order(200_000, contact).button_confirm()
        self.assert_used(200_000)
        with self.assertRaises(UserError):
            self._create_order(100_001).button_confirm()

    def test_the_form_shows_the_room_before_confirming(self):
        self._create_order(260_000).button_confirm()
        with Form(self._create_order(30_000)) as form:
            self.assertEqual(form.assist_cap_amount, 300_000)
            self.assertEqual(form.assist_cap_used, 260_000)
            self.assertEqual(form.assist_cap_order, 30_000)
            self.assertEqual(form.assist_cap_left, 10_000)
            self.assertFalse(form.assist_cap_exceeded)
            with form.order_line.edit(0) as line:
                line.price_unit = 50_000
            self.assertEqual(form.assist_cap_left, -10_000)
            self.assertTrue(form.assist_cap_exceeded)

    def test_approval_commits_and_waiting_does_not(self):
        self.company.write({"po_double_validation": "two_step", "po_double_validation_amount": 1})
        buyer = self.env["res.users"].create(
            {
                "name": "Buyer",
                "login": "cap_buyer",
                "group_ids": [
                    Command.set(
                        [
                            self.env.ref("purchase.group_purchase_user").id,
                            self.env.ref("union_assist_catalog.group_user").id,
                        ]
                    )
                ],
            }
        )
        first, second = self._create_order(200_000), self._create_order(200_000)
        (first | second).with_user(buyer).button_confirm()
        self.assertEqual((first | second).mapped("state"), ["to approve"] * 2)
        self.assert_used(0)
        first.button_approve()
        self.assert_used(200_000)
        with self.assertRaises(UserError):
            second.button_approve()
        self.assertEqual(second.state, "to approve")
        self.assert_used(200_000)

    def test_several_orders_confirmed_at_once(self):
        orders = self._create_order(150_000) | self._create_order(150_000.5)
        with self.assertRaises(UserError):
            orders.button_confirm()
        self.assert_used(0)
        with self.assertRaises(UserError):
            orders.write({"state": "purchase"})
        self.assert_used(0)

    def test_cancel_gives_room_back(self):
        order = self._create_order(300_000)
        order.button_confirm()
        order.button_cancel()
        self.assert_used(0)
        self.assertEqual(order.assist_entry_ids.mapped("kind"), ["release", "commit"])
        order.button_draft()
        order.button_confirm()
        self.assert_used(300_000)

    def test_an_order_of_the_ledger_is_not_deleted(self):
        order = self._create_order(100)
        order.button_confirm()
        order.button_cancel()
        with self.assertRaisesRegex(UserError, "ledger"):
            order.unlink()

    def test_reductions_pass_even_above_the_cap(self):
        order = self._create_order(300_000, quantity=100)
        order.button_confirm()
        self.env["union.assist.linkage"].search(
            [("supplier_id", "=", self.supplier.id)]
        ).action_revoke()
        self.assertEqual((self.cap.amount, self.cap.level), (0, "over"))
        order.order_line.product_qty = 50
        self.assert_used(150_000)
        with self.assertRaises(UserError):
            order.order_line.product_qty = 51
        self.assertEqual(order.state, "purchase")

    def test_the_year_is_the_one_of_confirmation(self):
        order = self._create_order(300_000)
        order.button_confirm()
        self.policy.date_from = self.year_start - timedelta(days=365)
        last_year = datetime.combine(self.year_start, datetime.min.time()) - timedelta(days=30)
        # Nobody was verified yet a year ago: the order may not move there.
        with self.assertRaises(UserError):
            order.date_approve = last_year
        self.env["union.assist.linkage"].search(
            [("supplier_id", "=", self.supplier.id)]
        ).date_from = last_year.date()
        self.env["union.assist.linkage"].search([("supplier_id", "=", self.supplier.id)]).write(
            {"state": "verified"}
        )
        order.date_approve = last_year
        self.assert_used(0)
        self.assertEqual(sum(order.assist_entry_ids.mapped("amount")), 300_000)
        self.assertEqual(order.assist_entry_ids.cap_id[0].date_to.year, self.today.year - 1)

    def test_another_supplier_on_a_confirmed_order_moves_the_commitment(self):
        other = self._create_supplier("Oil Company", persons=10)
        order = self._create_order(20_000)
        order.button_confirm()
        order.partner_id = other
        self.assert_used(0)
        self.assert_used(20_000, self._get_cap(other))
        order.partner_id = self.env["res.partner"].create({"name": "Stationery"})
        self.assert_used(0, self._get_cap(other))

    def test_currency(self):
        currency = self.env["res.currency"].create(
            {
                "name": "UAT",
                "symbol": "T",
                "rate_ids": [Command.create({"name": self.year_start, "rate": 0.125})],
            }
        )
        order = self._create_order(37_500, currency_id=currency.id)
        self.assertEqual(order.assist_cap_order, 300_000)
        order.button_confirm()
        self.assert_used(300_000)
        with self.assertRaises(UserError):
            self._create_order(0.01, currency_id=currency.id).button_confirm()

    def test_taxes(self):
        tax = self._create_tax(9)
        order = self._create_order(100_000)
        order.order_line.tax_ids = tax
        order.button_confirm()
        self.assert_used(109_000)
        self.policy.tax_included = False
        self.assert_used(100_000)
        order.order_line.tax_ids = False
        self.assert_used(100_000)

    def test_companies_have_caps_of_their_own(self):
        other = self.env["res.company"].create({"name": "Other Company"})
        self.env.user.company_ids |= other
        receipts = self.env["stock.picking.type"].search(
            [("code", "=", "incoming"), ("company_id", "=", other.id)], limit=1
        )
        order = self._create_order(900_000, company_id=other.id, picking_type_id=receipts.id)
        self.assertFalse(order.assist_policy_id, "the other company has no policy")
        order.button_confirm()
        self.assert_used(0)
        self._create_policy(company_id=other.id, amount=6000)
        self.assertEqual(self._get_cap(self.supplier, other).amount, 900_000)
        self.assert_used(900_000, self._get_cap(self.supplier, other))

    def test_orders_of_before_the_policy_are_taken_up_and_not_refused(self):
        self.policy.active = False
        before = self._create_order(400_000, quantity=4)
        before.button_confirm()
        self.assertFalse(before.assist_entry_ids)
        self.policy.active = True
        self.assert_used(400_000)
        self.assertEqual(self.cap.level, "over")
        self._receive(before)
        self.assert_used(400_000)
        with self.assertRaises(UserError):
            self._create_order(1).button_confirm()

    def test_a_supplier_that_joins_brings_its_orders(self):
        partner = self.env["res.partner"].create({"name": "Joins", "is_company": True})
        self._create_order(7000, partner).button_confirm()
        partner.assist_supplier_kind = "cooperative"
        self.assert_used(7000, self._get_cap(partner))
        partner.assist_supplier_kind = False
        self.assert_used(0, self._get_cap(partner))

    def test_same_number_of_queries_for_5_and_50_orders(self):
        orders = self.env["purchase.order"].browse()
        for index in range(50):
            orders |= self._create_order(100, self._create_supplier(f"S{index}", persons=1))
        for confirmed in (False, True):
            if confirmed:
                orders.button_confirm()
            with self.subTest(confirmed=confirmed):
                for function in (
                    lambda some: some.mapped("assist_cap_left"),
                    lambda some: some._assist_sync_commitment(),
                ):
                    self.assert_same_queries(
                        self._count_queries(function, orders[:5]),
                        self._count_queries(function, orders),
                    )
