import datetime
import io

from openpyxl import load_workbook

from odoo.tests import BaseCase, tagged

from ..tools.catalogue_changes import ASPECTS, compare_rows, count_kinds
from ..tools.sheets import Column, render_sheet

NAMES = [name for names in ASPECTS.values() for name in names]


def make_row(**values):
    return dict.fromkeys(NAMES, "") | {"price": 38.0, "currency_id": 1, "unit": "box"} | values


@tagged("post_install", "-at_install", "union_assist")
class TestCatalogueChanges(BaseCase):
    def compare(self, old, new, **options):
        return compare_rows(old, new, **options)

    def test_added_removed_and_unchanged(self):
        row = make_row()
        changes = self.compare({1: row, 2: row}, {2: dict(row), 3: row})
        self.assertEqual(
            [(change.kind, change.key) for change in changes], [("added", 3), ("removed", 1)]
        )
        self.assertEqual(count_kinds(changes), (1, 1, 0))
        self.assertEqual(self.compare({}, {}), [])

    def test_price_by_percent(self):
        (change,) = self.compare({1: make_row()}, {1: make_row(price=41.8)})
        self.assertEqual(change.fields, {"price": ["price"]})
        self.assertAlmostEqual(change.percent, 10.0)
        (change,) = self.compare({1: make_row(price=40.0)}, {1: make_row(price=30.0)})
        self.assertAlmostEqual(change.percent, -25.0)

    def test_prices_that_cannot_be_compared(self):
        for values in ({"unit": "bag"}, {"currency_id": 2}):
            (change,) = self.compare({1: make_row()}, {1: make_row(price=50.0, **values)})
            self.assertIsNone(change.percent)
            self.assertIn("price", change.fields)
        (change,) = self.compare({1: make_row(price=0.0)}, {1: make_row(price=5.0)})
        self.assertIsNone(change.percent)

    def test_each_aspect(self):
        for aspect, names in ASPECTS.items():
            for name in names:
                value = 7 if name in ("price", "currency_id", "shelf_life_days") else "x"
                (change,) = self.compare({1: make_row()}, {1: make_row(**{name: value})})
                self.assertEqual(change.fields, {aspect: [name]})

    def test_empty_is_empty(self):
        old = make_row(certificate_number=False, shelf_life_days=0)
        new = make_row(certificate_number=None, shelf_life_days=False)
        self.assertEqual(self.compare({1: old}, {1: new}), [])

    def test_texts_of_another_language_are_no_change(self):
        old = make_row(name="绿茶", unit="盒", supplier="A")
        new = make_row(name="Green Tea", unit="box", supplier="B")
        (change,) = self.compare({1: old}, {1: new}, same_language=False)
        self.assertEqual(change.fields, {"supplier": ["supplier"]})


@tagged("post_install", "-at_install", "union_assist")
class TestSheets(BaseCase):
    columns = (
        Column("Name"),
        Column("GTIN"),
        Column("Price", "money"),
        Column("Until", "date"),
        Column("Change", "percent"),
    )
    created = datetime.datetime(2026, 5, 1, 12, 0)

    def render(self, rows, name="Edition 2026-01"):
        return render_sheet(name, self.columns, rows, self.created)

    def test_values_are_of_their_kind(self):
        rows = [
            ["茶", "0690123456789", 38.5, datetime.date(2027, 1, 31), 0.1],
            ["=1+1", False, None, "", None],
            ["https://example.com", "", 0.0, None, -0.25],
        ]
        sheet = load_workbook(io.BytesIO(self.render(rows))).active
        values = list(sheet.iter_rows(values_only=True))
        self.assertEqual(values[0], ("Name", "GTIN", "Price", "Until", "Change"))
        self.assertEqual(
            values[1], ("茶", "0690123456789", 38.5, datetime.datetime(2027, 1, 31), 0.1)
        )
        self.assertEqual(values[2], ("=1+1", None, None, None, None))
        self.assertEqual(sheet["A3"].data_type, "s", "a name is never a formula")
        self.assertEqual(sheet["B2"].data_type, "s")
        self.assertEqual(values[3][2], 0)
        self.assertEqual((sheet.freeze_panes, sheet.auto_filter.ref), ("A2", "A1:E4"))

    def test_the_same_data_give_the_same_bytes(self):
        self.assertEqual(self.render([]), self.render([]))

    def test_any_name_of_a_sheet(self):
        for name in ("[2026]: a/b*?", "x" * 50, "''", ""):
            self.assertTrue(load_workbook(io.BytesIO(self.render([], name))).sheetnames[0])
