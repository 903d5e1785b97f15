from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date


class UnionAssistStatementGenerate(models.TransientModel):
    """Dialog that makes the statements of a month."""

    _name = "union.assist.statement.generate"
    _description = "Make Statements of Account"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, readonly=True
    )
    month = fields.Date(
        required=True,
        default=lambda self: self.env.company._assist_today() + relativedelta(months=-1, day=1),
        help="Any day of the month.",
    )
    supplier_ids = fields.Many2many(
        "res.partner",
        string="Suppliers",
        domain="[('assist_supplier_kind', '!=', False)]",
        help="Empty: every supplier with receipts, bills, payments or anything owed.",
    )

    def action_generate(self):
        """Make or renew the drafts and open them."""
        self.ensure_one()
        if not self.env.user.has_group("union_assist_catalog.group_operator"):
            raise AccessError(self.env._("Only operators make statements of account."))
        self.company_id.check_access("read")
        if self.company_id not in self.env.companies:
            raise AccessError(self.env._("You do not work for this company."))
        if self.month > self.company_id._assist_today():
            raise UserError(self.env._("That month has not begun yet: choose an earlier one."))
        statements = self.env["union.assist.statement"]._generate(
            self.company_id, self.month, self.supplier_ids.commercial_partner_id or None
        )
        if not statements:
            raise UserError(
                self.env._(
                    "There is nothing to draft for %(month)s: no supplier has receipts, bills,"
                    " payments or anything owed, or its statement was sent already.",
                    month=format_date(self.env, self.month, date_format="MMMM y"),
                )
            )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "union_assist_procure.action_statement"
        )
        return {**action, "domain": [("id", "in", statements.ids)], "context": {}}

    @api.onchange("month")
    def _onchange_month(self):
        if self.month:
            self.month = self.month.replace(day=1)
