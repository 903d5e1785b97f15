"""Splitting one household over several suppliers: pure arithmetic on dated shares."""

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
