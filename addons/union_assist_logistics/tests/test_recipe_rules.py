from odoo.tests import BaseCase, tagged

from ..tools.cartons import Box, Item, propose_cartons
from ..tools.recipe_rules import Part, Recipe, Rule, check_recipe


@tagged("post_install", "-at_install", "union_assist")
class TestRecipeRules(BaseCase):
    def check(self, rule, *others, **recipe):
        findings = check_recipe(Recipe(**recipe), [rule, *others])
        return findings[0].verdict if findings else None

    def test_layers(self):
        rule = Rule("layers", "tea", 4)
        tea = (Part("Tea", 1, "tea"),)
        for layers, verdict in ((0, "unknown"), (1, "pass"), (4, "pass"), (5, "fail")):
            with self.subTest(layers=layers):
                self.assertEqual(self.check(rule, parts=tea, layers=layers), verdict)
        self.assertIsNone(self.check(rule, parts=(Part("Rice", 1, "grain"),), layers=9))

    def test_cost_share_by_price(self):
        dear, general = (
            Rule("cost_share", "mooncake", 15, price_over=100),
            Rule("cost_share", "", 20),
        )
        for price, cost, verdicts in (
            (100.0, 20.0, ["pass"]),
            (100.0, 20.01, ["fail"]),
            (100.01, 15.0, ["pass", "pass"]),
            (200.0, 30.0, ["pass", "pass"]),
            (200.0, 30.01, ["fail", "pass"]),
            (200.0, 40.01, ["fail", "fail"]),
        ):
            parts = (Part("Mooncake", 6, "mooncake"), Part("Box", 1, cost=cost, is_packaging=True))
            with self.subTest(price=price, cost=cost):
                findings = check_recipe(Recipe(parts=parts, price=price), [dear, general])
                self.assertEqual([finding.verdict for finding in findings], verdicts)

    def test_cost_share_of_what_is_missing(self):
        rule = Rule("cost_share", "", 20)
        goods = Part("Tea", 1, "tea", cost=50)
        self.assertEqual(self.check(rule, parts=(goods,), price=100), "unknown")
        free = Part("Box", 1, is_packaging=True)
        self.assertEqual(self.check(rule, parts=(goods, free), price=100), "unknown")
        box = Part("Box", 2, cost=15, is_packaging=True)
        self.assertEqual(self.check(rule, parts=(goods, box), price=0), "unknown")
        self.assertEqual(self.check(rule, parts=(goods, box, free), price=100), "fail")

    def test_mooncakes_alone(self):
        rule = Rule("alone", "mooncake")
        cake, box = Part("Mooncake", 6, "mooncake"), Part("Box", 1, is_packaging=True)
        self.assertEqual(self.check(rule, parts=(cake, box)), "pass")
        findings = check_recipe(Recipe(parts=(cake, box, Part("Tea", 1, "tea"))), [rule])
        self.assertEqual((findings[0].verdict, findings[0].parts), ("fail", ("Tea",)))

    def test_zongzi_with_dearer(self):
        rule = Rule("no_dearer", "zongzi")
        zongzi = Part("Zongzi", 10, "zongzi", price=8)
        for price, verdict in ((8, "pass"), (7.99, "pass"), (8.01, "fail"), (0, "unknown")):
            with self.subTest(price=price):
                other = Part("Egg", 2, "other", price=price)
                self.assertEqual(self.check(rule, parts=(zongzi, other)), verdict)

    def test_interspace(self):
        rule, tea = Rule("interspace", "", 30), Rule("coefficient", "tea", 13)
        # 0.1 l × 13 = 1.3 l of necessary space.
        parts = (Part("Tea", 1, "tea", volume=0.1),)
        for volume, verdict in ((1.2, "pass"), (1.857, "pass"), (1.858, "fail"), (0, "unknown")):
            with self.subTest(volume=volume):
                self.assertEqual(self.check(rule, tea, parts=parts, volume=volume), verdict)
        self.assertEqual(self.check(rule, parts=parts, volume=1.2), "unknown")

    def test_exempt(self):
        findings = check_recipe(
            Recipe(parts=(Part("Tea", 1, "tea"),), layers=9, not_for_sale=True),
            [Rule("layers", "tea", 4), Rule("cost_share", "", 20)],
        )
        self.assertEqual({finding.verdict for finding in findings}, {"exempt"})


@tagged("post_install", "-at_install", "union_assist")
class TestCartonProposal(BaseCase):
    small, large = Box("S", 5.0, 10.0), Box("L", 20.0, 40.0)

    def propose(self, *items):
        cartons, oversized = propose_cartons(items, [self.large, self.small])
        for carton in cartons:
            self.assertTrue(carton.box.fits(carton.weight, carton.volume))
        packed = {}
        for carton in cartons:
            for key, quantity in carton.contents.items():
                packed[key] = packed.get(key, 0) + quantity
        for item in items:
            if item not in oversized:
                self.assertAlmostEqual(packed[item.key], item.quantity)
        return cartons, oversized

    def test_weight_and_volume_limit(self):
        cartons, _none = self.propose(Item("rice", 25, 2.5, 2.0))
        self.assertEqual([carton.contents["rice"] for carton in cartons], [8, 8, 8, 1])
        self.assertEqual([carton.box.key for carton in cartons], ["L", "L", "L", "S"])
        cartons, _none = self.propose(Item("crisps", 10, 0.1, 12.0))
        self.assertEqual([carton.contents["crisps"] for carton in cartons], [3, 3, 3, 1])

    def test_gaps_are_filled(self):
        cartons, _none = self.propose(Item("big", 1, 3, 30), Item("small", 10, 0.5, 1))
        self.assertEqual(len(cartons), 1)
        self.assertEqual(cartons[0].contents, {"big": 1, "small": 10})

    def test_groups_apart(self):
        cartons, _none = self.propose(
            Item("meat", 1, 1, 1, "frozen"), Item("rice", 1, 1, 1), Item("fish", 1, 1, 1, "smell")
        )
        self.assertEqual(len(cartons), 3)

    def test_oversized(self):
        cartons, oversized = self.propose(Item("sack", 2, 25, 30), Item("tea", 1, 1, 1))
        self.assertEqual([item.key for item in oversized], ["sack"])
        self.assertEqual(len(cartons), 1)

    def test_rest_of_a_kilogram(self):
        cartons, _none = self.propose(Item("loose", 22.5, 1.0, 1.0))
        self.assertEqual([carton.contents["loose"] for carton in cartons], [20, 2.5])

    def test_unknown_figures_fit_anywhere(self):
        cartons, _none = self.propose(Item("card", 5000))
        self.assertEqual(len(cartons), 1)
