"""Splitting an order that exceeds purchase caps over other suppliers: pure arithmetic, no ORM.

All quantities of a need and of its sources are in one unit, all amounts in one currency.
"""

from dataclasses import dataclass
from math import inf

from .caps import whole_steps


@dataclass(frozen=True)
class Need:
    """A line of the order: what is wanted, and what a unit takes of the cap it counts against."""

    key: object
    quantity: float
    price: float
    cap: object
    step: float = 1.0


@dataclass(frozen=True)
class Source:
    """Another supplier of the same goods.

    ``room`` names the cap that its units take ``price`` of; None where there is no cap.
    ``minimum`` is the smallest quantity it sells, ``multiple`` the lot it sells by (0: any).
    """

    key: object
    price: float
    room: object = None
    minimum: float = 0.0
    multiple: float = 0.0


def propose_split(needs, excess, sources, rooms):
    """Propose what an order keeps and what goes to whom, so that every cap is held.

    Lines that others can take the most of are lowered first; what nobody can take is lowered
    too and appears nowhere. Sources of a line are taken in the order given.

    :param needs: list of :class:`Need`
    :param dict excess: amount that the order is above each of its caps
    :param dict sources: list of :class:`Source` by key of need
    :param dict rooms: amount that is left of each cap of a source
    :return: ``(kept, placed)``: the quantity that stays by key of need, and the quantity that
        moves by ``(key of need, key of source)``
    """
    rooms = dict(rooms)
    kept = {need.key: need.quantity for need in needs}
    placed = {}

    def room_for(source):
        if source.room is None or source.price <= 0:
            return inf
        return max(rooms[source.room], 0.0) / source.price

    def reach(need):
        return need.price * min(
            need.quantity, sum(room_for(source) for source in sources.get(need.key, ()))
        )

    for cap, above in excess.items():
        concerned = sorted(
            (need for need in needs if need.cap == cap and need.price > 0), key=reach, reverse=True
        )
        for need in concerned:
            for source in sources.get(need.key, ()):
                if above <= 0:
                    break
                fits = min(room_for(source), kept[need.key])
                quantity = _sold(above / need.price, fits, need, source)
                if quantity:
                    placed[need.key, source.key] = quantity
                    kept[need.key] -= quantity
                    above -= quantity * need.price
                    if source.room is not None:
                        rooms[source.room] -= quantity * source.price
        for need in concerned:
            if above > 0:
                quantity = min(whole_steps(above / need.price, need.step, up=True), kept[need.key])
                kept[need.key] -= quantity
                above -= quantity * need.price
    return kept, placed


def _sold(wanted, fits, need, source):
    """Return the quantity nearest to ``wanted`` that is sold and fits; 0 when none is.

    Rather a little more than wanted than less: what is not moved would have to be dropped.
    """
    step = source.multiple or need.step
    quantity = whole_steps(max(wanted, source.minimum), step, up=True)
    if quantity > fits:
        quantity = whole_steps(fits, step)
    return quantity if quantity >= source.minimum else 0.0
