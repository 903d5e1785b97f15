from odoo.tests import HttpCase, tagged

from .tender_common import TenderCommon


@tagged("post_install", "-at_install", "union_assist")
class TestTourTender(HttpCase, TenderCommon):
    def test_a_tender_from_call_to_award_with_two_suppliers(self):
        self.env["union.assist.tender"].search([("state", "=", "draft")]).unlink()
        users = self.operator | self.federation
        for user in self.bidders.values():
            users |= user
        users.write({"lang": "en_US", "tz": "UTC"})
        tender = self._create_tender(
            subject="Goods of the tour",
            suppliers=self.supplier | self.oil,
            lots=[(self.product, 100.0)],
        )
        self.start_tour("/odoo", "union_assist_tender_call", login="tender_operator")
        self.assertEqual(tender.state, "called")
        self.start_tour("/my", "union_assist_tender_bid", login="bidder0")
        self.start_tour("/my", "union_assist_tender_change", login="bidder1")
        self.env.invalidate_all()
        self.assertEqual(tender.bid_count, 2)
        self.assertFalse(tender.bid_line_ids)
        self._pass_deadline(tender)
        self.start_tour("/odoo", "union_assist_tender_request", login="tender_operator")
        self.start_tour("/odoo", "union_assist_tender_open", login="tender_federation")
        self.env.invalidate_all()
        self.assertEqual(sorted(tender.bid_line_ids.mapped("price_unit")), [25.0, 26.5])
        self.start_tour("/odoo", "union_assist_tender_award", login="tender_operator")
        self.env.invalidate_all()
        self.assertEqual(tender.state, "awarded")
        self.assertEqual(tender.award_ids.lot_ids.reason, "Two suppliers grow it")
        states = sorted(tender.order_ids.mapped("state"))
        self.assertEqual(states, ["cancel", "purchase"])
