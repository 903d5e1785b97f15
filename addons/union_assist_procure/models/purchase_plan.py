import time
from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount

from ..tools.concentration import herfindahl, largest_share
from ..tools.purchase_plan import Cap, Demand, Option, make_plan

COMPARED = ("cheapest", "planned", "fairest")


class UnionAssistPurchasePlan(models.Model):
    """A demand spread over suppliers: a proposal that a buyer may change, then orders."""

    _name = "union.assist.purchase.plan"
    _inherit = ["mail.thread", "mail.activity.mixin", "union.assist.state.mixin"]
    _description = "Purchase Plan"
    _order = "date_order desc, id desc"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True, help="What it is for, for example a festival.")
    active = fields.Boolean(default=True)
    state = fields.Selection(
        [
            ("draft", "Demand"),
            ("computed", "Proposal"),
            ("ordered", "Requests Made"),
            ("cancelled", "Cancelled"),
        ],
        "Status",
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(
        "res.users", "Buyer", default=lambda self: self.env.user, tracking=True, check_company=True
    )
    date_order = fields.Date(
        "Order Day",
        required=True,
        copy=False,
        default=lambda self: self.env.company._assist_today(),
        help="Prices of this day are taken, and lead times count from it.",
    )
    weights_id = fields.Many2one(
        "union.assist.plan.weights",
        required=True,
        tracking=True,
        ondelete="restrict",
        domain="[('company_id', 'in', (False, company_id))]",
        default=lambda self: self.env["union.assist.plan.weights"].search(
            [("company_id", "in", (False, self.env.company.id))], limit=1
        ),
        help="What counts between the cheapest and the fairest plan.",
    )
    max_share = fields.Float(
        "Largest Part of One Supplier",
        compute="_compute_max_share",
        store=True,
        readonly=False,
        digits=(5, 4),
        help="No supplier gets more than this part of a demand.",
    )
    note = fields.Html("Notes")
    demand_ids = fields.One2many("union.assist.purchase.plan.demand", "plan_id", copy=True)
    line_ids = fields.One2many("union.assist.purchase.plan.line", "plan_id", "All Offers")
    proposal_ids = fields.One2many(
        "union.assist.purchase.plan.line",
        "plan_id",
        domain=[("in_plan", "=", True)],
        copy=False,
    )
    order_ids = fields.One2many("purchase.order", "assist_plan_id", readonly=True)
    order_count = fields.Integer(compute="_compute_order_count")
    offer_count = fields.Integer("Offers", compute="_compute_offer_count")
    amount = fields.Monetary(
        "Amount without Tax", compute="_compute_amount", store=True, aggregator="sum"
    )
    open_count = fields.Integer(
        "Demands Not Met", compute="_compute_open_count", help="Demands not placed in full."
    )
    warning_count = fields.Integer("Lines to Check", compute="_compute_warning_count")
    computed_on = fields.Datetime(readonly=True, copy=False)
    seconds = fields.Float("Seconds Taken", readonly=True, copy=False, digits=(8, 1))
    gap = fields.Float(
        "Gap (%)",
        readonly=True,
        copy=False,
        digits=(6, 3),
        help="By how much a better plan could beat this one at most, by the weights. Large when"
        " the time ran out.",
    )
    comparison_html = fields.Html("Comparison", compute="_compute_comparison_html", sanitize=False)

    _max_share_range = models.Constraint(
        "CHECK (max_share > 0 AND max_share <= 1)",
        "The largest part of one supplier is above 0 % and at most 100 %.",
    )

    # --------------------------------------------------
    # Figures
    # --------------------------------------------------

    @api.depends("weights_id")
    def _compute_max_share(self):
        for plan in self:
            plan.max_share = plan.weights_id.max_share or 1.0

    @api.depends("order_ids")
    def _compute_order_count(self):
        for plan in self:
            plan.order_count = len(plan.order_ids)

    @api.depends("line_ids")
    def _compute_offer_count(self):
        groups = self.env["union.assist.purchase.plan.line"]._read_group(
            [("plan_id", "in", self.ids)], ["plan_id"], ["__count"]
        )
        counts = {plan.id: count for plan, count in groups}
        for plan in self:
            plan.offer_count = counts.get(plan._origin.id, 0)

    @api.depends("line_ids.amount")
    def _compute_amount(self):
        for plan in self:
            plan.amount = sum(plan.line_ids.mapped("amount"))

    @api.depends("demand_ids.unplaced", "state")
    def _compute_open_count(self):
        for plan in self:
            plan.open_count = plan.state in ("computed", "ordered") and sum(
                demand.unplaced > 0.0 for demand in plan.demand_ids
            )

    @api.depends("proposal_ids.warning", "state")
    def _compute_warning_count(self):
        for plan in self:
            plan.warning_count = plan.state == "computed" and sum(
                bool(line.warning) for line in plan.proposal_ids
            )

    @api.depends("line_ids.quantity", "computed_on")
    @api.depends_context("lang")
    def _compute_comparison_html(self):
        for plan in self:
            plan.comparison_html = plan.computed_on and self.env["ir.qweb"]._render(
                "union_assist_procure.purchase_plan_comparison", plan._get_comparison()
            )

    def _get_comparison(self):
        """Return the figures of the cheapest plan, the one on the form, and the fairest."""
        self.ensure_one()
        lines = self.line_ids.sudo()
        values = []
        for name in COMPARED:
            field = "quantity" if name == "planned" else f"quantity_{name}"
            suppliers, counties, caps = defaultdict(float), defaultdict(float), defaultdict(float)
            for line in lines.filtered(field):
                amount = line[field] * line.price
                suppliers[line.supplier_id] += amount
                counties[line.county_id] += amount
                if line.cap_amount:
                    key = (line.supplier_id, line.cap_key)
                    caps[key] = caps[key] or (line.cap_amount - line.cap_left) / line.cap_amount
                    caps[key] += line[field] * line.cap_price / line.cap_amount
            values.append(
                {
                    "cost": format_amount(
                        self.env, self.currency_id.round(sum(suppliers.values())), self.currency_id
                    ),
                    "suppliers": len(suppliers),
                    "counties": len(counties),
                    "largest": round(100.0 * largest_share(suppliers.values(), 1)),
                    "supplier_index": round(herfindahl(suppliers.values())),
                    "county_index": round(herfindahl(counties.values())),
                    "most_used": round(100.0 * max(caps.values(), default=0.0)),
                }
            )
        return {"columns": values, "plan": self}

    # --------------------------------------------------
    # Planning
    # --------------------------------------------------

    def action_compute(self):
        """Propose suppliers and quantities for the demand; replaces what was proposed before."""
        self.check_access("write")
        for plan in self:
            plan._check_state("draft", "computed")
            if not plan.demand_ids:
                raise UserError(
                    self.env._(
                        "%(plan)s has no demand yet: add the goods, how much of them and by when.",
                        plan=plan.name,
                    )
                )
            plan._compute_plan()

    def _compute_plan(self):
        self.ensure_one()
        start = time.monotonic()
        self.line_ids.sudo().unlink()
        goods = self.demand_ids._get_goods()
        products = self.env["product.product"].union(*goods.values())
        offers = products._assist_get_offers(self.company_id, self.date_order, price_breaks=True)
        options, rows = self._get_options(goods, offers)
        caps = {row.cap: Cap(row.cap.amount, row.cap.remaining) for row in rows if row.cap}
        plan = make_plan(
            [Demand(demand.id, demand.quantity, demand.date_needed) for demand in self.demand_ids],
            options,
            caps,
            self.weights_id._get_weights(),
            self.date_order,
            self.max_share,
            self.weights_id.time_limit,
        )
        values = self._prepare_lines(options, rows, plan)
        self.env["union.assist.purchase.plan.line"].sudo().create(values)
        for demand in self.demand_ids:
            causes = plan.unplaced_causes.get(demand.id, [])
            if demand.categ_id and not goods[demand] and demand._has_goods_in_other_units():
                causes = [("unit",)]
            demand.sudo().causes = [list(cause) for cause in causes]
        self.write(
            {
                "state": "computed",
                "computed_on": fields.Datetime.now(),
                "gap": 100.0 * plan.gap,
                "seconds": time.monotonic() - start,
            }
        )
        weights = self.weights_id
        self._message_log(
            body=self.env._(
                "Planned with %(weights)s: price %(price)g, quality %(quality)g, use of caps"
                " %(use)g, counties %(counties)g; %(offers)s offers, %(variables)s variables,"
                " %(seconds).1f s, gap %(gap).3f %%.",
                weights=weights.name,
                price=weights.price,
                quality=weights.quality,
                use=weights.use,
                counties=weights.counties,
                offers=len(options),
                variables=plan.variables,
                seconds=self.seconds,
                gap=self.gap,
            )
        )

    def _get_options(self, goods, offers):
        """Return the solver's options, and the offer behind each one."""
        county_of = {}
        suppliers = {offer.supplier for found in offers.values() for offer in found}
        suppliers = self.env["res.partner"].sudo().browse([partner.id for partner in suppliers])
        for supplier in suppliers:
            region = supplier.assist_region_id
            while region.level in ("township", "village"):
                region = region.parent_id
            county_of[supplier.id] = region.id
        score_of = {supplier.id: supplier.assist_score for supplier in suppliers}
        options, rows = [], []
        for demand in self.demand_ids:
            for product in goods[demand]:
                factor = product.uom_id._compute_quantity(1.0, demand.uom_id, round=False)
                whole = float(demand.quantity / factor).is_integer()
                step = 1.0 if whole or demand.categ_id else product.uom_id.rounding
                for offer in offers[product]:
                    options.append(
                        Option(
                            len(options),
                            demand.id,
                            offer.supplier.id,
                            product.id,
                            county_of[offer.supplier.id],
                            offer.cap or None,
                            factor,
                            offer.price,
                            offer.cap_price,
                            offer.min_qty,
                            offer.lot_size,
                            step,
                            offer.delay,
                            score_of[offer.supplier.id],
                        )
                    )
                    rows.append(offer)
        return options, rows

    def _prepare_lines(self, options, rows, plan):
        """Return values of one line for each demand, supplier and product.

        Of the quantity prices of a supplier the one that the plan uses is told, else the first.
        """
        told = {}
        for option in options:
            key = (option.demand, option.supplier, option.product)
            best = told.get(key)
            if best is None or (
                plan.quantities.get(option.key, 0.0) > plan.quantities.get(best.key, 0.0)
            ):
                told[key] = option
        compared = {name: defaultdict(float) for name in ("cheapest", "fairest")}
        for name, quantities in compared.items():
            for option in options:
                key = (option.demand, option.supplier, option.product)
                quantities[key] += getattr(plan, name).get(option.key, 0.0)
        values = []
        cap_keys = {}
        for key, option in told.items():
            offer = rows[option.key]
            quantity = plan.quantities.get(option.key, 0.0)
            others = [compared[name][key] for name in ("cheapest", "fairest")]
            values.append(
                {
                    "plan_id": self.id,
                    "demand_id": option.demand,
                    "supplier_id": option.supplier,
                    "seller_id": offer.seller.id,
                    "product_id": option.product,
                    "county_id": option.county,
                    "factor": option.factor,
                    "quantity": quantity,
                    "quantity_planned": quantity,
                    "quantity_cheapest": others[0],
                    "quantity_fairest": others[1],
                    "in_plan": bool(quantity or any(others)),
                    "price": option.price,
                    "cap_price": option.cap_price,
                    "cap_key": cap_keys.setdefault(offer.cap, len(cap_keys) + 1)
                    if offer.cap
                    else 0,
                    "cap_amount": offer.cap.amount,
                    "cap_left": offer.cap.remaining,
                    "min_qty": option.min_qty,
                    "lot_size": option.lot_size,
                    "delay": option.delay,
                    "score": option.score,
                    "causes": [list(cause) for cause in plan.causes[option.key]],
                }
            )
        return values

    def action_reset(self):
        """Take the demand up again; the proposal is discarded."""
        self.check_access("write")
        self._check_state("computed", "cancelled")
        self.line_ids.sudo().unlink()
        self.demand_ids.sudo().causes = False
        self.write({"state": "draft", "computed_on": False, "gap": 0.0, "seconds": 0.0})

    def action_cancel(self):
        """Cancel the plan; its requests have to be cancelled before."""
        self.check_access("write")
        for plan in self:
            if live := plan.order_ids.filtered(lambda order: order.state != "cancel"):
                raise UserError(
                    self.env._(
                        "%(plan)s has orders (%(orders)s): undo its requests or cancel the"
                        " orders first.",
                        plan=plan.name,
                        orders=", ".join(live.mapped("name")),
                    )
                )
        self.write({"state": "cancelled"})

    # --------------------------------------------------
    # Orders
    # --------------------------------------------------

    def action_order(self):
        """Make a request for quotation for every supplier of the proposal."""
        self.check_access("write")
        self._check_state("computed")
        for plan in self:
            lines = plan.line_ids.filtered(lambda line: line.quantity > 0.0)
            plan._check_lines(lines)
            orders = plan._make_orders(lines)
            plan.state = "ordered"
            plan._message_log(
                body=self.env._("Requests for quotation: %s", ", ".join(orders.mapped("name")))
            )
        return self.action_view_orders()

    def _check_lines(self, lines):
        """Refuse lines that today's offers and caps no longer carry; they say why."""
        self.ensure_one()
        if not lines:
            raise UserError(
                self.env._("%(plan)s proposes nothing to order: enter quantities.", plan=self.name)
            )
        today = self.company_id._assist_today()
        offers = lines.product_id._assist_get_offers(self.company_id, max(today, self.date_order))
        offered = {
            (offer.supplier, product) for product, found in offers.items() for offer in found
        }
        problems = [
            self.env._(
                "%(supplier)s, %(product)s: may no longer be ordered. Compute the plan again.",
                supplier=line.supplier_id.display_name,
                product=line.product_id.display_name,
            )
            for line in lines
            if (line.supplier_id, line.product_id) not in offered
        ]
        problems += [
            f"{line.supplier_id.display_name}, {line.product_id.display_name}: {line.warning}"
            for line in lines
            if line.over_cap
        ]
        if problems:
            raise UserError(
                self.env._(
                    "%(plan)s cannot be ordered as it stands:\n%(problems)s",
                    plan=self.name,
                    problems="\n".join(problems),
                )
            )

    def _make_orders(self, lines):
        """Return one request for quotation for each vendor of ``lines``."""
        grouped = lines.grouped(lambda line: line.seller_id.partner_id or line.supplier_id)
        orders = self.env["purchase.order"].create(
            [self._prepare_order(vendor) for vendor in grouped]
        )
        values = []
        for order, vendor in zip(orders, grouped, strict=True):
            for line in grouped[vendor].sorted(lambda line: (line.demand_id.date_needed, line.id)):
                values.append(line._prepare_order_line(order))
        order_lines = self.env["purchase.order.line"].create(values)
        for order_line in order_lines.filtered("selected_seller_id.discount"):
            order_line.discount = order_line.selected_seller_id.discount
        return orders

    def _prepare_order(self, vendor):
        vendor = vendor.with_company(self.company_id)
        position = self.env["account.fiscal.position"].with_company(self.company_id)
        currency = vendor.property_purchase_currency_id or self.company_id.currency_id
        return {
            "partner_id": vendor.id,
            "company_id": self.company_id.id,
            "user_id": self.user_id.id,
            "origin": self.name,
            "currency_id": currency.id,
            "fiscal_position_id": position._get_fiscal_position(vendor).id,
            "payment_term_id": vendor.property_supplier_payment_term_id.id,
            "assist_plan_id": self.id,
        }

    def action_undo_orders(self):
        """Cancel the requests that were not confirmed; without any order left, plan again."""
        self.check_access("write")
        self._check_state("ordered")
        for plan in self:
            pending = plan.order_ids.filtered(
                lambda order: order.state in ("draft", "sent", "to approve")
            )
            pending.button_cancel()
            if all(order.state == "cancel" for order in plan.order_ids):
                plan.state = "computed"
            elif not pending:
                raise UserError(
                    self.env._(
                        "All orders of %(plan)s are confirmed: cancel them one by one.",
                        plan=plan.name,
                    )
                )

    def action_view_orders(self):
        """Open the orders made from these plans."""
        action = self.env["ir.actions.act_window"]._for_xml_id("purchase.purchase_rfq")
        action["domain"] = [("assist_plan_id", "in", self.ids)]
        action["context"] = {}
        return action

    def action_view_lines(self):
        """Open all offers that the plan weighed, those that got nothing too."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "union_assist_procure.action_purchase_plan_line"
        )
        action["domain"] = [("plan_id", "=", self.id)]
        return action

    @api.ondelete(at_uninstall=False)
    def _unlink_except_ordered(self):
        for plan in self:
            if plan.order_ids:
                raise UserError(
                    self.env._(
                        "%(plan)s has orders: archive it instead, so that they keep their origin.",
                        plan=plan.name,
                    )
                )
