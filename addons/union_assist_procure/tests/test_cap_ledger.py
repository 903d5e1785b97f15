import psycopg2

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CapCommon


@tagged("post_install", "-at_install", "union_assist")
class TestCapLedger(CapCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._create_order(260_000, quantity=100)
        cls.order.button_confirm()
        cls.line = cls.order.order_line

    def _get_last(self):
        entry = self.order.assist_entry_ids.sorted("id")[-1]
        return entry.kind, entry.reason, entry.amount

    @mute_logger("odoo.sql_db")
    def test_sql_changes_neither_ledger_nor_counter(self):
        entry = self.order.assist_entry_ids
        for query in (
            "UPDATE union_assist_cap_entry SET amount = 1 WHERE id = %(entry)s",
            "UPDATE union_assist_cap_entry SET kind = 'recount' WHERE id = %(entry)s",
            "DELETE FROM union_assist_cap_entry WHERE id = %(entry)s",
            "TRUNCATE union_assist_cap_entry CASCADE",
            "UPDATE union_assist_cap SET committed = 0 WHERE id = %(cap)s",
            "UPDATE union_assist_cap SET committed = committed - 0.01 WHERE id = %(cap)s",
        ):
            with (
                self.subTest(query=query),
                self.assertRaises(psycopg2.IntegrityError),
                self.cr.savepoint(),
            ):
                self.cr.execute(query, {"entry": entry.id, "cap": self.cap.id})
        self.assert_used(260_000)

    def test_sql_that_adds_an_entry_moves_the_counter(self):
        self.cr.execute(
            """
            INSERT INTO union_assist_cap_entry (cap_id, order_id, kind, amount, user_id, date)
            VALUES (%s, %s, 'correction', 5, %s, now())
            """,
            [self.cap.id, self.order.id, self.env.uid],
        )
        self.assert_used(260_005)

    @mute_logger("odoo.sql_db")
    def test_signs(self):
        for kind, amount in (("commit", -1), ("release", 1), ("override", 0), ("correction", 0)):
            with (
                self.subTest(kind=kind),
                self.assertRaises(psycopg2.errors.CheckViolation),
                self.cr.savepoint(),
            ):
                self.env["union.assist.cap.entry"].create(
                    {
                        "cap_id": self.cap.id,
                        "order_id": self.order.id,
                        "kind": kind,
                        "amount": amount,
                    }
                )

    def test_reasons(self):
        self.assertEqual(self._get_last(), ("commit", "confirm", 260_000))
        self.line.price_unit = 2500
        self.assertEqual(self._get_last(), ("release", "reduction", -10_000))
        self.line.price_unit = 2600
        self.assertEqual(self._get_last(), ("commit", "increase", 10_000))
        receipt = self._receive(self.order, 110)
        self.assertEqual(self._get_last(), ("commit", "receipt", 26_000))
        self._return(receipt, 30)
        self.assertEqual(self._get_last()[:2], ("release", "return"))
        other = self._create_supplier("Oil Company", persons=200)
        self.order.partner_id = other
        moved = self.order.assist_entry_ids.sorted("id")[-2:]
        self.assertEqual(moved.mapped("reason"), ["supplier"] * 2)
        self.policy.active = False
        self.assertEqual(self._get_last()[:2], ("recount", "policy"))
        self.policy.write({"active": True, "supplier_kind": "sme"})
        other.assist_supplier_kind = "cooperative"
        self.assertEqual(self._get_last()[:2], ("recount", "kind"))

    def test_cancel(self):
        self.order.button_cancel()
        self.assertEqual(self._get_last(), ("release", "cancel", -260_000))

    def test_closing_the_remainder(self):
        self._receive(self.order, 60)
        backorder = self.order.picking_ids.filtered(lambda picking: picking.state == "assigned")
        backorder.action_cancel()
        self.assert_used(260_000)  # core leaves the order as it was
        self.order.action_close_remainder()
        self.assertEqual((self.line.product_qty, self.line.price_unit), (60, 2600))
        self.assertEqual(self._get_last(), ("release", "remainder", -104_000))
        self.assert_used(156_000)
        with self.assertRaisesRegex(UserError, "Nothing is left"):
            self.order.action_close_remainder()

    def test_closing_the_remainder_cancels_what_is_to_come(self):
        receipt = self._receive(self.order, 60)
        self._return(receipt, 10)
        second = self.env["purchase.order.line"].create(
            {
                "order_id": self.order.id,
                "product_id": self.product.id,
                "product_qty": 5,
                "price_unit": 100,
                "tax_ids": False,
            }
        )
        self.order.action_close_remainder()
        self.assertEqual(self.order.order_line.mapped("product_qty"), [50, 0])
        self.assertEqual(second.price_unit, 100)
        self.assertFalse(
            self.order.picking_ids.filtered(lambda picking: picking.state not in ("done", "cancel"))
        )
        self.assert_used(130_000)
        self.assertEqual(self.order.receipt_status, "full")

    def test_no_remainder_of_what_is_not_confirmed_or_locked(self):
        with self.assertRaises(UserError):
            self._create_order(100).action_close_remainder()
        self.order.button_lock()
        with self.assertRaises(UserError):
            self.order.action_close_remainder()

    def test_received_and_invoiced(self):
        self.assertEqual((self.cap.received, self.cap.invoiced), (0, 0))
        receipt = self._receive(self.order, 60)
        self.env.invalidate_all()
        self.assertEqual(self.cap.received, 156_000)
        self._return(receipt, 10)
        self.env.invalidate_all()
        self.assertEqual(self.cap.received, 130_000)
        bill = self.env["account.move"].browse(self.order.action_create_invoice()["res_id"])
        bill.invoice_date = self.today
        quantity = bill.invoice_line_ids.quantity
        self.assertEqual(self.cap.invoiced, 0, "a draft is no bill yet")
        bill.action_post()
        self.env.invalidate_all()
        self.assertEqual(self.cap.invoiced, quantity * 2600)

    def test_received_and_invoiced_with_and_without_tax(self):
        tax = self._create_tax(10)
        order = self._create_order(1000)
        order.order_line.tax_ids = tax
        order.button_confirm()
        self._receive(order)
        bill = self.env["account.move"].browse(order.action_create_invoice()["res_id"])
        bill.invoice_date = self.today
        bill.action_post()
        self.env.invalidate_all()
        self.assertEqual((self.cap.received, self.cap.invoiced), (1100, 1100))
        self.policy.tax_included = False
        self.env.invalidate_all()
        self.assertEqual((self.cap.received, self.cap.invoiced), (1000, 1000))

    def test_received_counts_by_goods_and_currency(self):
        category = self.env["product.category"].create({"name": "Tea"})
        tea = self.env["product.product"].create(
            {
                "name": "Green Tea",
                "is_storable": True,
                "categ_id": category.id,
                "supplier_taxes_id": False,
            }
        )
        self._create_policy(category_ids=[Command.set(category.ids)])
        currency = self.env["res.currency"].create(
            {
                "name": "UAT",
                "symbol": "T",
                "rate_ids": [Command.create({"name": self.year_start, "rate": 0.5})],
            }
        )
        order = self.env["purchase.order"].create(
            {
                "partner_id": self.supplier.id,
                "currency_id": currency.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "product_qty": 10,
                            "price_unit": price,
                            "tax_ids": False,
                        }
                    )
                    for product, price in ((tea, 100), (self.product, 30))
                ],
            }
        )
        order.button_confirm()
        self._receive(order)
        self.env.invalidate_all()
        caps = order.assist_entry_ids.cap_id.sorted("scope")
        self.assertEqual(caps.mapped("received"), [600, 2000])

    def test_same_number_of_queries_for_5_and_50_caps(self):
        suppliers = self.env["res.partner"].create(
            [
                {"name": f"S{index}", "is_company": True, "assist_supplier_kind": "sme"}
                for index in range(50)
            ]
        )
        caps = self.env["union.assist.cap"].search([("supplier_id", "in", suppliers.ids)])
        for field in ("received", "display_name", "goods"):
            with self.subTest(field=field):
                self.assert_same_queries(
                    self._count_queries(lambda some, field=field: some.mapped(field), caps[:5]),
                    self._count_queries(lambda some, field=field: some.mapped(field), caps),
                )

    def test_heads_that_fall_away_break_nothing(self):
        self.assertFalse(self.supplier.assist_cap_over)
        self.env["union.assist.linkage"].search(
            [("supplier_id", "=", self.supplier.id)]
        ).action_revoke()
        self.assertEqual((self.cap.level, self.cap.remaining), ("over", -260_000))
        self.assertTrue(self.supplier.assist_cap_over)
        partners = self.env["res.partner"]
        self.assertIn(self.supplier, partners.search([("assist_cap_over", "=", True)]))
        self.assertNotIn(self.supplier, partners.search([("assist_cap_over", "=", False)]))
        with self.assertRaisesRegex(UserError, "exceeds"):
            self._create_order(0.01).button_confirm()
        self._receive(self.order)
        self.assertEqual(self.order.state, "purchase")
        self.assert_used(260_000)
