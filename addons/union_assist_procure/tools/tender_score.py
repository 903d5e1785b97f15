"""Comparison of the bids for a lot: each criterion in points from 0 to 100, weighed and ranked.

========  ======================================================================================
price     lowest unit price of the lot / the bid's unit price
quality   the supplier's quality score, which has 0 to 100 points by itself
cap       part of the bid's value that what is left of the supplier's cap covers; 100 without a cap
persons   people whom the supplier verifiably lifts / the most of any bidder for the lot
========  ======================================================================================

The score is the mean of the points by the weights; weights need not add up to 100.
"""

from dataclasses import dataclass

CRITERIA = ("price", "quality", "cap", "persons")


@dataclass(frozen=True)
class Offer:
    """A bid for a lot. ``cap_left`` is an amount like ``amount``, or ``None`` without a cap."""

    key: object
    price: float
    amount: float
    quality: float
    persons: float
    cap_left: float | None = None


@dataclass(frozen=True)
class Result:
    """What an offer came to: its score, its rank from 1, and its points by criterion."""

    key: object
    score: float
    rank: int
    points: dict


def _limit(points):
    return round(min(max(points, 0.0), 100.0), 4)


def get_points(offers):
    """Return ``{key: {criterion: points}}`` of the offers for one lot; prices are above 0."""
    lowest = min((offer.price for offer in offers), default=0.0)
    most = max((offer.persons for offer in offers), default=0.0)
    return {
        offer.key: {
            "price": _limit(100.0 * lowest / offer.price),
            "quality": _limit(offer.quality),
            "cap": 100.0
            if offer.cap_left is None or not offer.amount
            else _limit(100.0 * offer.cap_left / offer.amount),
            "persons": _limit(100.0 * offer.persons / most) if most else 0.0,
        }
        for offer in offers
    }


def rank(offers, weights):
    """Return the :class:`Result` of each offer for one lot, the best first.

    At the same score the lower price goes first; at the same price too they share the rank.

    :param dict weights: of the criteria, not negative, one at least above 0
    """
    total = sum(weights.get(name, 0.0) for name in CRITERIA)
    if total <= 0:
        raise ValueError("no weights")
    points = get_points(offers)
    scores = {
        offer.key: round(
            sum(weights.get(name, 0.0) * points[offer.key][name] for name in CRITERIA) / total, 4
        )
        for offer in offers
    }
    ordered = sorted(offers, key=lambda offer: (-scores[offer.key], offer.price))
    results = []
    for place, offer in enumerate(ordered, start=1):
        before = ordered[place - 2] if place > 1 else None
        if before and (scores[before.key], before.price) == (scores[offer.key], offer.price):
            place = results[-1].rank
        results.append(Result(offer.key, scores[offer.key], place, points[offer.key]))
    return results
