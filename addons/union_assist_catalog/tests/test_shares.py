from datetime import date

from odoo.tests import BaseCase, tagged

from ..tools.shares import peak_share


@tagged("post_install", "-at_install", "union_assist")
class TestPeakShare(BaseCase):
    def test_nothing_claimed(self):
        self.assertEqual(peak_share([]), 0.0)

    def test_both_end_days_belong_to_the_period(self):
        first = (date(2021, 1, 1), date(2021, 6, 30), 0.6)
        self.assertEqual(peak_share([first, (date(2021, 7, 1), False, 0.6)]), 0.6)
        self.assertEqual(peak_share([first, (date(2021, 6, 30), False, 0.6)]), 1.2)

    def test_peak_lies_between_the_ends(self):
        periods = [
            (date(2021, 1, 1), None, 0.5),
            (date(2021, 3, 1), date(2021, 3, 1), 0.5),
            (date(2021, 5, 1), date.max, 0.25),
        ]
        self.assertEqual(peak_share(periods), 1.0)

    def test_order_does_not_matter(self):
        periods = [
            (date(2022, 1, 1), False, 0.5),
            (date(2021, 1, 1), date(2022, 12, 31), 0.75),
        ]
        self.assertEqual(peak_share(periods), 1.25)
        self.assertEqual(peak_share(reversed(periods)), 1.25)
