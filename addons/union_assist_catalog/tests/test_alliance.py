from unittest import SkipTest

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import GROUP, UnionAssistCatalogCommon


@tagged("post_install", "-at_install", "union_assist")
class TestAlliance(UnionAssistCatalogCommon):
    def test_members_and_lead(self):
        alliance = self.env["union.assist.alliance"].create(
            {
                "name": "North",
                "lead_id": self.tea_maker.id,
                "member_ids": [(6, 0, (self.tea_maker | self.orchard).ids)],
                "announced_member_count": 12,
            }
        )
        self.assertEqual(alliance.member_count, 2)
        self.assertEqual(self.tea_maker.assist_led_alliance_ids, alliance)
        self.assertEqual(self.orchard.assist_alliance_ids, alliance)
        with self.assertRaises(AccessError):
            alliance.with_user(self.official).name = "South"

    def test_companies(self):
        company = self.env["res.company"].create({"name": "Second"})
        alliance = self.env["union.assist.alliance"].create(
            {"name": "North", "company_id": company.id}
        )
        self.assertFalse(
            self.env["union.assist.alliance"]
            .with_user(self.operator)
            .search([("id", "=", alliance.id)])
        )
        other = new_test_user(
            self.env,
            "alliance_second",
            f"{GROUP}operator",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        self.assertTrue(alliance.with_user(other).name)
        self.tea_maker.company_id = self.env.company
        with self.assertRaises(UserError):
            alliance.lead_id = self.tea_maker

    def test_demo(self):
        weinan = self.env.ref("union_assist_catalog.alliance_weinan", False)
        if not weinan:
            raise SkipTest("The catalogue was installed without its demo data.")
        self.assertEqual(weinan.lead_id.name, "有色集团")
        self.assertIn("粮农集团", weinan.member_ids.name)
        yulin = self.env.ref("union_assist_catalog.alliance_yulin")
        self.assertEqual(yulin.lead_id.name, "陕煤")
        self.assertEqual((yulin.announced_member_count, yulin.announced_county_count), (12, 8))
        self.assertFalse(yulin.member_ids)
