from odoo.tests import HttpCase, tagged

from .test_public_catalogue import PublicCatalogueCommon


@tagged("post_install", "-at_install", "union_assist")
class TestTourCatalogue(HttpCase, PublicCatalogueCommon):
    browser_size = "375x667"
    touch_enabled = True

    def test_a_visitor_finds_goods_on_a_phone(self):
        """Nobody logs in: search, filter, a product, the other language."""
        self.make_product("Green Tea")
        orchard = {"assist_supplier_id": self.orchard.id, "assist_origin_id": self.mizhi.id}
        self.make_product("Millet", **orchard)
        self.make_product("Mountain Apples", list_price=11.6, categ_id=self.fruit.id, **orchard)
        self.exclude(self.make_product("Gone"))
        self.lift(5, self.orchard, self.mizhi)
        self.start_tour("/assist/catalogue?lang=en_US", "union_assist_public_catalogue")
