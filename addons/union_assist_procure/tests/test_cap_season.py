from datetime import timedelta

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import CapCommon


@tagged("post_install", "-at_install", "union_assist")
class TestCapSeason(CapCommon):
    """Caps by season; the running one began twenty days ago."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["union.assist.season"].search([]).active = False
        cls.season = cls.env["union.assist.season"].create(
            {
                "name": "Autumn",
                "date_from": cls.today - timedelta(days=20),
                "date_to": cls.today + timedelta(days=20),
            }
        )
        # Of a kind of its own, so that orders of other suppliers need no season.
        cls.supplier.assist_supplier_kind = "family_farm"
        cls.policy.write(
            {
                "supplier_kind": "family_farm",
                "period": "season",
                "date_from": cls.today - timedelta(days=400),
            }
        )
        cls.env["union.assist.linkage"].search([("supplier_id", "=", cls.supplier.id)]).write(
            {"date_from": cls.today - timedelta(days=400)}
        )
        cls.env["union.assist.linkage"].search([("supplier_id", "=", cls.supplier.id)]).write(
            {"state": "verified"}
        )
        cls.cap = cls._get_season_cap(cls.season)

    @classmethod
    def _get_season_cap(cls, season):
        return cls.env["union.assist.cap"].search(
            [
                ("supplier_id", "=", cls.supplier.id),
                ("date_from", "=", season.date_from),
                ("date_to", "=", season.date_to),
            ]
        )

    def _add_last_season(self):
        return self.env["union.assist.season"].create(
            {
                "name": "Summer",
                "date_from": self.today - timedelta(days=90),
                "date_to": self.today - timedelta(days=21),
            }
        )

    def test_the_cap_opens_with_the_season(self):
        self.assertEqual((self.cap.amount, self.cap.period_name), (300_000, "Autumn"))
        self.assertIn("Autumn", self.cap.display_name)
        self._create_order(300_000).button_confirm()
        self.assert_used(300_000)
        with self.assertRaisesRegex(UserError, "for Autumn"):
            self._create_order(0.01).button_confirm()
        self.assertEqual(self.supplier.assist_cap_left, 0)

    def test_nothing_is_bought_on_a_day_that_no_season_covers(self):
        draft = self._create_order(100)
        confirmed = self._create_order(1000, quantity=10)
        confirmed.button_confirm()
        with self.assertRaisesRegex(ValidationError, "would be in none"), self.cr.savepoint():
            self.season.active = False
        with self.assertRaisesRegex(ValidationError, confirmed.name), self.cr.savepoint():
            self.season.date_to = self.today - timedelta(days=1)
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self.season.unlink()
        self.assert_used(1000)
        confirmed.button_cancel()
        self.season.active = False
        with self.assertRaisesRegex(UserError, "no season of .* covers"), self.cr.savepoint():
            draft.button_confirm()
        self.assertEqual((draft.state, draft.assist_cap_exceeded), ("draft", True))
        self.assertEqual(draft.assist_cap_action, "block")
        pair = (self.supplier, self.product)
        cap = self.env["union.assist.cap"]._get_for_products([pair], self.company, self.today)[pair]
        self.assertTrue(cap)
        self.assertEqual((cap.amount, cap.remaining), (0, 0))
        self.season.active = True
        draft.button_confirm()
        self.assert_used(100)

    def test_no_season_refuses_whatever_the_policy_does_above_the_cap(self):
        self.season.active = False
        for action in ("warn", "approve"):
            self.policy.action = action
            with self.assertRaisesRegex(UserError, "no season"), self.cr.savepoint():
                self._create_order(1).button_confirm()

    def test_an_order_of_before_all_seasons_is_taken_up_when_one_is_added(self):
        self.policy.active = False
        order = self._create_order(1000, quantity=10)
        order.button_confirm()
        order.date_approve = order.date_approve - timedelta(days=60)
        self.policy.active = True
        self.assertFalse(order.assist_entry_ids, "no cap to count against yet")
        with self.assertRaisesRegex(UserError, "no season"), self.cr.savepoint():
            order.order_line.product_qty = 11
        summer = self._add_last_season()
        self.assert_used(1000, self._get_season_cap(summer))
        self.assertEqual(order.assist_entry_ids.reason, "season")

    def test_moving_an_order_to_another_season_moves_its_commitment(self):
        summer = self._add_last_season()
        order = self._create_order(200_000)
        order.button_confirm()
        before = order.date_approve - timedelta(days=60)
        order.date_approve = before
        self.assert_used(0)
        last = self._get_season_cap(summer)
        self.assert_used(200_000, last)
        moved = order.assist_entry_ids.sorted("id")[-2:]
        self.assertEqual(moved.mapped("reason"), ["period"] * 2)
        second = self._create_order(100_001)
        second.button_confirm()
        with self.assertRaisesRegex(UserError, "for Summer"), self.cr.savepoint():
            second.date_approve = before
        self.assert_used(100_001)
        self.assert_used(200_000, last)

    def test_changed_days_of_a_season_take_its_orders_along(self):
        order = self._create_order(1000)
        order.button_confirm()
        old = self.cap
        self.season.date_to = self.today + timedelta(days=40)
        self.assert_used(0, old)
        self.assert_used(1000, self._get_season_cap(self.season))
        self.assertFalse(old.policy_id, "no season has these days any more")

    def test_year_and_season_are_caps_of_their_own(self):
        order = self._create_order(1000)
        order.button_confirm()
        self.policy.period = "year"
        self.assert_used(0)
        self.assert_used(1000, self._get_cap(self.supplier))
