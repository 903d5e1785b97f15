from odoo.tests import BaseCase, tagged

from ..tools.weighing import minimum_price, payable_weight, take


@tagged("post_install", "-at_install", "union_assist")
class TestWeighingTool(BaseCase):
    def test_the_chrysanthemum_case(self):
        self.assertEqual(payable_weight(4 * 3000, 0) * minimum_price(3, 0), 36_000)

    def test_moisture_and_impurity_are_parts_of_the_net_weight(self):
        self.assertAlmostEqual(payable_weight(110, 10, 5, 3), 92)
        self.assertEqual(payable_weight(10, 10), 0)
        self.assertEqual(payable_weight(10, 12), 0)

    def test_the_higher_of_floor_and_market(self):
        self.assertEqual(minimum_price(3, 2.5), 3)
        self.assertEqual(minimum_price(3, 3.4), 3.4)

    def test_what_is_taken_of_each_rest(self):
        self.assertEqual(take(100, [30, 0, -5, 90, 10]), [30, 0, 0, 70, 0])
        self.assertEqual(take(0, [30]), [0])
