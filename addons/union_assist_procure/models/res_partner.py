from odoo import api, fields, models
from odoo.fields import Domain

SCOPE_FIELDS = frozenset(("assist_supplier_kind", "is_company", "parent_id"))


class ResPartner(models.Model):
    _inherit = "res.partner"

    assist_cap_ids = fields.One2many(
        "union.assist.cap", "supplier_id", "Purchase Caps", groups="union_assist_catalog.group_user"
    )
    assist_currency_id = fields.Many2one(
        "res.currency", "Company Currency", compute="_compute_assist_cap", compute_sudo=True
    )
    assist_cap_amount = fields.Monetary(
        "Purchase Cap",
        compute="_compute_assist_cap",
        compute_sudo=True,
        currency_field="assist_currency_id",
        help="How much the company may buy from this supplier in the periods that run: all its"
        " caps together, where there are several for different goods.",
    )
    assist_cap_used = fields.Monetary(
        "Cap Used",
        compute="_compute_assist_cap",
        compute_sudo=True,
        currency_field="assist_currency_id",
    )
    assist_cap_left = fields.Monetary(
        "Cap Left",
        compute="_compute_assist_cap",
        compute_sudo=True,
        currency_field="assist_currency_id",
    )
    assist_cap_rate = fields.Float(
        "Cap Use (%)", compute="_compute_assist_cap", compute_sudo=True, digits=(16, 1)
    )
    assist_cap_over = fields.Boolean(
        "Cap Exceeded",
        compute="_compute_assist_cap",
        compute_sudo=True,
        search="_search_assist_cap_over",
        help="More is committed than a cap allows today, because heads fell away or by overrides:"
        " nothing more can be ordered of its goods.",
    )

    @api.depends("assist_cap_ids.committed", "assist_person_count", "assist_supplier_kind")
    @api.depends_context("company")
    def _compute_assist_cap(self):
        company = self.env.company
        today = company._assist_today()
        policies = self.env["union.assist.cap.policy"]
        keys = {
            partner: policies._get_keys(partner._origin, company, today)
            for partner in self
            if partner._origin
        }
        caps = self.env["union.assist.cap"]._preview(key for some in keys.values() for key in some)
        for partner in self:
            mine = [caps[key] for key in keys.get(partner, ())]
            amount = sum(cap.amount for cap in mine)
            used = sum(cap.committed for cap in mine)
            partner.assist_currency_id = company.currency_id
            partner.assist_cap_amount = amount
            partner.assist_cap_used = used
            partner.assist_cap_left = company.currency_id.round(amount - used)
            partner.assist_cap_rate = 100.0 * (used / amount if amount else float(used > 0))
            partner.assist_cap_over = any(cap.level == "over" for cap in mine)

    def _search_assist_cap_over(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = self.env.company._assist_today()
        caps = (
            self.env["union.assist.cap"]
            .sudo()
            .search(
                [
                    ("company_id", "=", self.env.company.id),
                    ("date_from", "<=", today),
                    ("date_to", ">=", today),
                    ("level", "=", "over"),
                ]
            )
        )
        return Domain("id", "in" if True in value else "not in", caps.supplier_id.ids)

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        if suppliers := partners.filtered("assist_supplier_kind"):
            self.env["union.assist.cap"]._open_current(suppliers)
        return partners

    def write(self, vals):
        result = super().write(vals)
        if SCOPE_FIELDS & vals.keys() and self.env["union.assist.cap.policy"]._has_any():
            self.env["union.assist.cap"]._open_current(self.filtered("assist_supplier_kind"))
            self.env["purchase.order"]._assist_recount(
                [("partner_id", "child_of", self.ids)], reason="kind"
            )
        return result

    def action_view_assist_caps(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("union_assist_procure.action_cap")
        action["domain"] = [("supplier_id", "=", self.id)]
        action["context"] = {}
        return action

    # --------------------------------------------------
    # Settlement
    # --------------------------------------------------

    assist_payment_days = fields.Float(
        "Days to Payment",
        compute="_compute_assist_payment_days",
        digits=(16, 1),
        groups="union_assist_catalog.group_user",
        help="From acceptance to payment, average of what the company paid in the last twelve"
        " months, weighted by amount.",
    )
    assist_statement_count = fields.Integer(
        "Statements",
        compute="_compute_assist_statement_count",
        groups="union_assist_catalog.group_user",
    )

    @api.depends_context("company")
    def _compute_assist_payment_days(self):
        company = self.env.company
        start = fields.Date.subtract(company._assist_today(), years=1)
        averages = self.env["union.assist.payment.days"]._get_average(
            company, start, suppliers=self._origin
        )
        for partner in self:
            partner.assist_payment_days = averages.get(partner._origin, (0.0, 0.0))[0]

    @api.depends_context("company")
    def _compute_assist_statement_count(self):
        counts = dict(
            self.env["union.assist.statement"]._read_group(
                [("supplier_id", "in", self._origin.ids)], ["supplier_id"], ["__count"]
            )
        )
        for partner in self:
            partner.assist_statement_count = counts.get(partner._origin, 0)

    def action_view_assist_statements(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "union_assist_procure.action_statement"
        )
        return {**action, "domain": [("supplier_id", "=", self.id)], "context": {}}

    def action_view_assist_payment_days(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "union_assist_procure.action_payment_days"
        )
        return {**action, "domain": [("supplier_id", "=", self.id)], "context": {}}

    # --------------------------------------------------
    # Suppliers above their caps, and what if
    # --------------------------------------------------

    def _get_assist_current_caps(self):
        """Return the opened caps of these suppliers, or of all, in the company's period."""
        today = self.env.company._assist_today()
        domain = (
            Domain("company_id", "=", self.env.company.id)
            & Domain("date_from", "<=", today)
            & Domain("date_to", ">=", today)
        )
        if self:
            domain &= Domain("supplier_id", "in", self.commercial_partner_id.ids)
        return self.env["union.assist.cap"].sudo().search(domain)

    def action_assist_what_if(self):
        """Open the dialog that tells what more heads would give this supplier."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("What If"),
            "res_model": "union.assist.cap.what.if",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_supplier_id": self.id},
        }
