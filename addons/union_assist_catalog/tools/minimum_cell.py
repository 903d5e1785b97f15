"""Which counts of households may be published, so that no small group can be told apart."""


def publishable_cells(counts, minimum):
    """Leave out the counts that are too small to be published.

    What is left out enters no other figure: no total and no “other counties”. Whoever
    subtracts the published counts from such a sum, today or after one of them has grown,
    would have what was kept back.

    :param counts: ``{place: households}``; a household belongs to one place
    :param minimum: smallest count that may be published
    :return: ``(published, withheld)``: the counts that may be published, the largest first,
        and whether there are households beside them
    """
    published = dict(
        sorted(
            ((place, count) for place, count in counts.items() if count >= minimum),
            key=lambda cell: -cell[1],
        )
    )
    withheld = any(count > 0 for place, count in counts.items() if place not in published)
    return published, withheld
