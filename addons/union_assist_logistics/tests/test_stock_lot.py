from datetime import datetime

from odoo.tests import tagged

from .common import UnionAssistQualityCommon


@tagged("post_install", "-at_install", "union_assist")
class TestStockLot(UnionAssistQualityCommon):
    def test_shelf_life_counts_from_production(self):
        self.tea.write({"use_expiration_date": True, "expiration_time": 365})
        lot = self.env["stock.lot"].create(
            {"name": "T-1", "product_id": self.tea.id, "assist_production_date": "2025-03-01"}
        )
        self.assertEqual(lot.expiration_date, datetime(2026, 3, 1))
        told = self.env["stock.lot"].create(
            {
                "name": "T-2",
                "product_id": self.tea.id,
                "assist_production_date": "2025-03-01",
                "expiration_date": "2025-09-01",
            }
        )
        self.assertEqual(told.expiration_date, datetime(2025, 9, 1))
