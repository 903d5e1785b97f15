from datetime import date

from odoo.tests import BaseCase, tagged

from ..tools.shares import cut_from, overlap, peak_share, uncovered


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

    def test_days_in_common(self):
        year = (date(2021, 1, 1), date(2021, 12, 31))
        for other, common in (
            ((date(2022, 1, 1), None), None),
            ((date(2021, 12, 31), None), (date(2021, 12, 31), date(2021, 12, 31))),
            ((date(2020, 1, 1), False), year),
        ):
            self.assertEqual(overlap(year, other), common)
            self.assertEqual(overlap(other, year), common)
        self.assertEqual(
            overlap((date(2020, 1, 1), None), (date(2021, 1, 1), False)), (date(2021, 1, 1), None)
        )

    def test_days_that_nothing_covers(self):
        period = (date(2021, 1, 1), date(2021, 12, 31))
        march = (date(2021, 3, 1), date(2021, 3, 31))
        rest = (date(2021, 4, 1), date(2021, 12, 31))
        before = (date(2021, 1, 1), date(2021, 2, 28))
        for others, gaps in (
            ([], [period]),
            ([period], []),
            ([(date(2020, 1, 1), None)], []),
            ([march], [before, rest]),
            ([(date(2021, 4, 1), None), march], [before]),
            ([march, march], [before, rest]),
            ([(date(2022, 1, 1), None), (date(2019, 1, 1), date(2020, 12, 31))], [period]),
            ([(date(2020, 1, 1), date(2021, 2, 28)), march], [rest]),
        ):
            with self.subTest(others):
                self.assertEqual(uncovered(period, others), gaps)
        self.assertEqual(
            uncovered((date(2021, 1, 1), None), [march]),
            [before, (date(2021, 4, 1), None)],
        )

    def test_cut_periods(self):
        march = (date(2021, 3, 1), date(2021, 3, 31))
        self.assertEqual(cut_from([march], date.min), [])
        self.assertEqual(cut_from([march], date(2021, 3, 1)), [])
        self.assertEqual(cut_from([march], date(2021, 4, 1)), [march])
        self.assertEqual(
            cut_from([(date(2021, 3, 1), None)], date(2021, 3, 2)),
            [(date(2021, 3, 1), date(2021, 3, 1))],
        )
