from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import format_amount, format_date

from ..tools.cap_rules import (
    CapKey,
    Rule,
    drop_shadowed,
    path_ids,
    pick_rule,
    rules_in_force,
    span_of,
)
from ..tools.caps import cap_parts, heads_needed

# A change of these changes which orders count, or for how much.
SCOPE_FIELDS = frozenset(
    (
        "active",
        "category_ids",
        "company_id",
        "date_from",
        "date_to",
        "period",
        "supplier_kind",
        "tax_included",
    )
)


class UnionAssistCapPolicy(models.Model):
    """How much may be bought from a supplier per head that it lifts: a dated rule.

    Every order line follows the most specific policy in force on the day of its order: one for
    categories of goods before one for all goods, then one for the supplier's kind before one for
    all kinds. Two policies for the same kind and the same goods never overlap.
    """

    _name = "union.assist.cap.policy"
    _inherit = ["mail.thread"]
    _description = "Cap Policy"
    _order = "date_from desc, id desc"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, tracking=True)
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_from = fields.Date(
        "From",
        required=True,
        default=lambda self: fields.Date.context_today(self).replace(month=1, day=1),
        tracking=True,
        help="Orders confirmed from this day on count.",
    )
    date_to = fields.Date("Until", tracking=True, help="Last day; empty while it goes on.")
    supplier_kind = fields.Selection(
        lambda self: (
            self.env["res.partner"]._fields["assist_supplier_kind"]._description_selection(self.env)
        ),
        tracking=True,
        help="Empty: all suppliers of the programme whose kind has no policy of its own.",
    )
    category_ids = fields.Many2many(
        "product.category",
        "union_assist_cap_policy_category_rel",
        "policy_id",
        "category_id",
        "Goods",
        ondelete="restrict",
        tracking=True,
        help="Product categories, with all below them. Empty: all goods that no policy for their"
        " category covers.",
    )
    period = fields.Selection(
        [("year", "Calendar Year"), ("season", "Season")],
        "Reckoned by",
        required=True,
        default="year",
        tracking=True,
        help="A supplier has one cap a calendar year, or one a season. By season, nothing can be"
        " bought on days that no season covers.",
    )
    action = fields.Selection(
        [("block", "Refuse"), ("approve", "Ask for Approval"), ("warn", "Warn")],
        "Above the Cap",
        required=True,
        default="block",
        tracking=True,
        help="Refuse: such an order is not confirmed without an override.\n"
        "Ask for Approval: it waits for somebody who may approve what exceeds the cap.\n"
        "Warn: it is confirmed, and the ledger and its log say that it exceeds the cap.",
    )
    basis = fields.Selection(
        [("persons", "Verified Persons"), ("households", "Verified Households")],
        "Heads Counted",
        required=True,
        default="persons",
        tracking=True,
    )
    method = fields.Selection(
        [("flat", "One Rate for All Heads"), ("marginal", "Each Head at Its Bracket's Rate")],
        "Brackets",
        required=True,
        default="flat",
        tracking=True,
    )
    bracket_ids = fields.One2many("union.assist.cap.bracket", "policy_id", "Amounts per Head")
    min_amount = fields.Monetary(
        "Minimum", tracking=True, help="A supplier's cap is never lower, so that newcomers start."
    )
    max_amount = fields.Monetary(
        "Maximum", tracking=True, help="A supplier's cap is never higher; 0 for no maximum."
    )
    tax_included = fields.Boolean(
        "Count Amounts with Tax", default=True, tracking=True, help="Else amounts without tax."
    )
    near_rate = fields.Float(
        "Nearly Used Up from",
        default=0.9,
        digits=(5, 4),
        help="Part of the cap from which it is shown as nearly used up.",
    )
    source = fields.Char(
        tracking=True, help="The document that this rule comes from: title, number, date."
    )
    note = fields.Text()

    _period_order = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)",
        "The last day of a policy is not before its first day.",
    )
    _amounts_positive = models.Constraint(
        "CHECK (min_amount >= 0 AND (max_amount = 0 OR max_amount >= min_amount))",
        "The minimum and the maximum are not negative, and the maximum not below the minimum.",
    )
    _near_rate_range = models.Constraint(
        "CHECK (near_rate > 0 AND near_rate <= 1)",
        "A cap is nearly used up from a part above 0 % and at most 100 %.",
    )

    @api.constrains("active", "category_ids", "company_id", "date_from", "date_to", "supplier_kind")
    def _check_overlap(self):
        policies = self.search([("company_id", "in", self.company_id.ids)])
        for policy in self.filtered("active"):
            others = policies.filtered(
                lambda other, policy=policy: (
                    other != policy
                    and other.company_id == policy.company_id
                    and other.supplier_kind == policy.supplier_kind
                    and (not other.date_to or other.date_to >= policy.date_from)
                    and (not policy.date_to or policy.date_to >= other.date_from)
                    and policy._shares_goods(other)
                )
            )
            if others:
                raise ValidationError(
                    self.env._(
                        "%(policy)s and %(other)s apply to the same goods of the same suppliers"
                        " on the same days, so that nobody could tell which cap holds. End the"
                        " earlier policy before the later one begins, or give one of them a"
                        " supplier kind or other product categories.",
                        policy=policy.name,
                        other=others[0].name,
                    )
                )

    def _shares_goods(self, other):
        """Tell whether both are for all goods, or for categories that have goods in common."""
        return self.category_ids == other.category_ids or any(
            path_ids(category.parent_path) & set(others.ids)
            for mine, others in (
                (self.category_ids, other.category_ids),
                (other.category_ids, self.category_ids),
            )
            for category in mine
        )

    @api.constrains("bracket_ids")
    def _check_brackets(self):
        for policy in self:
            if not policy.bracket_ids:
                raise ValidationError(
                    self.env._(
                        "%(policy)s says no amount per head: add at least one bracket.",
                        policy=policy.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        policies = super().create(vals_list)
        policies._check_brackets()
        policies._recount()
        return policies

    def write(self, vals):
        result = super().write(vals)
        if SCOPE_FIELDS & vals.keys():
            self._recount()
        else:
            self._forget_caps()
        return result

    def unlink(self):
        result = super().unlink()
        self._forget_caps()
        return result

    def _forget_caps(self):
        """Have the caps computed again: they follow from policies, brackets and heads."""
        self.env.registry.clear_cache()
        self.env["union.assist.cap"].invalidate_model(
            ["policy_id", "amount", "remaining", "use_rate", "level"]
        )
        self.env["union.assist.cap"]._check_over_soon()

    def _recount(self):
        """Post what the confirmed orders now count, and open the caps of this period.

        Nothing is refused here: what was confirmed stays confirmed, and a cap that it
        exceeds is shown as exceeded.
        """
        self._forget_caps()
        self.env["union.assist.cap"]._open_current()
        self.env["purchase.order"]._assist_recount(
            [("company_id", "in", self.company_id.ids)], reason="policy"
        )

    def _log_brackets(self):
        """Tell the amounts per head in the log after they changed, and forget the caps."""
        self._forget_caps()
        for policy in self:
            policy._message_log(
                body=self.env._(
                    "Amounts per head: %s", "; ".join(policy.bracket_ids.mapped("display_name"))
                )
            )

    # --------------------------------------------------
    # Which policy, which cap
    # --------------------------------------------------

    @api.model
    @tools.ormcache()
    def _has_any(self):
        """Tell whether there ever was a policy: without any, the ledger is empty."""
        return bool(self.sudo().with_context(active_test=False).search_count([], limit=1))

    @api.model
    @tools.ormcache()
    def _get_rules(self):
        """Return all policies that are not archived as plain data, kept in memory."""
        return tuple(
            Rule(
                id=policy.id,
                company_id=policy.company_id.id,
                supplier_kind=policy.supplier_kind,
                date_from=policy.date_from,
                date_to=policy.date_to or None,
                seasonal=policy.period == "season",
                lineages=tuple(path_ids(category.parent_path) for category in policy.category_ids),
                category_ids=frozenset(policy.category_ids.ids),
                tax_included=policy.tax_included,
                action=policy.action,
                basis=policy.basis,
                brackets=tuple((step.from_count, step.amount) for step in policy.bracket_ids),
                method=policy.method,
                min_amount=policy.min_amount,
                max_amount=policy.max_amount,
                near_rate=policy.near_rate,
            )
            for policy in self.sudo().search(Domain.TRUE)
        )

    @api.model
    def _get_rules_in_force(self, supplier, company, day):
        """Return the rules for what is bought from a supplier, the most specific first."""
        kind = supplier.assist_supplier_kind
        return rules_in_force(self._get_rules(), company.id, kind, day) if kind else []

    @api.model
    def _pick_rule(self, rules, product):
        """Return the rule among those in force that a product follows; None when none does."""
        if not rules or not rules[0].category_ids:  # the usual case needs no category
            return rules[0] if rules else None
        return pick_rule(rules, path_ids(product.sudo().categ_id.parent_path))

    @api.model
    def _get_key(self, rule, supplier, day):
        """Return the key of the cap that goods under a rule count against.

        :return: None when the rule goes by season and no season covers the day: then nothing
            may be bought
        """
        span = span_of(rule, day, self.env["union.assist.season"]._get_spans())
        return span and CapKey(supplier.id, rule.company_id, *span, rule.scope)

    @api.model
    def _get_keys(self, supplier, company, day):
        """Return the keys of all caps that goods of a supplier may count against on a day."""
        rules = drop_shadowed(self._get_rules_in_force(supplier, company, day))
        return [key for rule in rules if (key := self._get_key(rule, supplier, day))]

    def _get_missing_season_message(self, day):
        """Say which season has to be added before anything is bought under this policy."""
        self.ensure_one()
        return self.env._(
            "“%(policy)s” is reckoned by season, and no season of %(company)s covers %(day)s. Add"
            " the season that this day is in under Assistance → Configuration → Seasons.",
            policy=self.name,
            company=self.company_id.name,
            day=format_date(self.env, day),
        )

    # --------------------------------------------------
    # What is told of a cap
    # --------------------------------------------------

    def _get_rule(self):
        """Return the arguments that follow the heads in the functions of ``tools.caps``."""
        self.ensure_one()
        brackets = [(bracket.from_count, bracket.amount) for bracket in self.bracket_ids]
        return brackets, self.method, self.min_amount, self.max_amount

    def _get_heads(self, households, persons):
        """Return the count that this policy goes by."""
        return persons if self.basis == "persons" else households

    def _get_heads_needed(self, amount, households, persons):
        """Return how many more heads a cap of ``amount`` takes; None when no number does."""
        return heads_needed(amount, self._get_heads(households, persons), *self._get_rule())

    def _describe_amount(self, households, persons):
        """Tell how the heads give the cap: ``150 persons × ¥2,000.00``."""
        brackets, method, minimum, maximum = self._get_rule()
        parts = cap_parts(self._get_heads(households, persons), brackets, method)
        amount = sum(heads * rate for heads, rate in parts)
        text = " + ".join(
            self.env._(
                "%(heads)s × %(amount)s",
                heads=self._describe_heads(heads),
                amount=format_amount(self.env, rate, self.currency_id),
            )
            for heads, rate in parts
        ) or self._describe_heads(0)
        if amount < minimum:
            return self.env._("the minimum: %s alone would give less", text)
        if maximum and amount > maximum:
            return self.env._("the maximum: %s would give more", text)
        return text

    def _describe_heads(self, count):
        number = f"{count:.2f}".rstrip("0").rstrip(".")
        if self.basis == "persons":
            return self.env._("%s verified persons", number)
        return self.env._("%s verified households", number)
