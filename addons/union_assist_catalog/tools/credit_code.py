"""The unified social credit code (统一社会信用代码) of GB 32100-2015."""

import re

from stdnum.cn import uscc

# Letters that look like digits are left out: I, O, S, V, Z. Two places name who registered the
# body and its kind, six the division, nine are the organisation code, the last one checks.
# python-stdnum wants digits in the first two places, but collectives of villages begin with N.
FORM = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")


def compact(code):
    """Return the code as it is kept: without blanks and hyphens, in capitals."""
    return uscc.compact(code)


def find_fault(code):
    """Say what is wrong with a code.

    :return: ``"length"``, ``"form"`` or ``"check"``; ``None`` when it is right
    """
    code = compact(code)
    if len(code) != 18:
        return "length"
    if not FORM.fullmatch(code):
        return "form"
    if uscc.calc_check_digit(code) != code[-1]:
        return "check"
    return None
