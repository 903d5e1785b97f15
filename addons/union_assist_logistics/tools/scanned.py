"""What devices send: codes that were scanned, and figures that were typed. No Odoo."""

import math


def read_code(code):
    """Return a scanned code without blanks around it.

    No database stores NUL; what stands in its place is in no number, so the code is unknown.
    """
    return str(code or "").replace("\x00", "\ufffd").strip()


def read_number(value):
    """Return a figure as a float, ``None`` where it is none or not finite.

    JSON as Python reads it knows ``NaN`` and ``Infinity``, which no comparison stops.
    """
    if isinstance(value, bool):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
