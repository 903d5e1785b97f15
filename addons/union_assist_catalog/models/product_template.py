from odoo import fields, models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    assist_origin_id = fields.Many2one(
        "union.assist.region",
        "Place of Origin",
        index="btree_not_null",
        ondelete="restrict",
        help="County where the goods are grown or made.",
    )
