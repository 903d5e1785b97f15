from odoo import fields, models
from odoo.tools import SQL


class UnionAssistAssortment(models.Model):
    """How many products each county has in each category, listed or not, zeros included.

    Rows are the counties with an assistance status today and those with products, times the
    categories in use: a zero is a gap of the assortment (均衡丰富产品).
    """

    _name = "union.assist.assortment"
    _description = "Assortment"
    _auto = False
    _order = "region_id, category_id"
    _rec_name = "region_id"

    catalogue_id = fields.Many2one("union.assist.catalogue", readonly=True)
    region_id = fields.Many2one("union.assist.region", "County", readonly=True)
    prefecture_id = fields.Many2one("union.assist.region", "City", readonly=True)
    category_id = fields.Many2one("product.category", readonly=True)
    has_status = fields.Boolean(
        "With Assistance Status", readonly=True, help="The county has an assistance status today."
    )
    listed_count = fields.Integer("Listed", readonly=True)
    out_count = fields.Integer("Not Listed", readonly=True)
    supplier_count = fields.Integer(
        "Suppliers",
        readonly=True,
        help="Suppliers with a product of this category and county.",
    )
    county_listed_count = fields.Integer(
        "Listed in the County",
        readonly=True,
        aggregator="max",
        help="Listed products of the county in all categories; 0 is a county with none.",
    )

    @property
    def _table_query(self):
        return SQL(
            """
            WITH product AS (
                SELECT entry.catalogue_id, entry.origin_id, entry.category_id, entry.supplier_id,
                       entry.listed
                  FROM union_assist_catalogue_entry entry
                  JOIN product_template template ON template.id = entry.product_tmpl_id
                 WHERE template.active
                   AND (entry.company_id IS NULL OR entry.company_id IN %(companies)s)
            ), county AS (
                SELECT region.id, region.parent_id, region.parent_path, EXISTS (
                           SELECT 1
                             FROM union_assist_region_status status
                            WHERE status.date_from <= %(today)s
                              AND (status.date_to IS NULL OR status.date_to >= %(today)s)
                              AND region.parent_path ~ ('(^|/)' || status.region_id || '/')
                       ) AS has_status
                  FROM union_assist_region region
                 WHERE region.level = 'county' AND region.active
            ), origin AS (
                -- Goods of a township or village are those of its county.
                SELECT region.id, county.id AS county_id
                  FROM union_assist_region region
                  JOIN county ON STARTS_WITH(region.parent_path, county.parent_path)
                 WHERE region.id IN (SELECT origin_id FROM product)
            ), counted AS (
                SELECT product.catalogue_id, origin.county_id, product.category_id,
                       COUNT(*) FILTER (WHERE product.listed) AS listed_count,
                       COUNT(*) FILTER (WHERE NOT product.listed) AS out_count,
                       COUNT(DISTINCT product.supplier_id) AS supplier_count
                  FROM product
                  JOIN origin ON origin.id = product.origin_id
                 GROUP BY product.catalogue_id, origin.county_id, product.category_id
            ), category AS (
                SELECT DISTINCT catalogue_id, category_id FROM product WHERE category_id IS NOT NULL
            )
            SELECT ROW_NUMBER() OVER (
                       ORDER BY category.catalogue_id, county.id, category.category_id
                   ) AS id,
                   category.catalogue_id,
                   county.id AS region_id,
                   county.parent_id AS prefecture_id,
                   category.category_id,
                   county.has_status,
                   COALESCE(counted.listed_count, 0) AS listed_count,
                   COALESCE(counted.out_count, 0) AS out_count,
                   COALESCE(counted.supplier_count, 0) AS supplier_count,
                   SUM(COALESCE(counted.listed_count, 0)) OVER (
                       PARTITION BY category.catalogue_id, county.id
                   )::integer AS county_listed_count
              FROM county
             CROSS JOIN category
              LEFT JOIN counted ON counted.county_id = county.id
                               AND counted.catalogue_id = category.catalogue_id
                               AND counted.category_id = category.category_id
             WHERE county.has_status OR county.id IN (SELECT county_id FROM counted)
            """,
            companies=tuple(self.env.companies.ids),
            today=self.env.company._assist_today(),
        )

    def action_view_entries(self):
        """Open the catalogue entries behind a figure."""
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "union_assist_catalog.action_catalogue_entry"
            ),
            "domain": [
                ("catalogue_id", "=", self.catalogue_id.id),
                ("origin_id", "child_of", self.region_id.id),
                ("category_id", "=", self.category_id.id),
            ],
            "context": {},
        }
