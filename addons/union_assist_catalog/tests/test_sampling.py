from odoo.tests import BaseCase, tagged

from ..tools.sampling import draw_sample, population_digest, sample_size


@tagged("post_install", "-at_install", "union_assist")
class TestSampling(BaseCase):
    def test_the_same_draw_everywhere(self):
        """What anybody gets who ranks sha256("<seed>:<id>"), in any language."""
        self.assertEqual(draw_sample(range(1, 21), 5, "42"), [1, 13, 20, 11, 6])
        self.assertEqual(draw_sample(reversed(range(1, 21)), 5, "42"), [1, 13, 20, 11, 6])

    def test_seed_and_population_decide(self):
        ids = range(1000)
        first = draw_sample(ids, 50, "1")
        self.assertEqual(len(set(first)), 50)
        self.assertNotEqual(first, draw_sample(ids, 50, "2"))
        self.assertEqual(draw_sample(ids, 10, "1"), first[:10])
        self.assertEqual(draw_sample(ids, 2000, "1"), draw_sample(ids, 1000, "1"))

    def test_everybody_may_be_drawn(self):
        """Of 100, ten at a time: after 400 draws each was drawn between 15 and 70 times."""
        drawn = [number for seed in range(400) for number in draw_sample(range(100), 10, seed)]
        counts = [drawn.count(number) for number in range(100)]
        self.assertGreater(min(counts), 15)
        self.assertLess(max(counts), 70)

    def test_size(self):
        for population, wanted, size in (
            (100, {"percent": 10}, 10),
            (101, {"percent": 10}, 11),
            (3, {"percent": 10}, 1),
            (3, {"count": 10}, 3),
            (30, {"count": 10}, 10),
            (0, {"count": 10}, 0),
            (70, {"percent": 10.0}, 7),
            (30, {"percent": 100}, 30),
        ):
            with self.subTest(population=population, **wanted):
                self.assertEqual(sample_size(population, **wanted), size)

    def test_digest(self):
        self.assertEqual(population_digest([3, 1, 2]), population_digest([1, 2, 3]))
        self.assertNotEqual(population_digest([1, 2]), population_digest([12]))
        self.assertEqual(
            population_digest([1]),
            "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b",
        )
