from odoo.tests import tagged
from odoo.tests.common import TransactionCase

from odoo.addons.union_assist_catalog.tests.query_common import QueryCountCase


@tagged("post_install", "-at_install", "union_assist")
class TestBomFind(QueryCountCase, TransactionCase):
    """Products without a bill cost no search for it; what has one is found as in core."""

    def _products(self, count):
        return self.env["product.product"].create(
            [{"name": f"Part {number}", "is_storable": True} for number in range(count)]
        )

    def _queries(self, products):

        def work():
            for product in products:
                self.assertFalse(self.env["mrp.bom"]._bom_find(product)[product])

        return self.record_queries(work)

    def test_products_without_a_bill_are_asked_about_together(self):
        self._queries(self._products(2))
        few, many = (self._queries(self._products(number)) for number in (5, 50))
        self.assert_same_queries(few, many)

    def test_a_bill_is_found_at_once_and_archived_ones_are_not(self):
        part, product = self._products(2)
        boms = self.env["mrp.bom"]
        self.assertFalse(boms._bom_find(product)[product])
        bom = boms.create(
            {
                "product_tmpl_id": product.product_tmpl_id.id,
                "bom_line_ids": [(0, 0, {"product_id": part.id})],
            }
        )
        self.assertEqual(boms._bom_find(product | part), {product: bom})
        bom.active = False
        self.assertFalse(boms._bom_find(product)[product])
        bom.active = True
        self.assertEqual(boms._bom_find(product)[product], bom)
        bom.unlink()
        self.assertFalse(boms._bom_find(product)[product])

    def test_bills_of_other_companies_are_found_for_them(self):
        _part, product = self._products(2)
        company = self.env["res.company"].create({"name": "Elsewhere"})
        bom = self.env["mrp.bom"].create(
            {"product_tmpl_id": product.product_tmpl_id.id, "company_id": company.id}
        )
        find = self.env["mrp.bom"].sudo()._bom_find
        self.assertEqual(find(product, company_id=company.id)[product], bom)
        self.assertFalse(find(product, company_id=self.env.company.id)[product])
