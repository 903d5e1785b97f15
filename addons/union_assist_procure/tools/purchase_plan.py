"""Spread a demand over suppliers: a mixed-integer linear program, no ORM.

Three plans are made for the same demand and place the same quantities: the cheapest, the
fairest, and between them the one that weights choose. All three keep what must hold: the room
under each cap (which demands share), least quantities, lots, lead times, and the largest part
of a demand that one supplier may get. What cannot be placed is said with its causes, and every
offer with why it got what it got.

Measures, all reckoned on the plan as it stands:

cost
    money, without tax
use
    the rate of its cap at which an average yuan of the plan is bought: the sum over caps of
    ``amount × (rate after² - rate before²)``, divided by the plan's value. The more evenly caps
    are used, the lower; a supplier without a cap is measured by its part of the plan.
counties
    sum of the squared parts of the counties (Herfindahl-Hirschman index), 0 to 1
quality
    average distance from a full score, 0 to 1

Squares are drawn piece by piece, which keeps the program linear. HiGHS solves it through
``scipy.optimize.milp``; both are loaded with the first plan, not with this module.
"""

import math
import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

# How many straight pieces draw a square: as many as fit the budget, the more the finer.
PIECE_BUDGET, FEWEST_PIECES, MOST_PIECES, EVEN_PARTS = 4000, 12, 200, 8
# Quantities of up to so many steps are whole numbers for the solver; larger ones are rounded
# down afterwards, which moves them by less than half a percent.
COUNTED_UP_TO = 200
LEAST_DISTANCE = 0.05
TOLERANCE = 1e-6
FORGIVEN = 1e-5  # of a unit: the solver keeps its rows within about a millionth
LIMITS = ("caps", "late", "minimum", "share")


class Demand(NamedTuple):
    """What is needed: ``quantity`` in a unit common to the goods that meet it."""

    key: Any
    quantity: float
    needed_by: date


class Option(NamedTuple):
    """An offer that may meet a demand. Quantities and prices are per unit of its goods."""

    key: Any
    demand: Any  #: key of the demand
    supplier: Any
    product: Any
    county: Any
    cap: Any  #: key of the cap it counts against; ``None`` without one
    factor: float  #: how much of the demand's unit a unit of the goods is
    price: float  #: without tax
    cap_price: float  #: what a unit takes of the cap
    min_qty: float = 0.0  #: least quantity, if any
    lot_size: float = 0.0  #: quantities are multiples of it; 0 for any
    step: float = 1.0  #: smallest sensible quantity
    delay: int = 0  #: days until the receipt
    score: float = 0.0  #: quality, 0 to 100


class Cap(NamedTuple):
    """``amount`` and what is left of it, in money."""

    amount: float
    remaining: float


class Weights(NamedTuple):
    """How much each aim counts; only their relation matters."""

    price: float = 1.0
    quality: float = 0.0
    use: float = 1.0
    counties: float = 1.0


class Measures(NamedTuple):
    """What a plan comes to; see the module."""

    cost: float
    use: float
    counties: float
    quality: float


class Cause(NamedTuple):
    """Why something is so.

    ``code`` names it; ``own`` and ``other`` are the figures that show it, where there are any.
    """

    code: str
    own: float | None = None
    other: float | None = None


@dataclass
class Plan:
    """The three plans, and what there is to say about them. Quantities are by option key."""

    quantities: dict = field(default_factory=dict)
    cheapest: dict = field(default_factory=dict)
    fairest: dict = field(default_factory=dict)
    measures: dict = field(default_factory=dict)  #: by the names of the three above
    unplaced: dict = field(default_factory=dict)  #: ``{demand key: quantity}``, only above 0
    unplaced_causes: dict = field(default_factory=dict)  #: ``{demand key: [Cause]}``
    causes: dict = field(default_factory=dict)  #: ``{option key: [Cause]}``
    gap: float = 0.0  #: how far from the best possible plan the chosen one is at most, 0 to 1
    variables: int = 0
    seconds: float = 0.0


def make_plan(
    demands, options, caps, weights, today, max_share=1.0, time_limit=20.0, tolerated_gap=5e-3
):
    """Return the :class:`Plan` for demands.

    The same input in the same order gives the same plan, unless the time runs out.

    :param demands: list of :class:`Demand`
    :param options: list of :class:`Option`; several for the same demand, supplier and product
        are quantity prices, of which a plan uses one
    :param dict caps: ``{key: Cap}`` of the options' caps
    :param Weights weights: what counts between the cheapest and the fairest plan
    :param date today: the day of the order, from which lead times count
    :param float max_share: the largest part of a demand that one supplier may get, 0 to 1
    :param float time_limit: seconds for all three plans
    :param float tolerated_gap: when a plan is surely this near to the best one, it is good
    :raise ValueError: when a quantity, a price, a weight or the share makes no sense
    """
    _check(demands, options, caps, weights, max_share)
    start = time.monotonic()
    program = _Program(demands, options, caps, today, max_share)
    program.gap, program.deadline = tolerated_gap, start + time_limit
    plan = Plan()
    first = program.place()
    aims = program.add_measures()
    plan.variables = program.width
    amounts, marginals = _choose(program, aims, weights, first, plan)
    _explain_unplaced(program, amounts, plan, time_limit)
    _explain_options(program, amounts, marginals, plan)
    plan.seconds = time.monotonic() - start
    return plan


def _check(demands, options, caps, weights, max_share):
    if min(weights) < 0.0 or not sum(weights):
        raise ValueError("weights are not negative, and one of them is above 0")
    if not 0.0 < max_share <= 1.0:
        raise ValueError("the largest part of one supplier is above 0 and at most 1")
    for demand in demands:
        if not demand.quantity > 0.0:
            raise ValueError(f"the quantity of demand {demand.key!r} is not above 0")
    known = {demand.key for demand in demands}
    for option in options:
        if option.demand not in known:
            raise ValueError(f"option {option.key!r} is for no known demand")
        if option.cap is not None and option.cap not in caps:
            raise ValueError(f"option {option.key!r} counts against no known cap")
        if not min(option.price, option.factor, option.step) > 0.0:
            raise ValueError(f"price, factor and step of option {option.key!r} are above 0")
        if min(option.cap_price, option.min_qty, option.lot_size) < 0.0:
            raise ValueError(f"option {option.key!r} has a negative figure")


def _down(quantity, unit):
    """Round down to a multiple, forgiving what floating point loses."""
    return math.floor(quantity / unit + FORGIVEN) * unit


def _up(quantity, unit):
    return math.ceil(quantity / unit - TOLERANCE) * unit


class _Program:
    """The linear program: its columns are quantities, choices, what stays open, and pieces."""

    gap, deadline = 1e-3, math.inf

    def __init__(self, demands, options, caps, today, max_share, lifted=None):
        """Write the limits, all but the ``lifted`` one of ``LIMITS``."""
        self.input = (demands, options, caps, today, max_share)
        self.demands = {demand.key: demand for demand in demands}
        self.options = options
        self.caps = {
            key: Cap(cap.amount, math.inf if lifted == "caps" else max(cap.remaining, 0.0))
            for key, cap in caps.items()
        }
        self.max_share = 1.0 if lifted == "share" else max_share
        self.today = today
        self.units, self.least, self.most, self.excluded = [], [], [], {}
        self.by_demand = {key: [] for key in self.demands}
        for index, option in enumerate(options):
            self.by_demand[option.demand].append(index)
            self._set_limits(index, option, lifted)
        self.lower, self.upper, self.integer, self.rows = [], [], [], []
        self._add_quantities()
        self._add_demands()
        self._add_caps()
        self._set_references()

    @property
    def width(self):
        return len(self.lower)

    def _set_limits(self, index, option, lifted):
        """Note between which multiples the quantity is, or why there is none."""
        demand = self.demands[option.demand]
        wanted = demand.quantity / option.factor
        unit, least = option.step, 0.0
        if lifted != "minimum":
            unit = _up(option.lot_size, option.step) or option.step
            least = option.min_qty
        least = max(_up(least, unit), unit)
        most = _down(self.max_share * wanted, unit)
        days = (demand.needed_by - self.today).days
        if option.delay > days and lifted != "late":
            self.excluded[index] = Cause("late", option.delay, days)
        elif least > wanted + TOLERANCE:
            self.excluded[index] = Cause("minimum", least, wanted)
        elif least > most + TOLERANCE:
            self.excluded[index] = Cause("share", least, self.max_share * wanted)
        elif option.cap is not None and option.cap_price:
            room = self.caps[option.cap].remaining
            if least * option.cap_price > room + TOLERANCE:
                self.excluded[index] = Cause("room", room, least * option.cap_price)
            elif room < math.inf:
                most = min(most, _down(room / option.cap_price, unit))
        self.units.append(unit)
        self.least.append(least)
        self.most.append(most)

    def _add_column(self, lower, upper, integer=False):
        self.lower.append(lower)
        self.upper.append(upper)
        self.integer.append(int(integer))
        return self.width - 1

    def _add_row(self, row, lower, upper):
        self.rows.append((row, lower, upper))

    def _add_quantities(self):
        """Add a column for each quantity; 1 is one step, or one lot."""
        self.column, self.choice = {}, {}
        breaks = defaultdict(list)
        for index, option in enumerate(self.options):
            if index not in self.excluded:
                most = self.most[index] / self.units[index]
                counted = option.lot_size > 0.0 or most <= COUNTED_UP_TO
                self.column[index] = self._add_column(0.0, most, counted)
                breaks[option.demand, option.supplier, option.product].append(index)
        for indexes in breaks.values():
            for index in indexes:
                unit, column = self.units[index], self.column[index]
                # Nothing, or at least so much: that takes a choice, and so do quantity prices.
                if len(indexes) > 1 or self.least[index] > unit + TOLERANCE:
                    choice = self.choice[index] = self._add_column(0.0, 1.0, True)
                    self._add_row({column: 1.0, choice: -self.upper[column]}, -math.inf, 0.0)
                    self._add_row({column: 1.0, choice: -self.least[index] / unit}, 0.0, math.inf)
            if len(indexes) > 1:
                row = {self.choice[index]: 1.0 for index in indexes}
                self._add_row(row, 0.0, 1.0)

    def _add_demands(self):
        """A demand is met or stays open; one supplier gets no more than its largest part."""
        self.open, self.left_open = {}, {}
        for key, demand in self.demands.items():
            row, suppliers = {}, defaultdict(dict)
            for index in self.by_demand[key]:
                if index in self.column:
                    option, column = self.options[index], self.column[index]
                    row[column] = option.factor * self.units[index]
                    suppliers[option.supplier][column] = row[column]
            self.open[key] = row_open = self._add_column(0.0, demand.quantity)
            self._add_row({**row, row_open: 1.0}, demand.quantity, demand.quantity)
            for part in suppliers.values():
                if len(part) > 1 and self.max_share < 1.0:
                    self._add_row(part, -math.inf, self.max_share * demand.quantity)

    def _add_caps(self):
        self.cap_rows = defaultdict(dict)
        for index, column in self.column.items():
            option = self.options[index]
            if option.cap is not None and option.cap_price:
                self.cap_rows[option.cap][column] = option.cap_price * self.units[index]
        for key, row in self.cap_rows.items():
            if self.caps[key].remaining < math.inf:
                self._add_row(row, -math.inf, self.caps[key].remaining)

    def _set_references(self):
        """Note the price in the middle of the offers of each demand, to value quantities by."""
        self.reference = {}
        for key, indexes in self.by_demand.items():
            prices = sorted(
                self.options[index].price / self.options[index].factor for index in indexes
            )
            self.reference[key] = prices[len(prices) // 2] if prices else 1.0

    def place(self):
        """Find out how much can be placed, and hold every later plan to it.

        :return: ``{option index: quantity}``
        """
        # The worth of what is placed, so that a gap is one of the plan and not of what is open.
        aim = {
            column: -self.reference[self.options[index].demand]
            * self.options[index].factor
            * self.units[index]
            for index, column in self.column.items()
        }
        values, self.placing_gap = self.solve(aim)
        if values is None:
            return {}
        for key, column in self.open.items():
            self.left_open[key] = max(values[column], 0.0)
            self.upper[column] = min(
                self.left_open[key] * (1.0 + TOLERANCE) + TOLERANCE, self.upper[column]
            )
        self.value = sum(
            self.reference[key] * (demand.quantity - self.left_open[key])
            for key, demand in self.demands.items()
        )
        return self.read(values)

    value = 0.0  #: about what the plan will cost
    placing_gap = 0.0  #: how surely no more can be placed

    def add_measures(self):
        """Add the pieces of the squares, and return the aims as ``{column: factor}``."""
        aims = Measures({}, {}, {}, {})
        if not self.value:
            return aims
        by_county, uncapped = defaultdict(dict), defaultdict(dict)
        for index, column in self.column.items():
            option, unit = self.options[index], self.units[index]
            aims.cost[column] = by_county[option.county][column] = option.price * unit
            worth = self.reference[option.demand] * option.factor * unit / self.value
            aims.quality[column] = worth * (100.0 - option.score) / 100.0
            if option.cap is None:
                uncapped[option.supplier][column] = option.price * unit
        pieces = PIECE_BUDGET // max(len(self.cap_rows) + len(uncapped) + len(by_county), 1)
        pieces = min(max(pieces, FEWEST_PIECES), MOST_PIECES)
        for key, row in self.cap_rows.items():
            amount, remaining = self.caps[key]
            if amount > 0.0:
                self._add_square(aims.use, row, amount - remaining, amount, pieces)
        for row in uncapped.values():
            self._add_square(aims.use, row, 0.0, self.value, pieces)
        for row in by_county.values():
            self._add_square(aims.counties, row, 0.0, self.value, pieces)
        return aims

    def _add_square(self, aim, row, base, amount, pieces):
        """Draw ``((base + total)² - base²) / (amount × value)`` of a row's total."""
        reach = min(sum(self.upper[column] * part for column, part in row.items()), self.value)
        # Small totals are drawn finer than large ones, and even parts are met exactly.
        points = {reach * (point / pieces) ** 2 for point in range(pieces + 1)}
        points = sorted(points | {reach / part for part in range(2, EVEN_PARTS + 1)})
        row = dict(row)
        for start, end in zip(points, points[1:], strict=False):
            # Beyond the estimate, the last piece goes on.
            piece = self._add_column(0.0, end - start if end < reach else math.inf)
            aim[piece] = (2.0 * base + start + end) / (amount * self.value)
            row[piece] = -1.0
        self._add_row(row, 0.0, 0.0)

    def solve(self, aim, seeds=()):
        """Minimise ``{column: factor}``.

        Whole numbers are what takes time. So the program is first solved without them, which
        bounds what any plan can reach, and then with them over the options that this uses and
        those of plans known; over all options only where that is not near enough to the bound.

        :param seeds: plans known, ``{option index: quantity}``
        :return: values of the columns and the gap; ``(None, 1.0)`` when the time ran out
        """
        import numpy
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import csr_array

        costs = numpy.zeros(self.width)
        costs[list(aim.keys())] = list(aim.values())
        data, columns, starts = [], [], [0]
        for row, _lower, _upper in self.rows:
            columns.extend(row.keys())
            data.extend(row.values())
            starts.append(len(columns))
        matrix = csr_array((data, columns, starts), shape=(len(self.rows), self.width))
        limits = LinearConstraint(
            matrix, [row[1] for row in self.rows], [row[2] for row in self.rows]
        )
        lower, upper = numpy.array(self.lower), numpy.array(self.upper)

        def minimise(integer, lower, upper, gap):
            # A third of what is left, so that the plans after this one have their turn.
            seconds = (self.deadline - time.monotonic()) / 3.0
            found = seconds > 0.0 and milp(
                costs,
                integrality=integer,
                bounds=Bounds(lower, upper),
                constraints=limits,
                options={"time_limit": seconds, "mip_rel_gap": gap},
            )
            return found if found and found.x is not None else None

        whole, free = numpy.array(self.integer), numpy.zeros(self.width)
        relaxed = self.width and minimise(free, lower, upper, 0.0)
        if not relaxed:
            return None, 1.0
        rounded = self._round(relaxed.x, lower, upper)
        used = numpy.zeros(self.width, dtype=bool)
        for index, column in self.column.items():
            if relaxed.x[column] > TOLERANCE or any(index in seed for seed in seeds):
                used[column] = used[self.choice.get(index, column)] = True
        narrow = upper.copy()
        narrow[[c for c in (*self.column.values(), *self.choice.values()) if not used[c]]] = 0.0
        best, gap = None, 1.0
        scale = max(abs(relaxed.fun), TOLERANCE)
        for attempt in ((free, *rounded), (whole, lower, narrow), (whole, lower, upper)):
            found = minimise(*attempt, self.gap / 2.0)
            if found and (best is None or found.fun < best.fun):
                best = found
                everything = attempt[0] is whole and attempt[2] is upper
                bound = max(relaxed.fun, found.mip_dual_bound) if everything else relaxed.fun
                gap = max(best.fun - bound, 0.0) / scale
            if gap <= self.gap:
                break
        return (best.x.tolist(), float(gap)) if best else (None, 1.0)

    def _round(self, values, lower, upper):
        """Return bounds that hold choices and whole numbers to the nearest of a solution.

        What rounding moves is left to the quantities that need not be whole.
        """
        lower, upper = lower.copy(), upper.copy()
        best = {}
        for index in self.choice:
            column, option = self.column[index], self.options[index]
            key = (option.demand, option.supplier, option.product)
            if values[column] * self.units[index] >= self.least[index] - TOLERANCE and (
                key not in best or values[column] > values[self.column[best[key]]]
            ):
                best[key] = index
        chosen = set(best.values())
        for index, choice in self.choice.items():
            column = self.column[index]
            lower[choice] = upper[choice] = float(index in chosen)
            lower[column] = self.least[index] / self.units[index] if index in chosen else 0.0
            upper[column] = upper[column] if index in chosen else 0.0
        for column in self.column.values():
            if self.integer[column]:
                nearest = _down(values[column], 1.0)
                lower[column] = upper[column] = min(max(nearest, lower[column]), upper[column])
        return lower, upper

    def read(self, values):
        """Return ``{option index: quantity}`` of a solution, in whole multiples.

        Rounding down breaks no limit; what it loses goes where there is room for it.
        """
        amounts, lost = {}, []
        taken, placed = defaultdict(float), defaultdict(float)

        def add(index, quantity):
            option = self.options[index]
            amounts[index] = amounts.get(index, 0.0) + quantity
            taken[option.cap] += quantity * option.cap_price
            placed[option.demand] += quantity * option.factor
            placed[option.demand, option.supplier] += quantity * option.factor

        for index, column in self.column.items():
            quantity = _down(values[column] * self.units[index], self.units[index])
            if quantity >= self.least[index] - TOLERANCE:
                add(index, quantity)
                lost.append((quantity / self.units[index] - values[column], index))
        for _loss, index in sorted(lost):
            option = self.options[index]
            wanted = self.demands[option.demand].quantity
            given = placed[option.demand, option.supplier]
            fits = [
                self.most[index] - amounts[index],
                (wanted - self.left_open.get(option.demand, 0.0) - placed[option.demand])
                / option.factor,
                (self.max_share * wanted - given) / option.factor,
            ]
            if option.cap is not None and option.cap_price:
                fits.append(
                    (self.caps[option.cap].remaining - taken[option.cap]) / option.cap_price
                )
            if min(fits) < math.inf:
                add(index, max(_down(min(fits), self.units[index]), 0.0))
        return amounts

    def get_totals(self, amounts):
        """Return what goes to each cap (supplier where there is none) and to each county."""
        caps, counties = defaultdict(float), defaultdict(float)
        for index, quantity in amounts.items():
            option = self.options[index]
            if option.cap is None:
                caps[None, option.supplier] += quantity * option.price
            else:
                caps[option.cap] += quantity * option.cap_price
            counties[option.county] += quantity * option.price
        return caps, counties

    def get_use(self, key):
        """Return the amount of a cap and what is used of it before the plan."""
        if key not in self.caps:
            return self.value or 1.0, 0.0
        amount, remaining = self.input[2][key]
        return amount, amount - max(remaining, 0.0)

    def measure(self, amounts):
        """Return the :class:`Measures` of a plan: the squares themselves, not their pieces."""
        caps, counties = self.get_totals(amounts)
        value = self.value or 1.0
        use = 0.0
        for key, total in caps.items():
            amount, base = self.get_use(key)
            if amount > 0.0:
                use += ((base + total) ** 2 - base**2) / (amount * value)
        options = self.options
        return Measures(
            sum(quantity * options[index].price for index, quantity in amounts.items()),
            use,
            sum(total**2 for total in counties.values()) / value**2,
            sum(
                quantity
                * self.reference[options[index].demand]
                * options[index].factor
                * (100.0 - options[index].score)
                / (100.0 * value)
                for index, quantity in amounts.items()
            ),
        )

    def judge(self, amounts, factors):
        """Return how bad a plan is; what rounding left open must not look cheap."""
        placed = sum(
            quantity * self.reference[option.demand] * option.factor
            for option, quantity in (
                (self.options[index], quantity) for index, quantity in amounts.items()
            )
        )
        left_open = max(self.value - placed - TOLERANCE * self.value, 0.0)
        measures = self.measure(amounts)
        return 1e3 * left_open + sum(
            factor * value for factor, value in zip(factors, measures, strict=True)
        )


def _combine(aims, factors):
    """Add up aims, or measures, weighted by factors."""
    total = defaultdict(float)
    for aim, factor in zip(aims, factors, strict=True):
        for column, value in aim.items() if factor else ():
            total[column] += factor * value
    return total


def _choose(program, aims, weights, first, plan):
    """Solve for the cheapest, the fairest and the chosen plan.

    Fairness is use and county parts together, each relative to the cheapest plan. Between the
    two extremes, the weights compare how far a plan is on the way from one to the other: with
    equal weights for price and spread, all that the fairest plan costs more is worth all that
    it is fairer. Quality is relative to the distance between the best and the worst score. Where
    prices hardly differ they shall not decide: a distance in cost of less than ``LEAST_DISTANCE``
    of the cost counts as that much.

    :param first: a plan that holds the limits, for when the time runs out
    :return: the chosen plan as ``{option index: quantity}``, and the factors of its aims, with
        which their sum is money
    """
    plans = [first]

    def solve(factors):
        """Solve for an aim; return the best plan known for it, and the gap of the solution."""
        gap = program.placing_gap
        if program.value:
            values, gap = program.solve(_combine(aims, factors), plans)
            if values is not None:
                plans.append(program.read(values))
        return min(plans, key=lambda amounts: program.judge(amounts, factors)), gap

    spread = weights.use + weights.counties
    parts = (weights.use / spread, weights.counties / spread) if spread else (0.5, 0.5)

    def scale(measures):
        sizes = (measures.use, measures.counties)
        return [part / (size or 1.0) for part, size in zip(parts, sizes, strict=True)]

    # Among plans that are as cheap the fairer one; among plans as fair the cheaper one.
    tie = 1e-5 * program.value
    cheap = Measures(1.0, *(tie * part for part in scale(program.measure(first))), 0.0)
    cheapest, _gap = solve(cheap)
    low = program.measure(cheapest)
    fair = scale(low)
    fairest, _gap = solve(Measures(1e-3, *(program.value * part for part in fair), 0.0))
    cheapest = min(plans, key=lambda amounts: program.judge(amounts, cheap))
    low, high = program.measure(cheapest), program.measure(fairest)

    dearer = max(high.cost - low.cost, LEAST_DISTANCE * low.cost)
    fairer = fair[0] * (low.use - high.use) + fair[1] * (low.counties - high.counties)
    worth = spread * dearer / fairer if fairer > TOLERANCE else tie
    scores = [program.options[index].score for index in program.column] or [0.0]
    better = (max(scores) - min(scores)) / 100.0
    factors = Measures(
        weights.price,
        *(worth * part for part in fair),
        weights.quality * dearer / better if better else 0.0,
    )
    chosen, plan.gap = solve(factors)
    for name, amounts in (("quantities", chosen), ("cheapest", cheapest), ("fairest", fairest)):
        by_key = {program.options[index].key: quantity for index, quantity in amounts.items()}
        setattr(plan, name, by_key)
        plan.measures[name] = program.measure(amounts)
    return chosen, factors


def _explain_unplaced(program, amounts, plan, time_limit):
    """Say what stays open, and which limit, lifted alone, would let how much more be placed."""
    placed = defaultdict(float)
    for index, quantity in amounts.items():
        placed[program.options[index].demand] += quantity * program.options[index].factor
    for key, demand in program.demands.items():
        missing = demand.quantity - placed[key]
        if missing > TOLERANCE * demand.quantity:
            plan.unplaced[key] = missing
            plan.unplaced_causes[key] = []
            if not program.by_demand[key]:
                plan.unplaced_causes[key].append(Cause("none"))
            elif program.left_open.get(key, missing) <= TOLERANCE * demand.quantity:
                plan.unplaced_causes[key].append(Cause("rounding"))
    if program.placing_gap > program.gap:
        for causes in plan.unplaced_causes.values():
            causes.append(Cause("time"))
    lacking = [key for key, causes in plan.unplaced_causes.items() if not causes]
    if not lacking:
        return
    for limit in LIMITS:
        lifted = _Program(*program.input, lifted=limit)
        lifted.gap, lifted.deadline = program.gap, time.monotonic() + time_limit / len(LIMITS)
        more = defaultdict(float)
        for index, quantity in lifted.place().items():
            more[lifted.options[index].demand] += quantity * lifted.options[index].factor
        for key, missing in plan.unplaced.items():
            gain = min(more[key] - placed[key], missing)
            if gain > TOLERANCE * missing and key in lacking:
                days = (program.demands[key].needed_by - program.today).days
                plan.unplaced_causes[key].append(
                    Cause(limit, gain, days if limit == "late" else None)
                )
    for causes in plan.unplaced_causes.values():
        if not causes:
            causes.append(Cause("several"))


def _explain_options(program, amounts, factors, plan):
    """Say of every option why it got what it got.

    What an option without a quantity lacks is found by what a further unit of it would add to
    the aims, compared with the least favourable option that did get a quantity.
    """
    caps, counties = program.get_totals(amounts)
    value = program.value or 1.0

    def rate(option):
        key = option.cap if option.cap is not None else (None, option.supplier)
        amount, base = program.get_use(key)
        return (base + caps[key]) / amount if amount > 0.0 else 0.0

    def margins(index):
        option = program.options[index]
        price = option.price / option.factor
        return {
            "price": factors.cost * price,
            "use": factors.use * 2.0 * rate(option) * option.cap_price / option.factor / value,
            "county": factors.counties * 2.0 * counties[option.county] * price / value**2,
            "score": factors.quality
            * program.reference[option.demand]
            * (100.0 - option.score)
            / (100.0 * value),
        }

    def figure(code, option):
        return {
            "price": option.price / option.factor,
            "use": 100.0 * rate(option),
            "county": counties[option.county],
            "score": option.score,
        }[code]

    for indexes in program.by_demand.values():
        live = [index for index in indexes if index not in program.excluded]
        chosen = [index for index in live if amounts.get(index, 0.0) > TOLERANCE]
        totals = {index: margins(index) for index in live}
        last = max(chosen, key=lambda index: sum(totals[index].values()), default=None)
        for index in indexes:
            option = program.options[index]
            if index in program.excluded:
                causes = [program.excluded[index]]
            elif index in chosen:
                causes = _praise(program, amounts, caps, live, index)
                if len(chosen) > 1 and not {"cheapest", "best_score"} & {c.code for c in causes}:
                    full = any(
                        _get_limits(program, amounts, caps, other)
                        for other in chosen
                        if other != index
                    )
                    if full:
                        causes.append(Cause("rest"))
                    elif factors.use or factors.counties:
                        causes.append(Cause("balance"))
                causes = causes or [Cause("enough")]
            else:
                causes = _object(program, caps, totals, last, index, figure)
            plan.causes[option.key] = causes


def _praise(program, amounts, caps, live, index):
    """Return what speaks for an option that got a quantity, and what kept it from more."""
    option = program.options[index]
    rivals = [program.options[other] for other in live]
    rivals = [rival for rival in rivals if rival.supplier != option.supplier]
    causes = []
    if not rivals:
        causes.append(Cause("only"))
    else:
        price = option.price / option.factor
        if all(price < rival.price / rival.factor - TOLERANCE for rival in rivals):
            causes.append(Cause("cheapest", price))
        if all(option.score > rival.score + TOLERANCE for rival in rivals):
            causes.append(Cause("best_score", option.score))
        if option.cap is not None:
            before = _rate_before(program, option)
            others = [_rate_before(program, rival) for rival in rivals if rival.cap is not None]
            if others and all(before < other - TOLERANCE for other in others):
                causes.append(Cause("least_used", 100.0 * before))
        if all(rival.county != option.county for rival in rivals):
            causes.append(Cause("only_county"))
    return causes + _get_limits(program, amounts, caps, index)


def _get_limits(program, amounts, caps, index):
    """Return what kept an option from getting more, or from getting less."""
    option, quantity, unit = program.options[index], amounts[index], program.units[index]
    demand = program.demands[option.demand]
    causes = []
    if option.cap is not None and option.cap_price:
        room = program.caps[option.cap].remaining - caps[option.cap]
        if room < unit * option.cap_price - TOLERANCE:
            causes.append(Cause("fills_cap", room))
    largest = program.max_share * demand.quantity / option.factor
    if program.max_share < 1.0 and quantity + unit > largest + TOLERANCE:
        causes.append(Cause("at_share", 100.0 * program.max_share))
    if index in program.choice and quantity < program.least[index] + TOLERANCE:
        causes.append(Cause("at_minimum", quantity))
    return causes


def _rate_before(program, option):
    amount, base = program.get_use(option.cap)
    return base / amount if amount > 0.0 else 0.0


def _object(program, caps, totals, last, index, figure):
    """Return what speaks against an option that got nothing."""
    option = program.options[index]
    if option.cap is not None and option.cap_price:
        room = program.caps[option.cap].remaining - caps[option.cap]
        if room < program.least[index] * option.cap_price - TOLERANCE:
            return [Cause("room_taken", room, program.least[index] * option.cap_price)]
    if last is not None:
        against = {code: totals[index][code] - totals[last][code] for code in totals[index]}
        scale = sum(totals[last].values())
        if sum(against.values()) > TOLERANCE * scale:
            code = max(against, key=against.get)
            return [Cause(code, figure(code, option), figure(code, program.options[last]))]
    if index in program.choice:
        return [Cause("minimum_beside", program.least[index])]
    return [Cause("enough")]
