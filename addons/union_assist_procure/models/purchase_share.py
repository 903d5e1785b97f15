from odoo import api, fields, models
from odoo.tools import SQL

SIZES = [
    ("small", "Few Persons"),
    ("medium", "More Persons"),
    ("large", "Many Persons"),
    ("unknown", "Not Counted"),
]
USES = [
    ("1_low", "up to 25 %"),
    ("2_quarter", "25 to 50 %"),
    ("3_half", "50 to 75 %"),
    ("4_most", "75 to 100 %"),
    ("5_over", "above 100 %"),
    ("6_none", "No Cap"),
]


class UnionAssistPurchaseShare(models.Model):
    """What was bought from suppliers of the programme: a row for each line of confirmed orders.

    Amounts are without tax, as ordered, in the company's currency at the rate of the order; the
    day is that of the confirmation, in the company's time zone. Whoever has an order line on it
    is counted, whatever was delivered or sent back since.
    """

    _name = "union.assist.purchase.share"
    _description = "Share of Purchases"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "order_id"
    _depends = {
        "product.product": ["product_tmpl_id"],
        "product.template": ["categ_id"],
        "purchase.order": [
            "company_id",
            "currency_rate",
            "date_approve",
            "partner_id",
            "state",
        ],
        "purchase.order.line": ["order_id", "price_subtotal", "product_id"],
        "res.partner": ["assist_region_id", "assist_supplier_kind", "commercial_partner_id"],
        "union.assist.cap": ["committed"],
        "union.assist.cap.entry": ["cap_amount", "cap_id", "order_id", "persons"],
        "union.assist.parameter": ["code", "date_from", "date_to", "value"],
        "union.assist.region": ["level", "parent_path"],
    }

    date = fields.Date(readonly=True)
    order_id = fields.Many2one("purchase.order", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    supplier_id = fields.Many2one("res.partner", readonly=True)
    supplier_kind = fields.Selection(
        lambda self: (
            self.env["res.partner"]._fields["assist_supplier_kind"]._description_selection(self.env)
        ),
        readonly=True,
    )
    supplier_size = fields.Selection(
        SIZES,
        readonly=True,
        help="By the verified persons that the ledger noted with the order; from how many on a"
        " supplier is of the next size stands under Rule Values.",
    )
    persons = fields.Float(
        "Verified Persons",
        readonly=True,
        digits=(12, 2),
        aggregator="max",
        help="As the ledger noted them with the order.",
    )
    county_id = fields.Many2one("union.assist.region", "County", readonly=True)
    product_id = fields.Many2one("product.product", readonly=True)
    categ_id = fields.Many2one("product.category", "Product Category", readonly=True)
    cap_use = fields.Selection(
        USES,
        "Use of Cap",
        readonly=True,
        help="Of the caps that the order counts against: what is committed now, of the cap as it"
        " was at its last entry.",
    )
    amount = fields.Monetary("Amount without Tax", readonly=True)

    @property
    def _table_query(self):
        day = self.env.company._assist_today()
        parameters = self.env["union.assist.parameter"]
        companies = self.env["res.company"].sudo().search([])
        return SQL(
            """
            WITH noted AS (
                SELECT DISTINCT ON (order_id) order_id, persons
                  FROM union_assist_cap_entry
                 WHERE order_id IS NOT NULL
              ORDER BY order_id, id DESC
            ), last_entry AS (
                SELECT DISTINCT ON (cap_id) cap_id, cap_amount
                  FROM union_assist_cap_entry
              ORDER BY cap_id, id DESC
            ), used AS (
                SELECT member.order_id,
                       sum(cap.committed) / NULLIF(sum(last_entry.cap_amount), 0) AS rate
                  FROM (SELECT DISTINCT order_id, cap_id
                          FROM union_assist_cap_entry
                         WHERE order_id IS NOT NULL) member
                  JOIN union_assist_cap cap ON cap.id = member.cap_id
                  JOIN last_entry ON last_entry.cap_id = cap.id
              GROUP BY member.order_id
            )
            SELECT line.id,
                   (COALESCE(po.date_approve, po.create_date)
                       AT TIME ZONE 'UTC' AT TIME ZONE zone.name)::date AS date,
                   po.id AS order_id,
                   po.company_id,
                   company.currency_id,
                   supplier.id AS supplier_id,
                   supplier.assist_supplier_kind AS supplier_kind,
                   CASE WHEN noted.persons IS NULL THEN 'unknown'
                        WHEN noted.persons >= %(large)s THEN 'large'
                        WHEN noted.persons >= %(medium)s THEN 'medium'
                        ELSE 'small'
                   END AS supplier_size,
                   noted.persons,
                   COALESCE(county.id, place.id) AS county_id,
                   line.product_id,
                   template.categ_id,
                   CASE WHEN used.rate IS NULL THEN '6_none'
                        WHEN used.rate <= 0.25 THEN '1_low'
                        WHEN used.rate <= 0.5 THEN '2_quarter'
                        WHEN used.rate <= 0.75 THEN '3_half'
                        WHEN used.rate <= 1 THEN '4_most'
                        ELSE '5_over'
                   END AS cap_use,
                   line.price_subtotal / COALESCE(NULLIF(po.currency_rate, 0), 1) AS amount
              FROM purchase_order_line line
              JOIN purchase_order po ON po.id = line.order_id
              JOIN res_company company ON company.id = po.company_id
              JOIN unnest(%(companies)s, %(zones)s) AS zone (company_id, name)
                   ON zone.company_id = company.id
              JOIN res_partner vendor ON vendor.id = po.partner_id
              JOIN res_partner supplier ON supplier.id = vendor.commercial_partner_id
              JOIN product_product product ON product.id = line.product_id
              JOIN product_template template ON template.id = product.product_tmpl_id
         LEFT JOIN union_assist_region place ON place.id = supplier.assist_region_id
         LEFT JOIN union_assist_region county
                   ON county.level = 'county' AND place.parent_path LIKE county.parent_path || '%%'
         LEFT JOIN noted ON noted.order_id = po.id
         LEFT JOIN used ON used.order_id = po.id
             WHERE po.state = 'purchase' AND supplier.assist_supplier_kind IS NOT NULL
            """,
            companies=companies.ids,
            zones=[str(company._assist_get_zone()) for company in companies],
            medium=parameters._get_value("supplier_size_medium", day),
            large=parameters._get_value("supplier_size_large", day),
        )

    @api.model
    def _get_amounts(self, field, company, date_from, date_to):
        """Return what was ordered in a period by ``supplier_id`` or ``county_id``.

        :return: ``{record: amount}``; those without an order do not appear
        """
        groups = self._read_group(
            [
                ("company_id", "=", company.id),
                ("date", ">=", date_from),
                ("date", "<=", date_to),
            ],
            [field],
            ["amount:sum"],
        )
        return dict(groups)

    @api.model
    def _get_unserved(self, company, date_from, date_to):
        """Return who got nothing: admitted, with room under a cap of the period, and no order.

        :return: ``res.partner``; suppliers that no policy gives a cap are not among them
        """
        caps = self.env["union.assist.cap"].search(
            [
                ("company_id", "=", company.id),
                ("date_from", "<=", date_to),
                ("date_to", ">=", date_from),
            ]
        )
        open_caps = caps.filtered(
            lambda cap: cap.currency_id.compare_amounts(cap.remaining, 0.0) > 0
        )
        admitted = open_caps.supplier_id.filtered(
            lambda supplier: supplier.assist_admission_state == "admitted"
        )
        served = self._get_amounts("supplier_id", company, date_from, date_to)
        return admitted - self.env["res.partner"].union(*served)
