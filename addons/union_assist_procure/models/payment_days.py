from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, Query


class UnionAssistPaymentDays(models.Model):
    """What was paid for accepted goods, and how many days after their acceptance.

    The definition of the figure "days to payment": from the day on which goods are accepted
    to the day on which the payment is set against their bill, or to today where they are
    unpaid; goods paid in advance count with 0 days. Bills are for what was accepted first.
    An average is weighted by the amount paid, in the company's currency; unpaid goods do not
    count in it.

    Rows are made anew each night and whenever statements are made or sent.
    """

    _name = "union.assist.payment.days"
    _description = "Days from Acceptance to Payment"
    _order = "accepted_on desc, id desc"
    _rec_name = "supplier_id"

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    company_currency_id = fields.Many2one(related="company_id.currency_id")
    supplier_id = fields.Many2one(
        "res.partner", required=True, readonly=True, index=True, ondelete="cascade"
    )
    order_line_id = fields.Many2one(
        "purchase.order.line", required=True, readonly=True, index=True, ondelete="cascade"
    )
    order_id = fields.Many2one(
        related="order_line_id.order_id", store=True, index=True, string="Order"
    )
    product_id = fields.Many2one("product.product", readonly=True, index=True, ondelete="cascade")
    move_id = fields.Many2one(
        "stock.move", "Goods Receipt", readonly=True, index=True, ondelete="cascade"
    )
    accepted_on = fields.Date(required=True, readonly=True, index=True)
    paid_on = fields.Date(readonly=True, index=True, help="Empty while it is unpaid.")
    is_paid = fields.Boolean(readonly=True)
    amount = fields.Monetary(readonly=True, currency_field="company_currency_id")
    days = fields.Integer(
        "Days to Payment",
        readonly=True,
        aggregator="avg",
        help="From acceptance to payment; the average is weighted by the amount paid.",
    )
    is_overdue = fields.Boolean(
        "Unpaid Too Long",
        compute="_compute_is_overdue",
        search="_search_is_overdue",
        help="Accepted and unpaid for longer than the rule value “payment_days_limit” says.",
    )

    def _compute_is_overdue(self):
        for row in self:
            row.is_overdue = not row.is_paid and row.accepted_on < row._get_overdue_day()

    @api.model
    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        overdue = Domain("is_paid", "=", False) & Domain(
            "accepted_on", "<", self._get_overdue_day()
        )
        return overdue if True in value else ~overdue

    @api.model
    def _get_overdue_day(self):
        """Return the first day of acceptance that is not overdue when unpaid."""
        today = self.env.company._assist_today()
        limit = self.env["union.assist.parameter"]._get_value("payment_days_limit", today)
        return fields.Date.subtract(today, days=int(limit))

    def _read_group_select(self, aggregate_spec: str, query: Query) -> SQL:
        """Weight the average of days by what was paid."""
        if aggregate_spec != "days:avg":
            return super()._read_group_select(aggregate_spec, query)
        paid = SQL(
            "CASE WHEN %s THEN %s ELSE 0 END",
            self._field_to_sql(self._table, "is_paid", query),
            self._field_to_sql(self._table, "amount", query),
        )
        return SQL(
            "SUM(%(days)s * %(paid)s) / NULLIF(SUM(%(paid)s), 0)",
            days=self._field_to_sql(self._table, "days", query),
            paid=paid,
        )

    @api.model
    def _get_average(self, company, date_from=None, date_to=None, suppliers=None):
        """Return the average days to payment of what was paid in a period.

        :return: ``{supplier: (days, amount paid)}``; suppliers without payments are missing
        """
        domain = Domain("company_id", "=", company.id) & Domain("is_paid", "=", True)
        if date_from:
            domain &= Domain("paid_on", ">=", date_from)
        if date_to:
            domain &= Domain("paid_on", "<=", date_to)
        if suppliers is not None:
            domain &= Domain("supplier_id", "in", suppliers.ids)
        groups = self.sudo()._read_group(domain, ["supplier_id"], ["days:avg", "amount:sum"])
        return {supplier: (days or 0.0, amount) for supplier, days, amount in groups}

    @api.model
    def _cron_refresh(self):
        """Make the rows of all companies anew."""
        for company in self.env["res.company"].sudo().search([]):
            self._refresh(company)

    @api.model
    def _refresh(self, company, suppliers=None):
        """Make the rows of a company's suppliers anew, in a number of queries that is fixed.

        :param suppliers: commercial partners; all suppliers of the programme if None
        """
        self = self.sudo().with_company(company)
        if suppliers is None:
            partners = self.env["res.partner"].with_context(active_test=False)
            suppliers = partners.search([("assist_supplier_kind", "!=", False)])
        lines = self.env["union.assist.statement"]._get_order_lines(company, suppliers)
        today = company._assist_today()
        accounts = self.env["union.assist.settlement"]._get_accounts(lines, {today})
        vals_list = []
        for line, (account, _snapshots) in accounts.items():
            for receipt, accepted_on, paid_on, amount in account.get_payments():
                vals_list.append(
                    {
                        "company_id": company.id,
                        "supplier_id": line.partner_id.commercial_partner_id.id,
                        "order_line_id": line.id,
                        "product_id": line.product_id.id,
                        "move_id": receipt,
                        "accepted_on": accepted_on,
                        "paid_on": paid_on,
                        "is_paid": bool(paid_on),
                        "amount": line.currency_id._convert(
                            amount, company.currency_id, company, paid_on or accepted_on
                        ),
                        "days": max(((paid_on or today) - accepted_on).days, 0),
                    }
                )
        self.search(
            [("company_id", "=", company.id), ("supplier_id", "in", suppliers.ids)]
        ).unlink()
        self.create(vals_list)
