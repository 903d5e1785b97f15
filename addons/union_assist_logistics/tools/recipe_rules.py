"""Checks of a gift pack's recipe against over-packaging rules (GB 23350 and what follows it).

The figures are not here: they are records with a source; this is how they are applied.
"""

from dataclasses import dataclass

#: Verdicts of a rule on a recipe.
PASS, FAIL, UNKNOWN, EXEMPT = "pass", "fail", "unknown", "exempt"


@dataclass(frozen=True)
class Part:
    """What one line of the recipe puts into a pack; prices and volume are of one unit."""

    name: str
    quantity: float
    packing_class: str = ""
    price: float = 0.0
    cost: float = 0.0
    #: In litres.
    volume: float = 0.0
    is_packaging: bool = False


@dataclass(frozen=True)
class Recipe:
    """One pack: its parts and how it is packed."""

    parts: tuple
    #: Sale price of the pack with taxes.
    price: float = 0.0
    layers: int = 0
    #: Outer volume in litres.
    volume: float = 0.0
    #: Gifts that are not sold are outside the rules.
    not_for_sale: bool = False

    @property
    def goods(self):
        return [part for part in self.parts if not part.is_packaging]

    @property
    def packaging_cost(self):
        return sum(part.cost * part.quantity for part in self.parts if part.is_packaging)

    @property
    def packaging_share(self):
        """Packaging cost as a percentage of the sale price; ``None`` without a price."""
        return self.packaging_cost / self.price * 100 if self.price > 0 else None


@dataclass(frozen=True)
class Rule:
    """One rule; ``limit`` is read by its kind.

    - ``layers``: most layers of packaging;
    - ``cost_share``: highest packaging cost in percent of the sale price;
    - ``interspace``: highest share of empty space in percent;
    - ``coefficient``: necessary space of a class, as a multiple of the goods' volume;
    - ``alone``: a class is packed with no other;
    - ``no_dearer``: a class is packed with nothing that is dearer than itself.
    """

    kind: str
    packing_class: str = ""
    limit: float = 0.0
    #: The rule holds for sale prices above this…
    price_over: float = 0.0
    #: … and up to this; 0 for no end.
    price_up_to: float = 0.0

    def applies(self, recipe):
        """Whether the rule speaks of such a pack at such a price."""
        if self.packing_class and all(
            part.packing_class != self.packing_class for part in recipe.goods
        ):
            return False
        return recipe.price >= self.price_over and not (
            (self.price_over and recipe.price == self.price_over)
            or (self.price_up_to and recipe.price > self.price_up_to)
        )


@dataclass(frozen=True)
class Finding:
    """What a rule says of a recipe; ``value`` is the figure it was judged by."""

    rule: Rule
    verdict: str
    value: float | None = None
    #: Names of the parts that break the rule, or whose figures are missing.
    parts: tuple = ()


def check_recipe(recipe, rules):
    """Judge a recipe by every rule that applies to it.

    :param Recipe recipe: one pack
    :param rules: all :class:`Rule` in force
    :return: list of :class:`Finding`, in the order of the rules
    """
    coefficients = {rule.packing_class: rule.limit for rule in rules if rule.kind == "coefficient"}
    findings = []
    for rule in rules:
        if rule.kind == "coefficient" or not rule.applies(recipe):
            continue
        if recipe.not_for_sale:
            findings.append(Finding(rule, EXEMPT))
        elif rule.kind == "interspace":
            findings.append(_check_interspace(recipe, rule, coefficients))
        else:
            findings.append(_CHECKS[rule.kind](recipe, rule))
    return findings


def _verdict(failed):
    return FAIL if failed else PASS


def _exceeds(value, limit):
    # 20.000000001 per cent is a matter of computing, not of packaging.
    return round(value - limit, 6) > 0


def _check_layers(recipe, rule):
    if recipe.layers < 1:
        return Finding(rule, UNKNOWN)
    return Finding(rule, _verdict(recipe.layers > rule.limit), recipe.layers)


def _check_cost_share(recipe, rule):
    share = recipe.packaging_share
    if share is None:
        return Finding(rule, UNKNOWN)
    missing = tuple(part.name for part in recipe.parts if part.is_packaging and not part.cost)
    if missing or not any(part.is_packaging for part in recipe.parts):
        # Nothing is packed in nothing: the packaging, or what it costs, was left out.
        return Finding(rule, FAIL if _exceeds(share, rule.limit) else UNKNOWN, share, missing)
    return Finding(rule, _verdict(_exceeds(share, rule.limit)), share)


def _check_interspace(recipe, rule, coefficients):
    missing = tuple(
        part.name
        for part in recipe.goods
        if part.volume <= 0 or part.packing_class not in coefficients
    )
    if recipe.volume <= 0 or missing:
        return Finding(rule, UNKNOWN, None, missing)
    needed = sum(
        part.volume * part.quantity * coefficients[part.packing_class] for part in recipe.goods
    )
    share = max(0.0, (recipe.volume - needed) / recipe.volume * 100)
    return Finding(rule, _verdict(_exceeds(share, rule.limit)), share)


def _check_alone(recipe, rule):
    others = tuple(part.name for part in recipe.goods if part.packing_class != rule.packing_class)
    return Finding(rule, _verdict(others), len(others), others)


def _check_no_dearer(recipe, rule):
    own = [part.price for part in recipe.goods if part.packing_class == rule.packing_class]
    others = [part for part in recipe.goods if part.packing_class != rule.packing_class]
    if others and (not all(own) or not all(part.price for part in others)):
        return Finding(
            rule, UNKNOWN, None, tuple(part.name for part in recipe.goods if not part.price)
        )
    dearer = tuple(part.name for part in others if _exceeds(part.price, min(own)))
    return Finding(rule, _verdict(dearer), len(dearer), dearer)


_CHECKS = {
    "layers": _check_layers,
    "cost_share": _check_cost_share,
    "alone": _check_alone,
    "no_dearer": _check_no_dearer,
}
