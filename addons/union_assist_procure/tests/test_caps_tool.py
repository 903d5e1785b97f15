from datetime import date

from odoo.tests import BaseCase, tagged

from odoo.addons.union_assist_procure.tools.caps import cap_amount, committed_quantity, year_of


@tagged("post_install", "-at_install", "union_assist")
class TestCapsTool(BaseCase):
    def test_flat(self):
        self.assertEqual(cap_amount(150, [(0, 2000)]), 300_000)
        self.assertEqual(cap_amount(0, [(0, 2000)]), 0)
        self.assertEqual(cap_amount(0.5, [(0, 2000)]), 1000)
        brackets = [(100, 1500), (0, 2000)]
        self.assertEqual(cap_amount(99, brackets), 198_000)
        self.assertEqual(cap_amount(100, brackets), 150_000, "every head at the lower rate")

    def test_marginal(self):
        brackets = [(0, 2000), (100, 1500), (200, 0)]
        self.assertEqual(cap_amount(100, brackets, "marginal"), 200_000)
        self.assertEqual(cap_amount(150, brackets, "marginal"), 275_000)
        self.assertEqual(cap_amount(200, brackets, "marginal"), 350_000)
        self.assertEqual(cap_amount(1000, brackets, "marginal"), 350_000)

    def test_heads_below_the_lowest_bracket_give_nothing(self):
        self.assertEqual(cap_amount(9, [(10, 2000)]), 0)
        self.assertEqual(cap_amount(12, [(10, 2000)], "marginal"), 4000)
        self.assertEqual(cap_amount(12, [(10, 2000)]), 24_000)
        self.assertEqual(cap_amount(12, []), 0)
        self.assertEqual(cap_amount(12, [], "marginal"), 0)

    def test_minimum_and_maximum(self):
        self.assertEqual(cap_amount(0, [(0, 2000)], minimum=50_000), 50_000)
        self.assertEqual(cap_amount(150, [(0, 2000)], minimum=50_000), 300_000)
        self.assertEqual(cap_amount(150, [(0, 2000)], maximum=250_000), 250_000)
        self.assertEqual(cap_amount(150, [(0, 2000)], maximum=0), 300_000)

    def test_unknown_method(self):
        with self.assertRaises(ValueError):
            cap_amount(1, [(0, 1)], "guess")

    def test_committed_quantity(self):
        for ordered, received, returned, expected in (
            (100, 0, 0, 100),  # ordered, nothing received
            (100, 100, 0, 100),
            (100, 110, 0, 110),  # more received than ordered
            (100, 70, 30, 70),  # 30 of 100 sent back
            (100, 30, 20, 80),  # 50 received, 20 of them sent back, 50 still to come
            (70, 70, 30, 70),  # the order lowered to what was kept
            (100, 100, 30, 100),  # sent back and delivered again
            (0, 5, 0, 5),  # came along without being ordered
            (-10, 0, 0, -10),  # a credit
            (0, -5, 5, -5),  # goods of another order sent back with this one
        ):
            with self.subTest(ordered=ordered, received=received, returned=returned):
                self.assertEqual(committed_quantity(ordered, received, returned), expected)

    def test_year(self):
        self.assertEqual(year_of(date(2028, 2, 29)), (date(2028, 1, 1), date(2028, 12, 31)))
