from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .farming_common import FarmingCommon


@tagged("post_install", "-at_install", "union_assist")
class TestTourFarming(HttpCase, FarmingCommon):
    def test_from_the_contract_to_a_paid_weigh_ticket(self):
        """An operator makes the contract, weighs in, is held to the floor price, and pays."""
        operator = self._create_users()["operator"]
        operator.write({"password": "farm_operator", "lang": "en_US"})
        self.crop.name = "Fresh Chrysanthemum of the Tour"
        self.household.code = "TOUR-FARM"
        with mute_logger("odoo.http"):  # which notes what the floor price refuses
            self.start_tour(
                "/odoo/action-union_assist_procure.action_farming_contract",
                "union_assist_farming",
                login=operator.login,
                timeout=180,
            )
        contract = self.env["union.assist.farming.contract"].search(
            [("product_id", "=", self.crop.id), ("id", "!=", self.contract.id)]
        )
        self.assertEqual(contract.state, "delivering")
        self.assertEqual((contract.expected_amount, contract.paid_amount), (36_000, 36_000))
        self.assertEqual(contract.region_id, self.village)
        self.assertEqual(contract.ticket_ids.payment_ids.voucher_number, "PZ-TOUR")
