"""Amounts of money in Chinese capitals, as contracts and delivery notes write them."""

from decimal import ROUND_HALF_UP, Decimal

import cn2an

_FEN = Decimal("0.01")


def capital_amount(amount):
    """Write an amount of yuan in Chinese capitals (人民币大写).

    Amounts are rounded to the fen, half up. Whole yuan end in 整; jiao and fen do not
    (支付结算办法, annex 1).

    :param amount: yuan as int, float, Decimal or digits
    :return: for example ``叁万陆仟元整`` for 36000; a negative amount begins with 负
    :raise ValueError: for what is not a number, or from 10^16 yuan on
    """
    try:
        rounded = Decimal(str(amount)).quantize(_FEN, ROUND_HALF_UP)
    except ArithmeticError as error:
        raise ValueError(f"Not an amount of money: {amount!r}") from error
    # Half a fen below zero rounds to a negative zero: it is zero.
    return cn2an.an2cn(format(rounded or abs(rounded), "f"), "rmb")
