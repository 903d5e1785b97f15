from odoo.tests import BaseCase, tagged

from odoo.addons.union_assist_procure.tools.split import Need, Source, propose_split


@tagged("post_install", "-at_install", "union_assist")
class TestSplitTool(BaseCase):
    def test_the_rest_goes_to_who_has_room(self):
        kept, placed = propose_split(
            [Need("tea", 2000, 26, "cap")],
            {"cap": 12_000},
            {"tea": [Source("oil", 25, "oil cap")]},
            {"oil cap": 20_000},
        )
        self.assertEqual(kept, {"tea": 1538})
        self.assertEqual(placed, {("tea", "oil"): 462})

    def test_what_nobody_takes_is_lowered_all_the_same(self):
        kept, placed = propose_split(
            [Need("tea", 2000, 26, "cap")],
            {"cap": 12_000},
            {"tea": [Source("oil", 25, "oil cap")]},
            {"oil cap": 2500},
        )
        self.assertEqual(placed, {("tea", "oil"): 100})
        self.assertEqual(kept, {"tea": 1538})
        self.assertEqual(
            propose_split([Need("tea", 2000, 26, "cap")], {"cap": 12_000}, {}, {}),
            ({"tea": 1538}, {}),
        )

    def test_minimum_and_lot(self):
        need = Need("tea", 2000, 26, "cap")
        for minimum, multiple, moved in ((500, 0, 500), (0, 24, 480), (490, 24, 504), (2001, 0, 0)):
            with self.subTest(minimum=minimum, multiple=multiple):
                kept, placed = propose_split(
                    [need],
                    {"cap": 12_000},
                    {"tea": [Source("oil", 25, None, minimum, multiple)]},
                    {},
                )
                self.assertEqual(placed.get(("tea", "oil"), 0), moved)
                self.assertEqual(kept["tea"], min(2000 - moved, 1538))

    def test_one_room_is_not_given_twice(self):
        needs = [Need("tea", 100, 10, "cap"), Need("leaf", 100, 10, "cap")]
        sources = {key: [Source("oil", 10, "oil cap")] for key in ("tea", "leaf")}
        kept, placed = propose_split(needs, {"cap": 1500}, sources, {"oil cap": 1200})
        self.assertEqual(sum(placed.values()), 120)
        self.assertEqual(sum(kept.values()), 50)

    def test_lines_of_other_caps_stay(self):
        needs = [
            Need("tea", 100, 10, "cap"),
            Need("oil", 100, 10, "other"),
            Need("gift", 1, 5, None),
        ]
        kept, placed = propose_split(
            needs,
            {"cap": 200, "other": -50},
            {"oil": [Source("x", 1)], "tea": [Source("x", 1)]},
            {},
        )
        self.assertEqual(kept, {"tea": 80, "oil": 100, "gift": 1})
        self.assertEqual(placed, {("tea", "x"): 20})

    def test_what_others_take_is_lowered_first(self):
        needs = [Need("tea", 100, 10, "cap"), Need("leaf", 100, 10, "cap")]
        kept, _placed = propose_split(needs, {"cap": 500}, {"leaf": [Source("x", 1)]}, {})
        self.assertEqual(kept, {"tea": 100, "leaf": 50})
