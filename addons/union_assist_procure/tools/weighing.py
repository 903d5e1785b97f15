"""Arithmetic of weigh tickets (磅单): plain numbers in, plain numbers out."""

# Weights are paid for by the hundredth of a jin, prices are agreed to the hundredth of a fen.
WEIGHT_DIGITS = 2
PRICE_DIGITS = 4


def payable_weight(gross, tare, moisture=0.0, impurity=0.0):
    """Return the net weight less what is deducted for moisture and impurity.

    :param float gross: weight of goods and packing
    :param float tare: weight of the packing or the vehicle
    :param float moisture: deduction in percent of the net weight
    :param float impurity: deduction in percent of the net weight
    """
    return max(gross - tare, 0.0) * max(100.0 - moisture - impurity, 0.0) / 100.0


def minimum_price(floor, market):
    """Return the least that may be paid: the floor holds, and a market above it applies."""
    return max(floor, market)


def take(amount, rests):
    """Take an amount out of rests, first ones first.

    :param float amount: how much to take
    :param rests: what each still has
    :return: what is taken of each
    """
    taken = []
    for rest in rests:
        part = min(max(rest, 0.0), amount)
        taken.append(part)
        amount -= part
    return taken
