"""What a receiver enters on the page of a delivery: read and checked, knowing no database."""

import math
import re
from dataclasses import dataclass, field

#: In what state goods were received; the first is as they should be.
KINDS = ("received", "short", "damaged", "wrong", "near_expiry", "refused")
#: How many photographs belong to one difference, and to one delivery.
PHOTOS_PER_DIFFERENCE, PHOTOS_PER_DELIVERY = 6, 30
#: Characters of a remark, and of a name.
REMARK_LENGTH, NAME_LENGTH = 500, 60
#: A signature is at least this long, in widths of its field: a dot is none.
SHORTEST_SIGNATURE = 0.25
#: Points of a signature that are kept; a finger draws some hundreds.
MOST_POINTS = 8000

_KEY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class EntryError(ValueError):
    """What was entered cannot be taken.

    ``code`` says why, ``row`` at which row of the goods (from 1), where it is about one.
    """

    def __init__(self, code, row=None):
        super().__init__(code)
        self.code = code
        self.row = row


@dataclass(frozen=True)
class Difference:
    kind: str
    quantity: float
    remark: str = ""
    photos: tuple = ()


@dataclass(frozen=True)
class Entry:
    """A checked entry; ``differences`` has a tuple for each row of the goods, in order."""

    key: str
    goods: str
    differences: tuple
    strokes: tuple
    name: str = ""
    role: str = ""
    remark: str = ""
    moment: float = 0.0


@dataclass(frozen=True)
class Goods:
    """What one row of the delivery holds: ``quantity`` was sent, in steps of ``rounding``."""

    quantity: float
    rounding: float = field(default=0.01)


def is_key(text):
    """Whether a text is a key as the page makes them: a UUID in small letters."""
    return isinstance(text, str) and bool(_KEY.fullmatch(text))


def read_entry(data, goods):
    """Check what the page sent.

    :param data: the decoded JSON, of any shape
    :param goods: list of :class:`Goods`, the rows that were shown
    :return: :class:`Entry`
    :raise EntryError: naming what is wrong and at which row
    """
    if not isinstance(data, dict) or not is_key(data.get("key")):
        raise EntryError("malformed")
    lines = data.get("lines")
    if not isinstance(lines, list) or len(lines) != len(goods):
        raise EntryError("changed")
    differences = tuple(
        _read_line(line, row, number)
        for number, (line, row) in enumerate(zip(lines, goods, strict=True), 1)
    )
    photos = [key for line in differences for item in line for key in item.photos]
    if len(set(photos)) != len(photos) or len(photos) > PHOTOS_PER_DELIVERY:
        raise EntryError("photos")
    moment = data.get("moment")
    return Entry(
        key=data["key"],
        goods=_text(data.get("goods"), 64),
        differences=differences,
        strokes=read_strokes(data.get("strokes")),
        name=_text(data.get("name"), NAME_LENGTH),
        role=_text(data.get("role"), NAME_LENGTH),
        remark=_text(data.get("remark"), REMARK_LENGTH),
        moment=float(moment) if _is_number(moment) else 0.0,
    )


def _read_line(line, goods, number):
    if not isinstance(line, dict) or line.get("checked") is not True:
        raise EntryError("unchecked", number)
    items = line.get("differences", [])
    if not isinstance(items, list) or len(items) > len(KINDS) - 1:
        raise EntryError("malformed", number)
    differences = tuple(_read_difference(item, goods, number) for item in items)
    if len({item.kind for item in differences}) != len(differences):
        raise EntryError("twice", number)
    total = sum(item.quantity for item in differences)
    if total > goods.quantity + goods.rounding / 2:
        raise EntryError("too_much", number)
    return differences


def _read_difference(item, goods, number):
    if not isinstance(item, dict) or item.get("kind") not in KINDS[1:]:
        raise EntryError("kind", number)
    quantity = item.get("quantity")
    if not _is_number(quantity) or quantity <= 0:
        raise EntryError("quantity", number)
    steps = quantity / goods.rounding
    if abs(steps - round(steps)) > 1e-6 * max(1.0, abs(steps)):
        raise EntryError("rounding", number)
    photos = item.get("photos", [])
    if (
        not isinstance(photos, list)
        or len(photos) > PHOTOS_PER_DIFFERENCE
        or not all(map(is_key, photos))
    ):
        raise EntryError("photos", number)
    return Difference(
        item["kind"], float(quantity), _text(item.get("remark"), REMARK_LENGTH), tuple(photos)
    )


def read_strokes(data):
    """Check a signature: strokes of points ``x, y, x, y …`` in widths of its field.

    :return: tuple of tuples, rounded to a thousandth
    :raise EntryError: ``unsigned`` when there is no signature to speak of
    """
    if not isinstance(data, list):
        raise EntryError("unsigned")
    strokes, points = [], 0
    for stroke in data:
        if not isinstance(stroke, list) or len(stroke) % 2:
            raise EntryError("malformed")
        points += len(stroke) // 2
        if points > MOST_POINTS or not all(_is_number(n) and 0 <= n <= 1 for n in stroke):
            raise EntryError("malformed")
        if stroke:
            strokes.append(tuple(round(n, 3) for n in stroke))
    if sum(map(_length, strokes)) < SHORTEST_SIGNATURE:
        raise EntryError("unsigned")
    return tuple(strokes)


def _length(stroke):
    return sum(
        math.dist(stroke[i : i + 2], stroke[i + 2 : i + 4]) for i in range(0, len(stroke) - 2, 2)
    )


def _is_number(value):
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # JSON knows whole numbers of any length
        return False


def _text(value, length):
    """One line of text without control characters, as long as there is room for."""
    if not isinstance(value, str):
        return ""
    return " ".join("".join(c if c.isprintable() else " " for c in value).split())[:length]
