"""What a supplier types into the form of a bid, read and checked; no price in any error."""

import unicodedata
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

#: Decimal places of a price and of a quantity that a form takes.
PLACES = 4
#: Largest price and quantity that a form takes.
LARGEST = Decimal("1e9")
#: Longest note, in characters.
NOTE_LENGTH = 500
#: Longest time of delivery, in days.
MOST_DAYS = 730


@dataclass(frozen=True)
class Problem:
    """What is wrong with a field of a row: missing, number, positive, places, large or whole."""

    row: int
    field: str
    reason: str


def read_number(text):
    """Return a typed number as a decimal; full-width digits, commas and blanks are welcome."""
    text = unicodedata.normalize("NFKC", text or "").replace(",", "").replace(" ", "").strip()
    if not text:
        return None
    if len(text) > 32 or set(text) - set("0123456789.+-"):
        raise InvalidOperation
    return Decimal(text)


def _read_field(name, text, required=True):
    """Return ``(decimal or None, reason or None)``."""
    try:
        number = read_number(text)
    except InvalidOperation:
        return None, "number"
    if number is None:
        return None, "missing" if required else None
    if number < 0 or (number == 0 and name != "days"):
        return None, "positive"
    if number > (MOST_DAYS if name == "days" else LARGEST):
        return None, "large"
    places = -number.normalize().as_tuple().exponent
    if name == "days" and places > 0:
        return None, "whole"
    if places > PLACES:
        return None, "places"
    return number, None


def read_bid(entered, wanted):
    """Read what was typed for the lots of a tender.

    A lot with an empty price is not bid for; an empty quantity is the whole lot.

    :param dict entered: ``{lot id: {price, quantity, days, note: text}}``
    :param dict wanted: ``{lot id: quantity asked for}``
    :return: ``(lots, problems)``: ``lots`` is ``{lot id as text: {price, quantity, days, note}}``
        with numbers as exact texts
    """
    lots, problems = {}, []
    for lot_id, asked in wanted.items():
        row = entered.get(lot_id, {})
        if not any((row.get(name) or "").strip() for name in ("price", "days", "note")):
            continue
        values = {}
        for name in ("price", "quantity", "days"):
            number, reason = _read_field(name, row.get(name), required=name == "price")
            if not reason and name == "quantity":
                number = Decimal(str(asked)) if number is None else number
                if number > Decimal(str(asked)):
                    reason = "exceeds"
            if reason:
                problems.append(Problem(lot_id, name, reason))
            values[name] = "" if number is None else format(number.normalize(), "f")
        note = (row.get("note") or "").strip()
        if len(note) > NOTE_LENGTH:
            problems.append(Problem(lot_id, "note", "long"))
        lots[str(lot_id)] = {**values, "note": note}
    return lots, problems
