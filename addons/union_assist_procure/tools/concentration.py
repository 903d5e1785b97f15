"""How much of the purchases falls on few: pure arithmetic, no ORM.

The one definition of the concentration figures. Scope and amounts are the caller's: whoever
shows a figure says of which orders it is.
"""


def herfindahl(amounts):
    """Return the Herfindahl-Hirschman index of amounts, 0 to 10,000.

    The sum of the squared parts in percent, as competition authorities use it (among others
    the Horizontal Merger Guidelines of the United States' Department of Justice and Federal Trade
    Commission): 10,000 when one has all, 10,000 / n when n have the same.

    :param amounts: what each one has; those not above 0 have nothing
    """
    amounts = [amount for amount in amounts if amount > 0.0]
    total = sum(amounts)
    return sum((100.0 * amount / total) ** 2 for amount in amounts) if total else 0.0


def largest_share(amounts, count=5):
    """Return which part, 0 to 1, falls on the ``count`` largest amounts."""
    amounts = sorted((amount for amount in amounts if amount > 0.0), reverse=True)
    total = sum(amounts)
    return sum(amounts[:count]) / total if total else 0.0
