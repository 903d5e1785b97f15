"""Purchase caps: pure arithmetic, no ORM.

A cap is the amount that may be bought from a supplier in a period. It follows from how many
people, or households, the supplier verifiably lifts, through the brackets of a policy.
Counts are numbers of heads and may be fractions, because a household shared by several
suppliers counts for each with its share. Amounts are in one currency; rounding is the caller's.
"""

from datetime import date


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
    steps = sorted(brackets)
    if method == "flat":
        amount = next((rate for start, rate in reversed(steps) if start <= count), 0.0) * count
    elif method == "marginal":
        ends = [*steps[1:], (float("inf"), 0.0)] if steps else []
        amount = sum(
            (min(count, end) - start) * rate
            for (start, rate), (end, _rate) in zip(steps, ends, strict=True)
            if start < count
        )
    else:
        raise ValueError(f"unknown method {method!r}")
    amount = max(amount, minimum)
    return min(amount, maximum) if maximum else amount


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
