"""Splitting one household over several suppliers: pure arithmetic on dated shares.

Periods are ``(date_from, date_to)``: both days belong to the period, ``date_to`` may be
``None`` or ``False`` for an open end.
"""

from datetime import date, timedelta


def peak_share(periods):
    """Return the largest sum of shares that is in force on any one day.

    A household may be linked to several suppliers, but it exists only once: whatever
    the periods, the shares in force on a day must not add up to more than 1.

    :param periods: iterable of ``(date_from, date_to, share)``; both days belong to
        the period, ``date_to`` may be ``None`` or ``False`` for an open end
    :return: the peak as float; 0.0 when there are no periods
    """
    changes = {}
    for date_from, date_to, share in periods:
        changes[date_from] = changes.get(date_from, 0.0) + share
        if date_to and date_to < date.max:
            after = date_to + timedelta(days=1)
            changes[after] = changes.get(after, 0.0) - share
    total = peak = 0.0
    for day in sorted(changes):
        total += changes[day]
        peak = max(peak, total)
    return peak


def overlap(one, other):
    """Return the days that two periods have in common as a period, or ``None``."""
    date_from = max(one[0], other[0])
    date_to = min(one[1] or date.max, other[1] or date.max)
    if date_from > date_to:
        return None
    return date_from, None if date_to == date.max else date_to


def uncovered(period, others):
    """Return the days of a period that lie in none of the others, as periods in order.

    :param others: iterable of periods, which may overlap and be in any order
    """
    day, last = period[0], period[1] or date.max
    gaps = []
    for date_from, date_to in sorted((start, end or date.max) for start, end in others):
        if date_from > last or day is None:
            break
        if date_from > day:
            gaps.append((day, date_from - timedelta(days=1)))
        if date_to >= day:
            day = None if date_to == date.max else date_to + timedelta(days=1)
    if day is not None and day <= last:
        gaps.append((day, None if last == date.max else last))
    return gaps


def cut_from(periods, day):
    """Return what is left of periods when nothing from ``day`` on belongs to them."""
    if day == date.min:
        return []
    before = (date.min, day - timedelta(days=1))
    return [left for period in periods if (left := overlap(period, before))]


def equal_shares(count):
    """Return ``count`` shares of four digits, as equal as can be, that add up to 1."""
    return [((10000 * (i + 1)) // count - (10000 * i) // count) / 10000 for i in range(count)]
