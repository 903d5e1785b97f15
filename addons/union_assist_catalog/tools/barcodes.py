"""Bars of the GTINs that shops scan (GB 12904: EAN-13, EAN-8; UPC-A is an EAN-13)."""

from stdnum import ean

#: Modules of a digit in the left half; the other two sets are made from it.
_LEFT_ODD = (
    *("0001101", "0011001", "0010011", "0111101", "0100011"),
    *("0110001", "0101111", "0111011", "0110111", "0001011"),
)
_RIGHT = ["".join("10"[bit == "1"] for bit in digit) for digit in _LEFT_ODD]
_LEFT_EVEN = [digit[::-1] for digit in _RIGHT]
#: Which digits of the left half are even, by the first digit of an EAN-13.
_PARITY = (
    *("OOOOOO", "OOEOEE", "OOEEOE", "OOEEEO", "OEOOEE"),
    *("OEEOOE", "OEEEOO", "OEOEOE", "OEOEEO", "OEEOEO"),
)
_EDGE, _CENTRE = "101", "01010"


def gtin_modules(gtin):
    """Return the modules of a GTIN's symbol, ``1`` for a bar and ``0`` for a space.

    :param gtin: a text of 8, 12 or 13 digits
    :return: 67 or 95 modules; an empty text for what is no GTIN with a right check digit,
        or has 14 digits, which mark cartons with other symbols
    """
    if len(gtin) not in (8, 12, 13) or not ean.is_valid(gtin):
        return ""
    if len(gtin) == 8:
        left, parity = gtin[:4], "OOOO"
    else:
        gtin = gtin.zfill(13)
        left, parity = gtin[1:7], _PARITY[int(gtin[0])]
    right = gtin[-len(left) :]
    modules = [
        (_LEFT_ODD if kind == "O" else _LEFT_EVEN)[int(digit)]
        for digit, kind in zip(left, parity, strict=True)
    ]
    return "".join([_EDGE, *modules, _CENTRE, *(_RIGHT[int(digit)] for digit in right), _EDGE])
