"""Units of measured values as food standards write them, and how they convert.

Core's units of measure are those that goods are counted in; what a laboratory reports are
shares of mass, concentrations and temperatures. A value is only ever compared with a limit
in the limit's own unit: units of another kind are refused.
"""

import unicodedata
from fractions import Fraction

#: Kind of quantity: {unit: (how many of the kind's first unit one of it is, zero point)}.
_KINDS = {
    # Share of mass in mass. "%" of a standard for solid food is grams in 100 grams.
    "mass_fraction": {
        "mg/kg": 1,
        "µg/kg": Fraction(1, 1000),
        "ng/kg": Fraction(1, 10**6),
        "g/kg": 1000,
        "mg/g": 1000,
        "µg/g": 1,
        "ng/g": Fraction(1, 1000),
        "g/100g": 10**4,
        "mg/100g": 10,
        "µg/100g": Fraction(1, 100),
        "%": 10**4,
        "‰": 1000,
        "ppm": 1,
        "ppb": Fraction(1, 1000),
    },
    "mass_concentration": {
        "g/L": 1,
        "mg/L": Fraction(1, 1000),
        "µg/L": Fraction(1, 10**6),
        "mg/mL": 1,
        "µg/mL": Fraction(1, 1000),
        "g/mL": 1000,
        "g/cm3": 1000,
        "kg/L": 1000,
        "kg/m3": 1,
        "g/100mL": 10,
        "mg/100mL": Fraction(1, 100),
    },
    "volume_fraction": {"%vol": 1, "mL/100mL": 1, "mL/L": Fraction(1, 10)},
    "temperature": {"°C": 1, "K": (1, Fraction("-273.15")), "°F": (Fraction(5, 9), -32)},
    "mass": {
        "g": 1,
        "mg": Fraction(1, 1000),
        "µg": Fraction(1, 10**6),
        "kg": 1000,
        "t": 10**6,
    },
    "volume": {"mL": 1, "L": 1000, "µL": Fraction(1, 1000)},
    "length": {"mm": 1, "cm": 10, "m": 1000, "µm": Fraction(1, 1000)},
    "time": {"s": 1, "min": 60, "h": 3600, "d": 86400},
    "colonies_by_mass": {"CFU/g": 1, "CFU/kg": Fraction(1, 1000)},
    "colonies_by_volume": {"CFU/mL": 1, "CFU/L": Fraction(1, 1000)},
}
_ALIASES = {
    "毫克/千克": "mg/kg",
    "毫克/公斤": "mg/kg",
    "微克/千克": "µg/kg",
    "微克/公斤": "µg/kg",
    "克/千克": "g/kg",
    "克/公斤": "g/kg",
    "毫克/克": "mg/g",
    "克/100克": "g/100g",
    "毫克/100克": "mg/100g",
    "毫克/升": "mg/L",
    "微克/升": "µg/L",
    "克/升": "g/L",
    "克/毫升": "g/mL",
    "%(m/m)": "%",
    "%(v/v)": "%vol",
    "摄氏度": "°C",
    "degC": "°C",
    "克": "g",
    "毫克": "mg",
    "千克": "kg",
    "公斤": "kg",
    "毫升": "mL",
    "升": "L",
    "毫米": "mm",
    "厘米": "cm",
    "ug": "µg",
    "ug/kg": "µg/kg",
    "ug/g": "µg/g",
    "ug/L": "µg/L",
    "ug/mL": "µg/mL",
    "天": "d",
    "小时": "h",
    "分钟": "min",
}


def _plain(text):
    """Write a unit as the table does: one form of µ and of wide characters, no blanks."""
    text = unicodedata.normalize("NFKC", text or "").replace("\u03bc", "µ")
    return "".join(text.split())


_UNITS = {
    _plain(unit): (kind, *(size if isinstance(size, tuple) else (size, 0)))
    for kind, units in _KINDS.items()
    for unit, size in units.items()
}
_UNITS |= {_plain(alias): _UNITS[_plain(unit)] for alias, unit in _ALIASES.items()}
_FOLDED = {name.casefold(): unit for name, unit in _UNITS.items()}


class UnitError(ValueError):
    """A value that cannot be converted: ``code`` is "unknown" or "unrelated"."""

    def __init__(self, code, unit):
        super().__init__(f"{code}: {unit}")
        self.code = code
        self.unit = unit


def _find(text):
    """Return (kind, size, zero point) of a unit, or None; capitals do not matter."""
    plain = _plain(text)
    return _UNITS.get(plain) or _FOLDED.get(plain.casefold())


def convert(value, source, target):
    """Return a value of the unit ``source`` in the unit ``target``.

    The same text is the same unit, whether the table has it or not.

    :raise UnitError: a unit is not known, or they measure different things
    """
    if _plain(source) == _plain(target):
        return value
    found = _find(source)
    if not found:
        raise UnitError("unknown", source)
    wanted = _find(target)
    if not wanted or wanted[0] != found[0]:
        raise UnitError("unrelated", source)
    if found == wanted:
        return value
    (_kind, size, zero), (_same, target_size, target_zero) = found, wanted
    # Exact: 0.1 and 1/3 of a limit must not fail it by the last binary digit.
    exact = (Fraction(repr(float(value))) + zero) * size / target_size - target_zero
    return float(exact)
