from datetime import date

from odoo.tests import BaseCase, tagged

from odoo.addons.union_assist_procure.tools.caps import (
    cap_amount,
    committed_quantity,
    heads_needed,
    largest_quantity,
    natural_step,
    whole_steps,
    year_of,
)


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

    def test_heads_needed(self):
        rate = [(0, 2000)]
        self.assertEqual(heads_needed(300_000, 150, rate), 0)
        self.assertEqual(heads_needed(300_000.01, 150, rate), 1, "a cent takes one head")
        self.assertEqual(heads_needed(302_000, 150, rate), 1)
        self.assertEqual(heads_needed(302_000.01, 150, rate), 2)
        self.assertEqual(heads_needed(310_000, 150.5, rate), 5, "whole heads, of a broken count")
        self.assertEqual(heads_needed(2000, 0, rate), 1)
        self.assertEqual(heads_needed(1, 0, []), None)
        self.assertEqual(heads_needed(1, 0, [(0, 0)]), None)

    def test_heads_needed_with_minimum_and_maximum(self):
        rate = [(0, 2000)]
        self.assertEqual(heads_needed(50_000, 0, rate, minimum=50_000), 0)
        self.assertEqual(heads_needed(60_000, 0, rate, minimum=50_000), 30)
        self.assertEqual(heads_needed(250_000, 100, rate, maximum=250_000), 25)
        self.assertIsNone(heads_needed(250_000.01, 100, rate, maximum=250_000))

    def test_heads_needed_where_flat_brackets_sink(self):
        brackets = [(0, 2000), (100, 1500)]  # 99 heads give 198,000, 100 heads 150,000
        self.assertEqual(heads_needed(198_000, 90, brackets), 9)
        self.assertEqual(heads_needed(198_001, 90, brackets), 43, "133 × 1,500 = 199,500")
        self.assertEqual(heads_needed(198_000, 100, brackets), 32)
        self.assertIsNone(heads_needed(198_001, 90, [(0, 2000), (100, 0)]))

    def test_heads_needed_of_the_lowest_bracket(self):
        self.assertEqual(heads_needed(1, 0, [(10, 2000)]), 10)
        self.assertEqual(heads_needed(1, 0, [(10, 2000)], "marginal"), 11)

    def test_heads_needed_marginal(self):
        brackets = [(0, 2000), (100, 1500), (200, 0)]
        self.assertEqual(heads_needed(200_000, 90, brackets, "marginal"), 10)
        self.assertEqual(heads_needed(200_001, 90, brackets, "marginal"), 11)
        self.assertEqual(heads_needed(350_000, 90, brackets, "marginal"), 110)
        self.assertEqual(heads_needed(350_000, 149.5, brackets, "marginal"), 51)
        self.assertIsNone(heads_needed(350_001, 90, brackets, "marginal"))

    def test_heads_needed_is_the_inverse(self):
        """What is returned is enough, and one head less is not."""
        for brackets in ([(0, 2000)], [(0, 2000), (100, 1500)], [(5, 0), (7, 333.33), (50, 100)]):
            for method in ("flat", "marginal"):
                for minimum, maximum in ((0, 0), (5000, 0), (0, 60_000), (5000, 60_000)):
                    rule = (brackets, method, minimum, maximum)
                    for count in (0, 3, 6.5, 49.25, 99, 120):
                        for amount in (1, 4999.99, 5000.01, 33_333, 60_000, 150_000):
                            with self.subTest(rule=rule, count=count, amount=amount):
                                more = heads_needed(amount, count, *rule)
                                enough = [
                                    n
                                    for n in range(2000)
                                    if cap_amount(count + n, *rule) >= amount - 1e-6
                                ]
                                self.assertEqual(more, enough[0] if enough else None)

    def test_heads_needed_by_an_unknown_method(self):
        with self.assertRaises(ValueError):
            heads_needed(1, 0, [(0, 1)], "guess")

    def test_largest_quantity(self):
        def amount_of(quantity):
            return round(26 * quantity, 2)

        room = 300_000 - 260_000
        self.assertEqual(largest_quantity(amount_of, 1500, room), 1500)
        self.assertEqual(largest_quantity(amount_of, 2000, room), 1538, "1538 × 26 = 39,988")
        self.assertAlmostEqual(largest_quantity(amount_of, 2000, room, 0.01), 1538.46)
        self.assertEqual(largest_quantity(amount_of, 2000, 25), 0)
        self.assertEqual(largest_quantity(amount_of, 2000, -1), 0)
        self.assertEqual(largest_quantity(amount_of, 1538.4, room - 10, 5), 1535)

    def test_largest_quantity_of_the_vectors(self):
        """300,000 less 260,000: 40,000 passes, a cent more does not."""
        room = 300_000 - 260_000
        self.assertEqual(largest_quantity(lambda quantity: quantity * 40_000, 1, room), 1)
        self.assertEqual(largest_quantity(lambda quantity: quantity * 40_000.01, 1, room), 0)

    def test_natural_step(self):
        self.assertEqual(natural_step(2000, 0.01), 1)
        self.assertEqual(natural_step(2000.5, 0.01), 0.01)
        self.assertEqual(natural_step(2, 0.01), 0.01, "two tons are not lowered to one")

    def test_whole_steps(self):
        self.assertEqual(whole_steps(107, 12), 96)
        self.assertEqual(whole_steps(107, 12, up=True), 108)
        self.assertEqual(whole_steps(108, 12, up=True), 108)
        self.assertEqual(whole_steps(107.5, 0), 107.5)
        self.assertAlmostEqual(whole_steps(0.3, 0.1), 0.3)

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
