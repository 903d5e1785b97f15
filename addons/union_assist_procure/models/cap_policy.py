from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import format_amount

from ..tools.caps import cap_amount, cap_parts, heads_needed

# A change of these changes which orders count, or for how much.
SCOPE_FIELDS = frozenset(
    ("active", "company_id", "date_from", "date_to", "supplier_kind", "tax_included")
)


class UnionAssistCapPolicy(models.Model):
    """How much may be bought from a supplier per head that it lifts: a dated rule.

    On any day at most one policy applies to a supplier of a company: the one for its kind,
    else the one for all kinds. Two policies for the same kind never overlap.
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

    @api.constrains("active", "company_id", "date_from", "date_to", "supplier_kind")
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
                )
            )
            if others:
                raise ValidationError(
                    self.env._(
                        "%(policy)s and %(other)s apply to the same suppliers on the same days,"
                        " so that nobody could tell which cap holds. End the earlier policy"
                        " before the later one begins, or give one of them a supplier kind.",
                        policy=policy.name,
                        other=others[0].name,
                    )
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
        self._forget_caps()
        return super().unlink()

    def _forget_caps(self):
        """Have the caps computed again: they follow from policies, brackets and heads."""
        self.env["union.assist.cap"].invalidate_model(
            ["policy_id", "amount", "remaining", "use_rate", "level"]
        )

    def _recount(self):
        """Post what the confirmed orders now count, and open the caps of this year.

        Nothing is refused here: what was confirmed stays confirmed, and a cap that it
        exceeds is shown as exceeded.
        """
        self._forget_caps()
        self.env["union.assist.cap"]._open_current()
        self.env["purchase.order"]._assist_recount([("company_id", "in", self.company_id.ids)])

    def _log_brackets(self):
        """Tell the amounts per head in the log after they changed, and forget the caps."""
        self._forget_caps()
        for policy in self:
            policy._message_log(
                body=self.env._(
                    "Amounts per head: %s", "; ".join(policy.bracket_ids.mapped("display_name"))
                )
            )

    @api.model
    def _get_all(self):
        """Return every policy, archived ones too: without any, the ledger is empty."""
        return self.sudo().with_context(active_test=False).search(Domain.TRUE)

    def _match(self, supplier, company, day):
        """Return the policy among ``self`` that applies to a supplier on a day, if any."""
        kind = supplier.assist_supplier_kind
        if not kind:
            return self.browse()
        return self.filtered(
            lambda policy: (
                policy.active
                and policy.company_id == company
                and policy.supplier_kind in (False, kind)
                and policy.date_from <= day
                and (not policy.date_to or day <= policy.date_to)
            )
        ).sorted(lambda policy: not policy.supplier_kind)[:1]

    def _get_amount(self, households, persons):
        """Return the cap, in the company's currency, that these heads give under this policy."""
        self.ensure_one()
        return self.currency_id.round(
            cap_amount(self._get_heads(households, persons), *self._get_rule())
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
