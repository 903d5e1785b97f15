from datetime import date

from odoo.tests import BaseCase, tagged

from ..tools.settlement import Account, Agreement, Bill, Movement, Payment, share_out


def day(number):
    return date(2026, 3, number)


def receive(receipt, on, quantity):
    return [Movement(1, receipt, day(on), kind, quantity) for kind in ("received", "accepted")]


@tagged("post_install", "-at_install", "union_assist")
class TestSettlementTool(BaseCase):
    def replay(self, events, on=31, price=10.0):
        account = Account(price)
        figures, _pending, advance = account.replay(events, [day(on)])[day(on)]
        return account, figures, advance

    def test_what_was_accepted_first_is_billed_first(self):
        events = [
            *receive(7, 9, 50),
            *receive(5, 10, 50),
            Bill(1, 1, day(12), 70, 700),
            Payment(1, day(20), 600),
        ]
        account, figures, advance = self.replay(events)
        self.assertEqual((figures[7].billed, figures[7].paid, figures[7].open), (500, 500, 0))
        self.assertEqual((figures[5].billed, figures[5].paid, figures[5].open), (200, 100, 400))
        self.assertEqual(advance, 0)
        self.assertEqual(
            sorted(account.get_payments(), key=lambda row: (row[0], str(row[2]))),
            [
                (5, day(10), day(20), 100),
                (5, day(10), None, 400),
                (7, day(9), day(20), 500),
            ],
        )

    def test_each_payment_stays_with_its_bill(self):
        events = [
            *receive(5, 1, 10),
            *receive(7, 2, 10),
            Bill(1, 1, day(3), 10, 100),
            Bill(2, 1, day(4), 10, 100),
            Payment(2, day(5), 100),
        ]
        _account, figures, _advance = self.replay(events)
        self.assertEqual((figures[5].paid, figures[7].paid), (0, 100))

    def test_a_day_never_depends_on_what_comes_later(self):
        events = [
            *receive(5, 1, 30),
            Bill(1, 1, day(3), 40, 404),
            Payment(1, day(4), 404),
            *receive(7, 6, 20),
            Movement(1, 5, day(8), "returned", 5),
            Movement(1, 5, day(8), "accepted", -5),
            Bill(2, 1, day(9), -5, -50),
            Payment(2, day(9), -20),
            Agreement(7, day(12), 18.0, 11.0),
        ]
        together = Account(10.0).replay(events, [day(number) for number in range(1, 20)])
        for number in range(1, 20):
            past = [event for event in events if event.day <= day(number)]
            alone = Account(10.0).replay(past, [day(number)])
            self.assertEqual(alone[day(number)], together[day(number)])

    def test_nothing_is_lost(self):
        """Whatever happens, what was billed and paid is on receipts or in the surplus."""
        events = [
            *receive(5, 1, 3),
            Bill(1, 1, day(2), 7, 70.01),
            Payment(1, day(3), 33.33),
            *receive(7, 4, 2),
            Movement(1, 5, day(5), "accepted", -1),
            Payment(1, day(6), 36.68),
            Bill(2, 1, day(7), -4, -40.0),
            Payment(2, day(8), -40.0),
        ]
        account, figures, advance = self.replay(events)
        self.assertAlmostEqual(sum(f.paid for f in figures.values()) + advance, 30.01, 2)
        billed = sum(f.billed for f in figures.values()) + sum(s.amount for s in account.surplus)
        self.assertAlmostEqual(billed, 30.01, 2)
        for figure in figures.values():
            self.assertLessEqual(figure.billed_quantity, figure.accepted + 1e-6)

    def test_goods_paid_in_advance(self):
        events = [Bill(1, 1, day(1), 10, 100), Payment(1, day(2), 100), *receive(5, 9, 10)]
        account, figures, advance = self.replay(events)
        self.assertEqual((figures[5].paid, figures[5].open, advance), (100, 0, 0))
        self.assertEqual(account.get_payments(), [(5, day(9), day(2), 100)])
        self.assertEqual(self.replay(events, on=5)[2], 100)

    def test_pending_goods_are_owed_nothing(self):
        events = [
            Movement(1, 5, day(1), "received", 10),
            Movement(1, 5, day(1), "pending", 10),
            Movement(1, 5, day(9), "accepted", 8),
            Movement(1, 5, day(9), "rejected", 2),
            Movement(1, 5, day(9), "pending", -10),
        ]
        snapshots = Account(10.0).replay(events, [day(5), day(9)])
        self.assertEqual(snapshots[day(5)][0][5].open, 0)
        self.assertEqual(snapshots[day(5)][1][5], 10)
        self.assertEqual(snapshots[day(9)][0][5].open, 80)

    def test_shares_add_up(self):
        self.assertEqual(share_out(100, [1, 1, 1]), [33.33, 33.34, 33.33])
        self.assertEqual(share_out(70, [100, -30]), [100, -30])
        self.assertEqual(share_out(5, [0, 0]), [0, 0])
