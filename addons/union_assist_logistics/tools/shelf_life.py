"""How much of its shelf life goods have left on a day."""


def remaining_share(produced, expires, total_days, day):
    """Return the share of the shelf life that is left on ``day``, from 0 to 1.

    :param produced: date of production, or ``None`` where the label does not say it
    :param expires: last day of the shelf life, or ``None``
    :param total_days: usual shelf life in days, used where a date is missing; 0 if unknown
    :return: ``None`` where the dates do not tell
    """
    total = (expires - produced).days if produced and expires else total_days
    if not total or total <= 0:
        return None
    if expires:
        left = (expires - day).days
    elif produced:
        left = total - (day - produced).days
    else:
        return None
    return min(max(left / total, 0.0), 1.0)
