from datetime import date, timedelta

from odoo.tests import tagged
from odoo.tests.common import BaseCase

from ..tools.concentration import herfindahl, largest_share
from ..tools.purchase_plan import Cap, Demand, Option, Weights, make_plan

TODAY = date(2026, 9, 1)
SOON = TODAY + timedelta(days=20)
EVEN = Weights(1.0, 0.0, 1.0, 1.0)


def offer(key, price, demand="tea", supplier=None, cap=None, **values):
    """Return an option of a supplier of its own, in a county of its own, unless said otherwise."""
    supplier = supplier or key
    return Option(
        key,
        demand,
        supplier,
        values.pop("product", demand),
        values.pop("county", supplier),
        cap,
        values.pop("factor", 1.0),
        price,
        values.pop("cap_price", price),
        **values,
    )


def codes(causes):
    return [cause.code for cause in causes]


@tagged("post_install", "-at_install", "union_assist")
class TestPurchasePlanTool(BaseCase):
    def plan(self, options, caps=None, quantity=1000, weights=EVEN, **kwargs):
        demands = kwargs.pop("demands", [Demand("tea", quantity, SOON)])
        plan = make_plan(demands, options, caps or {}, weights, TODAY, **kwargs)
        self.check(plan, demands, options, caps or {}, kwargs.get("max_share", 1.0))
        return plan

    def check(self, plan, demands, options, caps, max_share):
        """Whatever the plan: its limits hold, in all three plans, and nothing is lost."""
        option_of = {option.key: option for option in options}
        for quantities in (plan.quantities, plan.cheapest, plan.fairest):
            for key, cap in caps.items():
                taken = sum(
                    quantity * option_of[name].cap_price
                    for name, quantity in quantities.items()
                    if option_of[name].cap == key
                )
                self.assertLessEqual(taken, max(cap.remaining, 0.0) + 1e-6)
            for name, quantity in quantities.items():
                option = option_of[name]
                self.assertGreaterEqual(quantity, option.min_qty - 1e-6)
                if option.lot_size:
                    self.assertAlmostEqual(quantity % option.lot_size, 0.0, 6)
            for demand in demands:
                parts = [
                    quantity * option_of[name].factor
                    for name, quantity in quantities.items()
                    if option_of[name].demand == demand.key
                ]
                self.assertLessEqual(sum(parts), demand.quantity + 1e-6)
                self.assertLessEqual(max(parts, default=0), max_share * demand.quantity + 1e-6)
        for demand in demands:
            placed = sum(
                quantity * option_of[name].factor
                for name, quantity in plan.quantities.items()
                if option_of[name].demand == demand.key
            )
            missing = plan.unplaced.get(demand.key, 0.0)
            self.assertAlmostEqual(placed + missing, demand.quantity, 4)
            self.assertEqual(bool(missing), bool(plan.unplaced_causes.get(demand.key)))
        for option in options:
            self.assertTrue(plan.causes[option.key], "every offer is told why")
        measures = plan.measures
        for name in measures:
            self.assertLessEqual(measures["cheapest"].cost, measures[name].cost * (1 + 2e-3))

    def test_cheapest_fairest_and_between(self):
        """Room for all at everyone's: the cheapest plan takes one, the fairest parts evenly."""
        caps = {name: Cap(100000.0, 100000.0) for name in "abcd"}
        options = [offer(name, 10.0 + rank, cap=name) for rank, name in enumerate("abcd")]
        plan = self.plan(options, caps)
        self.assertEqual(plan.cheapest, {"a": 1000})
        self.assertEqual(plan.measures["cheapest"].cost, 10000)
        self.assertEqual(len(plan.fairest), 4)
        # Even in money, and rather more where it buys more: parts go by 1 / price.
        amounts = [plan.fairest[name] * (10 + rank) for rank, name in enumerate("abcd")]
        self.assertAlmostEqual(max(amounts) / min(amounts), 1.3, 1)
        cost = {name: measures.cost for name, measures in plan.measures.items()}
        self.assertLess(cost["cheapest"], cost["quantities"])
        self.assertLessEqual(cost["quantities"], cost["fairest"])
        spread = {name: measures.counties for name, measures in plan.measures.items()}
        self.assertLess(spread["fairest"], spread["cheapest"])
        self.assertLessEqual(spread["fairest"], spread["quantities"])
        self.assertLessEqual(spread["quantities"], spread["cheapest"])

    def test_alike_get_alike(self):
        caps = {name: Cap(100000.0, 100000.0) for name in "ab"}
        plan = self.plan([offer("a", 10.0, cap="a"), offer("b", 10.0, cap="b")], caps)
        self.assertEqual(plan.quantities, {"a": 500, "b": 500})
        self.assertIn("balance", codes(plan.causes["a"]))

    def test_less_used_cap_first(self):
        """Same price, same county: the one whose cap is less used gets more."""
        caps = {"a": Cap(100000.0, 20000.0), "b": Cap(100000.0, 90000.0)}
        options = [offer(name, 10.0, cap=name, county="here") for name in "ab"]
        plan = self.plan(options, caps)
        self.assertEqual(plan.quantities, {"b": 1000})
        self.assertEqual(codes(plan.causes["a"]), ["use"])
        self.assertEqual(plan.causes["a"][0].own, 80.0)
        self.assertEqual(plan.causes["a"][0].other, 20.0)

    def test_other_county_first(self):
        """Two of one county, one of another: the counties get about the same."""
        caps = {name: Cap(1e6, 1e6) for name in "abc"}
        options = [
            offer("a", 10.0, cap="a", county="north"),
            offer("b", 10.0, cap="b", county="north"),
            offer("c", 10.0, cap="c", county="south"),
        ]
        plan = self.plan(options, caps, weights=Weights(1.0, 0.0, 0.0, 1.0))
        self.assertEqual(plan.quantities["c"], 500)

    def test_better_score(self):
        options = [offer("a", 10.0, score=60.0), offer("b", 10.0, score=95.0)]
        plan = self.plan(options, weights=Weights(0.0, 1.0, 0.0, 0.0))
        self.assertEqual(plan.quantities, {"b": 1000})
        self.assertEqual(codes(plan.causes["a"]), ["score"])
        self.assertIn("best_score", codes(plan.causes["b"]))

    def test_cap_shared_between_products(self):
        """One cap, two demands: together they stay within it, the rest goes to the dearer."""
        caps = {"a": Cap(9000.0, 9000.0), "b": Cap(1e6, 1e6)}
        demands = [Demand("tea", 500, SOON), Demand("oil", 500, SOON)]
        options = [
            offer("tea a", 10.0, "tea", "a", "a"),
            offer("oil a", 20.0, "oil", "a", "a"),
            offer("tea b", 11.0, "tea", "b", "b"),
            offer("oil b", 30.0, "oil", "b", "b"),
        ]
        plan = self.plan(options, caps, demands=demands, weights=Weights(1.0, 0.0, 0.0, 0.0))
        # A yuan of the cap saves a half on oil and a tenth on tea: oil takes all of it.
        self.assertEqual(plan.quantities, {"oil a": 450, "oil b": 50, "tea b": 500})
        self.assertEqual(codes(plan.causes["tea a"]), ["room_taken"])
        self.assertIn("fills_cap", codes(plan.causes["oil a"]))
        self.assertEqual(codes(plan.causes["oil b"])[-1], "rest")

    def test_amounts_with_tax_count_against_the_cap(self):
        caps = {"a": Cap(1130.0, 1130.0)}
        plan = self.plan([offer("a", 10.0, cap="a", cap_price=11.3)], caps, quantity=500)
        self.assertEqual(plan.quantities, {"a": 100})
        self.assertEqual(plan.unplaced, {"tea": 400})
        self.assertEqual(codes(plan.unplaced_causes["tea"]), ["caps"])
        self.assertAlmostEqual(plan.unplaced_causes["tea"][0].own, 400)

    def test_least_quantity(self):
        """Nothing or at least so much; above the demand, nothing."""
        options = [
            offer("a", 10.0, min_qty=600),
            offer("b", 11.0, min_qty=600),
            offer("c", 9.0, min_qty=2000),
        ]
        plan = self.plan(options)
        self.assertEqual(plan.quantities, {"a": 1000}, "600 of both is more than is needed")
        self.assertEqual(codes(plan.causes["c"]), ["minimum"])
        self.assertIn(codes(plan.causes["b"]), (["price"], ["minimum_beside"]))

    def test_lots(self):
        """Multiples alone, and what no multiple meets stays open and is told."""
        plan = self.plan([offer("a", 10.0, lot_size=300)])
        self.assertEqual(plan.quantities, {"a": 900})
        self.assertEqual(plan.unplaced, {"tea": 100})
        self.assertEqual(codes(plan.unplaced_causes["tea"]), ["minimum"])
        plan = self.plan([offer("a", 10.0, lot_size=300), offer("b", 10.0, lot_size=70)])
        self.assertEqual(plan.quantities, {"a": 300, "b": 700}, "the only way to meet 1,000")

    def test_quantity_prices(self):
        """Of the quantity prices of a supplier, one is used."""
        options = [
            offer("few", 12.0, supplier="a"),
            offer("many", 9.0, supplier="a", min_qty=800),
            offer("b", 10.0),
        ]
        plan = self.plan(options, weights=Weights(1.0, 0.0, 0.0, 0.0))
        self.assertEqual(plan.quantities, {"many": 1000})
        plan = self.plan(options, quantity=500, weights=Weights(1.0, 0.0, 0.0, 0.0))
        self.assertEqual(plan.quantities, {"b": 500})

    def test_lead_time(self):
        options = [offer("slow", 8.0, delay=21), offer("fast", 10.0, delay=20)]
        plan = self.plan(options)
        self.assertEqual(plan.quantities, {"fast": 1000})
        self.assertEqual(plan.causes["slow"][0], ("late", 21, 20))
        self.assertEqual(codes(plan.causes["fast"]), ["only"])
        plan = self.plan(options[:1])
        self.assertEqual(plan.unplaced, {"tea": 1000})
        self.assertEqual(codes(plan.unplaced_causes["tea"]), ["late"])

    def test_largest_part_of_one(self):
        options = [offer("a", 10.0), offer("b", 12.0), offer("c", 14.0)]
        cheap = Weights(1.0, 0.0, 0.0, 0.0)
        plan = self.plan(options, weights=cheap, max_share=0.4)
        self.assertEqual(plan.quantities, {"a": 400, "b": 400, "c": 200})
        self.assertIn("at_share", codes(plan.causes["a"]))
        plan = self.plan(options[:2], weights=cheap, max_share=0.4)
        self.assertEqual(plan.unplaced, {"tea": 200})
        self.assertEqual(codes(plan.unplaced_causes["tea"]), ["share"])

    def test_nobody_offers(self):
        plan = self.plan([], demands=[Demand("tea", 10, SOON)])
        self.assertEqual(plan.quantities, {})
        self.assertEqual(codes(plan.unplaced_causes["tea"]), ["none"])

    def test_several_limits_together(self):
        """Too late and no room: lifting one of the two would not help, and that is told."""
        caps = {"a": Cap(100.0, 0.0)}
        plan = self.plan([offer("a", 10.0, cap="a", delay=40)], caps, quantity=5)
        self.assertEqual(codes(plan.unplaced_causes["tea"]), ["several"])

    def test_overdrawn_cap(self):
        """A cap that sank below what is committed has no room, and disturbs nobody else."""
        caps = {"a": Cap(100.0, -50.0), "b": Cap(0.0, 0.0), "c": Cap(1e6, 1e6)}
        plan = self.plan([offer(name, 10.0, cap=name) for name in "abc"], caps)
        self.assertEqual(plan.quantities, {"c": 1000})
        self.assertEqual(codes(plan.causes["a"]), ["room"])
        self.assertEqual(codes(plan.causes["b"]), ["room"])

    def test_goods_of_a_category(self):
        """Boxes of 5 kg and loose goods meet a demand in kg together."""
        options = [
            offer("box", 40.0, product="box", factor=5.0),
            offer("loose", 9.0, product="loose", county="box"),
        ]
        plan = self.plan(options, quantity=503, weights=Weights(1.0, 0.0, 0.0, 0.0))
        self.assertEqual(plan.quantities, {"box": 100, "loose": 3})

    def test_same_again(self):
        caps = {name: Cap(5000.0 + 1000 * rank, 4000.0) for rank, name in enumerate("abcdef")}
        options = [
            offer(name, 10.0 + rank / 7, cap=name, min_qty=50 * (rank % 2), score=50 + 9 * rank)
            for rank, name in enumerate("abcdef")
        ]
        plans = [self.plan(options, caps, weights=Weights(2.0, 1.0, 1.0, 1.0)) for _ in range(2)]
        self.assertEqual(plans[0].quantities, plans[1].quantities)
        self.assertEqual(plans[0].causes, plans[1].causes)

    def test_no_time(self):
        """Out of time, the plan keeps every limit and claims no small gap."""
        options = [offer("a", 10.0), offer("b", 11.0)]
        plan = make_plan([Demand("tea", 10, SOON)], options, {}, EVEN, TODAY, time_limit=0.0)
        self.assertEqual(plan.unplaced, {"tea": 10})
        self.assertEqual(codes(plan.unplaced_causes["tea"]), ["time"])
        self.assertEqual(plan.gap, 1.0)

    def test_input_without_sense(self):
        demand, option = Demand("tea", 10, SOON), offer("a", 10.0)
        for demands, options, caps, weights, share in (
            ([Demand("tea", 0, SOON)], [], {}, EVEN, 1.0),
            ([demand], [offer("a", 0.0)], {}, EVEN, 1.0),
            ([demand], [offer("a", 10.0, demand="oil")], {}, EVEN, 1.0),
            ([demand], [offer("a", 10.0, cap="a")], {}, EVEN, 1.0),
            ([demand], [offer("a", 10.0, min_qty=-1)], {}, EVEN, 1.0),
            ([demand], [option], {}, Weights(0.0, 0.0, 0.0, 0.0), 1.0),
            ([demand], [option], {}, EVEN, 0.0),
        ):
            with self.assertRaises(ValueError):
                make_plan(demands, options, caps, weights, TODAY, share)

    def test_solver_is_loaded_with_the_first_plan_alone(self):
        """Workers that never plan do not carry it."""
        import subprocess
        import sys
        from pathlib import Path

        tool = Path(__file__).parents[1] / "tools" / "purchase_plan.py"
        code = (
            "import importlib.util, sys\n"
            f"spec = importlib.util.spec_from_file_location('tool', {str(tool)!r})\n"
            "sys.modules['tool'] = tool = importlib.util.module_from_spec(spec)\n"
            "spec.loader.exec_module(tool)\n"
            "assert 'scipy' not in sys.modules and 'numpy' not in sys.modules"
        )
        subprocess.run([sys.executable, "-c", code], check=True)

    def test_concentration(self):
        self.assertEqual(herfindahl([5.0]), 10000)
        self.assertAlmostEqual(herfindahl([1.0] * 4), 2500)
        self.assertAlmostEqual(herfindahl([50, 30, 20]), 3800)
        self.assertEqual(herfindahl([]), 0.0)
        self.assertEqual(herfindahl([0.0, -3.0]), 0.0)
        self.assertAlmostEqual(largest_share([1.0] * 10), 0.5)
        self.assertAlmostEqual(largest_share([50, 30, 20], 1), 0.5)
        self.assertEqual(largest_share([]), 0.0)
