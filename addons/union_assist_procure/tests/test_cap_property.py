"""Whatever happens to orders, in whatever order: the ledger holds what a naive model says.

The model knows nothing of entries and differences. It keeps in plain Python what was ordered,
received and returned and who is lifted, and adds up anew after every step what the orders of a
supplier take in a year. Prices are multiples of 100 and taxes whole percents, so that it needs no
rounding.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import wraps
from unittest import mock

from hypothesis import HealthCheck, note, settings
from hypothesis import strategies as st
from hypothesis.internal.conjecture import engine
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .common import CapCommon

WAITING_FROM = 15_000  # an order of this much, with tax, needs a second signature
FOREIGN_RATE = 4  # of the company's currency for one of the other
THIS_YEAR, LAST_YEAR = 0, -1


def step(on=None, at_most=None, **strategies):
    """Declare a rule that is taken where it can be, told in words and counted.

    :param on: whether it can be taken with an order, one of which the step gets then
    :param int at_most: how often a sequence takes it
    """

    def decorate(function):
        name = function.__name__

        def possible(self):
            if at_most and self.steps[name] >= at_most:
                return False
            return not on or any(map(on, self.all))

        @precondition(possible)
        @rule(**strategies, **({"which": st.integers(0, 11)} if on else {}))
        @wraps(function)
        def taken(self, which=0, **values):
            words = " ".join(f"{key} {value}" for key, value in values.items())
            if on:
                orders = list(filter(on, self.all))
                values["order"] = orders[which % len(orders)]
            note(f"{name.replace('_', ' ')}: {values.get('order', '')} {words}")
            function(self, **values)
            self.steps[name] += 1
            self.test.steps[name] += 1

        kinds.add(name)
        return taken

    return decorate


kinds = {"refused"}


def is_in(*states):
    return lambda order: order.state in states


@dataclass
class Line:
    ordered: int
    price: int
    percent: int
    received: int = 0
    refunded: int = 0

    @property
    def counted(self):
        """Ordered, or received if that is more, less what went back for good."""
        return max(self.ordered, self.received) - self.refunded


@dataclass(eq=False)
class Order:
    number: int
    supplier: str
    lines: list = field(default_factory=list)
    state: str = "draft"
    year: int = THIS_YEAR
    foreign: bool = False
    record: object = field(default=None, repr=False)

    def taken(self, taxed, state=None):
        """What the order takes of its cap: nothing unless it is confirmed."""
        if (state or self.state) != "confirmed":
            return 0
        percents = ((100 + line.percent) if taxed else 100 for line in self.lines)
        amount = sum(
            line.counted * line.price * percent // 100
            for line, percent in zip(self.lines, percents, strict=True)
        )
        return amount * (FOREIGN_RATE if self.foreign else 1)

    @property
    def received(self):
        return any(line.received for line in self.lines)

    @property
    def partly_received(self):
        return [
            (index, line)
            for index, line in enumerate(self.lines)
            if 0 < line.received < line.ordered
        ]

    @property
    def open_receipt(self):
        """The receipt that is expected next, as Odoo keeps it."""
        return self.record.picking_ids.filtered(lambda picking: picking.state == "assigned")[:1]

    @property
    def returnable(self):
        """What was received first, and how much of it has not been sent back: ``None`` if none."""
        for move in self.record.picking_ids.move_ids.sorted("id"):
            if move.state == "done" and move.location_id.usage == "supplier":
                back = move.returned_move_ids.filtered(lambda back: back.state == "done")
                rest = int(move.quantity - sum(back.mapped("quantity")))
                if rest > 0:
                    return move, rest
        return None

    def __str__(self):
        return f"order {self.number} ({self.state}, {self.supplier})"


class Ledger(RuleBasedStateMachine):
    """Steps that people take; each is judged by the model first and then taken in Odoo."""

    test = None  # the test case, with the records that all sequences begin with

    def __init__(self):
        super().__init__()
        test = self.test
        self.savepoint = test.cr.savepoint()
        self.steps = Counter()
        self.all = []
        self.lifted = {name: {"first": persons} for name, persons in test.persons.items()}
        self.ever_lifted = dict(test.persons)
        self.linkages = {
            name: {"first": linkage.with_env(test.env)} for name, linkage in test.linkages.items()
        }
        self.rate, self.taxed, self.maximum = 2000, True, 0
        self.policy = test.policy.with_env(test.env)

    def teardown(self):
        self.savepoint.close(rollback=True)
        self.test.env.registry.clear_all_caches()

    # -- the model ----------------------------------------------------------------------------

    def cap(self, supplier, year):
        persons = (
            sum(self.lifted[supplier].values()) if year == THIS_YEAR else self.ever_lifted[supplier]
        )
        amount = persons * self.rate
        return min(amount, self.maximum) if self.maximum else amount

    def used(self, supplier, year):
        return sum(
            order.taken(self.taxed)
            for order in self.all
            if (order.supplier, order.year) == (supplier, year)
        )

    def change(self, order, step, refused_by_core=False, **values):
        """Take a step that gives an order or its lines new values, in the model and in Odoo.

        It must be refused exactly when the order takes more than before, or from another cap,
        and does not fit there.

        :param step: what does it in Odoo
        """
        before = order.taken(self.taxed), (order.supplier, order.year)
        old_lines = [Line(**vars(line)) for line in order.lines]
        old = {name: getattr(order, name) for name in values if name != "lines"}
        for name, value in values.items():
            setattr(order, name, value)
        after = order.taken(self.taxed), (order.supplier, order.year)
        grows = after[0] > (before[0] if after[1] == before[1] else 0)
        refused = grows and self.used(*after[1]) > self.cap(*after[1])
        if refused or refused_by_core:
            error = "" if refused_by_core else "exceeds the purchase cap"
            with self.test.assertRaisesRegex(UserError, error), self.test.cr.savepoint():
                step()
                self.test.env.flush_all()
            self.test.steps["refused"] += not refused_by_core
            for name, value in old.items():
                setattr(order, name, value)
            order.lines = old_lines
        else:
            step()
        self.check()

    def with_line(self, order, index, **values):
        """Return the lines of an order with another value in one of them."""
        lines = [Line(**vars(line)) for line in order.lines]
        for name, value in values.items():
            setattr(lines[index], name, value)
        return lines

    def check(self):
        """Hold counter, entries and each order's share of them against the model."""
        test = self.test
        test.env.flush_all()
        test.env.invalidate_all()
        records = {order.record.id: order for order in self.all}
        caps = test.env["union.assist.cap"].search(
            [("supplier_id", "in", [supplier.id for supplier in test.suppliers.values()])]
        )
        names = {supplier.id: name for name, supplier in test.suppliers.items()}
        found = {}
        for cap in caps:
            year = cap.date_from.year - test.today.year
            key = names[cap.supplier_id.id], year
            test.assertNotIn(key, found, "one cap for a supplier and year")
            found[key] = cap.committed
            test.assertEqual(cap.committed, self.used(*key), f"counter of {key}")
            test.assertEqual(sum(cap.entry_ids.mapped("amount")), cap.committed, f"sum of {key}")
            test.assertEqual(cap.amount, self.cap(*key), f"cap of {key}")
        for order in self.all:
            test.assertTrue(
                (order.supplier, order.year) in found or not order.taken(self.taxed), order
            )
        held = defaultdict(float)
        for entry in caps.entry_ids:
            held[records[entry.order_id.id].number] += entry.amount
        for order in self.all:
            test.assertEqual(held[order.number], order.taken(self.taxed), order)

    # -- the steps ----------------------------------------------------------------------------

    quantities = st.integers(1, 12)
    prices = st.integers(1, 20).map(lambda number: 100 * number)
    percents = st.sampled_from((0, 9, 13))
    picks = st.integers(0, 2)
    suppliers = st.sampled_from("AB")

    lines = st.lists(st.tuples(quantities, prices, percents), min_size=1, max_size=3)

    @initialize(lines=lines, larger=lines)
    def begin(self, lines, larger):
        """One order of each supplier: the rest of a sequence happens to them and to others."""
        self.place("A", lines)
        self.place("B", [(12, 1000 + price, percent) for _quantity, price, percent in larger])
        for order in list(self.all):
            self._confirm(order)

    def _line_values(self, line):
        return {
            "product_id": self.test.product.id,
            "product_qty": line.ordered,
            "price_unit": line.price,
            "technical_price_unit": -1,  # as typed by hand: core does not price it anew
            "tax_ids": [Command.set(self.test.taxes[line.percent].ids)],
        }

    def add(self, supplier, lines, **values):
        order = Order(len(self.all) + 1, supplier, lines, **values)
        self.all.append(order)
        return order

    def place(self, supplier, lines):
        order = self.add(supplier, [Line(*line) for line in lines])
        order.record = self.test.env["purchase.order"].create(
            {
                "partner_id": self.test.suppliers[supplier].id,
                "order_line": [Command.create(self._line_values(line)) for line in order.lines],
            }
        )
        self.check()

    @step(at_most=3, supplier=suppliers, lines=lines)
    def place_order(self, supplier, lines):
        self.place(supplier, lines)

    @step(is_in("confirmed", "cancelled", "draft"), at_most=2)
    def duplicate(self, order):
        lines = [Line(line.ordered, line.price, line.percent) for line in order.lines]
        copied = self.add(order.supplier, lines, foreign=order.foreign)
        copied.record = order.record.copy()
        self.check()

    def _confirm(self, order):
        """By a buyer, whose larger orders have to wait for approval."""
        record = order.record.with_user(self.test.buyer)
        if order.taken(True, "confirmed") >= WAITING_FROM:
            # It commits nothing, and yet nobody is asked to approve what does not fit.
            amount = order.taken(self.taxed, "confirmed")
            used, cap = self.used(order.supplier, THIS_YEAR), self.cap(order.supplier, THIS_YEAR)
            if used + amount > cap:
                with self.test.assertRaisesRegex(UserError, "exceeds the purchase cap"):
                    with self.test.cr.savepoint():
                        record.button_confirm()
                self.test.steps["refused"] += 1
            else:
                record.button_confirm()
                order.state = "waiting"
            self.check()
        else:
            self.change(order, record.button_confirm, state="confirmed", year=THIS_YEAR)
        states = {"waiting": "to approve", "confirmed": "purchase", "draft": "draft"}
        self.test.assertEqual(order.record.state, states[order.state])

    @step(is_in("draft"))
    def confirm(self, order):
        self._confirm(order)

    @step(is_in("waiting"))
    def approve(self, order):
        self.change(order, order.record.button_approve, state="confirmed", year=THIS_YEAR)

    @step(is_in("draft", "waiting", "confirmed"), at_most=1)
    def cancel(self, order):
        self.change(order, order.record.button_cancel, state="cancelled")

    @step(lambda order: order.state == "cancelled" and not order.received)
    def reset_to_draft(self, order):
        self.change(order, order.record.button_draft, state="draft", year=THIS_YEAR)

    @step(is_in("waiting", "confirmed"), index=picks, quantity=quantities)
    def change_quantity(self, order, index, quantity):
        index %= len(order.lines)
        # Core wants what has come to stay on the order.
        quantity = max(quantity, order.lines[index].received)
        record = order.record.order_line[index]
        self.change(
            order,
            lambda: record.write({"product_qty": quantity}),
            lines=self.with_line(order, index, ordered=quantity),
        )

    @step(lambda order: order.state == "confirmed" and order.partly_received)
    def close_remainder(self, order):
        (index, line) = order.partly_received[0]
        record = order.record.order_line[index]
        self.change(
            order,
            lambda: record.write({"product_qty": line.received}),
            lines=self.with_line(order, index, ordered=line.received),
        )

    @step(is_in("draft", "confirmed"), at_most=2, index=picks, price=prices)
    def change_price(self, order, index, price):
        index %= len(order.lines)
        record = order.record.order_line[index]
        self.change(
            order,
            lambda: record.write({"price_unit": price}),
            lines=self.with_line(order, index, price=price),
        )

    @step(is_in("draft", "confirmed"), at_most=2, index=picks, percent=percents)
    def change_tax(self, order, index, percent):
        index %= len(order.lines)
        record = order.record.order_line[index]
        taxes = [Command.set(self.test.taxes[percent].ids)]
        self.change(
            order,
            lambda: record.write({"tax_ids": taxes}),
            lines=self.with_line(order, index, percent=percent),
        )

    @step(
        lambda order: order.state in ("draft", "confirmed") and len(order.lines) < 4,
        at_most=3,
        quantity=quantities,
        price=prices,
        percent=percents,
    )
    def add_line(self, order, quantity, price, percent):
        line = Line(quantity, price, percent)
        values = {**self._line_values(line), "order_id": order.record.id}
        self.change(
            order,
            lambda: self.test.env["purchase.order.line"].create(values),
            lines=[*order.lines, line],
        )

    @step(
        lambda order: len(order.lines) > 1 and not order.received,
        at_most=2,
        index=picks,
    )
    def remove_line(self, order, index):
        index %= len(order.lines)
        self.change(
            order,
            order.record.order_line[index].unlink,
            refused_by_core=order.state == "confirmed",
            lines=[line for number, line in enumerate(order.lines) if number != index],
        )

    @step(is_in("draft", "confirmed"), at_most=2)
    def change_currency(self, order):
        currency = self.test.company.currency_id if order.foreign else self.test.currency
        self.change(
            order,
            lambda: order.record.write({"currency_id": currency.id}),
            foreign=not order.foreign,
        )

    @step(lambda order: order.state == "confirmed" and not order.received, at_most=2)
    def change_supplier(self, order):
        name = "B" if order.supplier == "A" else "A"
        self.change(
            order,
            lambda: order.record.write({"partner_id": self.test.suppliers[name].id}),
            supplier=name,
            foreign=False,  # core takes the currency of the new supplier
        )

    @step(is_in("confirmed"), at_most=2)
    def move_to_other_year(self, order):
        year = LAST_YEAR if order.year == THIS_YEAR else THIS_YEAR
        moment = datetime(self.test.today.year + year, 6, 15, 12)
        self.change(order, lambda: order.record.write({"date_approve": moment}), year=year)

    @step(
        lambda order: order.state == "confirmed" and order.open_receipt,
        index=picks,
        quantity=quantities,
    )
    def receive(self, order, index, quantity):
        """One line comes in part, whole or more than ordered; the rest stays expected."""
        receipt = order.open_receipt
        expected = receipt.move_ids.filtered(lambda move: move.state not in ("done", "cancel"))
        move = expected[index % len(expected)]
        number = order.record.order_line.ids.index(move.purchase_line_id.id)
        received = order.lines[number].received + quantity

        def step():
            (expected - move).quantity = 0
            move.quantity = quantity
            expected.picked = True
            receipt._action_done()

        self.change(order, step, lines=self.with_line(order, number, received=received))

    @step(
        lambda order: order.state == "confirmed" and order.returnable,
        quantity=quantities,
        to_refund=st.booleans(),
    )
    def send_back(self, order, quantity, to_refund):
        """Goods go back to the supplier, for good or to be replaced."""
        move, most = order.returnable
        quantity = min(quantity, most)
        number = order.record.order_line.ids.index(move.purchase_line_id.id)

        def step():
            wizard = self.test.env["stock.return.picking"].create(
                {"picking_id": move.picking_id.id}
            )
            lines = wizard.product_return_moves
            lines.write({"quantity": 0, "to_refund": to_refund})
            lines.filtered(lambda line: line.move_id == move).quantity = quantity
            returned = wizard._create_return()
            returned.move_ids.picked = True
            returned._action_done()

        refunded = order.lines[number].refunded + quantity * to_refund
        self.change(order, step, lines=self.with_line(order, number, refunded=refunded))

    @step(at_most=2, supplier=suppliers, persons=st.integers(1, 20))
    def verify(self, supplier, persons):
        linkage = self.test._lift(self.test.suppliers[supplier], persons)
        name = linkage.household_id.code
        self.lifted[supplier][name] = persons
        self.ever_lifted[supplier] += persons
        self.linkages[supplier][name] = linkage
        self.check()

    @step(at_most=1, supplier=suppliers)
    def revoke(self, supplier):
        """The supplier's first household falls away; what is confirmed stays."""
        name = next(iter(self.linkages[supplier]))
        self.linkages[supplier].pop(name).action_revoke()
        del self.lifted[supplier][name]
        self.check()

    @step(
        at_most=2,
        rate=st.sampled_from((500, 2000, 5000)),
        maximum=st.sampled_from((0, 50_000, 100_000)),
        taxed=st.booleans(),
    )
    def change_policy(self, rate, maximum, taxed):
        """Nothing confirmed breaks: a cap may come to be exceeded."""
        self.policy.bracket_ids.amount = rate
        self.policy.write({"max_amount": maximum, "tax_included": taxed})
        self.rate, self.maximum, self.taxed = rate, maximum, taxed
        self.check()


@tagged("post_install", "-at_install", "union_assist")
class TestCapProperty(CapCommon):
    @classmethod
    def setUpClass(cls):
        cls.last_year = date(fields.Date.today().year - 1, 1, 1)
        super().setUpClass()
        cls.company.write(
            {"po_double_validation": "two_step", "po_double_validation_amount": WAITING_FROM}
        )
        cls.buyer = new_test_user(cls.env, "cap_property", "purchase.group_purchase_user")
        cls.policy.date_from = cls.last_year
        cls.persons = {"A": 10, "B": 20}
        cls.suppliers, cls.linkages = {}, {}
        for name, persons in cls.persons.items():
            cls.suppliers[name] = cls._create_supplier(f"Supplier {name}")
            cls.linkages[name] = cls._lift(cls.suppliers[name], persons)
        cls.taxes = {percent: cls._create_tax(percent) for percent in (9, 13)}
        cls.taxes[0] = cls.env["account.tax"]
        cls.currency = cls.env["res.currency"].create(
            {
                "name": "UAT",
                "symbol": "T",
                "rate_ids": [
                    Command.create(
                        {
                            "name": cls.last_year,
                            "rate": 1 / FOREIGN_RATE,
                        }
                    )
                ],
            }
        )

    @classmethod
    def _lift(cls, supplier, persons, date_from=None):
        return super()._lift(supplier, persons, date_from or cls.last_year)

    def test_the_ledger_is_what_a_naive_model_says(self):
        self.steps = Counter()
        machine = type("Ledger", (Ledger,), {"test": self})
        # A failing sequence is made as short as that much time allows.
        with mock.patch.object(engine, "MAX_SHRINKING_SECONDS", 20):
            run_state_machine_as_test(
                machine,
                settings=settings(
                    max_examples=16,
                    stateful_step_count=20,
                    derandomize=True,  # the same sequences every time
                    database=None,
                    deadline=None,
                    print_blob=False,
                    report_multiple_bugs=False,
                    suppress_health_check=list(HealthCheck),
                ),
            )
        # Of what never happened nothing was shown.
        self.assertEqual(set(self.steps), kinds)
        self.assertGreater(self.steps["refused"], 10)
