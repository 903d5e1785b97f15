from odoo.tests import BaseCase, tagged

from ..tools.catalogue_query import CatalogueQuery, page_numbers, read_query
from ..tools.minimum_cell import publishable_cells


@tagged("post_install", "-at_install", "union_assist")
class TestPublicCatalogueTools(BaseCase):
    def test_nothing_asked(self):
        query = read_query({})
        self.assertEqual(query, CatalogueQuery())
        self.assertFalse(query.is_filtered)
        self.assertEqual(query.url("/c"), "/c")

    def test_one_question_has_one_address(self):
        parameters = {
            "page": "2",
            "sort": "price",
            "kind": "sme",
            "q": "  小米  tea ",
            "county": "610827",
            "category": "7",
            "certificate": "assist_county",
            "lang": "zh_CN",
        }
        query = read_query(parameters)
        address = query.url("/c")
        self.assertEqual(
            address,
            "/c?q=%E5%B0%8F%E7%B1%B3+tea&category=7&county=610827&certificate=assist_county"
            "&kind=sme&sort=price&page=2&lang=zh_CN",
        )
        self.assertEqual(query.words, ["小米", "tea"])
        self.assertNotIn("page", query.url("/c", county=""))
        self.assertIn("page=2", query.url("/c", lang="en_US"))
        self.assertIn("page=3", query.url("/c", page=3))

    def test_nonsense_is_left_out(self):
        for parameters in (
            {"page": "0", "category": "x", "county": "1", "kind": "A", "sort": "id"},
            {"page": "10001", "category": "2147483648", "certificate": "a b", "lang": "zh/CN"},
            {"q": "   ", "page": None, "county": ["610827"], "category": 7},
        ):
            self.assertEqual(read_query(parameters), CatalogueQuery())

    def test_text_is_bounded(self):
        query = read_query({"q": "ab " * 1000})
        self.assertLessEqual(len(query.text), 60)
        self.assertEqual(len(query.words), 5)
        self.assertEqual(read_query({"q": "ﷺ" * 1000}).text[:1], "ص")
        self.assertLessEqual(len(read_query({"q": "ﷺ" * 1000}).text), 60)
        self.assertEqual(read_query({"q": "a\x00b\u2028c"}).text, "a b c")

    def test_page_numbers(self):
        self.assertEqual(page_numbers(1, 1), [1])
        self.assertEqual(page_numbers(4, 7), [1, 2, 3, 4, 5, 6, 7])
        self.assertEqual(page_numbers(1, 63), [1, 2, 3, 4, None, 63])
        self.assertEqual(page_numbers(30, 63), [1, None, 29, 30, 31, None, 63])
        self.assertEqual(page_numbers(63, 63), [1, None, 60, 61, 62, 63])
        for page in range(1, 64):
            numbers = page_numbers(page, 63)
            self.assertIn(page, numbers)
            self.assertLessEqual(len(numbers), 7)

    def test_cells(self):
        self.assertEqual(publishable_cells({}, 5), ({}, False))
        self.assertEqual(publishable_cells({"a": 4}, 5), ({}, True))
        self.assertEqual(publishable_cells({"a": 5}, 5), ({"a": 5}, False))
        published, withheld = publishable_cells({"a": 5, "b": 37, "c": 4, "d": 4}, 5)
        self.assertEqual(list(published.items()), [("b", 37), ("a", 5)])
        self.assertTrue(withheld)
        self.assertEqual(publishable_cells({"a": 900}, float("inf")), ({}, True))
