"""Judging readings against a limit.

Values are compared as they were read, without rounding them to the limit's digits first
(the full-value method of GB/T 8170); a value equal to its limit keeps it.
"""

import math
from typing import NamedTuple

from .formula import evaluate

#: Digits after the point that count: micrograms in a kilogram, in milligrams, and then some.
DIGITS = 6


class Limit(NamedTuple):
    """A limit: ``kind`` is "at_most", "at_least" or "between", both ends included."""

    kind: str
    low: float = 0.0
    high: float = 0.0

    def excess(self, value):
        """How far a value lies outside; 0 or less where it keeps the limit."""
        below = round(self.low, DIGITS) - round(value, DIGITS)
        above = round(value, DIGITS) - round(self.high, DIGITS)
        return {"at_least": below, "at_most": above, "between": max(below, above)}[self.kind]

    def keeps(self, value):
        """Whether a value keeps the limit."""
        return self.excess(value) <= 0


def judge(readings, limit, judged_by="each", formula=None):
    """Judge the readings of one item.

    :param readings: their values in the unit of the limit (for a formula: in that of the
        readings), at least one
    :param judged_by: "each" (one reading outside is enough to fail), "mean" or "formula"
    :return: (figure that decides, whether it keeps the limit); with "each" the figure is
        the worst reading
    :raise FormulaError: the formula cannot be computed with these readings
    """
    if judged_by == "formula":
        figure = evaluate(formula, list(readings))
    elif judged_by == "mean":
        figure = math.fsum(readings) / len(readings)
    else:
        figure = max(readings, key=limit.excess)
    return figure, limit.keeps(figure)
