from collections import defaultdict
from contextlib import contextmanager
from typing import NamedTuple

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL, float_compare, format_amount

from ..exceptions import CapExceeded
from ..tools.cap_rules import exceeding
from ..tools.caps import format_quantity, largest_quantity, natural_step
from ..tools.turns import take_turn

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
        "requisition_id",
        "state",
    )
)
MAX_NAMED = 5  # a refusal names so many orders, lines or suppliers

# An order in one of these takes nothing of a cap yet and may still be split.
PENDING_STATES = ("draft", "sent", "to approve")


class Claim(NamedTuple):
    """What an order takes of one cap; of none where it goes by season and no season covers it."""

    rule: tuple  #: see tools.cap_rules.Rule
    key: tuple | None  #: see tools.cap_rules.CapKey
    lines: models.BaseModel
    amount: float


class CapUse(NamedTuple):
    """How an order stands to one cap: amounts in the company's currency."""

    cap: models.BaseModel  #: in memory where it was not opened yet
    claim: Claim
    used: float  #: by other orders
    left: float  #: after this order; negative when it exceeds the cap
    granted: float  #: by how much this order may exceed the cap

    @property
    def excess(self):
        """Amount above what the order may take; negative while there is room."""
        return self.cap.currency_id.round(-self.left - self.granted)

    def get_price(self, line):
        """Return what a unit of a line takes, in the line's unit and not rounded."""
        total = line.price_total if self.claim.rule.tax_included else line.price_subtotal
        return total / line.product_qty / line.order_id.currency_rate


class PurchaseOrder(models.Model):
    _inherit = "purchase.order"

    assist_entry_ids = fields.One2many(
        "union.assist.cap.entry",
        "order_id",
        "Cap Ledger",
        readonly=True,
        groups="union_assist_catalog.group_user",
    )
    assist_override_ids = fields.One2many(
        "union.assist.cap.override",
        "order_id",
        "Cap Overrides",
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
    assist_cap_action = fields.Selection(
        lambda self: (
            self.env["union.assist.cap.policy"]._fields["action"]._description_selection(self.env)
        ),
        "What Happens above the Cap",
        compute="_compute_assist_cap",
        compute_sudo=True,
    )

    # purchase plans
    assist_plan_id = fields.Many2one(
        "union.assist.purchase.plan",
        "Purchase Plan",
        readonly=True,
        copy=False,
        index="btree_not_null",
        groups="union_assist_catalog.group_user",
    )

    assist_obstacles = fields.Text(
        "Obstacles",
        compute="_compute_assist_obstacles",
        compute_sudo=True,
        help="Why these goods may not be ordered from this supplier today.",
    )

    assist_can_override = fields.Boolean(
        "May Exceed the Cap",
        compute="_compute_assist_can_override",
        help="Whether the user has an authority to let this order exceed its caps further.",
    )
    assist_cap_granted = fields.Monetary(
        "Allowed above the Cap",
        compute="_compute_assist_cap_granted",
        compute_sudo=True,
        currency_field="company_currency_id",
        help="All overrides of this order.",
    )
    assist_cap_count = fields.Integer(
        "Number of Caps", compute="_compute_assist_cap_table", compute_sudo=True
    )
    assist_cap_table = fields.Html(
        "Purchase Caps",
        compute="_compute_assist_cap_table",
        compute_sudo=True,
        sanitize=False,
        help="How the order stands to each cap that its lines count against.",
    )

    # Calls off subscriptions and intentions, see union.assist.call.
    assist_call_ids = fields.One2many(
        "union.assist.call",
        "order_id",
        "Calls off Agreements",
        readonly=True,
        copy=False,
        groups="purchase.group_purchase_user",
    )
    assist_call_refusal = fields.Text(
        "Refused by the Agreement",
        compute="_compute_assist_call_refusal",
        compute_sudo=True,
        help="Why the agreement does not allow what this order calls off.",
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
        "assist_override_ids",
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
        uses = self.filtered(lambda order: order.state != "cancel")._get_assist_uses()
        for order in self:
            use = next(iter(uses.get(order, ())), None)  # the one with the least room left
            order.assist_policy_id = use and use.claim.rule.id
            order.assist_cap_amount = use.cap.amount if use else 0.0
            order.assist_cap_used = use.used if use else 0.0
            order.assist_cap_order = use.claim.amount if use else 0.0
            order.assist_cap_left = use.left if use else 0.0
            exceeded = use and order.company_id.currency_id.round(use.left + use.granted) < 0
            order.assist_cap_exceeded = exceeded
            # What no season covers is refused whatever the policy does above its cap.
            order.assist_cap_action = exceeded and (
                use.claim.rule.action if use.claim.key else "block"
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
        obstacles = {}
        for order in goods:
            if order.sudo().partner_id.commercial_partner_id.assist_supplier_kind:
                days[(order.company_id or self.env.company)._assist_today()].append(order)
            else:
                obstacles[order] = []
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
        Goods added without a quantity are judged too: it may be entered when they come.

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
                    if (supplier, product) not in held
                    or float_compare(
                        quantity,
                        held[supplier, product],
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

    def button_confirm(self):
        self._assist_take_turn()
        result = super(PurchaseOrder, self._assist_within_tender()).button_confirm()
        self._assist_log_waiting()
        return result

    def button_approve(self, force=False):
        self._assist_check_tender()
        waiting = self.filtered(lambda order: order.state == "to approve")
        waiting._assist_take_turn()
        for order in waiting.filtered(lambda order: order._approval_allowed()):
            order._assist_approve_excess()
        return super().button_approve(force=force)

    def _assist_take_turn(self):
        """Let simultaneous confirmations at the same suppliers go one after the other.

        Not needed for what is right, which the counters of caps and agreements ensure, but so
        that nobody is refused for having been replayed too often.
        """
        partners = self.partner_id.sudo()
        suppliers = partners.commercial_partner_id.filtered("assist_supplier_kind")
        if suppliers and self.env["union.assist.cap.policy"]._has_any():
            self.env.flush_all()
            take_turn(self.env.cr, "union_assist_cap", "supplier_id", suppliers.ids)
        elif agreements := self.sudo().requisition_id.filtered("assist_kind"):
            self.env.flush_all()
            take_turn(self.env.cr, "purchase_requisition", "id", agreements.ids)

    def _confirmation_error_message(self):
        """Refuse early what would only come to wait for approval.

        What is approved at once is judged when it is.
        """
        message = super()._confirmation_error_message() or self.assist_call_refusal
        if not message and not self._approval_allowed():
            obstacles = self._get_assist_obstacles({self: self.order_line.product_id})[self]
            if obstacles:
                return self._get_assist_obstacle_message(obstacles)
            order = self.sudo()
            for use in order._get_assist_uses()[order]:
                if not use.claim.key and use.claim.amount:
                    raise order._get_assist_uncovered_refusal(use.claim)
                if order._is_assist_exceeding(use) and use.claim.rule.action == "block":
                    # Core raises what is returned here as a plain user error; this one shows a
                    # way out.
                    raise order._get_assist_refusal(use.cap, use.used, use.claim.amount)
        return message

    def _approval_allowed(self):
        """Have an order wait that exceeds a cap whose policy asks for approval."""
        allowed = super()._approval_allowed()
        if allowed and self.state in ("draft", "sent"):
            return not self.sudo()._get_assist_uses_to_approve()
        return allowed

    def _get_assist_uses_to_approve(self):
        """Return the caps that the order exceeds and whose policy has that approved."""
        self.ensure_one()
        policies = self.env["union.assist.cap.policy"]
        rules = policies._get_rules_in_force(*self._get_assist_key())
        if not any(rule.action == "approve" for rule in rules):
            return []
        return [
            use
            for use in self._get_assist_uses()[self]
            if use.claim.rule.action == "approve"
            and use.claim.key
            and self._is_assist_exceeding(use)
        ]

    def _assist_log_waiting(self):
        """Say in the log of orders that wait by how much they exceed which cap."""
        for order in self.sudo().filtered(lambda order: order.state == "to approve"):
            for use in order._get_assist_uses_to_approve():
                order._message_log(
                    body=self.env._(
                        "Waits for approval: it exceeds the purchase cap of %(cap)s by %(excess)s.",
                        cap=use.cap.display_name,
                        excess=format_amount(
                            self.env, order._get_assist_excess(use), use.cap.currency_id
                        ),
                    )
                )

    # --------------------------------------------------
    # Overrides
    # --------------------------------------------------

    def _assist_approve_excess(self):
        """Record by whose authority the order may exceed caps whose policy asks for approval.

        :raise AccessError: when the user has no authority for that much
        """
        self.ensure_one()
        for use in self.sudo()._get_assist_uses_to_approve():
            self._assist_grant_override(
                use.cap,
                self.sudo()._get_assist_excess(use),
                self.env._("Approved above the cap."),
            )

    def _get_assist_excess(self, use):
        """Return by how much more this order would have to be allowed to exceed a cap."""
        cap = use.cap
        held, by_override = self._get_assist_held().get(self._origin, {}).get(cap, (0.0, 0.0))
        over = exceeding(use.claim.amount - held, cap.committed, cap.amount)
        return max(cap.currency_id.round(over - use.granted + by_override), 0.0)

    def _assist_grant_override(self, cap, amount, reason, attachments=None):
        """Let this order exceed a cap, by the authority of the current user.

        :param cap: ``union.assist.cap`` of the order's supplier; opened where it was in memory
        :param float amount: by how much more, in the company's currency
        :param str reason: why; kept with the override
        :param attachments: ``ir.attachment`` that prove it; they become the override's own
        :return: the ``union.assist.cap.override`` that was made
        :raise UserError: when something is missing, or the cap is none of this order's
        :raise AccessError: when the user has no authority for that much
        """
        self.ensure_one()
        self.check_access("read")
        order, cap = self.sudo(), cap.sudo()
        attachments = attachments if attachments is not None else self.env["ir.attachment"]
        attachments.check_access("read")
        reason = (reason or "").strip()
        amount = cap.currency_id.round(amount)
        if amount <= 0 or not reason:
            raise UserError(self.env._("An override takes an amount above 0 and a reason."))
        if order.state == "cancel":
            raise UserError(self.env._("%s is cancelled: it needs no override.", order.name))
        key = cap._get_key()
        if key not in {claim.key for claim in order._get_assist_claims()[order]}:
            raise UserError(
                self.env._(
                    "Nothing of %(order)s counts against the purchase cap of %(cap)s.",
                    order=order.name,
                    cap=cap.display_name,
                )
            )
        cap = cap._open([key])[key]
        # Of two who grant at the same moment, one is replayed: limits hold for both together.
        self.env.cr.execute(
            SQL("UPDATE union_assist_cap SET write_date = write_date WHERE id = %s", cap.id)
        )
        room, authority = self.env["union.assist.cap.authority"]._get_room(
            self.env.user, order, cap
        )
        if cap.currency_id.compare_amounts(amount, room) > 0:
            raise AccessError(
                self.env._(
                    "You may let %(order)s exceed the purchase cap of %(cap)s by %(room)s more,"
                    " not by %(amount)s. Who may, and up to how much, is set under Assistance →"
                    " Configuration → Cap Authorities.",
                    order=order.name,
                    cap=cap.display_name,
                    room=format_amount(self.env, room, cap.currency_id),
                    amount=format_amount(self.env, amount, cap.currency_id),
                )
            )
        override = (
            self.env["union.assist.cap.override"]
            .sudo()
            .create(
                {
                    "order_id": order.id,
                    "cap_id": cap.id,
                    "amount": amount,
                    "cap_amount": cap.amount,
                    "reason": reason,
                    "attachment_ids": [Command.set(attachments.ids)],
                    "authority_id": authority.id,
                }
            )
        )
        return override.with_env(self.env)

    # --------------------------------------------------
    # What is committed
    # --------------------------------------------------

    def action_close_remainder(self):
        """Give up what has not been received: lower the lines to it and cancel the open moves.

        A cancelled back order alone leaves the order as it was, and with it what it takes of
        the supplier's cap.

        :raise UserError: when an order is not confirmed, is locked, or has nothing left to come
        """
        self.check_access("write")
        for order in self:
            if order.state != "purchase" or order.locked:
                raise UserError(
                    self.env._(
                        "%s is not confirmed, or is locked: only an unlocked purchase order has a"
                        " remainder to close.",
                        order.name,
                    )
                )
            lines = order.order_line.filtered(
                lambda line: (
                    not line.display_type
                    and line.product_qty > 0
                    and line.product_uom_id.compare(line.product_qty, line.qty_received) > 0
                )
            )
            if not lines:
                raise UserError(
                    self.env._("Nothing is left to come of %s: no remainder to close.", order.name)
                )
            with order._assist_settling(reason="remainder"):
                lines.move_ids.filtered(
                    lambda move: (
                        move.state not in ("done", "cancel") and not move._is_purchase_return()
                    )
                )._action_cancel()
                for line in lines:
                    # The price agreed on stays, whatever pricelists say of smaller quantities.
                    line.write(
                        {
                            "product_qty": max(line.qty_received, 0.0),
                            "price_unit": line.price_unit,
                        }
                    )

    @contextmanager
    def _assist_settling(self, reason=None):
        """Judge these orders and post their commitment once, when everything inside is done.

        One save may raise a line and lower another: only the outcome is held against the cap.
        """
        # What is protected is known to the server alone; a context key would let clients in.
        confirmed = self.filtered(lambda order: order.state == "purchase")
        before = confirmed._get_assist_ordered()
        with self.env.protecting([self._fields["assist_entry_ids"]], self):
            yield
        fresh = self.filtered(lambda order: order.state == "purchase") - confirmed
        confirmed |= fresh
        confirmed._assist_check_obstacles(before)
        confirmed._assist_sync_commitment(reason=reason, fresh=fresh)

    def _assist_sync_commitment(self, enforce=True, reason=None, fresh=()):
        """Post the difference between what these orders take of caps and what the ledger holds.

        The one place where caps are committed and released, whichever door the change came by.

        :param bool enforce: refuse what exceeds a cap; else only record it
        :param str reason: what caused the change, where the orders do not tell it themselves
        :param fresh: those that were not confirmed before, and so hold nothing
        :return: orders of the ledger that no cap holds any more, because no season covers them
        :raise UserError: when an order takes more than before and exceeds its cap
        """
        entry_field = self._fields["assist_entry_ids"]
        orders = self.filtered(lambda order: not self.env.is_protected(entry_field, order)).sudo()
        # Not worth a query in the most common of all cases.
        holding = orders.browse(order.id for order in orders if order not in fresh)
        self.env["union.assist.call"]._sync(holding | orders.filtered("requisition_id"), enforce)
        uncovered = self.browse()
        if not orders or not self.env["union.assist.cap.policy"]._has_any():
            return uncovered
        claims = orders.filtered(lambda order: order.state == "purchase")._get_assist_claims()
        held = holding._get_assist_held()
        caps = self.env["union.assist.cap"]._open(
            claim.key for some in claims.values() for claim in some if claim.key
        )
        changes = []
        for order in orders:
            before = held.get(order, {})
            after = {caps[claim.key]: claim for claim in claims.get(order, ()) if claim.key}
            adrift = [claim for claim in claims.get(order, ()) if not claim.key and claim.amount]
            if adrift:
                uncovered |= order if before else uncovered
                taken = sum(amount for amount, _by_override in before.values())
                if enforce and sum(c.amount for c in claims[order]) > taken:
                    raise order._get_assist_uncovered_refusal(adrift[0])
                if enforce:
                    continue  # nothing grows: what is held stays where it is
            for cap in before.keys() | after.keys():
                amount = after[cap].amount if cap in after else 0.0
                delta = cap.currency_id.round(amount - before.get(cap, (0.0, 0.0))[0])
                if not cap.currency_id.is_zero(delta):
                    changes.append((delta, order, cap, amount))
        changes.sort(key=lambda change: change[0] > 0)  # what is given back comes first
        vals_list = []
        taken = defaultdict(float)
        for delta, order, cap, amount in changes:
            committed = cap.committed + taken[cap]
            taken[cap] += delta
            over = cap.currency_id.round(exceeding(delta, committed, cap.amount))
            by_override = held.get(order, {}).get(cap, (0.0, 0.0))[1]
            if not enforce:
                parts = [("recount", delta, over)]
            elif delta < 0:
                back = min(-delta, max(by_override, 0.0))  # what exceeded the cap goes first
                parts = [("override", -back, 0.0), ("release", delta + back, 0.0)]
            elif not over:
                parts = [("commit", delta, 0.0)]
            elif cap._get_rule().action == "warn":
                parts = [("commit", delta, over)]
                order._assist_log_excess(cap, over)
            else:
                granted = order._get_assist_granted().get((order, cap), 0.0)
                if cap.currency_id.compare_amounts(over, granted - by_override) > 0:
                    raise order._get_assist_refusal(cap, committed + delta - amount, amount)
                parts = [("commit", delta - over, 0.0), ("override", over, over)]
            why = order._get_assist_reason(cap, delta, held, claims, reason)
            vals_list += [
                order._prepare_assist_entry(cap, kind, why, part, excess)
                for kind, part, excess in parts
                if not cap.currency_id.is_zero(part)
            ]
        self.env["union.assist.cap.entry"].sudo().create(vals_list)
        return uncovered

    def _prepare_assist_entry(self, cap, kind, reason, amount, excess=0.0):
        """Return the values of a ledger entry of this order."""
        return {
            "cap_id": cap.id,
            "order_id": self.id,
            "policy_id": cap.policy_id.id,
            "kind": kind,
            "reason": reason,
            "amount": amount,
            "excess": excess,
            "cap_amount": cap.amount,
            "persons": cap.persons,
            "households": cap.households,
        }

    def _get_assist_reason(self, cap, delta, held, claims, reason):
        """Return what made this order take of a cap, or give back: a value of an entry's reason."""
        if self.state == "cancel":
            return "cancel"
        if reason == "receipt":
            return "return" if delta < 0 else "receipt"
        if reason:
            return reason
        others = held.get(self, {}).keys() - {cap}
        if delta > 0 and not held.get(self):
            return "confirm"
        if delta < 0:
            keys = [claim.key for claim in claims.get(self, ()) if claim.key]
            if any(key == cap._get_key() for key in keys):
                return "reduction"
            key = keys[0] if keys else None
        else:
            key = next((other._get_key() for other in others), None)
        mine = cap._get_key()
        if key is None:
            return "increase" if delta > 0 else "reduction"
        if key.supplier_id != mine.supplier_id:
            return "supplier"
        if (key.date_from, key.date_to) != (mine.date_from, mine.date_to):
            return "period"
        if delta > 0 and cap in held.get(self, {}):
            return "increase"
        return "goods"

    def _assist_log_excess(self, cap, excess):
        """Say in the order's log that it was confirmed above a cap that only warns."""
        self._message_log(
            body=self.env._(
                "Confirmed %(excess)s above the purchase cap of %(cap)s: its policy only warns.",
                excess=format_amount(self.env, excess, cap.currency_id),
                cap=cap.display_name,
            )
        )

    @api.model
    def _assist_recount(self, domain, reason=None):
        """Take up confirmed orders after the rules changed: nothing of them is refused.

        :return: what :meth:`_assist_sync_commitment` returns
        """
        concerned = Domain("assist_entry_ids", "!=", False) | Domain(
            "partner_id.commercial_partner_id.assist_supplier_kind", "!=", False
        )
        orders = self.sudo().search(
            Domain("state", "=", "purchase") & concerned & Domain(domain), order="id"
        )
        uncovered = orders._assist_sync_commitment(enforce=False, reason=reason)
        self.env["union.assist.cap"]._check_over_soon()
        return uncovered

    def _get_assist_key(self):
        """Return the supplier, the company and the day that decide on policy and cap.

        The day is the company's one of confirmation; for an order not yet confirmed, today.
        """
        self.ensure_one()
        company = self.company_id._origin
        if self.state == "purchase":
            # Orders may be written to this state without a date; when they were made is certain.
            moment = self.date_approve or self.create_date or fields.Datetime.now()
            day = moment.astimezone(company._assist_get_zone()).date()
        else:
            day = company._assist_today()
        return self.partner_id.commercial_partner_id._origin, company, day

    def _get_assist_claims(self):
        """Return what orders take of caps: ``{order: [Claim]}``, every order a key.

        An order without lines claims nothing, of the cap that most of its goods would follow.
        """
        policies = self.env["union.assist.cap.policy"]
        claims = {}
        for order in self:
            supplier, company, day = order._get_assist_key()
            rules = policies._get_rules_in_force(supplier, company, day)
            lines = {}
            for line in order.order_line if rules else ():
                if not line.display_type and (rule := policies._pick_rule(rules, line.product_id)):
                    lines.setdefault(rule, []).append(line.id)
            if rules and not order.order_line and not rules[-1].category_ids:
                lines[rules[-1]] = []
            claims[order] = []
            for rule, line_ids in lines.items():
                some = order.order_line.browse(line_ids).with_prefetch(
                    order.order_line._prefetch_ids
                )
                amount = order._get_assist_amount(rule, lines=some)
                key = policies._get_key(rule, supplier, day)
                claims[order].append(Claim(rule, key, some, amount))
        return claims

    def _get_assist_uses(self):
        """Return how orders stand to caps: ``{order: [CapUse]}``, the least room first."""
        claims = self._get_assist_claims()
        cap_model = self.env["union.assist.cap"]
        caps = cap_model._preview(
            claim.key for some in claims.values() for claim in some if claim.key
        )
        held = self._get_assist_held() if caps else {}
        uses = {}
        for order, some in claims.items():
            supplier, company, day = order._get_assist_key()
            uses[order] = []
            for claim in some:
                cap = caps.get(claim.key) or cap_model._preview_none(claim.rule, supplier, day)
                mine = held.get(order._origin, {}).get(cap, (0.0, 0.0))[0]
                used = company.currency_id.round(cap.committed - mine)
                left = company.currency_id.round(cap.amount - used - claim.amount)
                uses[order].append(CapUse(cap, claim, used, left, 0.0))
        over = self.browse(
            order._origin.id for order, some in uses.items() if any(use.left < 0 for use in some)
        )
        granted = over._get_assist_granted() if over else {}
        return {
            order: sorted(
                (use._replace(granted=granted.get((order._origin, use.cap), 0.0)) for use in some),
                key=lambda use: use.left + use.granted,
            )
            for order, some in uses.items()
        }

    def _get_assist_lines(self, cap):
        """Return the lines of this order that count against a cap."""
        for claim in self._get_assist_claims()[self]:
            if claim.key == cap._get_key():
                return claim.lines
        return self.order_line.browse()

    def _is_assist_exceeding(self, use):
        """Tell whether this order takes more of a cap than it may, overrides counted."""
        return use.cap.currency_id.compare_amounts(use.left + use.granted, 0.0) < 0

    def _get_assist_granted(self):
        """Return by how much orders may exceed caps: ``{(order, cap): amount}``."""
        groups = (
            self.env["union.assist.cap.override"]
            .sudo()
            ._read_group(
                [("order_id", "in", self._origin.ids)], ["order_id", "cap_id"], ["amount:sum"]
            )
        )
        return {(order, cap): amount for order, cap, amount in groups}

    def _get_assist_differences(self):
        """Return where the ledger does not hold what these orders take.

        :return: ``(order, cap, amount held, amount taken)`` tuples; caps are opened where missing
        """
        orders = self.sudo()
        claims = orders.filtered(lambda order: order.state == "purchase")._get_assist_claims()
        held = orders._get_assist_held()
        caps = self.env["union.assist.cap"]._open(
            claim.key for some in claims.values() for claim in some if claim.key and claim.amount
        )
        differences = []
        for order in orders:
            if any(not claim.key for claim in claims.get(order, ())):
                continue  # no season covers it: the ledger keeps what it holds until one does
            taken = {
                caps[claim.key]: claim.amount for claim in claims.get(order, ()) if claim.amount
            }
            before = {cap: amount for cap, (amount, _override) in held.get(order, {}).items()}
            differences += [
                (order, cap, before.get(cap, 0.0), taken.get(cap, 0.0))
                for cap in before.keys() | taken.keys()
                if cap.currency_id.round(taken.get(cap, 0.0) - before.get(cap, 0.0))
            ]
        return differences

    def _get_assist_uncovered_refusal(self, claim):
        """Return the refusal of goods that go by season on a day that no season covers."""
        policy = self.env["union.assist.cap.policy"].sudo().browse(claim.rule.id)
        message = policy._get_missing_season_message(self._get_assist_key()[2])
        return UserError(f"{self.name}: {message}")

    def _get_assist_held(self):
        """Return what the ledger holds of saved orders.

        :return: ``{order: {cap: (amount, part of it by override)}}``
        """
        held = defaultdict(dict)
        groups = (
            self.env["union.assist.cap.entry"]
            .sudo()
            ._read_group(
                [("order_id", "in", self._origin.ids)],
                ["order_id", "cap_id", "kind"],
                ["amount:sum"],
            )
        )
        for order, cap, kind, amount in groups:
            total, by_override = held[order].get(cap, (0.0, 0.0))
            if kind == "override":
                by_override += amount
            held[order][cap] = (total + amount, by_override)
        return held

    def _get_assist_amount(self, policy, quantities=None, lines=None):
        """Return what the order takes of a cap, in the company's currency and never below 0.

        :param policy: policy or rule: whether tax counts
        :param dict quantities: what lines would count with, instead of what they do
        :param lines: the lines that count against the cap; all by default
        """
        self.ensure_one()
        # Lists, as a filtered recordset would be fetched order by order.
        goods = [line for line in self.order_line if not line.display_type]
        lines = goods if lines is None else [line for line in lines if not line.display_type]
        counted = {line: line.product_qty for line in lines}
        if self.state == "purchase":
            counted = {line: line._get_assist_quantity() for line in lines}
        counted |= quantities or {}
        if (
            len(lines) == len(goods)
            and self.currency_id == self.company_id.currency_id
            and all(counted[line] == line.product_qty for line in lines)
        ):
            # As most orders are when they are confirmed: core has reckoned that already.
            return max(self.amount_total if policy.tax_included else self.amount_untaxed, 0.0)
        AccountTax = self.env["account.tax"]
        base_lines = []
        for line in lines:
            base_line = line._prepare_base_line_for_taxes_computation()
            base_line["quantity"] = counted[line]
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
                "%(order)s exceeds the purchase cap of %(supplier)s for %(period)s.",
                order=self.name,
                supplier=cap.supplier_id.display_name,
                period=" ".join(filter(None, (cap.period_name, cap.goods))),
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
            "",
        ]
        others = self._get_assist_others()
        if not others:
            lines.append(self.env._("No other supplier with room left offers these goods."))
            return CapExceeded("\n".join(lines))
        lines += [self.env._("Others with room left offer the same goods:"), *others]
        held = self._get_assist_held().get(self._origin, {})
        if any(currency.round(total) for total, _by_override in held.values()):
            # An order confirmed before stays as it was: there is nothing to split.
            return CapExceeded("\n".join(lines))
        return CapExceeded(
            "\n".join(lines),
            self.env["ir.actions.act_window"]._for_xml_id("union_assist_procure.action_cap_split"),
            self.env._("Split over Suppliers with Room"),
            {"active_id": self.id, "default_order_id": self.id},
        )

    @api.depends("assist_cap_exceeded", "state")
    @api.depends_context("uid")
    def _compute_assist_can_override(self):
        authority_model = self.env["union.assist.cap.authority"]
        for order in self:
            order.assist_can_override = bool(
                order.assist_cap_exceeded
                and order.state in PENDING_STATES
                and authority_model._find(self.env.user, order.company_id)
            )

    @api.depends("assist_override_ids.amount")
    def _compute_assist_cap_granted(self):
        groups = self.env["union.assist.cap.override"]._read_group(
            [("order_id", "in", self._origin.ids)], ["order_id"], ["amount:sum"]
        )
        granted = dict(groups)
        for order in self:
            order.assist_cap_granted = granted.get(order._origin, 0.0)

    @api.depends("assist_cap_order", "assist_cap_left", "order_line.product_id")
    @api.depends_context("lang")
    def _compute_assist_cap_table(self):
        uses = self.filtered(lambda order: order.state != "cancel")._get_assist_uses()
        for order in self:
            rows = uses.get(order, ())
            order.assist_cap_count = len(rows)
            order.assist_cap_table = len(rows) > 1 and self.env["ir.qweb"]._render(
                "union_assist_procure.order_cap_table", {"uses": rows}
            )

    def _get_assist_others(self):
        """Tell which other suppliers with room left offer goods of the order."""
        lines = []
        day = self.company_id._assist_today()
        offers = self.order_line.product_id._assist_get_offers(self.company_id, day)
        for product, product_offers in offers.items():
            for offer in product_offers:
                currency = self.company_id.currency_id
                left = offer.cap.remaining if offer.cap else None
                if offer.supplier == self.partner_id.commercial_partner_id or (
                    left is not None and currency.compare_amounts(left, 0.0) <= 0
                ):
                    continue
                names = {
                    "supplier": offer.supplier.display_name,
                    "product": product.display_name,
                    "price": format_amount(self.env, offer.price, currency),
                }
                lines.append(
                    self.env._("• %(supplier)s: %(product)s at %(price)s, no cap", **names)
                    if left is None
                    else self.env._(
                        "• %(supplier)s: %(product)s at %(price)s, %(left)s left",
                        left=format_amount(self.env, left, currency),
                        **names,
                    )
                )
        return lines[:MAX_NAMED]

    def _get_assist_uses_of(self, quantities):
        """Return how the order would stand to its caps with other quantities: list of CapUse.

        :param dict quantities: quantity by line, in its unit
        """
        self.ensure_one()
        uses = []
        for use in self._get_assist_uses()[self]:
            amount = self._get_assist_amount(use.claim.rule, quantities, use.claim.lines)
            left = use.cap.currency_id.round(use.cap.amount - use.used - amount)
            uses.append(use._replace(claim=use.claim._replace(amount=amount), left=left))
        return uses

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
        counted = self._get_assist_lines(cap)
        lines = counted.filtered(
            lambda line: line.product_qty > 0 and line.price_subtotal > 0
        ).sorted(lambda line: (-line.price_subtotal, line.id))[:MAX_NAMED]
        return {
            line: largest_quantity(
                lambda quantity, line=line: self._get_assist_amount(
                    cap.policy_id, {line: quantity}, counted
                ),
                line.product_qty,
                room,
                natural_step(line.product_qty, line.product_uom_id.rounding),
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
    # Calls off subscriptions and intentions
    # --------------------------------------------------

    @api.depends(
        "currency_rate",
        "order_line.discount",
        "order_line.price_unit",
        "order_line.product_id",
        "order_line.product_qty",
        "order_line.product_uom_id",
        "partner_id",
        "requisition_id",
        "state",
    )
    @api.depends_context("uid")
    def _compute_assist_call_refusal(self):
        Call = self.env["union.assist.call"]
        pending = self.filtered(
            lambda order: (
                order.requisition_id.assist_kind and order.state in ("draft", "sent", "to approve")
            )
        )
        refusals = {}
        if pending:
            wanted, strange = Call._get_wanted(pending)
            refusals = Call._get_refusals(wanted, strange, wanted.keys(), {})
        for order in self:
            order.assist_call_refusal = refusals.get(order, False)

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

    def _assist_within_tender(self):
        """Return these orders, of which no tender hinders the confirmation.

        Of what a tender awarded, the alternatives that are left are awarded too: core need not ask
        about them.
        """
        self._assist_check_tender()
        orders = self.sudo()
        if orders.assist_tender_id and all(order.assist_tender_id for order in orders):
            return self.with_context(skip_alternative_check=True)
        return self

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
