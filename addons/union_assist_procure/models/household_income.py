from odoo import fields, models
from odoo.tools import SQL


class UnionAssistHouseholdIncome(models.Model):
    """What a household earned through the programme, by source: one row for each document.

    Sales are the confirmed weigh tickets by their day and at their full amount: what an input
    advance repaid was earned too. Payments that are recorded on linkages make up the rest, by
    their mechanism: wages, dividends and rent, and other sales. A payment of a weigh ticket that
    is recorded on a linkage is in the ticket already and not counted again.
    """

    _name = "union.assist.household.income"
    _description = "Household Income"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "household_id"
    _depends = {
        "union.assist.weigh.ticket": [
            "amount",
            "company_id",
            "day",
            "deduction",
            "household_id",
            "paid_amount",
            "region_id",
            "state",
            "supplier_id",
        ],
        "union.assist.weigh.payment": ["linkage_payment_id"],
        "union.assist.linkage": ["currency_id", "household_id"],
        "union.assist.linkage.payment": [
            "amount",
            "date",
            "linkage_id",
            "mechanism_id",
            "region_id",
            "supplier_id",
        ],
        "union.assist.mechanism": ["kind"],
        "res.company": ["currency_id"],
    }

    date = fields.Date(readonly=True)
    household_id = fields.Many2one("union.assist.household", readonly=True)
    region_id = fields.Many2one("union.assist.region", "Place", readonly=True)
    supplier_id = fields.Many2one("res.partner", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    source = fields.Selection(
        [
            ("sale", "Sales"),
            ("wage", "Wages"),
            ("asset", "Dividends and Rent"),
        ],
        readonly=True,
    )
    amount = fields.Monetary("Income", readonly=True)
    deduction = fields.Monetary("Repaid Advances", readonly=True, help="Part of the income.")
    paid_amount = fields.Monetary("Paid Out", readonly=True)
    ticket_id = fields.Many2one("union.assist.weigh.ticket", readonly=True)
    linkage_payment_id = fields.Many2one("union.assist.linkage.payment", readonly=True)

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT ticket.id * 2 AS id, ticket.day AS date, ticket.household_id,
                   ticket.region_id, ticket.supplier_id, ticket.company_id, company.currency_id,
                   'sale' AS source, ticket.amount, ticket.deduction, ticket.paid_amount,
                   ticket.id AS ticket_id, NULL::int AS linkage_payment_id
              FROM union_assist_weigh_ticket AS ticket
              JOIN res_company AS company ON company.id = ticket.company_id
             WHERE ticket.state IN ('confirmed', 'paid')
         UNION ALL
            SELECT payment.id * 2 + 1, payment.date, linkage.household_id,
                   payment.region_id, payment.supplier_id, NULL::int, linkage.currency_id,
                   CASE mechanism.kind WHEN 'operating' THEN 'sale' ELSE mechanism.kind END,
                   payment.amount, 0, payment.amount, NULL::int, payment.id
              FROM union_assist_linkage_payment AS payment
              JOIN union_assist_linkage AS linkage ON linkage.id = payment.linkage_id
              JOIN union_assist_mechanism AS mechanism ON mechanism.id = payment.mechanism_id
             WHERE NOT EXISTS (
                   SELECT FROM union_assist_weigh_payment AS paid
                    WHERE paid.linkage_payment_id = payment.id)
            """
        )
