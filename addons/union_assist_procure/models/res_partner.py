from odoo import api, fields, models

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
        help="How much the company may buy from this supplier this year.",
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

    @api.depends("assist_cap_ids.committed", "assist_person_count", "assist_supplier_kind")
    @api.depends_context("company")
    def _compute_assist_cap(self):
        today = fields.Date.context_today(self)
        company = self.env.company
        suppliers = self.filtered(lambda partner: partner.assist_supplier_kind and partner._origin)
        keys = {supplier: (supplier._origin, company, today) for supplier in suppliers}
        caps = self.env["union.assist.cap"]._preview(keys.values()) if keys else {}
        for partner in self:
            cap = caps.get(keys.get(partner), self.env["union.assist.cap"])
            partner.assist_currency_id = company.currency_id
            partner.assist_cap_amount = cap.amount
            partner.assist_cap_used = cap.committed
            partner.assist_cap_left = cap.remaining
            partner.assist_cap_rate = cap.use_rate

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        if any(partner.assist_supplier_kind for partner in partners):
            self.env["union.assist.cap"]._open_current()
        return partners

    def write(self, vals):
        result = super().write(vals)
        if SCOPE_FIELDS & vals.keys() and self.env["union.assist.cap.policy"]._get_all():
            self.env["union.assist.cap"]._open_current()
            self.env["purchase.order"]._assist_recount([("partner_id", "child_of", self.ids)])
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
