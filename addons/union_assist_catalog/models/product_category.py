from odoo import api, fields, models


class ProductCategory(models.Model):
    _inherit = "product.category"

    assist_goods_class_id = fields.Many2one(
        "union.assist.goods.class",
        "Goods Class",
        index="btree_not_null",
        ondelete="restrict",
        help="Decides which documents these goods need. Empty: that of the parent category.",
    )
    assist_effective_goods_class_id = fields.Many2one(
        "union.assist.goods.class",
        "Effective Goods Class",
        compute="_compute_assist_effective_goods_class_id",
        store=True,
        recursive=True,
        help="Its own goods class, or the one it inherits from its parent categories.",
    )

    @api.depends("assist_goods_class_id", "parent_id.assist_effective_goods_class_id")
    def _compute_assist_effective_goods_class_id(self):
        for category in self:
            category.assist_effective_goods_class_id = (
                category.assist_goods_class_id or category.parent_id.assist_effective_goods_class_id
            )

    def write(self, vals):
        result = super().write(vals)
        if {"assist_goods_class_id", "parent_id"} & vals.keys():
            self.env["union.assist.catalogue"]._mark_stale()
        return result
