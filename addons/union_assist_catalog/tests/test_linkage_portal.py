from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged

from .common import UnionAssistCatalogCommon


@tagged("post_install", "-at_install", "union_assist")
class TestLinkagePortal(HttpCase, UnionAssistCatalogCommon):
    """A supplier sees its own linkages by code, and nothing of anybody else's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls.env["res.partner"].create({"name": "Union Unit", "is_company": True})
        cls.portal = {}
        for login, company in (
            ("linkage_tea", cls.tea_maker),
            ("linkage_fruit", cls.orchard),
            ("linkage_none", cls.customer),
        ):
            contact = cls.env["res.partner"].create({"name": login, "parent_id": company.id})
            cls.portal[login] = new_test_user(
                cls.env, login, "base.group_portal", password=login, partner_id=contact.id
            )
        cls.linkages = cls.env["union.assist.linkage"].concat(
            *(
                cls.make_linkage(
                    cls.make_household(f"PORTAL-{i:02}", head_name="Zhang Secret", note="Ill"),
                    state="verified" if i < 22 else "submitted",
                )
                for i in range(24)
            )
        )
        cls.linkages[23]._refuse("The contract is missing")
        cls.theirs = cls.make_linkage(
            cls.make_household("THEIRS-1"), cls.orchard, state="verified", note="Their contract"
        )

    def get_page(self, login, path="/my/assist/households"):
        self.authenticate(login, login)
        response = self.url_open(path)
        self.assertEqual(response.status_code, 200)
        return response.text

    def test_own_linkages_by_code(self):
        page = self.get_page("linkage_tea")
        self.assertEqual(page.count("o_assist_linkage"), 20)
        self.assertIn("PORTAL-23", page)
        self.assertIn("The contract is missing", page)
        self.assertIn(">88<", page)
        for part in ("THEIRS", "Zhang", "Ill<", "Orchard"):
            self.assertNotIn(part, page)
        second = self.get_page("linkage_tea", "/my/assist/households/page/2")
        self.assertEqual(second.count("o_assist_linkage"), 4)
        draft = self.get_page("linkage_tea", "/my/assist/households?state=draft")
        self.assertEqual(draft.count("o_assist_linkage"), 1)
        self.assertIn("PORTAL-23", draft)
        self.assertIn("/my/assist/households", self.get_page("linkage_tea", "/my"))
        odd = self.get_page("linkage_tea", "/my/assist/households?state=%27")
        self.assertEqual(odd.count("o_assist_linkage"), 20)

    def test_another_supplier_and_a_customer(self):
        page = self.get_page("linkage_fruit")
        self.assertIn("THEIRS-1", page)
        self.assertNotIn("PORTAL-", page)
        page = self.get_page("linkage_none")
        self.assertIn("alert-info", page)
        for part in ("PORTAL-", "THEIRS", "o_assist_linkage"):
            self.assertNotIn(part, page)

    def test_without_a_login(self):
        response = self.url_open("/my/assist/households")
        self.assertIn("/web/login", response.url)
        self.assertNotIn("PORTAL-", response.text)

    def test_employees_see_none_here(self):
        self.operator.password = "assist_operator"
        new_test_user(self.env, "assist_clerk", "base.group_user", password="assist_clerk")
        for login in ("assist_operator", "assist_clerk"):
            page = self.get_page(login)
            for part in ("PORTAL-", "THEIRS"):
                self.assertNotIn(part, page)

    def test_the_record_rule_and_not_the_page_decides(self):
        tea = self.portal["linkage_tea"]
        linkage_model = self.env["union.assist.linkage"].with_user(tea)
        self.assertEqual(linkage_model.search([]), self.linkages.with_user(tea).sorted())
        own = linkage_model.browse(self.linkages[0].id)
        self.assertIn("PORTAL-00", own.display_name)
        with self.assertRaises(AccessError):
            self.theirs.with_user(tea).read(["state"])
        for name in ("conflict_reason", "in_conflict"):
            with self.assertRaises(AccessError):
                own.read([name])
        with self.assertRaises(AccessError):
            linkage_model.search([("in_conflict", "=", True)])
        for name in ("head_name", "code"):
            with self.assertRaises(AccessError):
                own.household_id.read([name])
        with self.assertRaises(AccessError):
            own.write({"note": "More"})
        for step in ("action_submit", "action_verify", "action_revoke", "action_review_verify"):
            with self.assertRaises(AccessError):
                getattr(own, step)()
        with self.assertRaises(AccessError):
            own.action_view_splits()
        for user in (self.portal["linkage_none"], self.env.ref("base.public_user")):
            model = self.env["union.assist.linkage"].with_user(user)
            if model.has_access("read"):
                self.assertFalse(model.search([]))

    def test_evidence_is_read_by_who_reads_the_linkage(self):
        file = (
            self.env["ir.attachment"]
            .with_user(self.operator)
            .create({"name": "contract.txt", "raw": b"4 mu", "res_model": "union.assist.linkage"})
        )
        self.linkages[0].with_user(self.operator).evidence_ids = file
        self.assertEqual(file.res_id, self.linkages[0].id)
        readers = (self.portal["linkage_tea"], self.official, self.viewer)
        for user in readers:
            self.assertEqual(file.with_user(user).raw, b"4 mu")
        self.official.assist_region_ids = self.env.ref("union_assist_catalog.region_610827")
        for user in (self.portal["linkage_fruit"], self.portal["linkage_none"], self.official):
            with self.assertRaises(AccessError):
                file.with_user(user).read(["raw"])

    def test_payments(self):
        payment_model = self.env["union.assist.linkage.payment"]
        payment_model.with_user(self.official).create(
            [
                {"linkage_id": self.linkages[0].id, "date": "2021-07-31", "amount": 2400},
                {"linkage_id": self.linkages[0].id, "date": "2021-08-31", "amount": 2400},
            ]
        )
        self.assertEqual(self.linkages[0].paid_amount, 4800)
        self.linkages[0].payment_ids[0].unlink()
        self.assertEqual(self.linkages[0].paid_amount, 2400)
        with self.assertRaises(AccessError):
            payment_model.with_user(self.portal["linkage_tea"]).search([])
        self.assertEqual(self.linkages[0].state, "verified")
