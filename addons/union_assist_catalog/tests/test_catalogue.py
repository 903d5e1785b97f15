from odoo.tests import tagged

from .common import UnionAssistCatalogCommon


class CatalogueCommon(UnionAssistCatalogCommon):
    """Products that meet every criterion, and a catalogue of the criteria under test."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.catalogue = cls.env.ref("union_assist_catalog.catalogue_recommended")
        cls.tea = cls.make_product("Tea")

    @classmethod
    def make_product(cls, name, **values):
        return cls.env["product.template"].create(
            {
                "name": name,
                "list_price": 38.0,
                "assist_supplier_id": cls.tea_maker.id,
                "assist_origin_id": cls.county.id,
                "assist_specification": "80 g",
                "assist_stock_statement": "in_stock",
                **values,
            }
        )

    @classmethod
    def entry(cls, product):
        return cls.env["union.assist.catalogue.entry"].search(
            [("catalogue_id", "=", cls.catalogue.id), ("product_tmpl_id", "=", product.id)]
        )

    def assertOut(self, product, *codes):
        entry = self.entry(product)
        self.assertFalse(entry.listed)
        self.assertEqual(set(entry.reason_ids.criterion_id.mapped("code")), set(codes))
        return entry


@tagged("post_install", "-at_install", "union_assist")
class TestCatalogue(CatalogueCommon):
    def test_entry_comes_with_the_supplier(self):
        entry = self.entry(self.tea)
        self.assertTrue(entry.listed)
        self.assertFalse(entry.reason_ids)
        self.assertEqual(entry.listed_since, self.env.company._assist_today())
        self.assertEqual(entry.movement_ids.mapped("direction"), ["in"])
        self.assertEqual(
            (entry.supplier_id, entry.origin_id, entry.category_id),
            (self.tea_maker, self.county, self.tea.categ_id),
        )
        other = self.env["product.template"].create({"name": "Screws"})
        self.assertFalse(self.entry(other))
        other.write({"list_price": 3.0, "active": False})
        self.assertFalse(self.entry(other))

    def test_incomplete_product(self):
        self.tea.assist_specification = False
        entry = self.assertOut(self.tea, "complete")
        self.assertIn("Specification", entry.reasons)
        self.assertTrue(entry.reason_ids.remedy)
        self.tea.assist_specification = "100 g"
        self.assertTrue(entry.listed)
        self.assertEqual(entry.movement_ids.mapped("direction"), ["in", "out", "in"])
        self.assertIn("Specification", entry.movement_ids[1].explanation)
        self.tea.assist_supplier_id = False
        self.assertOut(self.tea, "complete")

    def test_product_not_on_sale(self):
        self.tea.sale_ok = False
        self.assertOut(self.tea, "on_sale")
        self.tea.sale_ok = True
        self.assertTrue(self.entry(self.tea).listed)
        self.tea.active = False
        self.assertIn("archived", self.assertOut(self.tea, "on_sale").reasons)
