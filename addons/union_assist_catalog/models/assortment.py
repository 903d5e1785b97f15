from odoo import api, fields, models
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
    product_count = fields.Integer("Products", readonly=True)
    supplier_count = fields.Integer(
        "Suppliers", readonly=True, help="Suppliers with a product in this category and county."
    )
    county_listed_count = fields.Integer(
        "Listed in the County",
        readonly=True,
        aggregator="max",
        help="Listed products of the county in all categories; 0 is a county with none.",
    )

    @property
    def _table_query(self):
        # The day is that of the current company, as everywhere.
        return SQL(
            """
            WITH county AS (
                SELECT region.id,
                       region.parent_id,
                       EXISTS (
                           SELECT 1
                             FROM union_assist_region_status status
                            WHERE region.parent_path LIKE '%%/' || status.region_id || '/%%'
                               OR region.parent_path LIKE status.region_id || '/%%'
                       ) AS has_status
                  FROM union_assist_region region
                 WHERE region.level = 'county' AND region.active
            )
            SELECT 1
            """
        )
