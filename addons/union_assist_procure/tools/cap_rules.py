"""Which cap policy governs what is bought, and which cap it counts against: pure, no ORM.

Policies are held as :class:`Rule`, plain data that every process keeps in memory. Several rules
may be in force for a supplier on a day; each order line follows the most specific one: a rule for
categories of goods before one for all goods, then a rule for the supplier's kind before one for
all kinds. Two rules that would tie are never in force on the same day.
"""

from datetime import date
from typing import NamedTuple

from .caps import cap_amount, year_of


class Rule(NamedTuple):
    """A cap policy as plain data; fields are those of ``union.assist.cap.policy``."""

    id: int
    company_id: int
    supplier_kind: str | bool
    date_from: date
    date_to: date | None
    seasonal: bool
    lineages: tuple  #: of each category of goods: the ids of itself and its ancestors
    category_ids: frozenset
    tax_included: bool
    action: str
    basis: str
    brackets: tuple
    method: str
    min_amount: float
    max_amount: float
    near_rate: float

    @property
    def scope(self):
        return scope_of(self.category_ids)

    def get_amount(self, households, persons):
        """Return the cap that these heads give, not rounded."""
        heads = persons if self.basis == "persons" else households
        return cap_amount(heads, self.brackets, self.method, self.min_amount, self.max_amount)


class CapKey(NamedTuple):
    """What tells a cap from all others."""

    supplier_id: int
    company_id: int
    date_from: date
    date_to: date
    scope: str


def scope_of(category_ids):
    """Return the goods of a rule as text: sorted category ids, empty for all goods."""
    return ",".join(map(str, sorted(category_ids)))


def categories_of(scope):
    """Return the category ids of a scope."""
    return [int(category_id) for category_id in (scope or "").split(",") if category_id]


def path_ids(parent_path):
    """Return the ids in the path of a tree's node: itself and its ancestors."""
    return frozenset(int(node) for node in (parent_path or "").split("/") if node)


def rules_in_force(rules, company_id, kind, day):
    """Return the rules that hold for suppliers of a kind on a day, the most specific first."""
    return sorted(
        (
            rule
            for rule in rules
            if rule.company_id == company_id
            and rule.supplier_kind in (False, kind)
            and rule.date_from <= day
            and (not rule.date_to or day <= rule.date_to)
        ),
        key=lambda rule: (not rule.category_ids, not rule.supplier_kind),
    )


def pick_rule(rules, category_ids):
    """Return the first rule that covers goods whose category has these ids in its path."""
    for rule in rules:
        if not rule.category_ids or rule.category_ids & category_ids:
            return rule
    return None


def drop_shadowed(rules):
    """Return the rules that at least some goods follow, of rules with the most specific first."""
    taken = set()
    followed = []
    for rule in rules:
        if rule.lineages:
            if all(lineage & taken for lineage in rule.lineages):
                continue
            taken |= rule.category_ids
        followed.append(rule)
        if not rule.lineages:
            break
    return followed


def span_of(rule, day, seasons):
    """Return the first and the last day of the period of a rule that a day is in.

    :param seasons: ``(company id, first day, last day)`` of all seasons
    :return: None when the rule goes by season and no season covers the day
    """
    if not rule.seasonal:
        return year_of(day)
    for company_id, date_from, date_to in seasons:
        if company_id == rule.company_id and date_from <= day <= date_to:
            return date_from, date_to
    return None


def rule_of_cap(rules, seasons, key, kind, day):
    """Return the rule that says how large a cap is: the one in force on a day of its period.

    Where none is in force on that day, the latest one of the period: what was bought under a rule
    stays bounded by it after it ended.
    """
    year = year_of(key.date_from)
    spans = {
        False: (key.date_from, key.date_to) == year,
        True: (key.company_id, key.date_from, key.date_to) in seasons,
    }
    candidates = [
        rule
        for rule in rules
        if rule.company_id == key.company_id
        and rule.supplier_kind in (False, kind)
        and rule.scope == key.scope
        and spans[rule.seasonal]
        and rule.date_from <= key.date_to
        and (not rule.date_to or rule.date_to >= key.date_from)
    ]
    return max(
        candidates,
        key=lambda rule: (
            rule.date_from <= day and (not rule.date_to or day <= rule.date_to),
            bool(rule.supplier_kind),
            rule.date_from,
        ),
        default=None,
    )


def exceeding(growth, committed, amount):
    """Return how much of a growth lies above a cap of ``amount`` of which so much is committed.

    What lay above the cap before is not the growth's.
    """
    return min(growth, max(committed + growth - amount, 0.0)) if growth > 0 else 0.0
