from collections import defaultdict
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import float_compare, format_amount, formatLang

# How many orders a refusal names before it only counts them.
NAMED_ORDERS = 8


class Wanted(NamedTuple):
    """What an order calls off one line of an agreement."""

    quantity: float  # in the unit of the agreement's line
    amount: float  # in the agreement's currency, discounts taken off
    price: float  # highest one asked, per unit of the agreement's line

    def grows(self, call):
        """Return whether this is more than ``call`` (an empty record for nothing) holds."""
        return any(
            float_compare(now, before, precision_digits=6) > 0
            for now, before in zip(self, (call.quantity, call.amount, call.price), strict=True)
        )

    def differs(self, call):
        return any(
            float_compare(now, before, precision_digits=6)
            for now, before in zip(self, (call.quantity, call.amount, call.price), strict=True)
        )


class UnionAssistCall(models.Model):
    """What a confirmed order calls off one line of a subscription or an intention.

    Kept by :meth:`_sync` alone, whichever door the order changed by: nobody has the right to
    write here. What is sent back to the supplier for refund is not called off any more.

    The agreement's counter moves in the same transaction: of two orders that are confirmed
    at the same moment one fails to serialize and is replayed on what the other one left.
    """

    _name = "union.assist.call"
    _description = "Call off an Agreement"
    _order = "id desc"
    _rec_name = "order_id"

    requisition_line_id = fields.Many2one(
        "purchase.requisition.line",
        "Agreement Line",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    requisition_id = fields.Many2one(
        related="requisition_line_id.requisition_id", store=True, index=True, string="Agreement"
    )
    product_id = fields.Many2one(related="requisition_line_id.product_id", store=True, index=True)
    product_uom_id = fields.Many2one(related="requisition_line_id.product_uom_id")
    company_id = fields.Many2one(related="requisition_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="requisition_id.currency_id")
    order_id = fields.Many2one(
        "purchase.order", required=True, readonly=True, index=True, ondelete="restrict"
    )
    date = fields.Datetime(related="order_id.date_approve", string="Confirmed On")
    # Exact figures: what is rounded for each order would not add up to what was agreed.
    quantity = fields.Float("Called Off", required=True, readonly=True, digits=0)
    price = fields.Float("Price Called", required=True, readonly=True, digits=0)
    amount = fields.Float("Amount Called", required=True, readonly=True, digits=0)
    received_qty = fields.Float(
        "Received", compute="_compute_fulfilment", compute_sudo=True, digits="Product Unit"
    )
    invoiced_qty = fields.Float(
        "Invoiced", compute="_compute_fulfilment", compute_sudo=True, digits="Product Unit"
    )

    _order_line_unique = models.UniqueIndex(
        "(order_id, requisition_line_id)", "An order calls off each agreement line once."
    )

    @api.depends(
        "order_id.order_line.product_id",
        "order_id.order_line.product_uom_id",
        "order_id.order_line.qty_invoiced",
        "order_id.order_line.qty_received",
    )
    def _compute_fulfilment(self):
        figures = defaultdict(lambda: [0.0, 0.0])
        groups = self.env["purchase.order.line"]._read_group(
            [("order_id", "in", self.order_id.ids), ("product_id", "in", self.product_id.ids)],
            ["order_id", "product_id", "product_uom_id"],
            ["qty_received:sum", "qty_invoiced:sum"],
        )
        for order, product, unit, received, invoiced in groups:
            figures[order, product, unit] = (received, invoiced)
        units = defaultdict(list)
        for order, product, unit in figures:
            units[order, product].append(unit)
        for call in self:
            received = invoiced = 0.0
            for unit in units.get((call.order_id, call.product_id), ()):
                quantities = figures[call.order_id, call.product_id, unit]
                factor = unit._compute_quantity(1.0, call.product_uom_id, round=False)
                received += quantities[0] * factor
                invoiced += quantities[1] * factor
            call.received_qty = received
            call.invoiced_qty = invoiced

    # --------------------------------------------------
    # The one place where agreements are called off
    # --------------------------------------------------

    @api.model
    def _sync(self, orders, enforce=True):
        """Bring the calls of these orders in line with what they order now.

        :param orders: purchase orders; what is not confirmed calls off nothing
        :param bool enforce: refuse growth that the agreements do not allow; else only record it
        :raise UserError: when an order calls off more than before and its agreement does not
            allow it
        """
        orders = orders.sudo()
        held = {(call.order_id, call.requisition_line_id): call for call in orders.assist_call_ids}
        if not held and not orders.requisition_id.filtered("assist_kind"):
            return
        confirmed = orders.filtered(lambda order: order.state == "purchase")
        wanted, strange = self._get_wanted(confirmed)
        nothing = self.browse()
        grown = {key for key, want in wanted.items() if want.grows(held.get(key, nothing))}
        if enforce and (grown or strange):
            refusals = self._get_refusals(wanted, strange, grown, held, settled=orders)
            for refusal in refusals.values():
                raise UserError(refusal)
        self._post(wanted, held)
        if enforce:
            self._note_high_prices(wanted, grown)

    @api.model
    def _post(self, wanted, held):
        """Write the difference down and move the agreements' counters with it."""
        calls = self.sudo()
        nothing = calls.browse()
        moved = defaultdict(float)
        vals_list, gone = [], calls.browse()
        for key in held.keys() | wanted.keys():
            call, want = held.get(key, nothing), wanted.get(key)
            if want is None:
                moved[call.requisition_id] -= call.amount
                gone |= call
            elif want.differs(call):
                moved[key[1].requisition_id] += want.amount - call.amount
                if call:
                    call.write(want._asdict())
                else:
                    vals_list.append(
                        {
                            "order_id": key[0].id,
                            "requisition_line_id": key[1].id,
                            **want._asdict(),
                        }
                    )
        gone.unlink()
        calls.create(vals_list)
        for agreement in sorted(moved, key=lambda record: record.id):
            agreement._assist_move_counter(moved[agreement])

    @api.model
    def _get_wanted(self, orders):
        """Return what orders call off the agreement that each of them names.

        :return: ``{(order, agreement line): Wanted}`` and ``{order: products}`` of goods that
            the agreement knows nothing about
        """
        wanted, strange = {}, defaultdict(list)
        for order in orders:
            agreement = order.requisition_id
            if not agreement.assist_kind:
                continue
            lines = {line.product_id: line for line in agreement.line_ids}
            for order_line in order.order_line:
                product = order_line.product_id._origin
                if order_line.display_type or not product:
                    continue
                quantity = order_line.product_qty
                if order.state == "purchase":
                    quantity = order_line._get_assist_quantity()
                if quantity <= 0:
                    continue
                line, unit = lines.get(product), order_line.product_uom_id
                if not line or not unit._has_common_reference(line.product_uom_id):
                    if agreement.assist_kind == "subscription":
                        strange[order].append(product)
                    continue
                price = self._get_agreement_price(order_line, line)
                quantity = unit._compute_quantity(quantity, line.product_uom_id, round=False)
                before = wanted.get((order, line), Wanted(0.0, 0.0, price))
                wanted[order, line] = Wanted(
                    before.quantity + quantity,
                    before.amount + quantity * price,
                    max(before.price, price),
                )
        return wanted, strange

    @api.model
    def _get_agreement_price(self, order_line, line):
        """Return what an order line asks per unit of the agreement, in its currency."""
        order, currency = order_line.order_id, line.requisition_id.currency_id
        price = order_line.price_unit * (1.0 - (order_line.discount or 0.0) / 100.0)
        price = order_line.product_uom_id._compute_price(price, line.product_uom_id)
        if order.currency_id and order.currency_id != currency:
            company = order.company_id
            price = company.currency_id._convert(
                price / (order.currency_rate or 1.0),
                currency,
                company,
                company._assist_today(),
                round=False,
            )
        return price

    # --------------------------------------------------
    # What the agreement does not allow, and the words for it
    # --------------------------------------------------

    @api.model
    def _get_refusals(self, wanted, strange, grown, held, settled=()):
        """Return why agreements do not allow these calls: ``{order: message}``.

        :param wanted: all that the orders call off, of which ``grown`` are the keys judged
        :param held: the calls that the orders hold already
        :param settled: orders that are judged together, each against what the others call
            off now; all others are judged against what is in the books
        """
        lines_of = defaultdict(list)
        for order, line in wanted:
            lines_of[order].append(line)
        judged = {order for order, _line in grown} | strange.keys()
        agreements = self.env["purchase.requisition"].union(
            *(order.requisition_id for order in judged)
        )
        rows = {
            (order, line): (quantity, amount)
            for order, line, quantity, amount in self.sudo()._read_group(
                [("requisition_id", "in", agreements.ids)],
                ["order_id", "requisition_line_id"],
                ["quantity:sum", "amount:sum"],
            )
            if order not in settled
        }
        if settled:
            rows.update({key: (want.quantity, want.amount) for key, want in wanted.items()})
        refusals = {}
        for order in judged:
            others = {key: row for key, row in rows.items() if key[0] != order._origin}
            lines = [line for line in lines_of[order] if (order, line) in grown]
            reasons = self._get_reasons(order, lines, wanted, held, others, strange.get(order, ()))
            if reasons:
                agreement = order.requisition_id
                refusals[order] = self.env._(
                    "%(order)s cannot be called off %(agreement)s with %(supplier)s:\n%(reasons)s",
                    order=order.name or self.env._("The order"),
                    agreement=agreement.display_name,
                    supplier=agreement.vendor_id.display_name,
                    reasons="\n".join(reasons),
                )
        return refusals

    @api.model
    def _get_reasons(self, order, lines, wanted, held, others, strange):
        """Return the sentences that say why ``order`` may not call ``lines`` off."""
        agreement = order.requisition_id
        reasons = []
        if agreement.state != "confirmed":
            states = dict(agreement._fields["state"]._description_selection(self.env))
            reasons.append(
                self.env._(
                    "The agreement is not open (%(state)s): take it off the order to buy without"
                    " it.",
                    state=states[agreement.state],
                )
            )
        if order.partner_id.commercial_partner_id != agreement.vendor_id.commercial_partner_id:
            reasons.append(
                self.env._(
                    "The order goes to %(supplier)s: goods are called off the supplier who agreed"
                    " to deliver them.",
                    supplier=order.partner_id.display_name,
                )
            )
        if order.company_id != agreement.company_id:
            reasons.append(
                self.env._(
                    "The agreement is one of %(company)s.", company=agreement.company_id.name
                )
            )
        if agreement.assist_kind != "subscription":
            return reasons  # an intention binds nobody to a period, a quantity or a price
        reasons += self._get_period_reasons(order)
        if strange:
            reasons.append(
                self.env._(
                    "Not agreed, or in another kind of unit: %(products)s. Order it separately.",
                    products=", ".join(product.display_name for product in strange),
                )
            )
        for line in lines:
            want = wanted[order, line]
            call = held.get((order, line), self.browse())
            if float_compare(want.quantity, call.quantity, precision_digits=6) > 0:
                reasons += self._get_quantity_reasons(line, want.quantity, others)
            if float_compare(want.price, call.price, precision_digits=6) > 0:
                reasons += self._get_price_reasons(line, want.price)
        return reasons + self._get_amount_reasons(order, lines, wanted, held, others)

    @api.model
    def _get_period_reasons(self, order):
        agreement, company = order.requisition_id, order.company_id
        day = company._assist_today()
        # Administrators take up orders of the past on the day that they were confirmed.
        if order.state == "purchase" and order.date_approve and self._may_exceed_price():
            day = order.date_approve.astimezone(company._assist_get_zone()).date()
        start, end = agreement.date_start, agreement.date_end
        if (not start or start <= day) and (not end or day <= end):
            return []
        return [
            self.env._(
                "%(day)s is outside the agreed period, %(start)s to %(end)s.",
                day=fields.Date.to_string(day),
                start=fields.Date.to_string(start) or "…",
                end=fields.Date.to_string(end) or "…",
            )
        ]

    @api.model
    def _get_quantity_reasons(self, line, quantity, others):
        unit = line.product_uom_id
        called = {key[0]: row[0] for key, row in others.items() if key[1] == line}
        excess = sum(called.values()) + quantity - line.product_qty
        if unit.compare(excess, 0.0) <= 0:
            return []

        def number(value):
            return formatLang(self.env, value, dp="Product Unit")

        return [
            self.env._(
                "%(product)s: agreed %(agreed)s %(unit)s, called off so far %(called)s"
                " (%(orders)s), this order %(quantity)s, too much by %(excess)s.",
                product=line.product_id.display_name,
                unit=unit.name,
                agreed=number(line.product_qty),
                called=number(sum(called.values())),
                orders=self._name_orders(called, number),
                quantity=number(quantity),
                excess=number(excess),
            )
        ]

    @api.model
    def _get_price_reasons(self, line, price):
        if self._may_exceed_price() or not line._assist_is_above(price):
            return []
        currency = line.requisition_id.currency_id
        return [
            self.env._(
                "%(product)s: %(price)s per %(unit)s is above the agreed price of %(agreed)s."
                " Only an administrator may confirm it.",
                product=line.product_id.display_name,
                unit=line.product_uom_id.name,
                price=format_amount(self.env, price, currency),
                agreed=format_amount(self.env, line.price_unit, currency),
            )
        ]

    @api.model
    def _get_amount_reasons(self, order, lines, wanted, held, others):
        agreement = order.requisition_id
        currency = agreement.currency_id
        amount = sum(want.amount for key, want in wanted.items() if key[0] == order)
        before = sum(call.amount for key, call in held.items() if key[0] == order)
        called = defaultdict(float)
        for (other, line), row in others.items():
            if line.requisition_id == agreement:
                called[other] += row[1]
        excess = sum(called.values()) + amount - agreement.assist_subscribed
        if not lines or amount <= before or currency.compare_amounts(excess, 0.0) <= 0:
            return []

        def money(value):
            return format_amount(self.env, value, currency)

        return [
            self.env._(
                "Amount: agreed %(agreed)s, called off so far %(called)s (%(orders)s), this order"
                " %(amount)s, too much by %(excess)s.",
                agreed=money(agreement.assist_subscribed),
                called=money(sum(called.values())),
                orders=self._name_orders(called, money),
                amount=money(amount),
                excess=money(excess),
            )
        ]

    @api.model
    def _name_orders(self, called, write):
        """Return the orders of ``{order: figure}`` with what each takes, the first ones by name."""
        if not called:
            return self.env._("no order")
        orders = sorted(called, key=lambda order: order.id)
        names = [f"{order.name}: {write(called[order])}" for order in orders[:NAMED_ORDERS]]
        if len(orders) > NAMED_ORDERS:
            names.append(self.env._("and %(count)s more", count=len(orders) - NAMED_ORDERS))
        return ", ".join(names)

    @api.model
    def _may_exceed_price(self):
        """Return whether the user may depart from what was agreed."""
        return self.env.user.has_group("union_assist_catalog.group_manager")

    @api.model
    def _note_high_prices(self, wanted, grown):
        """Leave a trace of what an administrator let pass."""
        for order, line in grown:
            price = wanted[order, line].price
            if line.requisition_id.assist_kind != "subscription" or not line._assist_is_above(
                price
            ):
                continue
            currency = line.requisition_id.currency_id
            line.requisition_id.message_post(
                body=self.env._(
                    "%(order)s calls %(product)s off at %(price)s, above the agreed %(agreed)s.",
                    order=order.name,
                    product=line.product_id.display_name,
                    price=format_amount(self.env, price, currency),
                    agreed=format_amount(self.env, line.price_unit, currency),
                )
            )
