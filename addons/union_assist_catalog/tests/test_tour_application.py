from odoo.tests import HttpCase, new_test_user, tagged

from .common import UnionAssistCatalogCommon, make_credit_code


@tagged("post_install", "-at_install", "union_assist")
class TestTourApplication(HttpCase, UnionAssistCatalogCommon):
    def test_a_supplier_applies_the_county_recommends_the_federation_admits(self):
        """One application, by the three who take it to its end."""
        partner = self.env["res.partner"].create({"name": "Ann", "lang": "en_US"})
        user = new_test_user(
            self.env,
            "tour_applicant",
            "base.group_portal",
            password="tour_applicant",
            partner_id=partner.id,
        )
        (self.official | self.federation).lang = "en_US"
        code = make_credit_code(8001)
        self.start_tour(
            f"/my/home?code={code}", "union_assist_application", login="tour_applicant", timeout=120
        )
        application = user.commercial_partner_id.assist_admission_ids
        self.assertEqual(application.state, "applied")
        self.assertEqual(application.supplier_id.company_registry, code)
        for login, tour, state in (
            ("assist_official", "union_assist_application_recommend", "recommended"),
            ("assist_federation", "union_assist_application_admit", "admitted"),
        ):
            self.start_tour("/odoo", tour, login=login, timeout=120)
            self.env.invalidate_all()
            self.assertEqual(application.state, state)
        self.assertEqual(
            application.event_ids.sorted("id").mapped("role"), ["supplier", "county", "federation"]
        )
        self.start_tour("/my/home", "union_assist_application_admitted", login="tour_applicant")
