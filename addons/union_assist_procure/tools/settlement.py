"""What is owed for accepted goods: an order line's receipts, bills and payments put together.

Everything is replayed day by day, so that the figures of a day never depend on what happened
later: a statement of last month says the same today as it will next year.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

#: Less than this of a quantity is nothing.
TOLERANCE = 1e-6

#: What may happen to goods: they come in, go back, pass, are refused, wait for a decision.
KINDS = ("received", "returned", "rejected", "accepted", "pending")


@dataclass(frozen=True)
class Movement:
    """A quantity of a receipt, in the order line's unit, that something happened to.

    ``receipt`` is the stock move that brought the goods in. Goods that go back after they
    passed are ``returned``, and ``accepted`` with a negative quantity.
    """

    line: int
    receipt: int
    day: date
    kind: str
    quantity: float


@dataclass(frozen=True)
class Bill:
    """A posted bill line; a refund's quantity and amount (with taxes) are negative."""

    id: int
    line: int
    day: date
    quantity: float
    amount: float


@dataclass(frozen=True)
class Payment:
    """What was paid of a bill line; negative where a refund was paid out."""

    bill: int
    day: date
    amount: float


@dataclass(frozen=True)
class Agreement:
    """What both sides agreed on a receipt: how much is accepted in all, at which price."""

    receipt: int
    day: date
    quantity: float | None = None
    price: float | None = None


class Figures(NamedTuple):
    """The figures of one receipt of an order line; amounts with taxes."""

    received: float = 0.0
    rejected: float = 0.0
    returned: float = 0.0
    accepted: float = 0.0
    amount: float = 0.0
    price_difference: float = 0.0
    billed_quantity: float = 0.0
    billed: float = 0.0
    paid: float = 0.0

    @property
    def open(self):
        """What is still owed: accepted goods at their billed or ordered price, less payments."""
        return self.amount + self.price_difference - self.paid

    def less(self, other):
        return Figures(*(a - b for a, b in zip(self, other, strict=True)))

    def __bool__(self):
        return any(abs(value) > TOLERANCE for value in self)


class Slice:
    """A part of a bill line's quantity, with its amount and what was paid of it."""

    __slots__ = ("amount", "payments", "quantity")

    def __init__(self, quantity, amount):
        self.quantity = quantity
        self.amount = amount
        self.payments = []

    @property
    def paid(self):
        return sum(amount for _day, amount in self.payments)

    def split(self, quantity, digits):
        """Cut a quantity off, with its share of amount and payments, and return it."""
        share = quantity / self.quantity
        part = Slice(quantity, round(self.amount * share, digits))
        part.payments = [(day, round(amount * share, digits)) for day, amount in self.payments]
        self.payments = [
            (day, round(amount - moved, digits))
            for (day, amount), (_day, moved) in zip(self.payments, part.payments, strict=True)
        ]
        self.quantity -= quantity
        self.amount = round(self.amount - part.amount, digits)
        return part


@dataclass
class Holding:
    """One receipt of an order line."""

    receipt: int
    price: float
    quantities: dict = field(default_factory=lambda: dict.fromkeys(KINDS, 0.0))
    received_on: date | None = None
    accepted_on: date | None = None
    slices: list = field(default_factory=list)

    @property
    def accepted(self):
        return self.quantities["accepted"]

    @property
    def billed_quantity(self):
        return sum(part.quantity for part in self.slices)


class Account:
    """One order line: replay what happened to it, then read its figures.

    Bills are taken to be for what was accepted first; a refund for what was billed last.
    What is billed beyond the accepted quantity is owed to nobody: payments of it are in
    :attr:`advance` until goods are accepted for them.

    :param price: of one unit with taxes, in the order's currency
    :param digits: decimal places of that currency
    """

    _RANKS = {Movement: 0, Bill: 1, Payment: 2, Agreement: 3}

    def __init__(self, price, digits=2):
        self.price = price
        self.digits = digits
        self.holdings = {}
        self.surplus = []
        self._slices = defaultdict(list)

    def replay(self, events, days):
        """Replay events; return the figures at the end of each of some days.

        :return: ``{day: ({receipt: Figures}, {receipt: pending quantity}, advance)}``
        """
        # Of one day, what adds comes before what takes away.
        events = sorted(
            events, key=lambda event: (event.day, self._RANKS[type(event)], _get_sign(event) < 0)
        )
        taken, index = {}, 0
        for day in sorted(set(days)):
            while index < len(events) and events[index].day <= day:
                self._take(events[index])
                index += 1
            taken[day] = (
                {receipt: self._get_figures(held) for receipt, held in self.holdings.items()},
                {receipt: held.quantities["pending"] for receipt, held in self.holdings.items()},
                self.advance,
            )
        return taken

    @property
    def advance(self):
        """What was paid for goods that are not accepted, or not any more."""
        return round(sum(part.paid for part in self.surplus), self.digits)

    def get_payments(self):
        """Return ``[(receipt, day of acceptance, day of payment, amount)]``; the day of payment
        is ``None`` for what is still open."""
        rows = []
        for held in self.holdings.values():
            paid = defaultdict(float)
            for part in held.slices:
                for day, amount in part.payments:
                    paid[day] += amount
            paid[None] = self._get_figures(held).open
            rows += [
                (held.receipt, held.accepted_on, day, round(amount, self.digits))
                for day, amount in paid.items()
                if held.accepted_on and round(amount, self.digits)
            ]
        return rows

    def _get_figures(self, held):
        billed_quantity = held.billed_quantity
        billed = sum(part.amount for part in held.slices)
        amount = round(held.accepted * held.price, self.digits)
        return Figures(
            received=held.quantities["received"],
            rejected=held.quantities["rejected"],
            returned=held.quantities["returned"],
            accepted=held.accepted,
            amount=amount,
            price_difference=round(
                billed - round(billed_quantity * held.price, self.digits), self.digits
            ),
            billed_quantity=billed_quantity,
            billed=round(billed, self.digits),
            paid=round(sum(part.paid for part in held.slices), self.digits),
        )

    def _take(self, event):
        if isinstance(event, Movement):
            held = self._get_holding(event.receipt)
            if event.kind == "accepted":
                self._accept(held, event.quantity, event.day)
            else:
                held.quantities[event.kind] += event.quantity
                held.received_on = held.received_on or event.day
        elif isinstance(event, Bill):
            self._bill(event)
        elif isinstance(event, Payment):
            self._pay(event)
        else:
            held = self._get_holding(event.receipt)
            if event.quantity is not None:
                self._accept(held, event.quantity - held.accepted, event.day)
            if event.price is not None:
                held.price = event.price

    def _get_holding(self, receipt):
        return self.holdings.setdefault(receipt, Holding(receipt, self.price))

    def get_ordered(self):
        """The receipts, what was accepted first before the others."""
        held = [held for held in self.holdings.values() if held.accepted_on]
        return sorted(held, key=lambda held: (held.accepted_on, held.receipt))

    def _accept(self, held, quantity, day):
        held.quantities["accepted"] += quantity
        if quantity > 0:
            held.accepted_on = held.accepted_on or day
            self._fill(held, self.surplus)
        else:
            excess = held.billed_quantity - held.accepted
            self.surplus += self._cut(held.slices, excess)

    def _fill(self, held, source):
        """Move billed slices from a list to a receipt, as far as it is not billed yet."""
        free = held.accepted - held.billed_quantity
        free = min(free, sum(part.quantity for part in source))
        held.slices += self._cut(source, free)

    def _cut(self, source, quantity):
        """Take a billed quantity out of a list of slices, the last one first."""
        taken = []
        for part in reversed(list(source)):
            if quantity <= TOLERANCE:
                break
            if part.quantity <= 0:
                continue
            if part.quantity <= quantity + TOLERANCE:
                source.remove(part)
                piece = part
            else:
                piece = part.split(quantity, self.digits)
                self._register_piece(part, piece)
            taken.append(piece)
            quantity -= piece.quantity
        return taken

    def _register_piece(self, part, piece):
        for slices in self._slices.values():
            if part in slices:
                slices.append(piece)

    def _bill(self, bill):
        rest = Slice(bill.quantity, bill.amount)
        slices = self._slices[bill.id]
        if bill.quantity > 0:
            places = [
                (held.slices, held.accepted - held.billed_quantity) for held in self.get_ordered()
            ]
        else:
            places = [
                (taken, sum(part.quantity for part in taken))
                for taken in (self.surplus, *(held.slices for held in reversed(self.get_ordered())))
            ]
        for target, room in places:
            if room <= TOLERANCE:
                continue
            if abs(rest.quantity) <= room + TOLERANCE:
                target.append(rest)
                slices.append(rest)
                return
            part = rest.split(room if bill.quantity > 0 else -room, self.digits)
            target.append(part)
            slices.append(part)
        self.surplus.append(rest)
        slices.append(rest)

    def _pay(self, payment):
        left = payment.amount
        slices = self._slices[payment.bill]
        for part in slices:
            room = round(part.amount - part.paid, self.digits)
            if room * left > 0:
                amount = min(left, room) if left > 0 else max(left, room)
                part.payments.append((payment.day, amount))
                left = round(left - amount, self.digits)
        if left and slices:
            slices[-1].payments.append((payment.day, left))


def _get_sign(event):
    return getattr(event, "quantity", None) or getattr(event, "amount", None) or 0.0


def share_out(amount, weights, digits=2):
    """Share an amount out in proportion to weights, so that the parts add up to it.

    :return: list of as many amounts as weights; all 0 where the weights add up to nothing
    """
    total = sum(weights)
    if not total:
        return [0.0] * len(weights)
    shares, before, reached = [], 0.0, 0.0
    for weight in weights:
        reached += weight
        upto = round(amount * reached / total, digits)
        shares.append(round(upto - before, digits))
        before = upto
    return shares
