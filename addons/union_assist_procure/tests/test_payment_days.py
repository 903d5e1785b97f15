from datetime import date

from odoo import fields
from odoo.tests import freeze_time, tagged

from .settlement_common import SettlementCommon


@tagged("post_install", "-at_install", "union_assist")
class TestPaymentDays(SettlementCommon):
    def setUp(self):
        super().setUp()
        self.model = self.env["union.assist.payment.days"]

    def _rows(self):
        self.env.flush_all()
        self.model._refresh(self.company, self.supplier)
        return self.model.search([("supplier_id", "=", self.supplier.id)])

    def test_the_average_is_weighted_by_what_was_paid(self):
        order = self._order(100)
        self._receive_on(order, date(2026, 3, 1))
        bill = self._bill(order, date(2026, 3, 5), 60)
        self._pay(bill, date(2026, 3, 11), 100)
        self._pay(bill, date(2026, 3, 31), 300)
        rows = self._rows()
        self.assertEqual(
            sorted(rows.mapped(lambda row: (row.amount, row.days, row.is_paid)))[:2],
            [(100, 10, True), (300, 30, True)],
        )
        unpaid = rows.filtered(lambda row: not row.is_paid)
        self.assertEqual((unpaid.amount, unpaid.paid_on), (600, False))
        # (100 × 10 + 300 × 30) / 400; what is unpaid does not count.
        self.assertEqual(
            self.model._get_average(self.company, suppliers=self.supplier),
            {self.supplier: (25, 400)},
        )
        self.assertEqual(
            self.model._get_average(
                self.company, date(2026, 3, 1), date(2026, 3, 15), self.supplier
            ),
            {self.supplier: (10, 100)},
        )
        [[days]] = self.model._read_group([("id", "in", rows.ids)], [], ["days:avg"])
        self.assertEqual(days, 25)

    def test_goods_paid_in_advance_count_with_no_days(self):
        order = self._order(10)
        bill = self._bill(order, date(2026, 3, 1), 10)
        self._pay(bill, date(2026, 3, 1), 100)
        self._receive_on(order, date(2026, 3, 20))
        self.assertEqual(self._rows().mapped(lambda row: (row.days, row.is_paid)), [(0, True)])

    def test_unpaid_too_long(self):
        order = self._order(10)
        today = self.company._assist_today()
        for quantity, days in ((4, 61), (6, 60)):
            self._receive_on(order, fields.Date.subtract(today, days=days), quantity)
        rows = self._rows()
        overdue = rows.filtered("is_overdue")
        self.assertEqual(overdue.amount, 40)
        self.assertEqual(
            self.model.search([("id", "in", rows.ids), ("is_overdue", "=", True)]), overdue
        )
        self.assertEqual(
            self.model.search([("id", "in", rows.ids), ("is_overdue", "=", False)]),
            rows - overdue,
        )

    def test_the_overview_and_the_supplier_show_it(self):
        today = self.company._assist_today()
        order = self._order(10)
        self._receive_on(order, fields.Date.subtract(today, days=20))
        bill = self._bill(order, fields.Date.subtract(today, days=15), 10)
        self._pay(bill, fields.Date.subtract(today, days=12), 100)
        self.model.search([]).unlink()
        rows = self._rows()
        self.assertEqual(self.supplier.with_user(self.operator).assist_payment_days, 8)
        card = self.env.ref("union_assist_procure.card_payment_days").with_user(self.operator)
        self.assertEqual((card.count, card.value), (1, "8.0"))
        action = card.open_records()
        self.assertEqual(self.model.search(action["domain"]), rows)
        rows.unlink()
        card.invalidate_recordset()
        self.assertEqual(card.value, "–")
        late = self.env.ref("union_assist_procure.card_payment_overdue").with_user(self.operator)
        self.assertEqual(late.value, "0")

    def test_nightly(self):
        order = self._order(10)
        self._receive_on(order, date(2026, 3, 1))
        with freeze_time("2026-03-20 04:00:00"):
            self.model._cron_refresh()
        row = self.model.search([("supplier_id", "=", self.supplier.id)])
        self.assertEqual((row.days, row.amount, row.is_paid), (19, 100, False))
