from math import inf

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_amount, formatLang


class UnionAssistCapAuthority(models.Model):
    """Who may let orders exceed purchase caps, up to how much, from when until when.

    Without any authority in force nobody may. Who has several may use the widest of them.
    """

    _name = "union.assist.cap.authority"
    _inherit = ["mail.thread"]
    _description = "Authority to Override Caps"
    _order = "date_from desc, id desc"
    _check_company_auto = True

    group_id = fields.Many2one(
        "res.groups",
        "Who",
        required=True,
        index=True,
        ondelete="restrict",
        tracking=True,
        help="Everybody who is in this group.",
    )
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    max_amount = fields.Monetary(
        "At Most per Order",
        tracking=True,
        help="All overrides of an order together; 0 for no limit of its own.",
    )
    max_rate = fields.Float(
        "At Most of the Cap",
        digits=(5, 4),
        tracking=True,
        help="All overrides of a cap together, as a part of the cap; 0 for no limit of its own.",
    )
    date_from = fields.Date(
        "From", required=True, default=lambda self: self.env.company._assist_today(), tracking=True
    )
    date_to = fields.Date("Until", tracking=True, help="Last day; empty while it goes on.")
    source = fields.Char(
        required=True,
        tracking=True,
        help="The document that gives this authority: title, number, date.",
    )

    _period_order = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)",
        "The last day of an authority is not before its first day.",
    )
    _limits = models.Constraint(
        "CHECK (max_amount >= 0 AND max_rate >= 0)", "The limits of an authority are not negative."
    )

    @api.depends("group_id", "max_amount", "max_rate")
    def _compute_display_name(self):
        for authority in self:
            parts = [authority.group_id.sudo().full_name or ""]
            if authority.max_amount:
                amount = format_amount(self.env, authority.max_amount, authority.currency_id)
                parts.append(self.env._("%s per order", amount))
            if authority.max_rate:
                rate = formatLang(self.env, 100 * authority.max_rate, digits=1)
                parts.append(self.env._("%s %% of the cap", rate))
            authority.display_name = ", ".join(parts)

    @api.model
    def _find(self, user, company):
        """Return the authorities that a user has today."""
        today = company._assist_today()
        return self.sudo().search(
            Domain("company_id", "=", company.id)
            & Domain("group_id", "in", user.all_group_ids.ids)
            & Domain("date_from", "<=", today)
            & (Domain("date_to", "=", False) | Domain("date_to", ">=", today))
        )

    @api.model
    def _get_room(self, user, order, cap):
        """Return by how much more a user may let an order exceed a cap.

        :return: the amount in the company's currency, ``inf`` without a limit, and the
            authority that allows it; 0 and an empty record when none does
        """
        overrides = self.env["union.assist.cap.override"].sudo()
        granted_order, granted_cap = (
            sum(overrides.search(domain).mapped("amount"))
            for domain in (
                [("order_id", "=", order.id)],
                [("cap_id", "=", cap.id), ("order_id.state", "!=", "cancel")],
            )
        )
        best, best_authority = 0.0, self.browse()
        for authority in self._find(user, order.company_id):
            room = min(
                authority.max_amount - granted_order if authority.max_amount else inf,
                authority.max_rate * cap.amount - granted_cap if authority.max_rate else inf,
            )
            if room > best:
                best, best_authority = room, authority
        return best if best == inf else cap.currency_id.round(best), best_authority
