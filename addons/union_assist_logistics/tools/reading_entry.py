"""Reading what an inspector types: one value or several, with a unit or without."""

import math
import re
import unicodedata
from typing import NamedTuple

_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?"
_CHUNK = re.compile(rf"(?P<below>[<≤]?)\s*(?P<values>{_NUMBER}(?:\s+{_NUMBER})*)\s*(?P<unit>.*)")
_NOT_DETECTED = {"nd", "n.d.", "notdetected", "未检出"}


class Entry(NamedTuple):
    """One reading as typed.

    ``unit`` is "" where none was typed. With ``below`` the value is the limit of detection
    that it was under, 0 where the laboratory does not name it (未检出).
    """

    value: float
    unit: str = ""
    below: bool = False


class EntryError(ValueError):
    """A text that is no reading; ``text`` is the part that cannot be read."""

    def __init__(self, text):
        super().__init__(text)
        self.text = text


def parse_entry(text):
    """Read values such as ``15.2 15.4 15.1 %``, ``200 µg/kg``, ``<0.05; ND``.

    Values are separated by blanks, or by semicolons where each has a unit of its own. A
    comma between digits is refused: it may be meant as a point or as a separator.

    :return: list of :class:`Entry`, empty for a blank text
    :raise EntryError: naming what cannot be read
    """
    # The sign for micro has two code points; keep the one on keyboards.
    plain = unicodedata.normalize("NFKC", text or "").replace("\u03bc", "µ")
    entries = []
    for chunk in re.split(r"[;、\n]|,(?=\s)", plain):
        chunk = chunk.strip()
        if not chunk:
            continue
        if "".join(chunk.split()).casefold() in _NOT_DETECTED:
            entries.append(Entry(0.0, below=True))
            continue
        match = _CHUNK.fullmatch(chunk)
        if not match or re.match(r"[\d.,+-]", match["unit"]):
            raise EntryError(chunk)
        values = [float(value) for value in match["values"].split()]
        if (match["below"] and len(values) > 1) or not all(map(math.isfinite, values)):
            raise EntryError(chunk)
        entries += [Entry(value, match["unit"].strip(), bool(match["below"])) for value in values]
    return entries
