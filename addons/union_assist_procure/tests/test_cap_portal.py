from odoo.tests import HttpCase, JsonRpcException, new_test_user, tagged
from odoo.tools import mute_logger

from .common import CapCommon


@tagged("post_install", "-at_install", "union_assist")
class TestCapPortal(HttpCase, CapCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._create_order(260_000)
        cls.order.button_confirm()
        cls.other = cls._create_supplier("Oil Company", persons=10)
        cls.other_order = cls._create_order(5000, cls.other)
        cls.other_order.button_confirm()
        cls.portal = cls._create_portal_user("cap_tea", cls.supplier)

    @classmethod
    def _create_portal_user(cls, login, supplier):
        contact = cls.env["res.partner"].create(
            {"name": login, "parent_id": supplier.id, "email": f"{login}@example.com"}
        )
        return new_test_user(
            cls.env,
            login,
            "base.group_portal",
            password=login,
            partner_id=contact.id,
            lang="en_US",
        )

    def _get_page(self, login):
        self.authenticate(login, login)
        response = self.url_open("/my/assist/cap")
        self.assertEqual(response.status_code, 200)
        return response.text

    def test_a_supplier_sees_its_cap_and_orders_alone(self):
        page = self._get_page("cap_tea")
        for part in ("300,000.00", "260,000.00", "40,000.00", self.order.name, "86.7"):
            self.assertIn(part, page)
        for part in (self.other.name, self.other_order.name, "20,000.00"):
            self.assertNotIn(part, page)
        household = self.supplier.assist_linkage_ids.household_id
        self.assertNotIn(household.code, page)

    def test_what_more_persons_would_give(self):
        """Asked live, and by the form where no script runs."""
        self.authenticate("cap_tea", "cap_tea")
        route = f"/my/assist/cap/{self.cap.id}/what_if"
        figures = self.make_jsonrpc_request(route, {"persons": "10", "households": 0})
        self.assertEqual((figures["amount"], figures["remaining"]), (320_000, 60_000))
        page = self.url_open(f"/my/assist/cap?cap_id={self.cap.id}&persons=20").text
        for part in ("340,000.00", "80,000.00", "170 verified persons", "150 verified persons"):
            self.assertIn(part, page)
        for wrong in ("many", "1e400", "<b>"):
            page = self.url_open(f"/my/assist/cap?cap_id={self.cap.id}&persons={wrong}").text
            self.assertIn("300,000.00", page)
            self.assertNotIn("<b>", page)

    def test_what_if_of_others_tells_nothing(self):
        others = self._get_cap(self.other)
        route = f"/my/assist/cap/{others.id}/what_if"
        self.authenticate("cap_tea", "cap_tea")
        self.assertEqual(self.make_jsonrpc_request(route, {"persons": 1}), {})
        page = self.url_open(f"/my/assist/cap?cap_id={others.id}&persons=1").text
        self.assertNotIn("22,000.00", page)
        self._create_portal_user(
            "cap_customer", self.env["res.partner"].create({"name": "Unit", "is_company": True})
        )
        self.authenticate("cap_customer", "cap_customer")
        self.assertEqual(self.make_jsonrpc_request(route, {"persons": 1}), {})
        self.authenticate(None, None)
        with self.assertRaises(JsonRpcException), mute_logger("odoo.http"):
            self.make_jsonrpc_request(route, {"persons": 1})

    def test_what_was_given_back_is_not_listed(self):
        self.order.button_cancel()
        page = self._get_page("cap_tea")
        self.assertNotIn(self.order.name, page)
        self.assertIn("o_assist_cap_left", page)
        self.assertNotIn("<table", page)

    def test_above_the_cap(self):
        self.supplier.assist_linkage_ids.action_revoke()
        self.assertIn("-260,000.00", self._get_page("cap_tea").replace("\ufeff", ""))

    def test_a_customer_has_none(self):
        customer = self.env["res.partner"].create({"name": "Union Unit", "is_company": True})
        self._create_portal_user("cap_customer", customer)
        page = self._get_page("cap_customer")
        self.assertIn("alert-info", page)
        self.assertNotIn("o_assist_cap_left", page)
        self.assertNotIn(self.supplier.name, page)

    def test_staff_see_no_suppliers_there(self):
        new_test_user(
            self.env, "cap_staff", "union_assist_catalog.group_operator", password="cap_staff"
        )
        page = self._get_page("cap_staff")
        self.assertNotIn(self.supplier.name, page)

    def test_the_public_is_sent_to_log_in(self):
        self.authenticate(None, None)
        response = self.url_open("/my/assist/cap")
        self.assertIn("/web/login", response.url)
        self.assertNotIn("300,000.00", response.text)

    def test_the_card_of_the_home_page(self):
        self.authenticate("cap_tea", "cap_tea")
        counters = self.make_jsonrpc_request("/my/counters", {"counters": ["assist_cap_count"]})
        self.assertEqual(counters, {"assist_cap_count": 1})
        self._create_portal_user(
            "cap_customer", self.env["res.partner"].create({"name": "Unit", "is_company": True})
        )
        self.authenticate("cap_customer", "cap_customer")
        counters = self.make_jsonrpc_request("/my/counters", {"counters": ["assist_cap_count"]})
        self.assertEqual(counters, {"assist_cap_count": 0})
        self.assertIn("/my/assist/cap", self.url_open("/my/home").text)
