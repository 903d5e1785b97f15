"""What changed from one edition of a catalogue to another: rows in, changes out."""

from dataclasses import dataclass, field

#: What of a row is compared, by aspect. Pictures and households change without notice.
ASPECTS = {
    "price": ("price", "currency_id", "unit"),
    "certificate": ("certificate_type", "certificate_number", "certificate_date_to"),
    "supplier": ("supplier", "supplier_kind"),
    "specification": ("specification",),
    "other": (
        "name",
        "code",
        "gtin",
        "category",
        "county",
        "shelf_life_days",
        "storage",
        "mechanism",
    ),
}

#: Texts that read otherwise in another language although nothing changed.
TRANSLATED = frozenset(
    (
        "unit",
        "certificate_type",
        "supplier_kind",
        "specification",
        "name",
        "category",
        "county",
        "storage",
        "mechanism",
    )
)


@dataclass(frozen=True)
class Change:
    """A product that came in, fell out, or is printed otherwise than before.

    ``kind`` is ``added``, ``removed`` or ``changed``; ``fields`` maps an aspect to the names
    of its fields that differ. ``percent`` says by how much the price rose, and is ``None``
    where two prices cannot be compared.
    """

    kind: str
    key: object
    old: dict | None = None
    new: dict | None = None
    fields: dict = field(default_factory=dict)
    percent: float | None = None


def compare_rows(old, new, same_language=True):
    """Compare the rows of two editions.

    :param old: ``{key: row}``, a row being ``{field: value}``; empty values are equal
    :param new: likewise
    :param same_language: whether texts of both are in one language; if not they are left out
    :return: list of :class:`Change`: what was added and what changed in the order of ``new``,
        then what was removed in the order of ``old``
    """
    skipped = frozenset() if same_language else TRANSLATED
    changes = []
    for key, row in new.items():
        before = old.get(key)
        if before is None:
            changes.append(Change("added", key, new=row))
            continue
        fields = {}
        for aspect, names in ASPECTS.items():
            different = [
                name
                for name in names
                if name not in skipped and (before[name] or None) != (row[name] or None)
            ]
            if different:
                fields[aspect] = different
        if fields:
            percent = price_percent(before, row, fields.get("price", ()))
            changes.append(Change("changed", key, before, row, fields, percent))
    changes += [Change("removed", key, old=row) for key, row in old.items() if key not in new]
    return changes


def price_percent(old, new, different):
    """Return by how many percent a price rose; ``None`` when currency or unit changed too."""
    if list(different) != ["price"] or not old["price"]:
        return None
    return (new["price"] - old["price"]) / old["price"] * 100


def count_kinds(changes):
    """Return how many products were added, removed and changed."""
    kinds = [change.kind for change in changes]
    return tuple(kinds.count(kind) for kind in ("added", "removed", "changed"))
