"""Proposes how goods go into cartons, by weight and volume: first fit, the largest first."""

import math
from dataclasses import dataclass, field

#: What rounding of weights and volumes may add up to.
_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Item:
    """Goods to pack: ``quantity`` units of so many kilograms and litres each."""

    key: object
    quantity: float
    weight: float = 0.0
    volume: float = 0.0
    #: Goods of different groups never share a carton (chilled, frozen, strong smell).
    group: str = ""


@dataclass(frozen=True)
class Box:
    """A kind of carton; 0 says that its weight or volume is not limited."""

    key: object
    max_weight: float = 0.0
    volume: float = 0.0

    def fits(self, weight, volume):
        return not (
            (self.max_weight and weight > self.max_weight + _TOLERANCE)
            or (self.volume and volume > self.volume + _TOLERANCE)
        )

    def count(self, item, weight=0.0, volume=0.0):
        """How many units of an item go in beside what weighs and fills so much already."""
        counts = [
            (most + _TOLERANCE - used) / each
            for most, used, each in (
                (self.max_weight, weight, item.weight),
                (self.volume, volume, item.volume),
            )
            if most and each
        ]
        return max(0.0, min(counts)) if counts else math.inf


@dataclass
class Carton:
    """A proposed carton: quantities by the key of the item."""

    box: Box
    group: str = ""
    contents: dict = field(default_factory=dict)
    weight: float = 0.0
    volume: float = 0.0

    def put(self, item, quantity):
        self.contents[item.key] = self.contents.get(item.key, 0.0) + quantity
        self.weight += item.weight * quantity
        self.volume += item.volume * quantity


def propose_cartons(items, boxes):
    """Share items out over cartons.

    Units stay whole but for a rest below one, as of goods by the kilogram. Cartons are opened
    as the box that takes most, and are in the end the smallest that holds their contents.

    :param items: :class:`Item` to pack; those of no weight and volume fit anywhere
    :param boxes: :class:`Box` to choose from
    :return: pair of the :class:`Carton` list and of the items that fit no box at all
    """
    boxes = sorted(boxes, key=_size)
    cartons, oversized = [], []
    for item in sorted(items, key=lambda item: (item.volume, item.weight), reverse=True):
        if not any(box.fits(item.weight, item.volume) for box in boxes):
            oversized.append(item)
            continue
        left = item.quantity
        for carton in cartons:
            if carton.group == item.group:
                left -= _fill(carton, item, left)
        while left > _TOLERANCE:
            carton = Carton(max(boxes, key=lambda box: box.count(item)), item.group)
            left -= _fill(carton, item, left)
            cartons.append(carton)
    for carton in cartons:
        carton.box = next(box for box in boxes if box.fits(carton.weight, carton.volume))
    return cartons, oversized


def _size(box):
    return (box.volume or math.inf, box.max_weight or math.inf)


def _fill(carton, item, left):
    """Put as much of an item as goes into a carton; return how much that was."""
    room = carton.box.count(item, carton.weight, carton.volume)
    quantity = left if room >= left else float(math.floor(room))
    if quantity > _TOLERANCE:
        carton.put(item, quantity)
        return quantity
    return 0.0
