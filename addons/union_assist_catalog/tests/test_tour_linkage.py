from odoo.tests import HttpCase, tagged

from .common import UnionAssistCatalogCommon


@tagged("post_install", "-at_install", "union_assist")
class TestTourLinkage(HttpCase, UnionAssistCatalogCommon):
    def test_verification_in_bulk(self):
        """An operator verifies what waits in a list, and is told what cannot be verified."""
        self.env["union.assist.linkage"].search([]).filtered_domain(
            [("state", "=", "submitted")]
        )._refuse("Not part of this tour")
        linkages = self.env["union.assist.linkage"].concat(
            *(
                self.make_linkage(self.make_household(f"TOUR-{i}", persons=3), state="submitted")
                for i in (1, 2, 3)
            )
        )
        linkages[2].household_id.status = "left"
        self.operator.write({"password": "assist_operator", "lang": "en_US"})
        action = self.env["ir.actions.act_window"].create(
            {
                "name": "Linkages of the Tour",
                "res_model": "union.assist.linkage",
                "view_mode": "list,form",
                "domain": f"[('id', 'in', {linkages.ids})]",
            }
        )
        self.start_tour(
            f"/odoo/action-{action.id}", "union_assist_linkage", login=self.operator.login
        )
        linkages.invalidate_recordset()
        self.assertEqual(linkages.mapped("state"), ["verified", "verified", "submitted"])
        self.assertEqual(set(linkages[:2].mapped("verified_note")), {"Called each household"})
        self.assertEqual(linkages[:2].verification_ids.verified_by_id, self.operator)
        self.tea_maker.invalidate_recordset()
        self.assertEqual(self.tea_maker.assist_person_count, 6)
