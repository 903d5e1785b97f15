from odoo.tests import tagged

from .test_catalogue import CatalogueCommon


@tagged("post_install", "-at_install", "union_assist")
class TestAssortment(CatalogueCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tea_category, cls.oil_category = cls.env["product.category"].create(
            [{"name": "Test tea"}, {"name": "Test oil"}]
        )
        cls.empty_county = cls.env.ref("union_assist_catalog.region_610827")
        cls.tea.categ_id = cls.tea_category
        cls.oil = cls.make_product("Oil", categ_id=cls.oil_category.id)

    def rows(self, **values):
        domain = [("catalogue_id", "=", self.catalogue.id)]
        domain += [(name, "=", value) for name, value in values.items()]
        return self.env["union.assist.assortment"].search(domain)

    def test_products_by_county_and_category(self):
        self.env.flush_all()
        tea = self.rows(region_id=self.county.id, category_id=self.tea_category.id)
        self.assertEqual((tea.listed_count, tea.out_count, tea.supplier_count), (1, 0, 1))
        oil = self.rows(region_id=self.county.id, category_id=self.oil_category.id)
        self.assertEqual((oil.listed_count, oil.out_count), (0, 1))
        self.assertEqual(tea.prefecture_id, self.county.parent_id)
        entries = self.env["union.assist.catalogue.entry"].search(
            tea.action_view_entries()["domain"]
        )
        self.assertEqual(entries.product_tmpl_id, self.tea)

    def test_gaps_are_rows(self):
        gap = self.rows(region_id=self.empty_county.id, category_id=self.tea_category.id)
        self.assertEqual((gap.listed_count, gap.out_count), (0, 0))
        self.assertTrue(gap.has_status)
        without = self.env["union.assist.region"].search(
            [("level", "=", "county"), ("current_status_ids", "=", False)], limit=1
        )
        self.assertTrue(without)
        self.assertFalse(self.rows(region_id=without.id))
        self.tea.assist_origin_id = without
        self.env.flush_all()
        row = self.rows(region_id=without.id, category_id=self.tea_category.id)
        self.assertEqual((row.listed_count, row.has_status), (1, False))

    def test_counties_with_none(self):
        none = self.rows(county_listed_count=0).region_id
        self.assertNotIn(self.county, none)
        self.tea.sale_ok = False
        for product in self.env["product.template"].search(
            [("assist_origin_id", "=", self.county.id), ("sale_ok", "=", True)]
        ):
            product.sale_ok = False
        self.env.flush_all()
        self.assertIn(self.county, self.rows(county_listed_count=0).region_id)

    def test_goods_of_a_village_are_those_of_its_county(self):
        town = self.env["union.assist.region"].create(
            {"name": "Town", "level": "township", "parent_id": self.county.id}
        )
        self.tea.assist_origin_id = town
        self.env.flush_all()
        row = self.rows(region_id=self.county.id, category_id=self.tea_category.id)
        self.assertEqual(row.listed_count, 1)
        self.county.invalidate_recordset(["listed_count"])
        self.assertGreaterEqual(self.county.listed_count, 1)
        self.assertEqual(town.listed_count, 1)

    def test_ids_are_those_of_the_rows(self):
        rows = self.rows()
        self.assertEqual(len(rows), len(set(rows.ids)))
        for row in rows[:20]:
            found = self.rows(region_id=row.region_id.id, category_id=row.category_id.id)
            self.assertEqual(found, row)

    def test_officials_see_their_counties(self):
        rows = self.env["union.assist.assortment"].with_user(self.official).search([])
        self.assertEqual(rows.region_id, self.county)
        action = self.county.with_user(self.official).action_view_assortment()
        self.assertEqual(action["res_model"], "union.assist.assortment")
