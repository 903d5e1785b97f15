from collections import defaultdict
from contextlib import contextmanager

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import float_compare, format_amount

from ..exceptions import CapExceeded
from ..tools.caps import format_quantity, largest_quantity

# A change of these changes what an order takes of a cap, or of which.
COMMITMENT_FIELDS = frozenset(
    (
        "company_id",
        "currency_id",
        "currency_rate",
        "date_approve",
        "date_order",
        "order_line",
        "partner_id",
        "state",
    )
)
MAX_NAMED = 5  # a refusal names so many orders, lines or suppliers


class PurchaseOrder(models.Model):
    _inherit = "purchase.order"

    assist_entry_ids = fields.One2many(
        "union.assist.cap.entry",
        "order_id",
        "Cap Ledger",
        readonly=True,
        groups="union_assist_catalog.group_user",
    )
    assist_policy_id = fields.Many2one(
        "union.assist.cap.policy", "Cap Policy", compute="_compute_assist_cap", compute_sudo=True
    )
    assist_cap_amount = fields.Monetary(
        "Purchase Cap",
        compute="_compute_assist_cap",
        compute_sudo=True,
        currency_field="company_currency_id",
        help="How much may be bought from the supplier in the year.",
    )
    assist_cap_used = fields.Monetary(
        "Used by Other Orders",
        compute="_compute_assist_cap",
        compute_sudo=True,
        currency_field="company_currency_id",
    )
    assist_cap_order = fields.Monetary(
        "This Order",
        compute="_compute_assist_cap",
        compute_sudo=True,
        currency_field="company_currency_id",
        help="What this order takes of the cap, or would take once confirmed.",
    )
    assist_cap_left = fields.Monetary(
        "Left after This Order",
        compute="_compute_assist_cap",
        compute_sudo=True,
        currency_field="company_currency_id",
    )
    assist_cap_exceeded = fields.Boolean(
        "Above the Purchase Cap", compute="_compute_assist_cap", compute_sudo=True
    )

    assist_obstacles = fields.Text(
        "Obstacles",
        compute="_compute_assist_obstacles",
        compute_sudo=True,
        help="Why these goods may not be ordered from this supplier today.",
    )

    @api.depends("company_id", "order_line.product_id", "partner_id", "state")
    def _compute_assist_obstacles(self):
        pending = self.filtered(lambda order: order.state in ("draft", "sent", "to approve"))
        obstacles = self._get_assist_obstacles(
            {order: order.order_line.product_id for order in pending}
        )
        for order in self:
            order.assist_obstacles = "\n".join(obstacles.get(order, ())) or False

    @api.depends(
        "company_id",
        "currency_rate",
        "date_approve",
        "order_line.discount",
        "order_line.price_unit",
        "order_line.product_qty",
        "order_line.qty_received",
        "order_line.tax_ids",
        "partner_id",
        "state",
    )
    def _compute_assist_cap(self):
        policies = self.env["union.assist.cap.policy"]._get_all()
        keys = {order: order._get_assist_key() for order in self if order.state != "cancel"}
        matched = {order: policies._match(*key) for order, key in keys.items()}
        keys = {order: key for order, key in keys.items() if matched[order]}
        caps = self.env["union.assist.cap"]._preview(keys.values())
        held = self._get_assist_held()
        for order in self:
            policy = matched.get(order, policies.browse())
            order.assist_policy_id = policy
            order.assist_cap_amount = order.assist_cap_used = 0.0
            order.assist_cap_order = order.assist_cap_left = 0.0
            order.assist_cap_exceeded = False
            if not policy:
                continue
            cap = caps[keys[order]]
            currency = order.company_id.currency_id
            used = currency.round(cap.committed - held.get(order._origin, {}).get(cap, 0.0))
            amount = order._get_assist_amount(policy)
            order.assist_cap_amount = cap.amount
            order.assist_cap_used = used
            order.assist_cap_order = amount
            order.assist_cap_left = currency.round(cap.amount - used - amount)
            order.assist_cap_exceeded = (
                cap.policy_id and currency.compare_amounts(order.assist_cap_left, 0.0) < 0
            )

    # --------------------------------------------------
    # CRUD: whatever changes a confirmed order changes what it takes of the cap
    # --------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        confirmed = orders.filtered(lambda order: order.state == "purchase")
        confirmed._assist_check_obstacles()
        confirmed._assist_sync_commitment()
        return orders

    def write(self, vals):
        if not COMMITMENT_FIELDS & vals.keys():
            return super().write(vals)
        with self._assist_settling():
            return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_cap_ledger(self):
        for order in self.sudo():
            if order.assist_entry_ids:
                raise UserError(
                    self.env._(
                        "%(order)s is in the cap ledger of %(supplier)s, which keeps what"
                        " happened: leave the order cancelled.",
                        order=order.name,
                        supplier=order.assist_entry_ids[0].supplier_id.display_name,
                    )
                )

    # --------------------------------------------------
    # Admitted suppliers and their documents
    # --------------------------------------------------

    @api.model
    def _get_assist_obstacles(self, goods):
        """Return why goods may not be ordered from their suppliers on the company's day.

        :param dict goods: the products of each order
        :return: ``{order: list of sentences}``, every order a key
        """
        days = defaultdict(list)
        for order in goods:
            days[(order.company_id or self.env.company)._assist_today()].append(order)
        obstacles = {}
        for day, orders in days.items():
            baskets = [(order.partner_id, goods[order]) for order in orders]
            sentences = self.env["res.partner"]._assist_get_order_obstacles(baskets, day)
            obstacles.update(zip(orders, sentences, strict=True))
        return obstacles

    def _get_assist_obstacle_message(self, obstacles):
        return self.env._(
            "%(order)s cannot be ordered from %(supplier)s:\n%(obstacles)s",
            order=self.name,
            supplier=self.sudo().partner_id.commercial_partner_id.display_name,
            obstacles="\n".join(obstacles),
        )

    def _get_assist_ordered(self, without=()):
        """Return what confirmed orders order: ``{order: {(supplier, product): quantity}}``.

        Quantities are in the products' own units.

        :param without: order lines to leave out
        """
        ordered = {}
        for order in self.sudo().filtered(lambda order: order.state == "purchase"):
            quantities = ordered[order] = defaultdict(float)
            for line in order.order_line.filtered("product_id"):
                if line not in without:
                    key = (order.partner_id.commercial_partner_id, line.product_id)
                    quantities[key] += line.product_uom_id._compute_quantity(
                        line.product_qty, line.product_id.uom_id, round=False
                    )
        return ordered

    def _assist_check_obstacles(self, before=None):
        """Refuse what is ordered now beyond what was ordered before.

        What was ordered while nothing was in the way is still received, returned and billed.

        :param dict before: what :meth:`_get_assist_ordered` returned before the change
        :raise UserError: when there are obstacles to ordering the goods added
        """
        before = before or {}
        entry_field = self._fields["assist_entry_ids"]
        orders = self.filtered(lambda order: not self.env.is_protected(entry_field, order))
        goods = {}
        for order, quantities in orders._get_assist_ordered().items():
            held = before.get(order, {})
            added = self.env["product.product"].union(
                *(
                    product
                    for (supplier, product), quantity in quantities.items()
                    if float_compare(
                        quantity,
                        held.get((supplier, product), 0.0),
                        precision_rounding=product.uom_id.rounding,
                    )
                    > 0
                )
            )
            if added:
                goods[order] = added
        for order, obstacles in self._get_assist_obstacles(goods).items():
            if obstacles:
                raise UserError(order._get_assist_obstacle_message(obstacles))

    # --------------------------------------------------
    # Purchase caps
    # --------------------------------------------------

    def _confirmation_error_message(self):
        """Refuse early, also where the order would only come to wait for approval."""
        message = super()._confirmation_error_message()
        if not message:
            obstacles = self._get_assist_obstacles({self: self.order_line.product_id})[self]
            message = self._get_assist_obstacle_message(obstacles) if obstacles else message
        if not message and self.assist_cap_exceeded:
            order = self.sudo()
            key = order._get_assist_key()
            # Core raises what is returned here as a plain user error; this one shows a way out.
            raise order._get_assist_refusal(
                self.env["union.assist.cap"]._preview([key])[key],
                order.assist_cap_used,
                order.assist_cap_order,
            )
        return message

    @contextmanager
    def _assist_settling(self):
        """Judge these orders and post their commitment once, when everything inside is done.

        One save may raise a line and lower another: only the outcome is held against the cap.
        """
        # What is protected is known to the server alone; a context key would let clients in.
        confirmed = self.filtered(lambda order: order.state == "purchase")
        before = confirmed._get_assist_ordered()
        with self.env.protecting([self._fields["assist_entry_ids"]], self):
            yield
        confirmed |= self.filtered(lambda order: order.state == "purchase")
        confirmed._assist_check_obstacles(before)
        confirmed._assist_sync_commitment()

    def _assist_sync_commitment(self, enforce=True):
        """Post the difference between what these orders take of caps and what the ledger holds.

        The one place where caps are committed and released, whichever door the change came by.

        :param bool enforce: refuse what exceeds a cap; else only record it
        :raise UserError: when an order takes more than before and exceeds its cap
        """
        entry_field = self._fields["assist_entry_ids"]
        orders = self.filtered(lambda order: not self.env.is_protected(entry_field, order)).sudo()
        policies = self.env["union.assist.cap.policy"]._get_all()
        if not orders or not policies:
            return
        confirmed = orders.filtered(lambda order: order.state == "purchase")
        keys = {order: order._get_assist_key() for order in confirmed}
        matched = {order: policies._match(*key) for order, key in keys.items()}
        keys = {order: key for order, key in keys.items() if matched[order]}
        held = orders._get_assist_held()
        caps = self.env["union.assist.cap"]._open(keys.values())
        changes = []
        for order in orders:
            before = held.get(order, {})
            after = {}
            if order in keys:
                after[caps[keys[order]]] = order._get_assist_amount(matched[order])
            for cap in before.keys() | after.keys():
                amount = after.get(cap, 0.0)
                delta = cap.currency_id.round(amount - before.get(cap, 0.0))
                if not cap.currency_id.is_zero(delta):
                    changes.append((delta > 0, order, cap, amount, delta))
        changes.sort(key=lambda change: change[0])  # what is given back comes first
        taken = defaultdict(float)
        for grows, order, cap, amount, delta in changes:
            taken[cap] += delta
            total = cap.committed + taken[cap]
            if (
                enforce
                and grows
                and cap.policy_id
                and cap.currency_id.compare_amounts(total, cap.amount) > 0
            ):
                raise order._get_assist_refusal(cap, total - amount, amount)
        self.env["union.assist.cap.entry"].sudo().create(
            [
                {
                    "cap_id": cap.id,
                    "order_id": order.id,
                    "policy_id": cap.policy_id.id,
                    "kind": "commit" if grows else "release",
                    "amount": delta,
                    "cap_amount": cap.amount,
                    "persons": cap.persons,
                    "households": cap.households,
                }
                for grows, order, cap, _amount, delta in changes
            ]
        )

    @api.model
    def _assist_recount(self, domain):
        """Take up confirmed orders after the rules changed: nothing of them is refused."""
        orders = self.sudo().search(Domain("state", "=", "purchase") & Domain(domain))
        orders._assist_sync_commitment(enforce=False)

    def _get_assist_key(self):
        """Return the supplier, the company and the day that decide on policy and cap.

        The day is the one of confirmation; for an order not yet confirmed, today.
        """
        self.ensure_one()
        if self.state == "purchase":
            # Orders may be written to this state without a date; when they were made is certain.
            moment = self.date_approve or self.create_date or fields.Datetime.now()
            day = moment.astimezone(self.get_order_timezone()).date()
        else:
            day = fields.Date.context_today(self)
        return self.partner_id.commercial_partner_id._origin, self.company_id._origin, day

    def _get_assist_held(self):
        """Return what the ledger holds of saved orders: ``{order: {cap: amount}}``."""
        held = defaultdict(dict)
        groups = (
            self.env["union.assist.cap.entry"]
            .sudo()
            ._read_group(
                [("order_id", "in", self._origin.ids)], ["order_id", "cap_id"], ["amount:sum"]
            )
        )
        for order, cap, amount in groups:
            held[order][cap] = amount
        return held

    def _get_assist_amount(self, policy, quantities=None):
        """Return what the order takes of a cap, in the company's currency and never below 0.

        :param dict quantities: what lines would count with, instead of what they do
        """
        self.ensure_one()
        AccountTax = self.env["account.tax"]
        base_lines = []
        for line in self.order_line:
            if line.display_type:
                continue
            base_line = line._prepare_base_line_for_taxes_computation()
            if self.state == "purchase":
                base_line["quantity"] = line._get_assist_quantity()
            base_line["quantity"] = (quantities or {}).get(line, base_line["quantity"])
            base_lines.append(base_line)
        AccountTax._add_tax_details_in_base_lines(base_lines, self.company_id)
        AccountTax._round_base_lines_tax_details(base_lines, self.company_id)
        totals = AccountTax._get_tax_totals_summary(
            base_lines, self.currency_id or self.company_id.currency_id, self.company_id
        )
        return max(totals["total_amount" if policy.tax_included else "base_amount"], 0.0)

    # --------------------------------------------------
    # What people see of caps: the refusal and the ways out of it
    # --------------------------------------------------

    def _get_assist_refusal(self, cap, used, amount):
        """Return the refusal of an order that takes ``amount`` of a cap beside ``used``.

        :rtype: CapExceeded
        """
        self.ensure_one()
        currency = cap.currency_id
        policy = cap.policy_id

        def money(value):
            return format_amount(self.env, value, currency)

        lines = [
            self.env._(
                "%(order)s exceeds the purchase cap of %(supplier)s for %(year)s.",
                order=self.name,
                supplier=cap.supplier_id.display_name,
                year=cap.date_from.year,
            ),
            self.env._(
                "Cap: %(cap)s (%(reason)s)",
                cap=money(cap.amount),
                reason=policy._describe_amount(cap.households, cap.persons),
            ),
            self.env._("Used by other orders: %s", money(used)),
            *self._get_assist_users(cap),
            self.env._("This order: %s", money(amount)),
            self.env._("Above the cap: %s", money(currency.round(used + amount - cap.amount))),
            "",
            *self._get_assist_fitting(cap, currency.round(cap.amount - used)),
            self._get_assist_missing_heads(cap, used + amount),
        ]
        return CapExceeded("\n".join(lines))

    def _get_assist_users(self, cap):
        """Tell which other orders use a cap: the largest ones by name, the rest as a number."""
        groups = (
            self.env["union.assist.cap.entry"]
            .sudo()
            ._read_group(
                [("cap_id", "in", cap.ids), ("order_id", "not in", self._origin.ids)],
                ["order_id"],
                ["amount:sum"],
            )
        )
        users = [(order, amount) for order, amount in groups if cap.currency_id.round(amount)]
        users.sort(key=lambda user: (-user[1], user[0].id))
        lines = [
            f"• {order.name}: {format_amount(self.env, amount, cap.currency_id)}"
            for order, amount in users[:MAX_NAMED]
        ]
        if rest := users[MAX_NAMED:]:
            lines.append(
                self.env._(
                    "• and %(count)s more: %(amount)s",
                    count=len(rest),
                    amount=format_amount(
                        self.env, sum(amount for _order, amount in rest), cap.currency_id
                    ),
                )
            )
        return lines

    def _get_assist_fitting(self, cap, room):
        """Tell down to which quantity a line would have to be lowered for the order to fit."""
        fitting = self._get_assist_fitting_quantities(cap, room)
        if not fitting:
            return []
        lines = [
            self.env._(
                "• %(product)s: at most %(quantity)s %(unit)s instead of %(ordered)s",
                product=line.product_id.display_name or line.name,
                quantity=format_quantity(quantity),
                ordered=format_quantity(line.product_qty),
                unit=line.product_uom_id.name,
            )
            for line, quantity in fitting.items()
            if quantity
        ]
        if not lines:
            lines = [self.env._("No line alone could be lowered far enough.")]
        elif len(fitting) > 1:
            lines = [self.env._("It fits when one of these lines is lowered:"), *lines]
        else:
            lines = [self.env._("It fits when it is lowered:"), *lines]
        return lines

    def _get_assist_fitting_quantities(self, cap, room):
        """Return the largest quantity of each line with which, the others as they are, all fits.

        :param float room: what the order may take of the cap
        :return: ``{line: quantity}`` in the line's unit, of the lines that take the most; 0 where
            the order would not fit without the line either
        """
        lines = self.order_line.filtered(
            lambda line: not line.display_type and line.product_qty > 0 and line.price_subtotal > 0
        ).sorted(lambda line: (-line.price_subtotal, line.id))[:MAX_NAMED]
        return {
            line: largest_quantity(
                lambda quantity, line=line: self._get_assist_amount(
                    cap.policy_id, {line: quantity}
                ),
                line.product_qty,
                room,
                line.product_uom_id.rounding,
            )
            for line in lines
        }

    def _get_assist_missing_heads(self, cap, amount):
        """Tell how many more heads would have to be verified for a cap of ``amount``."""
        policy = cap.policy_id
        count = policy._get_heads_needed(amount, cap.households, cap.persons)
        if count is None:
            if policy.max_amount and amount > policy.max_amount:
                return self.env._(
                    "No number of heads is enough: the maximum is %s.",
                    format_amount(self.env, policy.max_amount, cap.currency_id),
                )
            return self.env._("No number of heads is enough under this policy.")
        if policy.basis == "persons":
            return self.env._("It fits when %s more persons are verified.", count)
        return self.env._("It fits when %s more households are verified.", count)

    # --------------------------------------------------
    # Tenders
    # --------------------------------------------------

    assist_tender_id = fields.Many2one(
        "union.assist.tender",
        "Tender",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        groups="union_assist_catalog.group_user",
        help="The order is a bid for this tender, or was awarded in it.",
    )

    def _get_assist_tender_obstacle(self):
        """Say why an order that a tender made may not be confirmed; ``False`` when it may."""
        self.ensure_one()
        tender = self.sudo().assist_tender_id
        if not tender:
            return False
        if tender.state != "awarded":
            return self.env._(
                "%(order)s is a bid for the tender %(tender)s, which is not awarded: award the"
                " tender first.",
                order=self.name,
                tender=tender.name,
            )
        awarded = tender.bid_line_ids.grouped("order_line_id")
        for line in self.order_line.filtered("product_id"):
            bid_line = awarded.get(line.sudo(), tender.bid_line_ids.browse())
            more = line.product_uom_id.compare(line.product_qty, bid_line.awarded) > 0
            if more or float_compare(line.price_unit, bid_line.price_unit, precision_digits=6) > 0:
                return self.env._(
                    "%(order)s: %(product)s is above what the tender %(tender)s awarded"
                    " (%(quantity)s at %(price)s). Order the rest apart.",
                    order=self.name,
                    product=line.product_id.display_name,
                    tender=tender.name,
                    quantity=f"{bid_line.awarded:g}",
                    price=f"{bid_line.price_unit:g}",
                )
        return False

    def button_confirm(self):
        """Of what a tender awarded, the alternatives that are left are awarded too."""
        self._assist_check_tender()
        tenders = self.sudo().assist_tender_id
        if tenders and all(order.assist_tender_id for order in self.sudo()):
            self = self.with_context(skip_alternative_check=True)
        return super().button_confirm()

    def button_approve(self, force=False):
        """Refuse what a tender did not award at this door too."""
        self._assist_check_tender()
        return super().button_approve(force=force)

    def _assist_check_tender(self):
        for order in self:
            if message := order._get_assist_tender_obstacle():
                raise UserError(message)

    def action_view_assist_tender(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "union.assist.tender",
            "res_id": self.assist_tender_id.id,
            "view_mode": "form",
        }
