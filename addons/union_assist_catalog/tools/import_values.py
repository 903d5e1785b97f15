"""Turn the cells of an uploaded table into values, or say what is wrong with them.

Spreadsheets change what people type: codes become numbers, dates become numbers or texts, long
numbers lose their last digits. What can be undone is undone; the rest is refused with the reason.
"""

import datetime
import re
import unicodedata
from typing import Any, NamedTuple

from openpyxl.utils.datetime import from_excel

#: Excel keeps so many digits of a number; the rest becomes zeros.
EXCEL_DIGITS = 15

_EXCEL_ERRORS = frozenset(
    ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!")
)
_SCIENTIFIC = re.compile(r"[0-9](\.[0-9]+)?[eE]\+?[0-9]+")
_DATE = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?(?:[T ]00:00(?::00)?)?")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\ufffe\uffff\ud800-\udfff]")
_YEARS = range(1900, 2200)
_REPEATING = frozenset(("choice", "date", "region_code", "share", "whole_number"))


class CellError(ValueError):
    """A cell cannot be used; ``reason`` says why and ``value`` what the message may show."""

    def __init__(self, reason, value=""):
        super().__init__(reason)
        self.reason = reason
        self.value = value


class Column(NamedTuple):
    """One column that a table may have.

    ``convert`` is a function of this module by its name, ``required`` says that every row needs
    it, ``new`` that a row needs it which makes a new record. ``personal`` data is shown and
    downloaded only by those who may see it.
    """

    name: str
    label: str
    label_zh: str
    convert: str = "text"
    required: bool = False
    new: bool = False
    personal: bool = False
    aliases: tuple = ()
    examples: tuple = ()

    @property
    def repeats(self):
        """Whether a table of many rows has few different values of it."""
        return not self.personal and self.convert in _REPEATING

    def labels(self):
        """Return every header by which the column is known."""
        return (self.name, self.label, self.label_zh, *self.aliases)

    def parse(self, cell) -> Any:
        """Return the value of a cell, ``None`` when it is empty.

        :raise CellError: when the cell cannot be used
        """
        if cell is None or cell == "":
            return None
        if isinstance(cell, str) and cell.strip() in _EXCEL_ERRORS:
            raise CellError("excel_error", cell.strip())
        return CONVERTERS[self.convert](cell)


def text(cell):
    """Return free text in one piece, without what no database keeps."""
    if isinstance(cell, datetime.datetime):
        cell = cell.date().isoformat()
    elif isinstance(cell, float) and cell.is_integer() and abs(cell) < 10**EXCEL_DIGITS:
        cell = int(cell)
    value = str(cell)
    if not value.isprintable():
        value = _CONTROL.sub("", value)
    return value.strip() or None


def code(cell):
    """Return a code: numbers lose the fraction that Excel gave them.

    :raise CellError: excel_scientific, when digits are lost
    """
    if isinstance(cell, (bool, datetime.date)):
        raise CellError("code", str(cell))
    if isinstance(cell, (int, float)):
        if cell != int(cell) or abs(cell) >= 10**EXCEL_DIGITS:
            raise CellError("excel_scientific")
        return str(int(cell))
    value = _half_width(text(cell) or "")
    if value.isdecimal():
        return value
    if _SCIENTIFIC.fullmatch(value):
        raise CellError("excel_scientific")
    if re.fullmatch(r"[0-9]+\.0+", value):
        value = value.partition(".")[0]
    # Excel's way to keep a text that looks like a number
    return value.removeprefix("'") or None


def region_code(cell):
    """Return the code of a division with 6, 9 or 12 digits.

    Lists write codes in several lengths: with 2 and 4 digits for provinces and prefectures, and
    filled up with zeros to 9 or 12 for all. A division has one code here.

    :raise CellError: region_code, when it is none
    """
    value = (code(cell) or "").replace(" ", "")
    if not re.fullmatch(r"([1-9][0-9])([0-9]{2}){0,2}|[1-9][0-9]{8}|[1-9][0-9]{11}", value):
        raise CellError("region_code", value)
    if len(value) < 6:
        return value.ljust(6, "0")
    while len(value) > 6 and value.endswith("000"):
        value = value[:-3]
    return value


def region_level(value):
    """Return the level of a division's code (GB/T 2260 with 6 digits, GB/T 10114 below)."""
    if len(value) == 12:
        return "village"
    if len(value) == 9:
        return "township"
    if value.endswith("0000"):
        return "province"
    return "prefecture" if value.endswith("00") else "county"


def region_parent(value):
    """Return the code of the division that this one is part of, ``None`` for a province.

    Counties with 90 in the place of the prefecture are the province's own (GB/T 2260).
    """
    if len(value) > 6:
        return value[:-3]
    if value.endswith("0000"):
        return None
    if value.endswith("00") or value[2:4] == "90":
        return value[:2] + "0000"
    return value[:4] + "00"


def identity_number(cell):
    """Return an identity number as text, unchecked.

    :raise CellError: excel_identity, when Excel has taken its last digits
    """
    if isinstance(cell, bool) or not isinstance(cell, str):
        raise CellError("excel_identity")
    value = _half_width(text(cell) or "").removeprefix("'")
    if _SCIENTIFIC.fullmatch(value) or re.fullmatch(r"[0-9]{15,18}\.0+", value):
        raise CellError("excel_identity")
    return value or None


def whole_number(cell):
    """Return a whole number from 1 up.

    :raise CellError: whole_number, when it is none
    """
    shown = str(cell).strip()
    if isinstance(cell, str):
        digits = _half_width(cell).replace(",", "").replace(" ", "")
        cell = float(digits) if re.fullmatch(r"[0-9]{1,9}(\.0+)?", digits) else 0
    if isinstance(cell, (bool, datetime.date)) or cell != int(cell) or not 0 < cell < 10**9:
        raise CellError("whole_number", shown)
    return int(cell)


def amount(cell):
    """Return an amount of money, not below zero, rounded to cents.

    :raise CellError: amount, when it is none
    """
    value = _number(cell, "amount")
    if not 0 <= value < 10**12:
        raise CellError("amount", str(cell).strip())
    return round(value, 2)


def share(cell):
    """Return a share above 0 and at most 1; 50% is 0.5.

    :raise CellError: share, when it is none
    """
    if isinstance(cell, str) and (found := re.fullmatch(r"([0-9.]+)%", _half_width(cell))):
        value = _number(found[1], "share") / 100
    else:
        value = _number(cell, "share")
    value = round(value, 4)
    if not 0 < value <= 1:
        raise CellError("share", str(cell).strip())
    return value


def date(cell):
    """Return a day. Numbers are taken as Excel counts days, texts with the year first.

    :raise CellError: date, when it is none
    """
    shown = str(cell).strip()
    try:
        if isinstance(cell, datetime.datetime):
            found = cell.date()
        elif isinstance(cell, datetime.date):
            found = cell
        elif isinstance(cell, bool):
            raise CellError("date", shown)
        elif isinstance(cell, (int, float)):
            found = _date_of_digits(str(int(cell))) or from_excel(cell).date()
        else:
            value = _half_width(cell)
            parts = _DATE.fullmatch(value)
            found = datetime.date(*map(int, parts.groups())) if parts else _date_of_digits(value)
    except (ValueError, OverflowError, AttributeError):
        raise CellError("date", shown) from None
    if not found or found.year not in _YEARS:
        raise CellError("date", shown)
    return found.isoformat()


def _date_of_digits(value):
    if not re.fullmatch(r"(19|20|21)[0-9]{6}", value):
        return None
    return datetime.datetime.strptime(value, "%Y%m%d").date()


def _number(cell, reason):
    if isinstance(cell, (bool, datetime.date)):
        raise CellError(reason, str(cell))
    if isinstance(cell, str):
        digits = re.sub(r"[,\s¥元]", "", _half_width(cell))
        if not re.fullmatch(r"[0-9]+(\.[0-9]*)?|\.[0-9]+", digits):
            raise CellError(reason, cell.strip())
        return float(digits)
    return float(cell)


def _half_width(value):
    return (value if value.isascii() else unicodedata.normalize("NFKC", value)).strip()


CONVERTERS = {
    "text": text,
    "code": code,
    "region_code": region_code,
    "identity_number": identity_number,
    "whole_number": whole_number,
    "amount": amount,
    "share": share,
    "date": date,
    "choice": text,
}
