from decimal import Decimal

from odoo.tests import BaseCase, tagged

from ..tools.amount import capital_amount


@tagged("post_install", "-at_install", "union_assist")
class TestCapitalAmount(BaseCase):
    def test_whole_yuan(self):
        self.assertEqual(capital_amount(36000), "叁万陆仟元整")
        self.assertEqual(capital_amount(1300000), "壹佰叁拾万元整")
        self.assertEqual(capital_amount(36000.0), "叁万陆仟元整")
        self.assertEqual(capital_amount("10000001"), "壹仟万零壹元整")
        self.assertEqual(capital_amount(100000000), "壹亿元整")

    def test_jiao_and_fen(self):
        """The examples of 支付结算办法, annex 1."""
        self.assertEqual(capital_amount(1409.50), "壹仟肆佰零玖元伍角")
        self.assertEqual(capital_amount(6007.14), "陆仟零柒元壹角肆分")
        self.assertEqual(capital_amount(1680.32), "壹仟陆佰捌拾元叁角贰分")
        self.assertEqual(capital_amount(16409.02), "壹万陆仟肆佰零玖元零贰分")
        self.assertEqual(capital_amount(325.04), "叁佰贰拾伍元零肆分")

    def test_below_one_yuan(self):
        self.assertEqual(capital_amount(0), "零元整")
        self.assertEqual(capital_amount(0.5), "伍角")
        self.assertEqual(capital_amount(0.05), "伍分")

    def test_negative(self):
        self.assertEqual(capital_amount(-12.3), "负壹拾贰元叁角")
        self.assertEqual(capital_amount(-0.004), "零元整")

    def test_rounding_half_up(self):
        self.assertEqual(capital_amount("0.125"), "壹角叁分")
        self.assertEqual(capital_amount(Decimal("9.995")), "壹拾元整")
        # What binary arithmetic leaves of 0.1 + 0.2.
        self.assertEqual(capital_amount(0.1 + 0.2), "叁角")

    def test_large(self):
        self.assertEqual(
            capital_amount(123456789012.34),
            "壹仟贰佰叁拾肆亿伍仟陆佰柒拾捌万玖仟零壹拾贰元叁角肆分",
        )

    def test_not_an_amount(self):
        for value in ("", "abc", None, float("nan"), float("inf"), 10**16):
            with self.subTest(value=value), self.assertRaises(ValueError):
                capital_amount(value)
