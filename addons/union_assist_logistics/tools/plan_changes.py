"""What a version of a plan checks otherwise than the one before."""

from typing import NamedTuple


class Change(NamedTuple):
    """One item that is "added", "removed" or "changed"; details are (label, before, after)."""

    kind: str
    name: str
    details: tuple = ()


def compare(before, after):
    """List what changed between two versions, in the order of the later one.

    :param before: ``{key: (name, {label: text})}``; an item keeps its key over versions
    :param after: the same of the later version
    :return: list of :class:`Change`
    """
    changes = []
    for key, (name, facts) in after.items():
        if key not in before:
            changes.append(Change("added", name))
            continue
        old = before[key][1]
        labels = list(dict.fromkeys([*facts, *old]))
        details = tuple(
            (label, old.get(label, ""), facts.get(label, ""))
            for label in labels
            if old.get(label, "") != facts.get(label, "")
        )
        if details:
            changes.append(Change("changed", name, details))
    changes += [
        Change("removed", name) for key, (name, _facts) in before.items() if key not in after
    ]
    return changes
