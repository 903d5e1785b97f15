import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.exceptions import ValidationError
from odoo.tests import BaseCase, TransactionCase, tagged

from ..tools import sampling
from .sampling_tables import LETTERS, PLANS

LEVELS = ("S-1", "S-2", "S-3", "S-4", "I", "II", "III")
AQLS = ("0.65", "1.0", "1.5", "2.5", "4.0", "6.5")
# The numbers that follow each other along the diagonals of the standard's table 2-A.
DIAGONAL = {5: "0/1", 6: "↑", 7: "↓", 8: "1/2", 9: "2/3", 10: "3/4", 11: "5/6", 12: "7/8"}
DIAGONAL.update({13: "10/11", 14: "14/15", 15: "21/22"})


def printed_letters():
    for line in LETTERS.split("\n"):
        if line:
            sizes, *letters = line.split()
            first, _dash, last = sizes.lstrip("≥").partition("–")
            yield int(first), int(last) if last else None, dict(zip(LEVELS, letters, strict=True))


def printed_plans():
    for line in PLANS.split("\n"):
        if line:
            letter, size, *cells = line.split()
            yield letter, int(size), dict(zip(AQLS, cells, strict=True))


def printed_target(letter, aql):
    """Follow the arrows of the printed table by hand."""
    plans = list(printed_plans())
    index = [plan[0] for plan in plans].index(letter)
    while plans[index][2][aql] in "↓↑":
        index += 1 if plans[index][2][aql] == "↓" else -1
    accept, reject = plans[index][2][aql].split("/")
    return plans[index][0], plans[index][1], int(accept), int(reject)


@tagged("post_install", "-at_install", "union_assist")
class TestSamplingTables(TransactionCase):
    """The shipped records against the standard's tables, cell by cell."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.record = cls.env.ref("union_assist_logistics.sampling_table_normal")
        cls.table = cls.record._make_table()

    def test_every_code_letter(self):
        rows = [row._get_values() for row in self.record.letter_ids]
        self.assertEqual(rows, list(printed_letters()))
        self.assertEqual(len(rows) * len(LEVELS), 105)

    def test_every_plan(self):
        rows = [row._get_values() for row in self.record.row_ids]
        self.assertEqual(rows, list(printed_plans()))
        self.assertEqual(len(rows) * len(AQLS), 96)

    def test_diagonals(self):
        """Each number stands on its diagonal: a misprint of a cell leaves it."""
        for i, row in enumerate(self.record.row_ids):
            for j, cell in enumerate(row._get_values()[2].values()):
                expected = DIAGONAL.get(i + j, "↓" if i + j < 5 else "↑")
                with self.subTest(letter=row.letter, aql=AQLS[j]):
                    self.assertEqual(cell, expected)

    def test_typical_misprints(self):
        """Copies in circulation print F at 1.0 as 1/2 and E at 2.5 as an arrow to 0/1."""
        rows = {row.letter: row for row in self.record.row_ids}
        self.assertEqual(rows["F"].aql_1_0, "↑")
        self.assertEqual(rows["E"].aql_2_5, "↓")

    def test_all_boundaries_of_lot_size(self):
        for first, last, letters in printed_letters():
            for level, letter in letters.items():
                for size in (first, last or 10**9):
                    with self.subTest(size=size, level=level):
                        self.assertEqual(self.table.find_letter(size, level), letter)
                        for aql in AQLS:
                            plan = self.table.find_plan(size, level, aql)
                            target, n, accept, reject = printed_target(letter, aql)
                            self.assertEqual(plan.letter, letter)
                            self.assertEqual(plan.plan_letter, target)
                            self.assertEqual(plan.size, min(n, size))
                            self.assertEqual((plan.accept, plan.reject), (accept, reject))
                            self.assertEqual(plan.is_full, n >= size)

    def test_vectors(self):
        plan = self.table.find_plan
        self.assertEqual(plan(8, "II", "2.5")[1:], ("C", 5, 0, 1, False))
        self.assertEqual(plan(150, "II", "1.0")[1:], ("E", 13, 0, 1, False))
        self.assertEqual(plan(1200, "II", "2.5")[1:], ("J", 80, 5, 6, False))
        self.assertEqual(plan(3200, "S-3", "4.0")[1:], ("E", 13, 1, 2, False))
        self.assertEqual(plan(2, "II", "6.5")[2:], (2, 0, 1, True))

    def test_lots_that_are_too_small(self):
        for size in (1, 0, -3):
            with self.subTest(size=size), self.assertRaisesRegex(ValueError, "fewer than 2"):
                self.table.find_plan(size, "II", "2.5")

    def test_a_wrong_cell_is_refused(self):
        row = self.record.row_ids[5]
        for cell in ("1", "2/1", "x", "", "→"):
            with self.subTest(cell=cell), self.assertRaises(ValidationError):
                self.record.write({"row_ids": [(1, row.id, {"aql_1_0": cell or " "})]})

    def check_refused(self, message, *changes):
        """Refused with the message, and nothing of it kept."""
        with self.assertRaises(ValidationError) as refused:
            self.record.write({name: [(1, row.id, vals)] for name, row, vals in changes})
        self.assertIn(message, str(refused.exception))

    def test_figures_that_do_not_fit_are_refused(self):
        rows, letters = self.record.row_ids, self.record.letter_ids
        self.check_refused("out of the table", ("row_ids", rows[0], {"aql_6_5": "↑"}))
        self.check_refused("back and forth", ("row_ids", rows[4], {"aql_1_0": "↓"}))
        self.check_refused("follow each other", ("letter_ids", letters[0], {"lot_to": 9}))
        self.check_refused("last row", ("letter_ids", letters[14], {"lot_to": 900000}))
        self.check_refused("No plan", ("letter_ids", letters[3], {"level_ii": "I"}))

    def test_one_table_a_day_and_severity(self):
        with self.assertRaisesRegex(ValidationError, "Another table"):
            self.record.copy({"date_from": "2026-01-01"})
        copy = self.record.copy({"severity": "tightened", "date_from": "2026-01-01"})
        self.assertEqual(len(copy.row_ids), 16)

    def test_table_of_the_day(self):
        tables = self.env["union.assist.sampling.table"]
        self.assertTrue(tables._get_table("normal", self.record.date_from))
        self.assertIsNone(tables._get_table("tightened", self.record.date_from))
        self.record.row_ids[0].aql_6_5 = "1/2"
        plan = tables._get_table("normal", self.record.date_from).find_plan(5, "I", "6.5")
        self.assertEqual(plan.accept, 1, "a corrected cell counts at once")


@tagged("post_install", "-at_install", "union_assist")
class TestSamplingTools(BaseCase):
    def test_tighten(self):
        self.assertEqual(sampling.tighten("II", "2.5"), ("II", "1.5"))
        self.assertEqual(sampling.tighten("II", "0.65"), ("III", "0.65"))
        self.assertEqual(sampling.tighten("S-4", "0.65"), ("I", "0.65"))
        self.assertIsNone(sampling.tighten("III", "0.65"))

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        st.binary(min_size=32, max_size=32),
        st.integers(2, 400),
        st.integers(1, 400),
        st.integers(0, 30),
    )
    def test_draw(self, seed, lot, size, more):
        units = sampling.draw(seed, lot, size)
        self.assertEqual(units, sampling.draw(seed, lot, size))
        self.assertEqual(len(set(units)), min(lot, size))
        self.assertEqual(units, sorted(units))
        self.assertTrue(units[0] >= 1 and units[-1] <= lot)
        self.assertLessEqual(set(units), set(sampling.draw(seed, lot, size + more)))
        # Units of a larger lot only displace: no other old unit comes in.
        grown = sampling.draw(seed, lot + more, size)
        self.assertLessEqual({unit for unit in grown if unit <= lot}, set(units))

    def test_draw_is_even(self):
        """Over many seeds every unit is drawn about as often (chi-square, 99.99 %)."""
        counts = [0] * 20
        for number in range(4000):
            for unit in sampling.draw(number.to_bytes(32), 20, 5):
                counts[unit - 1] += 1
        chi = sum((count - 1000) ** 2 / 1000 for count in counts)
        self.assertLess(chi, 53)

    def switch(self, outcomes, standing=None, **figures):
        rules = sampling.SwitchingRules(
            **{
                "tighten_rejects": 2,
                "tighten_window": 5,
                "relax_accepts": 5,
                "stop_rejects": 5,
                "skip_after": 0,
                **figures,
            }
        )
        standing = standing or sampling.Standing()
        states = []
        for outcome in outcomes:
            standing = sampling.advance(rules, standing, outcome == "A")
            states.append(standing.state[0])
        self.standing = standing
        return "".join(states)

    def test_two_of_five_tighten(self):
        self.assertEqual(self.switch("RAAAR"), "nnnnt")
        self.assertEqual(self.switch("RAAAAR"), "nnnnnn", "the sixth is no more of these five")
        self.assertEqual(self.switch("RR"), "nt")
        self.assertEqual(self.switch("RAAAARAAAR"), "nnnnnnnnnt")

    def test_five_accepted_relax(self):
        self.assertEqual(self.switch("RRAAAAA"), "ntttttn")
        self.assertEqual(self.switch("RRAAAARAAAAA"), "nttttttttttn")
        self.assertEqual(self.standing, sampling.Standing("normal"))

    def test_five_rejected_stop(self):
        self.assertEqual(self.switch("RR" + "RRRRR"), "ntttt" + "ts")
        # They count together, however many are accepted between them.
        self.assertEqual(self.switch("RR" + "RAAAA" * 4 + "R"), "n" + "t" * 21 + "s")
        self.assertEqual(self.switch("AAAAAAA", self.standing), "sssssss", "only people resume")
        self.assertEqual(self.switch("AAAAA", sampling.resume()), "ttttn")

    def test_back_to_normal_counts_rejections_anew(self):
        self.switch("RR" + "RRRR" + "AAAAA")
        self.assertEqual(self.standing.rejections, 0)

    def test_skip_lot(self):
        self.assertEqual(self.switch("AAA" + "A" + "R" + "AA", skip_after=3), "nnssnnn")
        self.assertEqual(self.switch("A" * 30), "n" * 30, "0 skips nothing")

    def test_one_of_so_many_skipped_lots_is_inspected(self):
        seeds = [number.to_bytes(32) for number in range(4000)]
        inspected = sum(not sampling.is_skipped(seed, 4) for seed in seeds)
        self.assertTrue(880 < inspected < 1120, inspected)
        self.assertEqual(sampling.is_skipped(seeds[0], 4), sampling.is_skipped(seeds[0], 4))

    def test_no_odoo_in_the_arithmetic(self):
        with open(sampling.__file__, encoding="utf-8") as source:
            self.assertFalse(re.search(r"^\s*(from|import) odoo", source.read(), re.M))
