"""Which goods of a lot may still leave, where a part of it was released for a time or for some.

Goods of one lot cannot be told apart. What leaves is taken from what is bound first: from the
concession that ends first, then from what was released for good. Pure arithmetic, no Odoo.
"""

from dataclasses import dataclass
from datetime import date

# Below any unit's rounding: sums of floats are not exact.
EPSILON = 1e-6


@dataclass(frozen=True)
class Grant:
    """A quantity that may leave.

    :param until: last day, ``None`` for ever
    :param receivers: whom it may go to, ``None`` for anybody
    """

    key: int
    quantity: float
    until: date | None = None
    receivers: frozenset | None = None

    def covers(self, flow):
        return (self.until is None or flow.day <= self.until) and (
            self.receivers is None or bool(self.receivers & flow.receivers)
        )

    @property
    def rank(self):
        return (self.until or date.max, self.receivers is None, self.key)


@dataclass(frozen=True)
class Flow:
    """A quantity that left (above zero) or came back (below zero) on a day.

    :param receivers: ids of the receiver and of those it belongs to
    """

    quantity: float
    day: date
    receivers: frozenset = frozenset()


def share_out(grants, flows):
    """Take what left from what may leave, in the order given.

    What came back is given back to what was taken last.

    :param grants: list of :class:`Grant`
    :param flows: list of :class:`Flow`, the first one first
    :return: ``({grant key: quantity left of it}, [quantity that nothing covers, per flow])``
    """
    left = {grant.key: grant.quantity for grant in grants}
    ranked = sorted(grants, key=lambda grant: grant.rank)
    taken, short = [], []
    for flow in flows:
        rest = flow.quantity
        while rest < -EPSILON and taken:
            key, quantity = taken.pop()
            part = min(-rest, quantity)
            left[key] += part
            rest += part
            if quantity - part > EPSILON:
                taken.append((key, quantity - part))
        for grant in ranked:
            if rest <= EPSILON:
                break
            part = min(rest, left[grant.key])
            if part > EPSILON and grant.covers(flow):
                left[grant.key] -= part
                taken.append((grant.key, part))
                rest -= part
        short.append(max(rest, 0.0) if rest > EPSILON else 0.0)
    return left, short
