from io import BytesIO

from pypdf import PdfReader

from odoo.tests import HttpCase, tagged

from .recall_common import RecallCommon


@tagged("post_install", "-at_install", "union_assist")
class TestTourRecall(RecallCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.ref("base.group_user").implied_ids |= cls.env.ref("stock.group_production_lot")
        cls.operator.lang = "en_US"
        cls.tea_lot = cls.stock_lot("TOUR-T", 50)
        rice_lot = cls.stock_lot("TOUR-R", 50, cls.rice)
        cls.pack_lot = cls.produce("TOUR-P", 5, {cls.tea_lot: 10, rice_lot: 5})
        cls.shop.name = "Tour Hospital"
        cls.deliver({cls.tea_lot: 10})
        cls.deliver({cls.pack_lot: 2}, cls.shop)

    def test_recall(self):
        self.start_tour(
            f"/odoo/assist-lots/{self.tea_lot.id}",
            "union_assist_recall",
            login=self.operator.login,
        )
        recall = self.env["union.assist.recall"].search([("lot_ids", "in", self.tea_lot.ids)])
        self.assertEqual(recall.state, "open")
        line = recall.line_ids.filtered(lambda record: record.lot_id == self.pack_lot)
        self.assertEqual((line.answered_qty, line.returned_qty, line.open_qty), (2, 2, 0))
        self.start_tour(
            f"/odoo/assist-recalls/{recall.id}",
            "union_assist_recall_close",
            login=self.operator.login,
        )
        self.env.invalidate_all()
        self.assertEqual(recall.state, "closed")
        text = "".join(
            page.extract_text() for page in PdfReader(BytesIO(recall.report_id.raw)).pages
        )
        for expected in (recall.name, "Tour Hospital", "Workshop Union", "changes its oven"):
            self.assertIn(expected, text)

    def test_trace(self):
        self.start_tour("/odoo/assist-trace", "union_assist_trace", login=self.keeper.login)
