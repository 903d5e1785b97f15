import re

from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common import GROUP, UnionAssistCatalogCommon, make_credit_code

URL = "/my/assist/application"


@tagged("post_install", "-at_install", "union_assist")
class TestApplicationPortal(HttpCase, UnionAssistCatalogCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.applicant = cls.make_user("applicant")
        cls.values = {
            "name": "Honey Makers",
            "company_registry": make_credit_code(7001),
            "assist_supplier_kind": "cooperative",
            "assist_region_id": str(cls.county.id),
            "assist_legal_representative": "Somebody",
            "street": "1 Hive Lane",
            "phone": "0915-1",
            "email": "honey@example.com",
            "contact_name": "Ann",
            "contact_phone": "130",
            "goods": "Honey",
            "mechanism_ids": [str(cls.order_purchase.id)],
            "claimed_households": "12",
        }

    @classmethod
    def make_user(cls, login, company=None, **values):
        partner = cls.env["res.partner"].create(
            {
                "name": login,
                "parent_id": company.id if company else False,
                "lang": "en_US",
                **values,
            }
        )
        return new_test_user(
            cls.env, login, "base.group_portal", password=login, partner_id=partner.id
        )

    def post(self, login="applicant", token=True, **values):
        self.authenticate(login, login)
        data = {**self.values, "action": "submit", **values}
        if token:
            page = self.url_open(URL).text
            data["csrf_token"] = re.search(r'csrf_token: "([^"]+)"', page)[1]
        response = self.url_open(URL, data=data)
        self.env.invalidate_all()
        return response

    def get_application(self, user=None):
        return (user or self.applicant).commercial_partner_id.assist_admission_ids

    def test_saved_as_a_draft_then_submitted(self):
        response = self.post(action="save", goods="", claimed_households="")
        self.assertIn("The draft is saved", response.text)
        self.assertIn("Goods Offered, Households Declared", response.text)
        company = self.applicant.commercial_partner_id
        self.assertEqual((company.name, company.is_company), ("Honey Makers", True))
        self.assertEqual(company.assist_admission_state, "draft")
        self.assertEqual(self.applicant.name, "Ann")
        response = self.post()
        self.assertEqual(response.status_code, 200)
        self.assertIn("The application is submitted", response.text)
        application = self.get_application()
        self.assertEqual(application.state, "applied")
        self.assertEqual(application.claimed_households, 12)
        self.assertEqual(application.mechanism_ids, self.order_purchase)
        self.assertEqual(application.contact_id, self.applicant.partner_id)
        self.assertEqual(application.event_ids.role, "supplier")
        self.assertNotIn("<form method", response.text)
        self.assertEqual(company.child_ids, self.applicant.partner_id)

    def test_errors_stand_beside_their_fields_and_nothing_is_lost(self):
        response = self.post(
            company_registry="91110000600037341K",
            email="nobody",
            claimed_households="many",
            phone="",
            goods="Honey & <wax>",
        )
        self.assertIn("Nothing has been saved yet", response.text)
        for error in ("typing error", "no e-mail address", "whole number", "needed to submit"):
            self.assertIn(error, response.text)
        for kept in ("91110000600037341K", "nobody", "many", "Honey &amp; &lt;wax&gt;", "130"):
            self.assertIn(kept, response.text)
        self.assertRegex(response.text, rf'value="{self.county.id}" selected')
        self.assertRegex(response.text, rf'value="{self.order_purchase.id}" checked')
        self.assertFalse(self.applicant.commercial_partner_id.is_company)
        for values in (
            {"assist_supplier_kind": "emperor"},
            {"assist_region_id": "999999999"},
            {"assist_region_id": "x"},
            {"name": " "},
            {"name": "x" * 300},
            {"claimed_households": "-3"},
            {"claimed_households": "99999999999999999999"},
        ):
            with self.subTest(values=values):
                self.assertIn("is-invalid", self.post(**values).text)
        self.assertFalse(self.get_application())

    def test_without_a_token_nothing_happens(self):
        with mute_logger("odoo.http"):
            response = self.post(token=False)
        self.assertEqual(response.status_code, 400)
        self.assertFalse(self.get_application())
        self.assertEqual(self.url_open(URL, method="PUT", data=self.values).status_code, 405)

    def test_only_the_fields_of_the_form_are_written(self):
        self.post(
            state="admitted",
            assist_admission_state="admitted",
            supplier_id=str(self.tea_maker.id),
            company_id="1",
            comment="x",
            vat="CN1",
            user_id="2",
        )
        company = self.applicant.commercial_partner_id
        self.assertEqual(company.assist_admission_state, "applied")
        self.assertFalse(company.comment or company.vat or company.company_id or company.user_id)
        self.assertFalse(self.tea_maker.assist_admission_ids)

    def test_a_code_that_is_taken(self):
        self.tea_maker.company_registry = self.values["company_registry"]
        response = self.post()
        self.assertIn("registered already", response.text)
        self.assertNotIn("Tea Maker", response.text)

    def test_returned_corrected_and_submitted_again(self):
        self.post()
        application = self.get_application()
        self.assertIn("has been submitted", self.post(goods="Wine").text)
        self.assertEqual(application.goods, "Honey")
        application._take_step("return", reason="Fewer\nhouseholds")
        self.authenticate("applicant", "applicant")
        page = self.url_open(URL).text
        self.assertIn("Fewer\nhouseholds", page)
        self.assertIn('value="12"', page)
        self.post(claimed_households="9")
        self.assertEqual((application.state, application.claimed_households), ("applied", 9))
        application._take_step("recommend")
        application._take_step("admit")
        page = self.url_open(URL).text
        self.assertIn("is admitted and can receive orders", page)
        self.assertNotIn(self.env.user.name, page)
        self.post(name="Another")
        self.assertEqual(application.supplier_id.name, "Honey Makers")

    def test_colleagues_share_one_application(self):
        self.post()
        company = self.applicant.commercial_partner_id
        colleague = self.make_user("colleague", company)
        self.authenticate("colleague", "colleague")
        self.assertIn("Honey Makers", self.url_open(URL).text)
        self.post("colleague", name="Second")
        self.assertEqual(len(self.get_application(colleague)), 1)
        self.assertEqual(
            self.env["union.assist.admission"].search_count([("supplier_id", "=", company.id)]), 1
        )

    def test_another_ones_application_is_out_of_reach(self):
        self.post()
        application = self.get_application()
        stranger = self.make_user("stranger", self.orchard)
        self.authenticate("stranger", "stranger")
        for address in (URL, f"{URL}?id={application.id}", f"{URL}?supplier_id={application.id}"):
            page = self.url_open(address).text
            self.assertNotIn("Honey Makers", page)
            self.assertNotIn("Somebody", page)
        self.assertEqual(self.url_open(f"{URL}/{application.id}").status_code, 404)
        self.post("stranger", name="Thief", company_registry=make_credit_code(7002))
        self.assertEqual(application.supplier_id.name, "Honey Makers")
        # A company that was there before keeps its name.
        self.assertEqual(self.get_application(stranger).supplier_id, self.orchard)
        self.assertEqual(self.orchard.name, "Orchard")

    def test_who_may_apply(self):
        union = self.env["res.partner"].create(
            {"name": "Union", "is_company": True, "assist_union_kind": "base_union"}
        )
        self.make_user("unionist", union)
        new_test_user(self.env, "application_staff", f"{GROUP}operator", password="12345678")
        for login, password in (("unionist", "unionist"), ("application_staff", "12345678")):
            self.authenticate(login, password)
            self.assertNotIn("o_assist_application", self.url_open(URL).text)
            counters = self.make_jsonrpc_request(
                "/my/counters", {"counters": ["assist_application_count"]}
            )
            self.assertEqual(counters["assist_application_count"], 0)
        self.authenticate(None, None)
        self.assertIn("/web/login", self.url_open(URL).url)
        self.authenticate("applicant", "applicant")
        counters = self.make_jsonrpc_request(
            "/my/counters", {"counters": ["assist_application_count"]}
        )
        self.assertEqual(counters["assist_application_count"], 1)
        self.assertIn(URL, self.url_open("/my/home").text)

    def test_the_page_takes_the_same_queries_for_any_number_of_applications(self):
        self.post()

        def count():
            self.url_open(URL)
            return self.record_queries(lambda: self.url_open(URL))

        one = count()
        suppliers = self.env["res.partner"].create(
            [
                {"name": f"S{index}", "is_company": True, "assist_supplier_kind": "sme"}
                for index in range(50)
            ]
        )
        self.env["union.assist.admission"].create([{"supplier_id": s.id} for s in suppliers])
        self.assert_same_queries(one, count())
