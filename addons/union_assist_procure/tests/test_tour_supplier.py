from odoo.tests import HttpCase, new_test_user, tagged

from .common import CapCommon


@tagged("post_install", "-at_install", "union_assist")
class TestTourSupplier(HttpCase, CapCommon):
    def test_a_supplier_sees_its_orders_and_its_cap(self):
        """The supplier logs in and finds its own orders and cap, and nobody else's."""
        self._create_order(260_000, partner_ref="OURS").button_confirm()
        other = self._create_supplier("Oil Company", persons=10)
        self._create_order(5000, other, partner_ref="THEIRS").button_confirm()
        contact = self.env["res.partner"].create(
            {
                "name": "Contact",
                "parent_id": self.supplier.id,
                "email": "contact@example.com",
                "lang": "en_US",
            }
        )
        new_test_user(
            self.env,
            "tea_contact",
            "base.group_portal",
            password="tea_contact",
            partner_id=contact.id,
        )
        self.start_tour("/my", "union_assist_supplier", login="tea_contact", timeout=120)
