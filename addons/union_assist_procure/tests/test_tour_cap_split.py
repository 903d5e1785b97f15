from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common import CapCommon


@tagged("post_install", "-at_install", "union_assist")
class TestTourCapSplit(HttpCase, CapCommon):
    def test_refusal_and_one_click_split(self):
        """A buyer is refused above the cap and splits the order over a supplier with room."""
        self._create_order(260_000).button_confirm()
        other = self._create_supplier("Oil Company", persons=10)
        for supplier, price in ((self.supplier, 26), (other, 25)):
            self.env["product.supplierinfo"].create(
                {
                    "partner_id": supplier.id,
                    "product_tmpl_id": self.product.product_tmpl_id.id,
                    "price": price,
                }
            )
        buyer = new_test_user(
            self.env,
            "tour_buyer",
            "purchase.group_purchase_user",
            password="tour_buyer",
            lang="en_US",
        )
        order = self._create_order(52_000, quantity=2000, user_id=buyer.id)
        with mute_logger("odoo.http"):  # the refusal
            self.start_tour(
                f"/odoo/action-purchase.purchase_rfq/{order.id}",
                "union_assist_cap_split",
                login="tour_buyer",
            )
        self.assertEqual(order.state, "purchase")
        request = self.env["purchase.order"].search([("origin", "=", order.name)])
        self.assertEqual(request.partner_id, other)
        self.assertEqual(request.order_line.product_qty, 462)
        self.assert_used(260_000 + 1538 * 26)
