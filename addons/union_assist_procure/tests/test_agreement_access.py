from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .agreement_common import AgreementCommon

READ, NONE = (True, False, False, False), (False, False, False, False)
ALL = (True, True, True, True)
OPERATIONS = ("read", "write", "create", "unlink")


class AgreementAccessCommon(AgreementCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.event = cls.env["union.assist.signing.event"].create({"name": "Signing Event One"})
        cls.subscription.assist_event_id = cls.event
        cls.order = cls._call(400)
        cls.call = cls.subscription.assist_call_ids
        cls.other = cls._create_supplier("Oil Company", persons=10)
        cls.draft = cls.subscription.copy()
        cls.plain = cls._create_agreement(kind=False)
        contact, other_contact = cls.env["res.partner"].create(
            [
                {"name": "Tea", "parent_id": cls.supplier.id, "email": "tea@example.com"},
                {"name": "Oil", "parent_id": cls.other.id, "email": "oil@example.com"},
            ]
        )
        cls.portal = new_test_user(
            cls.env,
            "agreement_tea",
            "base.group_portal",
            password="agreement_tea",
            partner_id=contact.id,
        )
        cls.other_portal = new_test_user(
            cls.env,
            "agreement_oil",
            "base.group_portal",
            password="agreement_oil",
            partner_id=other_contact.id,
        )


@tagged("post_install", "-at_install", "union_assist")
class TestAgreementAccess(AgreementAccessCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = {
            "viewer": "union_assist_catalog.group_user",
            "federation": "union_assist_catalog.group_federation",
            "operator": "union_assist_catalog.group_operator",
            "manager": "union_assist_catalog.group_manager",
            "county": "union_assist_catalog.group_county",
            "buyer": "purchase.group_purchase_user",
            "employee": "base.group_user",
            "public": "base.group_public",
        }
        cls.users = {
            role: new_test_user(cls.env, f"agreement_role_{role}", group)
            for role, group in groups.items()
        }
        cls.users["portal"] = cls.portal
        cls.users["other portal"] = cls.other_portal
        company = cls.env["res.company"].create({"name": "Second Company"})
        cls.users["second"] = new_test_user(
            cls.env,
            "agreement_role_second",
            "union_assist_catalog.group_manager",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_who_may_do_what(self):
        matrix = {
            # role: agreement, line, call, event
            "viewer": (NONE, NONE, NONE, READ),
            "federation": (NONE, NONE, NONE, READ),
            "operator": (ALL, ALL, READ, ALL),
            "manager": (ALL, ALL, READ, ALL),
            "county": (NONE, NONE, NONE, NONE),
            "buyer": (ALL, ALL, READ, READ),
            "employee": (NONE, NONE, NONE, NONE),
            "public": (NONE, NONE, NONE, NONE),
            "portal": (READ, READ, READ, NONE),
            "other portal": (NONE, NONE, NONE, NONE),
            "second": (NONE, NONE, NONE, NONE),
        }
        records = (self.subscription, self.subscription.line_ids, self.call, self.event)
        for role, rights in matrix.items():
            for record, expected in zip(records, rights, strict=True):
                with self.subTest(role=role, model=record._name):
                    mine = record.with_user(self.users[role])
                    found = tuple(mine.has_access(operation) for operation in OPERATIONS)
                    self.assertEqual(found, expected)

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_a_supplier_reads_what_concerns_it(self):
        agreements = self.env["purchase.requisition"].with_user(self.portal)
        # Neither drafts nor agreements that are no subscription or intention.
        self.assertEqual(agreements.search([]).ids, self.subscription.ids)
        own = self.subscription.with_user(self.portal)
        self.assertEqual((own.assist_called, own.assist_open), (40_000, 60_000))
        for agreement in (self.draft, self.plain):
            with self.assertRaises(AccessError):
                agreement.with_user(self.portal).read(["name"])
        with self.assertRaises(AccessError):
            self.subscription.with_user(self.other_portal).read(["name"])
        for function in ("action_cancel", "action_done", "action_draft"):
            with self.assertRaises(AccessError):
                getattr(own, function)()
        with self.assertRaises(AccessError):
            own.write({"date_end": False})
        intention = self._create_agreement("intention").with_user(self.portal)
        with self.assertRaises(AccessError):
            intention.action_assist_convert()

    def test_viewers_see_the_totals_of_an_event_without_its_agreements(self):
        event = self.event.with_user(self.users["viewer"])
        self.assertEqual((event.subscribed, event.subscription_count), (100_000, 1))
        with self.assertRaises(AccessError):
            event.read(["requisition_ids"])

    def test_a_buyer_without_programme_rights_meets_the_subscription(self):
        order = self._call(601, confirm=False).with_user(self.users["buyer"])
        with self.assertRaisesRegex(Exception, "too much by 1.00"):
            order.button_confirm()
        order.order_line.product_qty = 600
        order.button_confirm()
        self.assert_called(1000)


@tagged("post_install", "-at_install", "union_assist")
class TestAgreementPortal(HttpCase, AgreementAccessCommon):
    def _get_page(self, login, path="/my/assist/agreements"):
        self.authenticate(login, login)
        response = self.url_open(path)
        self.assertEqual(response.status_code, 200)
        return response.text

    def test_a_supplier_sees_its_agreements_alone(self):
        intention = self._create_agreement("intention", quantity=50)
        theirs = self._create_agreement("intention", quantity=77, vendor_id=self.other.id)
        page = self._get_page("agreement_tea")
        for part in (
            self.subscription.name,
            intention.name,
            "Signing Event One",
            "100,000.00",
            "40,000.00",
            "60,000.00",
            "5,000.00",
        ):
            self.assertIn(part, page)
        for part in (theirs.name, self.draft.name, self.plain.name, "105,000.00"):
            self.assertNotIn(f'data-name="{part}"', page)
        self.assertNotIn("105,000.00", page)
        page = self._get_page("agreement_oil")
        self.assertIn(theirs.name, page)
        self.assertNotIn(self.subscription.name, page)
        self.assertNotIn("100,000.00", page)

    def test_pages(self):
        for _agreement in range(10):
            self._create_agreement("intention", quantity=5)
        page = self._get_page("agreement_tea", "/my/assist/agreements/page/2")
        self.assertEqual(page.count("o_assist_agreement"), 1)
        self._get_page("agreement_tea", "/my/assist/agreements/page/99")

    def test_customers_staff_and_the_public_see_none(self):
        customer = self.env["res.partner"].create({"name": "Union Unit", "is_company": True})
        new_test_user(
            self.env,
            "agreement_customer",
            "base.group_portal",
            password="agreement_customer",
            partner_id=customer.id,
        )
        new_test_user(
            self.env,
            "agreement_staff",
            "union_assist_catalog.group_operator",
            password="agreement_staff",
        )
        new_test_user(self.env, "agreement_plain", "base.group_user", password="agreement_plain")
        for login in ("agreement_customer", "agreement_staff", "agreement_plain"):
            page = self._get_page(login)
            self.assertIn("alert-info", page)
            self.assertNotIn(self.subscription.name, page)
        self.authenticate(None, None)
        self.assertIn("/web/login", self.url_open("/my/assist/agreements").url)

    def test_the_card_of_the_home_page(self):
        for login, count in (("agreement_tea", 1), ("agreement_oil", 0)):
            self.authenticate(login, login)
            counters = self.make_jsonrpc_request(
                "/my/counters", {"counters": ["assist_agreement_count"]}
            )
            self.assertEqual(counters, {"assist_agreement_count": count})
