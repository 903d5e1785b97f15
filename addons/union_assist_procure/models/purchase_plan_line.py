from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import float_compare, format_amount, formatLang


class UnionAssistPurchasePlanLine(models.Model):
    """An offer that a plan weighed: what it proposes to order of it, and why.

    All but the quantity is what the offer said when the plan was computed.
    """

    _name = "union.assist.purchase.plan.line"
    _description = "Proposal of a Purchase Plan"
    _order = "plan_id, demand_id, quantity desc, price, id"
    _rec_names_search = ["supplier_id", "product_id"]

    plan_id = fields.Many2one(
        "union.assist.purchase.plan",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    state = fields.Selection(related="plan_id.state")
    demand_id = fields.Many2one(
        "union.assist.purchase.plan.demand",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    date_needed = fields.Date(related="demand_id.date_needed")
    supplier_id = fields.Many2one(
        "res.partner", required=True, readonly=True, index=True, ondelete="restrict"
    )
    seller_id = fields.Many2one(
        "product.supplierinfo", "Vendor Pricelist", readonly=True, index="btree_not_null"
    )
    county_id = fields.Many2one("union.assist.region", readonly=True, index=True)
    product_id = fields.Many2one(
        "product.product", required=True, readonly=True, index=True, ondelete="restrict"
    )
    uom_id = fields.Many2one(related="product_id.uom_id", string="Unit")
    factor = fields.Float(
        readonly=True, digits=0, help="How much of the demand's unit a unit of the product is."
    )
    quantity = fields.Float(digits="Product Unit", help="To be ordered, in the product's unit.")
    quantity_planned = fields.Float("Proposed", readonly=True, digits="Product Unit")
    quantity_cheapest = fields.Float("In the Cheapest Plan", readonly=True, digits="Product Unit")
    quantity_fairest = fields.Float("In the Fairest Plan", readonly=True, digits="Product Unit")
    in_plan = fields.Boolean(
        readonly=True, help="Has a quantity in the proposal, the cheapest or the fairest plan."
    )
    price = fields.Float(
        readonly=True,
        min_display_digits="Product Price",
        aggregator=None,
        help="Per unit of the product, without tax.",
    )
    cap_price = fields.Float(
        "Counts against the Cap",
        readonly=True,
        min_display_digits="Product Price",
        aggregator=None,
        help="What a unit takes of the cap, with tax where the policy counts it.",
    )
    amount = fields.Monetary("Amount without Tax", compute="_compute_amount", store=True)
    cap_key = fields.Integer(readonly=True, aggregator=None)
    cap_amount = fields.Monetary("Cap", readonly=True, aggregator=None)
    cap_left = fields.Monetary(
        "Room before", readonly=True, aggregator=None, help="Left of the cap before this plan."
    )
    cap_use = fields.Float(
        "Cap Use after (%)",
        compute="_compute_cap_use",
        digits=(16, 1),
        help="With all lines of this plan that count against the same cap.",
    )
    over_cap = fields.Boolean("Above the Cap", compute="_compute_cap_use")
    min_qty = fields.Float("Least Quantity", readonly=True, digits="Product Unit", aggregator=None)
    lot_size = fields.Float(readonly=True, digits="Product Unit", aggregator=None)
    delay = fields.Integer("Lead Time (days)", readonly=True, aggregator=None)
    score = fields.Float("Quality Score", readonly=True, digits=(5, 1), aggregator="avg")
    causes = fields.Json(readonly=True)
    reason = fields.Char("Why", compute="_compute_reason")
    warning = fields.Char(compute="_compute_warning", help="What an entered quantity breaks.")

    _quantity_not_negative = models.Constraint(
        "CHECK (quantity >= 0)", "A quantity to be ordered is not negative."
    )

    @api.depends("supplier_id", "product_id")
    def _compute_display_name(self):
        for line in self:
            line.display_name = f"{line.supplier_id.display_name} · {line.product_id.display_name}"

    @api.depends("quantity", "price", "currency_id")
    def _compute_amount(self):
        for line in self:
            line.amount = line.currency_id.round(line.quantity * line.price)

    @api.depends("plan_id.line_ids.quantity", "cap_amount", "cap_left", "cap_price")
    def _compute_cap_use(self):
        taken = defaultdict(float)
        for line in self.plan_id.line_ids:
            if line.quantity:
                taken[line.plan_id, line.cap_key] += line.quantity * line.cap_price
        for line in self:
            total = taken[line.plan_id, line.cap_key]
            used = line.cap_amount - line.cap_left
            line.cap_use = 100.0 * (used + total) / line.cap_amount if line.cap_amount else 0.0
            line.over_cap = bool(
                line.cap_key
                and line.quantity
                and line.currency_id.compare_amounts(total, max(line.cap_left, 0.0)) > 0
            )

    @api.depends("causes")
    @api.depends_context("lang")
    def _compute_reason(self):
        for line in self:
            line.reason = " ".join(line._get_cause_text(*cause) for cause in line.causes or [])

    def _get_cause_text(self, code, own=None, other=None):
        """Say why the line got what it got, in the reader's language."""

        def number(value):
            return formatLang(self.env, value, digits=0 if float(value).is_integer() else 2)

        def money(value):
            return format_amount(self.env, value, self.currency_id)

        def percent(value):
            return formatLang(self.env, value, digits=0)

        return {
            # what speaks for it
            "only": lambda: self.env._("The only one who can deliver this in time."),
            "cheapest": lambda: self.env._("The lowest price: %s.", money(own)),
            "best_score": lambda: self.env._("The best quality score: %s.", percent(own)),
            "least_used": lambda: self.env._("Has used least of its cap: %s %%.", percent(own)),
            "only_county": lambda: self.env._("The only one from its county."),
            "balance": lambda: self.env._("Gets a part so that caps and counties are used evenly."),
            "rest": lambda: self.env._("Takes what offers placed better have no room for."),
            "fills_cap": lambda: self.env._("Uses up its cap: %s stay.", money(own)),
            "at_share": lambda: self.env._(
                "Gets the largest part that one supplier may get: %s %%.", percent(own)
            ),
            "at_minimum": lambda: self.env._("Its least quantity."),
            "enough": lambda: (
                self.env._("As good as the other offers.")
                if self.quantity_planned
                else self.env._("Offers as good meet the demand already.")
            ),
            # what speaks against it
            "late": lambda: self.env._(
                "Too late: takes %(own)s days, and %(other)s are left.", own=own, other=other
            ),
            "minimum": lambda: self.env._(
                "Its least quantity (%(own)s) is above the demand (%(other)s).",
                own=number(own),
                other=number(other),
            ),
            "share": lambda: self.env._(
                "Its least quantity (%(own)s) is above the largest part that one supplier may"
                " get (%(other)s).",
                own=number(own),
                other=number(other),
            ),
            "room": lambda: self.env._(
                "No room under its cap: %(own)s left, its least quantity takes %(other)s.",
                own=money(own),
                other=money(other),
            ),
            "room_taken": lambda: self.env._(
                "Other goods of this plan take the room under its cap: %(own)s left, its least"
                " quantity takes %(other)s.",
                own=money(own),
                other=money(other),
            ),
            "price": lambda: self.env._(
                "Dearer: %(own)s, against %(other)s of the last offer chosen.",
                own=money(own),
                other=money(other),
            ),
            "use": lambda: self.env._(
                "More of its cap is used: %(own)s %%, against %(other)s %% at the last offer"
                " chosen.",
                own=percent(own),
                other=percent(other),
            ),
            "county": lambda: self.env._(
                "Its county has more of this plan: %(own)s, against %(other)s at the last offer"
                " chosen.",
                own=money(own),
                other=money(other),
            ),
            "score": lambda: self.env._(
                "Lower quality score: %(own)s, against %(other)s of the last offer chosen.",
                own=percent(own),
                other=percent(other),
            ),
            "minimum_beside": lambda: self.env._(
                "Its least quantity (%s) does not fit beside offers placed better.", number(own)
            ),
        }[code]()

    @api.depends("over_cap", "quantity", "min_qty", "lot_size", "delay", "date_needed")
    @api.depends_context("lang")
    def _compute_warning(self):
        for line in self:
            line.warning = " ".join(line._get_warnings()) or False

    def _get_warnings(self):
        """Say what the quantity that stands in the line breaks; empty without a quantity."""
        self.ensure_one()
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        warnings = []
        if not self.quantity:
            return warnings
        if self.over_cap:
            warnings.append(
                self.env._(
                    "Above the cap: %(left)s were left before this plan.",
                    left=format_amount(self.env, self.cap_left, self.currency_id),
                )
            )
        if float_compare(self.quantity, self.min_qty, precision_digits=digits) < 0:
            warnings.append(
                self.env._("Below the least quantity of %s.", formatLang(self.env, self.min_qty))
            )
        if self.lot_size:
            lots = self.quantity / self.lot_size
            if float_compare(lots, round(lots), precision_digits=digits):
                warnings.append(
                    self.env._("Not a multiple of %s.", formatLang(self.env, self.lot_size))
                )
        if self.delay > (self.date_needed - self.plan_id.date_order).days:
            warnings.append(
                self.env._("Arrives after %s.", fields.Date.to_string(self.date_needed))
            )
        return warnings

    def write(self, vals):
        if not self.env.su:
            self.check_access("write")
            if vals.keys() - {"quantity"}:
                raise UserError(
                    self.env._(
                        "Only the quantity of a proposal can be changed; the rest is the"
                        " offer as it was when the plan was computed."
                    )
                )
            self.plan_id._check_state("computed")
        result = super().write(vals)
        if "quantity" in vals:
            super(
                UnionAssistPurchasePlanLine,
                self.sudo().filtered(lambda line: line.quantity and not line.in_plan),
            ).write({"in_plan": True})
        return result

    def _prepare_order_line(self, order):
        """Return values of an order line; Odoo takes the price from the vendor pricelist."""
        self.ensure_one()
        unit = self.seller_id.product_uom_id or self.uom_id
        return {
            "order_id": order.id,
            "product_id": self.product_id.id,
            "product_qty": self.uom_id._compute_quantity(
                self.quantity, unit, rounding_method="HALF-UP"
            ),
            "product_uom_id": unit.id,
            "date_planned": order.order_line.new({"order_id": order.id})._convert_to_middle_of_day(
                self.date_needed
            ),
        }
