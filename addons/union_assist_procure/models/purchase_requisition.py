from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_amount

KINDS = [("subscription", "Subscription"), ("intention", "Intention")]

ENDING_ACTIVITY = "union_assist_procure.activity_agreement_ending"
REMINDER_DAYS = "agreement_reminder_days"

# What orders move, see union.assist.call.
COUNTERS = frozenset(("assist_called", "assist_ordered"))

# The steps that buttons take; others reopen what was settled.
STEPS = frozenset(
    (
        ("draft", "confirmed"),
        ("draft", "cancel"),
        ("confirmed", "done"),
        ("confirmed", "cancel"),
        ("cancel", "draft"),
    )
)


class PurchaseRequisition(models.Model):
    _inherit = "purchase.requisition"

    assist_kind = fields.Selection(
        KINDS,
        "Agreement Kind",
        index="btree_not_null",
        tracking=True,
        help="A subscription (认购) binds: its period, quantities and prices are held to. An"
        " intention (意向) does not. Empty: an agreement like any other.",
    )
    assist_union_id = fields.Many2one(
        "res.partner",
        "Union Unit",
        domain=[("assist_union_kind", "!=", False)],
        index="btree_not_null",
        tracking=True,
        help="The unit for which the goods are bought.",
    )
    assist_event_id = fields.Many2one(
        "union.assist.signing.event",
        "Signing Event",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        copy=False,
        tracking=True,
    )
    assist_intention_id = fields.Many2one(
        "purchase.requisition",
        "Converted From",
        index="btree_not_null",
        readonly=True,
        copy=False,
        help="The intention that became this subscription.",
    )
    assist_subscription_ids = fields.One2many(
        "purchase.requisition", "assist_intention_id", "Conversions", readonly=True
    )
    assist_subscription_id = fields.Many2one(
        "purchase.requisition",
        "Converted To",
        compute="_compute_assist_subscription",
        help="The subscription that this intention became.",
    )
    assist_call_ids = fields.One2many(
        "union.assist.call", "requisition_id", "Calls", readonly=True, copy=False
    )
    # Two figures, in the agreement's currency: what binds and what does not is never added up.
    assist_subscribed = fields.Monetary(
        "Subscribed",
        compute="_compute_assist_amounts",
        store=True,
        help="Agreed quantities at agreed prices, without tax.",
    )
    assist_intended = fields.Monetary(
        "Intended",
        compute="_compute_assist_amounts",
        store=True,
        help="Intended quantities at intended prices, without tax; binds nobody.",
    )
    assist_called = fields.Monetary(
        "Called Off",
        readonly=True,
        copy=False,
        help="What confirmed orders call off this subscription, at their prices.",
    )
    assist_ordered = fields.Monetary(
        "Ordered on the Intention",
        readonly=True,
        copy=False,
        help="What confirmed orders take up of this intention, at their prices.",
    )
    assist_received = fields.Monetary(
        "Received",
        compute="_compute_assist_fulfilment",
        compute_sudo=True,
        help="Of the goods called off this subscription.",
    )
    assist_invoiced = fields.Monetary(
        "Invoiced", compute="_compute_assist_fulfilment", compute_sudo=True
    )
    assist_open = fields.Monetary(
        "Still to Call",
        compute="_compute_assist_fulfilment",
        compute_sudo=True,
        help="Quantities of this subscription not called off yet, at the agreed prices.",
    )
    assist_called_rate = fields.Float(
        "Called (%)", compute="_compute_assist_fulfilment", compute_sudo=True, digits=(16, 1)
    )
    assist_fulfilment = fields.Float(
        "Fulfilled (%)",
        compute="_compute_assist_fulfilment",
        compute_sudo=True,
        digits=(16, 1),
        help="Part of what was agreed that was received, weighed by the agreed prices.",
    )
    assist_fulfilled = fields.Boolean(
        "Fulfilled",
        compute="_compute_assist_fulfilment",
        compute_sudo=True,
        search="_search_assist_fulfilled",
        help="All agreed quantities were received.",
    )
    assist_ending = fields.Boolean(
        "Ending Soon",
        compute="_compute_assist_ending",
        search="_search_assist_ending",
        help="Ends within the days of reminder and is not fulfilled.",
    )
    assist_overdue = fields.Boolean(
        "Ended Unfulfilled", compute="_compute_assist_ending", search="_search_assist_overdue"
    )
    assist_lapsed = fields.Boolean(
        "Lapsed",
        readonly=True,
        copy=False,
        tracking=True,
        help="The intention ended before it became a subscription or was ordered in full.",
    )
    assist_reminded_end = fields.Date(
        "Reminded of the End",
        readonly=True,
        copy=False,
        help="The end that the buyer was reminded of.",
    )
    assist_company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    assist_has_cap = fields.Boolean("Has a Cap", compute="_compute_assist_cap", compute_sudo=True)
    assist_cap_left = fields.Monetary(
        "Cap Left Now",
        compute="_compute_assist_cap",
        compute_sudo=True,
        currency_field="assist_company_currency_id",
        help="How much more may be bought of these goods from the supplier today. A"
        " subscription takes nothing of the cap: its calls do.",
    )
    assist_cap_short = fields.Boolean(
        "More Than the Cap Allows Now", compute="_compute_assist_cap", compute_sudo=True
    )

    # --------------------------------------------------
    # Computed
    # --------------------------------------------------

    @api.depends("assist_subscription_ids.state")
    def _compute_assist_subscription(self):
        for agreement in self:
            agreement.assist_subscription_id = agreement.assist_subscription_ids.filtered(
                lambda subscription: subscription.state != "cancel"
            )[:1]

    @api.depends("assist_kind", "line_ids.price_unit", "line_ids.product_qty")
    def _compute_assist_amounts(self):
        for agreement in self:
            amount = sum(line.product_qty * line.price_unit for line in agreement.line_ids)
            agreement.assist_subscribed = agreement.assist_kind == "subscription" and amount
            agreement.assist_intended = agreement.assist_kind == "intention" and amount

    @api.depends("assist_kind", "line_ids.assist_received_qty", "line_ids.assist_open_qty")
    def _compute_assist_fulfilment(self):
        for agreement in self:
            lines = agreement.line_ids if agreement.assist_kind else agreement.line_ids.browse()
            binding = lines if agreement.assist_kind == "subscription" else lines.browse()
            agreement.assist_received = sum(binding.mapped("assist_received_amount"))
            agreement.assist_invoiced = sum(binding.mapped("assist_invoiced_amount"))
            agreement.assist_open = sum(binding.mapped("assist_open_amount"))
            agreed = called = received = 0.0
            for line in lines:
                agreed += line.product_qty * line.price_unit
                called += min(line.assist_called_qty, line.product_qty) * line.price_unit
                received += min(line.assist_received_qty, line.product_qty) * line.price_unit
            agreement.assist_called_rate = 100.0 * called / agreed if agreed else 0.0
            agreement.assist_fulfilment = 100.0 * received / agreed if agreed else 0.0
            agreement.assist_fulfilled = bool(lines) and all(
                line.product_uom_id.compare(line.assist_received_qty, line.product_qty) >= 0
                for line in lines
            )

    def _search_assist_fulfilled(self, operator, value):
        if operator != "in":
            return NotImplemented
        self.env["union.assist.call"].flush_model()
        self.env["purchase.order.line"].flush_model(
            ["order_id", "product_id", "product_uom_id", "qty_received"]
        )
        self.env["purchase.requisition.line"].flush_model()
        tolerance = 0.5 * 10 ** -self.env["decimal.precision"].precision_get("Product Unit")
        unfulfilled = SQL(
            """(
                SELECT line.requisition_id
                  FROM purchase_requisition_line line
                  JOIN uom_uom unit ON unit.id = line.product_uom_id
             LEFT JOIN (SELECT call.requisition_line_id,
                               SUM(ordered.qty_received * ordered_unit.factor) AS received
                          FROM union_assist_call call
                          JOIN purchase_order_line ordered
                            ON ordered.order_id = call.order_id
                           AND ordered.product_id = call.product_id
                          JOIN uom_uom ordered_unit ON ordered_unit.id = ordered.product_uom_id
                      GROUP BY call.requisition_line_id
                       ) done ON done.requisition_line_id = line.id
                 WHERE COALESCE(done.received, 0) / unit.factor < line.product_qty - %s
            )""",
            tolerance,
        )
        ours = Domain("assist_kind", "!=", False) & Domain("line_ids", "!=", False)
        fulfilled = ours & Domain("id", "not in", unfulfilled)
        return fulfilled if True in value else ~fulfilled

    @api.depends("assist_kind", "state", "date_end", "assist_fulfilled")
    @api.depends_context("company")
    def _compute_assist_ending(self):
        today = self.env.company._assist_today()
        limit = self._get_assist_reminder_day(today)
        for agreement in self:
            end = agreement.date_end
            waits = (
                agreement.assist_kind
                and agreement.state == "confirmed"
                and end
                and not agreement.assist_fulfilled
            )
            agreement.assist_ending = bool(waits and today <= end <= limit)
            agreement.assist_overdue = bool(
                waits and end < today and agreement.assist_kind == "subscription"
            )

    @api.model
    def _get_assist_reminder_day(self, today):
        """Return the last day of those on which what ends then is ending soon."""
        days = self.env["union.assist.parameter"]._get_value(REMINDER_DAYS, today)
        return fields.Date.add(today, days=int(days))

    def _search_assist_ending(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = self.env.company._assist_today()
        domain = self._get_assist_waiting_domain() & Domain(
            [("date_end", ">=", today), ("date_end", "<=", self._get_assist_reminder_day(today))]
        )
        return domain if True in value else ~domain

    def _search_assist_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = self._get_assist_waiting_domain() & Domain(
            [
                ("assist_kind", "=", "subscription"),
                ("date_end", "<", self.env.company._assist_today()),
            ]
        )
        return domain if True in value else ~domain

    @api.model
    def _get_assist_waiting_domain(self):
        return Domain(
            [
                ("assist_kind", "!=", False),
                ("state", "=", "confirmed"),
                ("assist_fulfilled", "=", False),
            ]
        )

    @api.depends(
        "assist_kind",
        "company_id",
        "line_ids.assist_open_qty",
        "line_ids.price_unit",
        "line_ids.product_id",
        "state",
        "vendor_id",
    )
    def _compute_assist_cap(self):
        self.assist_has_cap = self.assist_cap_short = False
        self.assist_cap_left = 0.0
        pending = self.filtered(
            lambda agreement: agreement.assist_kind and agreement.state in ("draft", "confirmed")
        )
        for company, agreements in pending.grouped("company_id").items():
            day = company._assist_today()
            pairs = {
                line: (line.requisition_id.vendor_id._origin, line.product_id._origin)
                for line in agreements.line_ids
                if line.product_id and line.requisition_id.vendor_id.commercial_partner_id
            }
            caps = self.env["union.assist.cap"]._get_for_products(pairs.values(), company, day)
            for agreement in agreements:
                amounts = defaultdict(float)
                for line in agreement.line_ids:
                    cap = line in pairs and caps[pairs[line]]
                    if cap:
                        amounts[cap] += line.assist_open_amount
                agreement.assist_has_cap = bool(amounts)
                agreement.assist_cap_left = sum(cap.remaining for cap in amounts)
                agreement.assist_cap_short = any(
                    cap.currency_id.compare_amounts(
                        agreement.currency_id._convert(amount, cap.currency_id, company, day),
                        cap.remaining,
                    )
                    > 0
                    for cap, amount in amounts.items()
                )

    @api.onchange("vendor_id")
    def _onchange_vendor(self):
        """Core warns of a second open agreement: here every union unit has its own."""
        return None if self.assist_kind else super()._onchange_vendor()

    # --------------------------------------------------
    # What holds of agreements of the two kinds
    # --------------------------------------------------

    @api.constrains("assist_kind", "requisition_type", "line_ids", "state")
    def _check_assist_kind(self):
        for agreement in self.filtered("assist_kind"):
            if agreement.requisition_type != "blanket_order":
                raise ValidationError(
                    self.env._(
                        "%(agreement)s: subscriptions and intentions are blanket orders; a"
                        " purchase template agrees on nothing.",
                        agreement=agreement.name,
                    )
                )
            if agreement.state == "confirmed" and not agreement.vendor_id:
                raise ValidationError(
                    self.env._("%(agreement)s names no supplier.", agreement=agreement.name)
                )
            agreement.line_ids._check_assist_product()

    @api.model_create_multi
    def create(self, vals_list):
        # Given explicitly, so that no default of the caller's context gets in.
        counters = dict.fromkeys(COUNTERS, 0.0)
        agreements = super().create([{**vals, **counters} for vals in vals_list])
        agreements._check_assist_intention()
        return agreements

    def write(self, vals):
        if COUNTERS & vals.keys():
            raise UserError(
                self.env._("What was called off follows from the orders: it is not written to.")
            )
        if not self._assist_concerns(vals):
            return super().write(vals)
        self.check_access("write")  # before anything is told of the agreement
        self._check_assist_changes(vals)
        result = super().write(vals)
        if "assist_intention_id" in vals:
            self._check_assist_intention()
        ours = self.filtered("assist_kind")
        if "date_start" in vals or "date_end" in vals:
            ours.line_ids._assist_date_supplier_info()
        if vals.get("state") == "confirmed":
            self.env["union.assist.call"]._sync(ours.purchase_ids)
        elif "state" in vals:
            ours.activity_unlink([ENDING_ACTIVITY])
        return result

    def _assist_concerns(self, vals):
        """Return whether agreements of the two kinds are written to, or made."""
        return vals.get("assist_kind") or any(agreement.assist_kind for agreement in self)

    def _check_assist_changes(self, vals):
        """Refuse to alter what was agreed, except where an administrator amends it."""
        may_amend = self.env["union.assist.call"]._may_exceed_price()
        for agreement in self:
            name, state = agreement.name, agreement.state
            changed = {
                field
                for field in vals.keys()
                & {"assist_kind", "vendor_id", "currency_id", "date_start", "date_end", "state"}
                if agreement._fields[field].convert_to_cache(vals[field], agreement)
                != agreement._fields[field].convert_to_cache(agreement[field], agreement)
            }
            settled = state != "draft" or agreement.assist_call_ids
            if settled and "assist_kind" in changed:
                raise UserError(
                    self.env._(
                        "%(agreement)s is no draft any more: an intention becomes binding by"
                        " “Convert to Subscription”, which keeps both.",
                        agreement=name,
                    )
                )
            if not agreement.assist_kind:
                continue
            if settled and changed & {"vendor_id", "currency_id"}:
                raise UserError(
                    self.env._(
                        "The supplier and the currency of %(agreement)s were agreed and stay:"
                        " make another agreement.",
                        agreement=name,
                    )
                )
            if "state" in changed:
                agreement._check_assist_step(vals["state"], may_amend)
            if (
                agreement.assist_kind == "subscription"
                and state == "confirmed"
                and changed & {"date_start", "date_end"}
                and not may_amend
            ):
                raise UserError(
                    self.env._(
                        "The period of the subscription %(agreement)s binds both sides: only an"
                        " administrator amends it.",
                        agreement=name,
                    )
                )

    def _check_assist_step(self, state, may_amend):
        self.ensure_one()
        if state in ("draft", "cancel") and self.assist_call_ids:
            raise UserError(
                self.env._(
                    "Goods were called off %(agreement)s: cancel %(orders)s first, or close it.",
                    agreement=self.name,
                    orders=", ".join(self.assist_call_ids.sudo().order_id.mapped("name")),
                )
            )
        if (self.state, state) not in STEPS and not may_amend:
            raise UserError(
                self.env._(
                    "Only an administrator opens %(agreement)s again.",
                    agreement=self.name,
                )
            )

    def _check_assist_intention(self):
        """An agreement that says what it came from is a subscription and the only one."""
        for agreement in self.filtered("assist_intention_id"):
            intention = agreement.assist_intention_id
            others = intention.assist_subscription_ids.filtered(
                lambda other, agreement=agreement: other != agreement and other.state != "cancel"
            )
            if (
                agreement.assist_kind != "subscription"
                or intention.assist_kind != "intention"
                or others
            ):
                raise ValidationError(
                    self.env._(
                        "%(intention)s cannot become %(agreement)s: an intention becomes one"
                        " subscription.",
                        intention=intention.name,
                        agreement=agreement.name,
                    )
                )

    def _assist_move_counter(self, amount):
        """Add to what was called off, in the statement that lets one of two callers replay."""
        self.ensure_one()
        name = "assist_called" if self.assist_kind == "subscription" else "assist_ordered"
        self.env.cr.execute(
            SQL(
                "UPDATE purchase_requisition SET %(name)s = COALESCE(%(name)s, 0) + %(amount)s"
                " WHERE id = %(id)s",
                name=SQL.identifier(name),
                amount=amount,
                id=self.id,
            )
        )
        self.invalidate_recordset([name], flush=False)
        self.modified([name])

    # --------------------------------------------------
    # Actions
    # --------------------------------------------------

    def action_confirm(self):
        """Refuse to agree on goods with a supplier who may not deliver them.

        The orders that call them off are judged again, each on its day.
        """
        for agreement in self.filtered(lambda record: record.requisition_type == "blanket_order"):
            supplier = agreement.sudo().vendor_id.commercial_partner_id
            company = agreement.company_id or self.env.company
            if supplier.assist_supplier_kind and (
                obstacles := supplier._assist_order_obstacles(
                    agreement.sudo().line_ids.product_id, company._assist_today()
                )
            ):
                raise UserError(
                    self.env._(
                        "%(agreement)s cannot be agreed with %(supplier)s:\n%(obstacles)s",
                        agreement=agreement.name,
                        supplier=supplier.display_name,
                        obstacles="\n".join(obstacles),
                    )
                )
        result = super().action_confirm()
        for agreement in self.filtered("assist_kind"):
            agreement._assist_close_intention()
            if agreement.assist_kind == "subscription" and agreement.assist_cap_short:
                agreement.message_post(
                    body=self.env._(
                        "%(subscribed)s are subscribed, and the purchase caps leave room for"
                        " %(left)s today: not all of it can be called off yet.",
                        subscribed=format_amount(
                            self.env, agreement.assist_subscribed, agreement.currency_id
                        ),
                        left=format_amount(
                            self.env, agreement.assist_cap_left, agreement.company_id.currency_id
                        ),
                    )
                )
        return result

    def action_cancel(self):
        """Keep what was called off: core would cancel the confirmed orders with the agreement."""
        self.check_access("write")
        for agreement in self.filtered("assist_kind"):
            agreement._check_assist_step("cancel", may_amend=True)
        return super().action_cancel()

    def action_done(self):
        """Say in the chatter what of a subscription was left when it was closed."""
        for agreement in self:
            if agreement.assist_kind == "subscription" and not agreement.assist_fulfilled:
                agreement.message_post(
                    body=self.env._(
                        "Closed before it was fulfilled: %(open)s of %(subscribed)s were not"
                        " called off; %(rate)s%% was received.",
                        open=format_amount(self.env, agreement.assist_open, agreement.currency_id),
                        subscribed=format_amount(
                            self.env, agreement.assist_subscribed, agreement.currency_id
                        ),
                        rate=f"{agreement.assist_fulfilment:.1f}",
                    )
                )
        return super().action_done()

    def action_assist_call_off(self):
        """Open a new order on this agreement with the quantities that are left.

        :raise UserError: when nothing is left to order
        """
        self.ensure_one()
        if self.assist_kind and not any(line.assist_open_qty > 0 for line in self.line_ids):
            raise UserError(
                self.env._("%(agreement)s was called off in full.", agreement=self.name)
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Request for Quotation"),
            "res_model": "purchase.order",
            "view_mode": "form",
            "context": {
                "default_requisition_id": self.id,
                "default_currency_id": self.currency_id.id,
                "default_user_id": self.user_id.id,
            },
        }

    def action_assist_convert(self):
        """Make a subscription of what is left of an intention, or open the one that is there.

        Its quantities may be lowered before it is confirmed; confirming it closes the intention.
        """
        self.ensure_one()
        subscription = self.assist_subscription_id or self._assist_convert()
        return {
            "type": "ir.actions.act_window",
            "res_model": "purchase.requisition",
            "view_mode": "form",
            "res_id": subscription.id,
        }

    def _assist_convert(self):
        if self.assist_kind != "intention" or self.state != "confirmed":
            raise UserError(
                self.env._(
                    "%(agreement)s is no open intention: there is nothing to convert.",
                    agreement=self.name,
                )
            )
        left = {line.product_id: line.assist_open_qty for line in self.line_ids}
        subscription = self.copy(
            {
                "assist_kind": "subscription",
                "assist_intention_id": self.id,
                "assist_event_id": self.assist_event_id.id,
            }
        )
        for line in subscription.line_ids:
            if left[line.product_id] > 0:
                line.product_qty = left[line.product_id]
            else:
                line.unlink()
        if not subscription.line_ids:
            raise UserError(self.env._("%(agreement)s was ordered in full.", agreement=self.name))
        subscription.message_post_with_source(
            "mail.message_origin_link",
            render_values={"self": subscription, "origin": self},
            subtype_xmlid="mail.mt_note",
        )
        return subscription

    def _assist_close_intention(self):
        """Close the intention that this subscription takes the place of."""
        intention = self.assist_intention_id
        if not intention:
            return
        if intention.state != "confirmed":
            raise UserError(
                self.env._(
                    "The intention %(intention)s is not open any more: make a subscription of"
                    " its own.",
                    intention=intention.name,
                )
            )
        left = {line.product_id: line.assist_open_qty for line in intention.line_ids}
        for line in self.line_ids:
            if line.product_uom_id.compare(line.product_qty, left.get(line.product_id, 0.0)) > 0:
                raise UserError(
                    self.env._(
                        "%(product)s: %(left)s %(unit)s are left of the intention %(intention)s."
                        " Agree on no more here, and on the rest in another subscription.",
                        product=line.product_id.display_name,
                        left=f"{left.get(line.product_id, 0.0):g}",
                        unit=line.product_uom_id.name,
                        intention=intention.name,
                    )
                )
        intention.action_done()
        intention.message_post(
            body=self.env._(
                "Became the subscription %(subscription)s.", subscription=self._get_html_link()
            )
        )

    # --------------------------------------------------
    # Every night
    # --------------------------------------------------

    @api.model
    def _assist_end(self):
        """Remind of agreements that end soon, once, and let intentions lapse that are over."""
        groups = self.sudo()._read_group(
            [("assist_kind", "!=", False), ("state", "=", "confirmed"), ("date_end", "!=", False)],
            ["company_id"],
        )
        for (company,) in groups:
            agreements = self.with_company(company).sudo()
            today = company._assist_today()
            mine = Domain("company_id", "=", company.id)
            # Fulfilled intentions are closed like the others, but did not lapse.
            over = agreements.search(
                mine
                & Domain(
                    [
                        ("assist_kind", "=", "intention"),
                        ("state", "=", "confirmed"),
                        ("date_end", "<", today),
                    ]
                )
            )
            over._assist_lapse()
            ending = agreements.search(mine & Domain("assist_ending", "=", True))
            ending.filtered(
                lambda agreement: agreement.assist_reminded_end != agreement.date_end
            )._assist_remind(today)

    def _assist_lapse(self):
        taken = self.filtered(lambda agreement: agreement.assist_called_rate >= 100.0)
        taken.write({"state": "done"})
        (self - taken).write({"state": "done", "assist_lapsed": True})

    def _assist_remind(self, today):
        activity_type = self.env.ref(ENDING_ACTIVITY)
        vals_list = []
        for agreement in self:
            user = agreement.user_id or agreement.create_uid
            texts = agreement.with_context(lang=user.lang)
            if agreement.assist_kind == "subscription":
                note = texts.env._(
                    "Still to call: %(open)s. Received: %(rate)s%%. Call the rest off before the"
                    " subscription ends, and have open orders delivered.",
                    open=format_amount(texts.env, agreement.assist_open, agreement.currency_id),
                    rate=f"{agreement.assist_fulfilment:.1f}",
                )
            else:
                note = texts.env._(
                    "Make a subscription or an order of the intention, or it lapses."
                )
            vals_list.append(
                {
                    "activity_type_id": activity_type.id,
                    "res_model_id": self.env["ir.model"]._get_id(self._name),
                    "res_id": agreement.id,
                    "user_id": user.id,
                    "date_deadline": agreement.date_end,
                    "summary": texts.env._(
                        "%(agreement)s ends in %(days)s days",
                        agreement=agreement.name,
                        days=(agreement.date_end - today).days,
                    ),
                    "note": note,
                    "automated": True,
                }
            )
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(vals_list)
        for end, agreements in self.grouped("date_end").items():
            agreements.write({"assist_reminded_end": end})
