"""Purchase caps: pure arithmetic, no ORM.

A cap is the amount that may be bought from a supplier in a period. It follows from how many
people, or households, the supplier verifiably lifts, through the brackets of a policy.
Counts are numbers of heads and may be fractions, because a household shared by several
suppliers counts for each with its share. Amounts are in one currency; rounding is the caller's.
"""

from datetime import date
from math import ceil, floor, inf

# Counts and amounts are floats: a head, or a unit, is not lost to their last binary digit.
TOLERANCE = 1e-9


def cap_amount(count, brackets, method="flat", minimum=0.0, maximum=0.0):
    """Return the cap that ``count`` heads give.

    :param float count: verified heads, 0 or more
    :param brackets: ``(from_count, amount per head)`` pairs in any order; a bracket holds from
        its ``from_count`` up to the next one's; heads below the lowest give nothing
    :param str method: ``"flat"``: every head gives the amount of the bracket that the count
        falls in; ``"marginal"``: each head gives the amount of the bracket that this head falls in
    :param float minimum: the cap is never lower, not even with no heads at all
    :param float maximum: the cap is never higher; 0 for no maximum
    :raise ValueError: when the method is neither of the two
    """
    amount = sum(heads * rate for heads, rate in cap_parts(count, brackets, method))
    amount = max(amount, minimum)
    return min(amount, maximum) if maximum else amount


def cap_parts(count, brackets, method="flat"):
    """Return what heads give before minimum and maximum: ``(heads, amount per head)`` pairs.

    :raise ValueError: when the method is neither of the two
    """
    steps = sorted(brackets)
    if method == "flat":
        return [(count, rate) for start, rate in reversed(steps) if start <= count][:1]
    if method == "marginal":
        ends = [start for start, _rate in steps[1:]] + [inf]
        return [
            (min(count, end) - start, rate)
            for (start, rate), end in zip(steps, ends, strict=False)
            if start < count
        ]
    raise ValueError(f"unknown method {method!r}")


def heads_needed(amount, count, brackets, method="flat", minimum=0.0, maximum=0.0):
    """Return how many whole heads more are needed for a cap of at least ``amount``.

    The inverse of :func:`cap_amount`. With flat brackets a cap may sink where a bracket with a
    lower rate begins; what is returned is the smallest number that is enough.

    :param float amount: the cap that is wanted
    :param float count: the heads there are
    :return: 0 when the heads are enough; None when no number of heads is
    :raise ValueError: when the method is neither of the two
    """
    if amount <= cap_amount(count, brackets, method, minimum, maximum) * (1 + TOLERANCE):
        return 0
    if maximum and amount > maximum:
        return None
    steps = sorted(brackets)
    below = 0.0  # what the heads below a marginal bracket give
    ends = [start for start, _rate in steps[1:]] + [inf]
    for (start, rate), end in zip(steps, ends, strict=False):
        if rate:
            enough = amount / rate if method == "flat" else start + (amount - below) / rate
            more = max(ceil(max(enough, start) - count - TOLERANCE * max(enough, 1)), 0)
            # A flat bracket holds for the heads in it alone; a marginal cap never sinks again.
            if enough <= end if method == "marginal" else start <= count + more < end:
                return more
        below += (end - start) * rate if end < inf else 0.0
    return None


def largest_quantity(amount_of, quantity, room, step=1.0):
    """Return the largest quantity that fits: at most ``quantity`` and a whole number of steps.

    :param amount_of: what a quantity takes of the cap, rounded as it counts; grows with it
    :param float quantity: what is wanted
    :param float room: what may be taken
    :param float step: smallest part that the unit of measure allows
    :return: 0 when not even one step fits
    """
    if amount_of(quantity) <= room:
        return quantity
    low, high = 0, ceil(quantity / step - TOLERANCE)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if amount_of(middle * step) <= room else (low, middle)
    return low * step


def natural_step(quantity, rounding):
    """Return by which steps people lower a quantity: whole ones, where it is a whole one.

    :param float rounding: the smallest part that the unit of measure allows
    """
    return 1.0 if quantity >= 10 and quantity == floor(quantity) else rounding


def whole_steps(quantity, step, up=False):
    """Return the nearest whole number of steps at most ``quantity``, or at least it.

    :param float step: smallest part; 0 when any quantity is allowed
    """
    if not step:
        return quantity
    steps = quantity / step
    return (ceil(steps - TOLERANCE) if up else floor(steps + TOLERANCE)) * step


def committed_quantity(ordered, received, returned):
    """Return the quantity of an order line that counts against the cap.

    What is ordered counts until it is received; what was received beyond the order counts too;
    what went back to the supplier to be refunded no longer counts. A negative line (a credit)
    counts with its sign.

    :param float ordered: quantity of the line
    :param float received: quantity received and kept, that is, after returns
    :param float returned: quantity returned for a refund
    """
    expected = ordered - returned
    return max(expected, received) if ordered >= 0 else min(expected, received)


def year_of(day):
    """Return the first and the last day of the calendar year of ``day``."""
    return date(day.year, 1, 1), date(day.year, 12, 31)


def format_quantity(quantity):
    """Return a quantity as it is written: two decimals at most, thousands apart."""
    return f"{quantity:,.2f}".rstrip("0").rstrip(".")
