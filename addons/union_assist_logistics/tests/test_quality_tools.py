import math

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..tools.formula import FormulaError, evaluate, parse
from ..tools.judging import Limit, judge
from ..tools.reading_entry import Entry, EntryError, parse_entry
from ..tools.units import UnitError, convert

finite = st.floats(-1e6, 1e6, allow_nan=False)


@tagged("post_install", "-at_install", "union_assist")
class TestFormula(BaseCase):
    def test_values(self):
        for formula, readings, expected in (
            ("r1 / r2 * 100", [7.5, 50], 15.0),
            ("（r1 + r2）÷ 2 × 3", [1, 3], 6.0),
            ("mean", [1, 2, 6], 3.0),
            ("range / mean * 100", [9, 11], 20.0),
            ("max(r1, r2) - min(r1, r2)", [3, 8, 100], 5.0),
            ("max - min", [3, 8, 100], 97.0),
            ("abs(r1 - r2)", [3, 8], 5.0),
            ("mean(r2, r3)", [100, 1, 3], 2.0),
            ("-r1 + +2", [3], -1.0),
            ("1e2 * .5", [3], 50.0),
        ):
            with self.subTest(formula=formula):
                self.assertAlmostEqual(evaluate(formula, readings), expected, 12)

    def test_last_reading_named(self):
        self.assertEqual(parse("r1 / r12 * 100")[1], 12)
        self.assertEqual(parse("mean")[1], 0)

    def test_nothing_of_python_gets_through(self):
        for formula in (
            "__import__('os').system('true')",
            "open('x')",
            "r1.real",
            "r1.__class__",
            "[r1][0]",
            "{r1}",
            "lambda: r1",
            "r1 if r2 else 0",
            "r1 ** 9 ** 9 ** 9",
            "r1 // 2",
            "r1 % 2",
            "r1 == r2",
            "r1 and r2",
            "True",
            "None",
            "'a' * 9",
            "1j",
            "(x := 1)",
            "f'{r1}'",
            "max(*r1)",
            "max(r1, key=abs)",
            "abs(r1, r2)",
            "range(9)",
            "sum(r1)",
            "r0",
            "r100",
            "R1",
            "r1 @ r2",
            "~r1",
            "not r1",
            "print",
        ):
            with self.subTest(formula=formula), self.assertRaises(FormulaError) as caught:
                evaluate(formula, [1.0, 2.0])
            self.assertEqual(caught.exception.code, "unknown")

    def test_refusals_say_why(self):
        for formula, readings, code in (
            ("", [1], "empty"),
            ("r1 +", [1], "syntax"),
            ("r1\x00", [1], "syntax"),
            ("r1; r2", [1], "syntax"),
            ("+".join(["r1"] * 200), [1], "long"),
            ("(" * 60 + "r1" + ")" * 60, [1], None),
            ("-" * 60 + "r1", [1], "long"),
            ("r1 / r2", [1], "missing"),
            ("mean", [], "missing"),
            ("r1 / r2", [1, 0], "division"),
            ("r1 * r1", [1e300], "overflow"),
            ("9" * 190 + " * r1", [1e300], "overflow"),
        ):
            with self.subTest(formula=formula[:20]):
                if code is None:
                    self.assertEqual(evaluate(formula, readings), 1)
                    continue
                with self.assertRaises(FormulaError) as caught:
                    evaluate(formula, readings)
                self.assertEqual(caught.exception.code, code)

    @settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.text("r12 +-*/().,meanixrg", max_size=60))
    def test_any_text_gives_a_number_or_a_formula_error(self, formula):
        try:
            result = evaluate(formula, [1.5, 2.5])
        except FormulaError:
            return
        self.assertTrue(math.isfinite(result))


@tagged("post_install", "-at_install", "union_assist")
class TestUnits(BaseCase):
    def test_conversions(self):
        for value, source, target, expected in (
            (200, "µg/kg", "mg/kg", 0.2),
            (200, "ug/kg", "mg/kg", 0.2),
            (200, "μg/kg", "毫克/千克", 0.2),  # the Greek letter, not the sign
            (0.25, "g/100 g", "%", 0.25),
            (0.25, "g/100g", "g/kg", 2.5),
            (3, "mg/g", "mg/kg", 3000),
            (155, "g/kg", "%", 15.5),
            (155, "‰", "％", 15.5),
            (10, "ppb", "µg/kg", 10),
            (25, "℃", "K", 298.15),
            (298.15, "K", "°C", 25),
            (77, "°F", "℃", 25),
            (0, "℃", "°F", 32),
            (1, "kg/m³", "g/L", 1),
            (0.91, "g/mL", "g/L", 910),
            (1.5, "MG/KG", "mg/kg", 1.5),
            (500, "毫升", "L", 0.5),
            (3, "粒", "粒", 3),
        ):
            with self.subTest(source=source, target=target):
                self.assertEqual(convert(value, source, target), expected)

    def test_refusals(self):
        for source, target, code in (
            ("℃", "mg/kg", "unrelated"),
            ("mg/L", "mg/kg", "unrelated"),
            ("%vol", "%", "unrelated"),
            ("mmol/kg", "g/100 g", "unknown"),  # a peroxide value needs the substance
            ("furlong", "mm", "unknown"),
            ("mg/kg", "", "unrelated"),
            ("", "mg/kg", "unknown"),
            ("mg", "粒", "unrelated"),
        ):
            with self.subTest(source=source, target=target), self.assertRaises(UnitError) as caught:
                convert(1, source, target)
            self.assertEqual(caught.exception.code, code)

    def test_same_unit(self):
        self.assertEqual(convert(0.7, "μg / kg", "µg/kg"), 0.7)
        self.assertEqual(convert(0.7, "ppm", "mg/kg"), 0.7)

    @settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        st.floats(0, 1e6),
        st.sampled_from(["mg/kg", "µg/kg", "g/kg", "%", "mg/100g"]),
        st.sampled_from(["mg/kg", "µg/kg", "g/kg", "%", "mg/100g"]),
    )
    def test_there_and_back(self, value, first, second):
        self.assertAlmostEqual(convert(convert(value, first, second), second, first), value, 6)


@tagged("post_install", "-at_install", "union_assist")
class TestJudging(BaseCase):
    def test_both_limits_pass(self):
        between = Limit("between", 2.0, 7.0)
        for value, keeps in ((2.0, True), (7.0, True), (1.999999, False), (7.000001, False)):
            self.assertEqual(between.keeps(value), keeps, value)
        self.assertTrue(Limit("at_most", 0, 5.0).keeps(0.1 + 0.2 + 4.7))
        self.assertTrue(Limit("at_least", 0.3).keeps(0.1 + 0.2))

    def test_each_mean_formula(self):
        limit = Limit("at_most", 0, 15.5)
        readings = [15.2, 15.9, 15.1]
        self.assertEqual(judge(readings, limit), (15.9, False))
        figure, keeps = judge(readings, limit, "mean")
        self.assertAlmostEqual(figure, 15.4)
        self.assertTrue(keeps)
        self.assertEqual(judge([7.9, 50], limit, "formula", "r1 / r2 * 100"), (15.8, False))

    def test_worst_reading_decides(self):
        self.assertEqual(judge([3, 1, 2], Limit("at_least", 2)), (1, False))
        self.assertEqual(judge([5, 8.5, 1.8], Limit("between", 2, 7))[0], 8.5)
        self.assertEqual(judge([5, 7.1, 0.5], Limit("between", 2, 7))[0], 0.5)

    @given(st.lists(finite, min_size=1, max_size=10), finite, finite)
    def test_each_passes_only_when_all_pass(self, readings, first, second):
        low, high = sorted((first, second))
        for kind in ("at_most", "at_least", "between"):
            limit = Limit(kind, low, high)
            _figure, keeps = judge(readings, limit)
            self.assertEqual(keeps, all(map(limit.keeps, readings)))


@tagged("post_install", "-at_install", "union_assist")
class TestReadingEntry(BaseCase):
    def test_entries(self):
        for text, expected in (
            ("", []),
            ("  ", []),
            ("0", [Entry(0.0)]),
            ("15.2 15.4  15.1", [Entry(15.2), Entry(15.4), Entry(15.1)]),
            ("15.2 15.4 %", [Entry(15.2, "%"), Entry(15.4, "%")]),
            ("200 µg/kg; 0.3 mg/kg", [Entry(200.0, "µg/kg"), Entry(0.3, "mg/kg")]),
            ("１５．２；１５．４", [Entry(15.2), Entry(15.4)]),
            ("0.25 g/100 g", [Entry(0.25, "g/100 g")]),
            ("0.25g/100g", [Entry(0.25, "g/100g")]),
            ("-3.5 ℃", [Entry(-3.5, "°C")]),
            ("<0.05", [Entry(0.05, below=True)]),
            ("＜0.05 mg/kg", [Entry(0.05, "mg/kg", True)]),
            ("ND；未检出; n.d.", [Entry(0.0, below=True)] * 3),
            ("1, 2、3", [Entry(1.0), Entry(2.0), Entry(3.0)]),
            ("1e-3", [Entry(0.001)]),
        ):
            with self.subTest(text=text):
                self.assertEqual(parse_entry(text), expected)

    def test_refusals_name_the_part(self):
        for text, part in (
            ("15,2", "15,2"),
            ("15.2; abc", "abc"),
            ("1.2.3", "1.2.3"),
            ("< 1 2", "< 1 2"),
            ("--3", "--3"),
            ("5 -", "5 -"),
            ("1e999", "1e999"),
        ):
            with self.subTest(text=text), self.assertRaises(EntryError) as caught:
                parse_entry(text)
            self.assertEqual(caught.exception.text, part)

    @settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(st.floats(-1e9, 1e9, allow_nan=False), min_size=1, max_size=8))
    def test_what_is_written_is_read(self, values):
        text = " ".join(f"{value:.10g}" for value in values)
        self.assertEqual(
            [entry.value for entry in parse_entry(text)],
            [float(f"{value:.10g}") for value in values],
        )
