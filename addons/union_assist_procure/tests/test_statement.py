from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .settlement_common import MONTH, SettlementCommon

APRIL = date(2026, 4, 1)


@tagged("post_install", "-at_install", "union_assist")
class TestStatement(SettlementCommon):
    def test_partial_receipts_and_returns(self):
        order = self._order(100)
        first = self._receive_on(order, date(2026, 3, 5), 60)
        self._receive_on(order, date(2026, 3, 20), 30)
        self._return_on(first, date(2026, 3, 25), 10)
        statement = self._generate()
        self.assertEqual(len(statement.line_ids), 2)
        early, late = statement.line_ids.sorted("date")
        self.assert_line(early, received=60, returned=10, accepted=50, amount=500, open=500)
        self.assert_line(late, received=30, returned=0, accepted=30, amount=300, open=300)
        self.assertEqual(early.date, date(2026, 3, 5))
        self.assertEqual(early.picking_id, first)
        self.assertEqual((early.age, late.age), (26, 11))
        self.assertEqual(sum(statement.line_ids.mapped("accepted")), order.order_line.qty_received)
        self.assert_line(statement, opening=0, amount=800, paid=0, closing=800)
        self.assert_adds_up(statement)
        self.assert_ledger(statement)

    def test_exchanged_goods_change_nothing(self):
        order = self._order(100)
        picking = self._receive_on(order, date(2026, 3, 5))
        self._return_on(picking, date(2026, 3, 10), 20, to_refund=False)
        statement = self._generate()
        self.assert_line(statement.line_ids, received=100, returned=0, accepted=100)
        self.assertEqual(order.order_line.qty_received, 100)

    def test_the_day_is_the_company_s(self):
        order = self._order(10)
        picking = self._receive_on(order, date(2026, 3, 31))
        picking.move_ids.date = "2026-03-31 17:00:00"  # 1 April in China
        self.assertFalse(self._generate())
        self.assert_line(self._generate(APRIL), amount=100, closing=100)

    def test_bills_and_partial_payments(self):
        order = self._order(100)
        self._receive_on(order, date(2026, 3, 5), 40)
        self._receive_on(order, date(2026, 3, 15), 60)
        bill = self._bill(order, date(2026, 3, 20), 70)
        self._pay(bill, date(2026, 3, 25), 450)
        self._pay(bill, date(2026, 4, 10), 250)
        march = self._generate()
        early, late = march.line_ids.sorted("date")
        self.assert_line(early, billed=400, paid=400, open=0, age=0)
        self.assert_line(late, billed_quantity=30, billed=300, paid=50, open=550)
        self.assert_line(march, amount=1000, billed=700, paid=450, closing=550, advance=0)
        self.assert_adds_up(march)
        self.assert_ledger(march)
        april = self._generate(APRIL)
        self.assert_line(april.line_ids, opening=550, amount=0, paid=250, open=300)
        self.assertEqual(april.line_ids.kind, "carried")
        self.assert_line(april, opening=550, amount=0, paid=250, closing=300)
        self.assert_adds_up(april)
        self.assert_ledger(april)

    def test_a_price_changed_after_the_bill(self):
        order = self._order(100)
        self._receive_on(order, date(2026, 3, 5))
        self._bill(order, date(2026, 3, 10), 100, price=10.5)
        statement = self._generate()
        self.assert_line(statement, amount=1000, price_difference=50, billed=1050, closing=1050)
        order.order_line.price_unit = 10.5
        statement = self._generate()
        self.assert_line(statement, amount=1050, price_difference=0, billed=1050, closing=1050)
        self.assert_ledger(statement)

    def test_refunds(self):
        order = self._order(100)
        picking = self._receive_on(order, date(2026, 3, 5))
        bill = self._bill(order, date(2026, 3, 10), 100)
        self._pay(bill, date(2026, 3, 12), 1000)
        self._return_on(picking, date(2026, 3, 20), 20)
        statement = self._generate()
        self.assert_line(statement, amount=800, paid=1000, open=0, advance=200, closing=-200)
        self._bill(order, date(2026, 3, 22), 20, kind="in_refund")
        statement = self._generate()
        self.assert_line(statement.line_ids, billed=800, paid=800, open=0)
        self.assert_line(statement, billed=800, advance=200, closing=-200)
        self.assert_adds_up(statement)
        self.assert_ledger(statement)

    def test_taxes(self):
        order = self._order(3, 33.33, taxes=self._create_tax(13))
        self._receive_on(order, date(2026, 3, 5))
        statement = self._generate()
        self.assert_line(statement, amount=112.99, closing=112.99)
        bill = self._bill(order, date(2026, 3, 10), 3)
        self._pay(bill, date(2026, 3, 11), bill.amount_total)
        statement = self._generate()
        self.assert_line(statement, billed=bill.amount_total, closing=0)
        self.assert_adds_up(statement)
        self.assert_ledger(statement)

    def test_advances(self):
        order = self._order(100)
        self._pay_advance(date(2026, 2, 20), 300)
        payment = self._pay_advance(date(2026, 3, 2), 200)
        self._receive_on(order, date(2026, 3, 5))
        march = self._generate()
        self.assert_line(
            march, opening=-300, amount=1000, paid=200, open=1000, advance=500, closing=500
        )
        bill = self._bill(order, date(2026, 4, 3), 100)
        payable = (bill | payment.move_id).line_ids.filtered(
            lambda line: line.account_id.account_type == "liability_payable"
        )
        payable.reconcile()
        april = self._generate(APRIL)
        self.assert_line(april, opening=500, paid=0, open=800, advance=300, closing=500)
        for statement in march | april:
            self.assert_adds_up(statement)
            self.assert_ledger(statement)

    def test_paid_before_it_came(self):
        """What is billed and paid without goods is an advance, until they are accepted."""
        order = self._order(100)
        bill = self._bill(order, date(2026, 3, 2), 100)
        self._pay(bill, date(2026, 3, 3), 1000)
        march = self._generate()
        self.assertFalse(march.line_ids)
        self.assert_line(march, paid=1000, advance=1000, closing=-1000)
        self._receive_on(order, date(2026, 4, 2), 60)
        april = self._generate(APRIL)
        self.assert_line(april.line_ids, accepted=60, billed=600, paid=600, open=0)
        self.assert_line(april, opening=-1000, amount=600, paid=0, advance=400, closing=-400)
        self.assert_ledger(april)
        self.assert_adds_up(april)

    def test_currencies_have_their_own_statements(self):
        other = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.125)])
        self.assertNotEqual(other, self.company.currency_id)
        for currency in (self.company.currency_id, other):
            order = self._order(10, currency_id=currency.id)
            self._receive_on(order, date(2026, 3, 5))
            bill = self._bill(order, date(2026, 3, 6), 10)
            self._pay(bill, date(2026, 3, 7), 40)
        statements = self._generate()
        self.assertEqual(statements.currency_id, self.company.currency_id | other)
        for statement in statements:
            self.assert_line(statement, amount=100, paid=40, closing=60)
            self.assert_adds_up(statement)
            self.assert_ledger(statement)

    def test_companies_have_their_own_statements(self):
        other = self.env["res.company"].create(
            {"name": "Second Company", "country_id": self.env.ref("base.cn").id}
        )
        self._receive_on(self._order(10), date(2026, 3, 5))
        warehouse = self.env["stock.warehouse"].search([("company_id", "=", other.id)], limit=1)
        order = self._order(
            20,
            company_id=other.id,
            picking_type_id=warehouse.in_type_id.id,
            currency_id=other.currency_id.id,
        )
        self._receive_on(order, date(2026, 3, 6))
        self.assert_line(self._generate(), amount=100)
        theirs = self._generate(company=other)
        self.assert_line(theirs, amount=200)
        self.assertEqual(theirs.company_id, other)
        self.assertFalse(
            self.env["union.assist.statement"]
            .with_user(self.operator)
            .search([("company_id", "=", other.id)])
        )

    def test_units(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        order = self._order(12)
        order.order_line.write({"product_uom_id": dozen.id, "product_qty": 5, "price_unit": 120})
        self._receive_on(order, date(2026, 3, 5))
        statement = self._generate()
        self.assertEqual(statement.line_ids.product_uom_id, dozen)
        self.assert_line(statement.line_ids, accepted=order.order_line.qty_received)
        self.assert_ledger(statement)

    # --------------------------------------------------
    # Drafts, freezing and what comes after
    # --------------------------------------------------

    def test_a_draft_follows_and_a_sent_one_does_not(self):
        order = self._order(100)
        picking = self._receive_on(order, date(2026, 3, 5), 60)
        statement = self._generate()
        self._receive_on(order, date(2026, 3, 6), 20)
        self.assertEqual(self._generate(), statement)
        self.assert_line(statement, amount=800)
        statement.with_user(self.operator).action_send()
        self.assertEqual(statement.state, "sent")
        self._return_on(picking, date(2026, 3, 28), 10)
        self.assertFalse(self._generate())
        self.assert_line(statement, amount=800, closing=800)
        april = self._generate(APRIL)
        correction = april.line_ids.filtered(lambda line: line.kind == "adjustment")
        self.assert_line(correction, opening=600, returned=10, accepted=-10, amount=-100, open=500)
        self.assert_line(april, opening=800, amount=-100, closing=700)
        self.assert_adds_up(april)
        self.assert_ledger(april)
        may = self._generate(date(2026, 5, 1))
        self.assertFalse(may.line_ids.filtered(lambda line: line.kind == "adjustment"))
        self.assert_line(may, opening=700, closing=700)

    def test_the_last_day_decides_what_is_sent(self):
        order = self._order(100)
        self._receive_on(order, date(2026, 3, 5), 60)
        statement = self._generate()
        self._receive_on(order, date(2026, 3, 6), 20)
        statement.with_user(self.operator).action_send()
        self.assert_line(statement, amount=800)

    def test_history_before_the_first_statement_is_its_opening(self):
        order = self._order(100)
        self._receive_on(order, date(2026, 1, 5), 50)
        bill = self._bill(order, date(2026, 1, 10), 50)
        self._pay(bill, date(2026, 1, 20), 200)
        self._receive_on(order, date(2026, 3, 5), 10)
        statement = self._generate()
        self.assert_line(statement, opening=300, amount=100, closing=400)
        kinds = dict(statement.line_ids.mapped(lambda line: (line.kind, line.open)))
        self.assertEqual(kinds, {"carried": 300, "movement": 100})
        self.assert_ledger(statement)

    def test_steps_in_order(self):
        order = self._order(100)
        self._receive_on(order, date(2026, 3, 5), 10)
        march = self._generate().with_user(self.operator)
        self._receive_on(order, date(2026, 4, 5), 10)
        april = self._generate(APRIL).with_user(self.operator)
        with self.assertRaisesRegex(UserError, march.name):
            april.action_send()
        with freeze_time("2026-03-20"), self.assertRaisesRegex(UserError, "when the month is over"):
            march.action_send()
        (march | april).action_send()
        self.assertEqual(set((march | april).mapped("state")), {"sent"})
        with self.assertRaisesRegex(UserError, "does not apply"):
            march.action_send()
        with self.assertRaisesRegex(UserError, "does not apply"):
            march.action_refresh()
        with self.assertRaisesRegex(UserError, "does not apply"):
            march.unlink()
        with self.assertRaises(AccessError):
            march.write({"closing": 0})
        march.write({"note": "Thank you"})
        with self.assertRaises(AccessError):
            march.line_ids.write({"accepted": 5})
        with self.assertRaises(UserError):
            march.sudo().line_ids.unlink()

    def test_the_supplier_is_told(self):
        self._receive_on(self._order(10), date(2026, 3, 5))
        statement = self._generate()
        statement.with_user(self.operator).action_send()
        mail = self.env["mail.mail"].search([("subject", "ilike", statement.name)])
        self.assertEqual(mail.recipient_ids, self.supplier)
        self.assertEqual(mail.attachment_ids.mimetype, "application/pdf")

    def test_the_cron_makes_last_month(self):
        self._receive_on(self._order(10), date(2026, 3, 5))
        with freeze_time("2026-04-02 04:00:00"):
            self.env["union.assist.statement"]._cron_generate()
        statement = self.env["union.assist.statement"].search(
            [("supplier_id", "=", self.supplier.id)]
        )
        self.assertEqual(statement.date_from, MONTH)
        self.assertEqual(statement.state, "draft")
        self.assertRegex(statement.name, r"^DZ\d{9}$")
        with freeze_time("2026-04-03 04:00:00"):
            self.env["union.assist.statement"]._cron_generate()
        self.assertEqual(
            self.env["union.assist.statement"].search_count(
                [("supplier_id", "=", self.supplier.id)]
            ),
            1,
        )

    def test_who_is_no_supplier_gets_none(self):
        vendor = self.env["res.partner"].create({"name": "Vendor", "is_company": True})
        self._receive_on(self._order(10, supplier=vendor), date(2026, 3, 5))
        self.env["union.assist.statement"]._generate(self.company, MONTH)
        self.assertFalse(
            self.env["union.assist.statement"].search([("supplier_id", "=", vendor.id)])
        )

    def test_the_dialog(self):
        self._receive_on(self._order(10), date(2026, 3, 5))
        dialog = (
            self.env["union.assist.statement.generate"]
            .with_user(self.operator)
            .create({"month": "2026-03-17", "supplier_ids": [Command.set(self.supplier.ids)]})
        )
        action = dialog.action_generate()
        statement = self.env["union.assist.statement"].search(action["domain"])
        self.assertEqual(statement.supplier_id, self.supplier)
        self.assertEqual(statement.date_from, MONTH)
        dialog.month = "2026-01-01"
        with self.assertRaisesRegex(UserError, "nothing to draft"):
            dialog.action_generate()

    def test_as_many_queries_for_many_suppliers(self):
        suppliers = self.env["res.partner"]
        for index in range(50):
            suppliers |= self._create_supplier(f"Supplier {index}")
        for supplier in suppliers:
            order = self._order(10, supplier=supplier)
            self._receive_on(order, date(2026, 3, 5))
            self._bill(order, date(2026, 3, 6), 10)
        self._pay(self._bill(order, date(2026, 3, 6), 1), date(2026, 3, 8), 10)
        model = self.env["union.assist.statement"]

        def measure(some):
            return self._count_queries(
                lambda partners: model._generate(self.company, MONTH, partners), some
            )

        few = measure(suppliers[-5:])
        self.assert_same_queries(few, measure(suppliers))


@tagged("post_install", "-at_install", "union_assist")
class TestProposedBills(SettlementCommon):
    def _agreed(self, statement):
        statement.with_user(self.operator).action_send()
        statement._confirm()
        return statement.with_user(self.operator)

    def test_accepted_and_not_billed_alone(self):
        order = self._order(100)
        first = self._receive_on(order, date(2026, 3, 5), 60)
        self._receive_on(order, date(2026, 4, 5), 20)
        self._return_on(first, date(2026, 3, 20), 5)
        self._bill(order, date(2026, 3, 25), 15)
        statement = self._generate().with_user(self.operator)
        with self.assertRaisesRegex(UserError, "does not apply"):
            statement.action_propose_bills()
        self._agreed(statement)
        action = statement.action_propose_bills()
        bill = statement.sudo().bill_ids
        self.assertEqual(action["tag"], "display_notification")
        self.assertEqual((bill.state, bill.move_type), ("draft", "in_invoice"))
        self.assertEqual(bill.partner_id, self.supplier)
        self.assertEqual(bill.invoice_line_ids.quantity, 40)
        self.assertEqual(bill.invoice_line_ids.purchase_line_id, order.order_line)
        self.assertEqual(bill.amount_total, 400)
        self.assertEqual(bill.invoice_origin, order.name)
        self.assertEqual(statement.bill_count, 1)
        with self.assertRaisesRegex(UserError, "billed already"):
            statement.action_propose_bills()

    def test_goods_that_went_back_since_are_not_billed(self):
        order = self._order(100)
        picking = self._receive_on(order, date(2026, 3, 5))
        statement = self._agreed(self._generate())
        self._return_on(picking, date(2026, 4, 2), 30)
        statement.action_propose_bills()
        self.assertEqual(statement.sudo().bill_ids.invoice_line_ids.quantity, 70)

    def test_ordered_quantities_are_not_billed(self):
        """Core would bill all that is ordered: this product is billed by order."""
        self.assertEqual(self.product.purchase_method, "purchase")
        order = self._order(100)
        self._receive_on(order, date(2026, 3, 5), 10)
        self.assertEqual(order.order_line.qty_to_invoice, 100)
        statement = self._agreed(self._generate())
        statement.action_propose_bills()
        self.assertEqual(statement.sudo().bill_ids.invoice_line_ids.quantity, 10)

    def test_orders_of_a_statement_go_on_one_bill(self):
        tax = self._create_tax(9)
        orders = self._order(10, taxes=tax) | self._order(20, 5)
        for order in orders:
            self._receive_on(order, date(2026, 3, 5))
        statement = self._agreed(self._generate())
        statement.action_propose_bills()
        bill = statement.sudo().bill_ids
        self.assertEqual(len(bill), 1)
        self.assertAlmostEqual(bill.amount_total, 109 + 100, 2)
        self.assertAlmostEqual(bill.amount_total, statement.amount, 2)

    def test_viewers_propose_none(self):
        self._receive_on(self._order(10), date(2026, 3, 5))
        statement = self._agreed(self._generate())
        with self.assertRaises(AccessError):
            statement.with_user(
                self.env.ref("base.user_admin").copy(
                    {
                        "login": "v",
                        "group_ids": [
                            Command.set(self.env.ref("union_assist_catalog.group_user").ids)
                        ],
                    }
                )
            ).action_propose_bills()
