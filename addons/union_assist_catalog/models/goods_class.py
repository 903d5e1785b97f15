from odoo import fields, models


class UnionAssistGoodsClass(models.Model):
    """A class of goods as food rules tell them apart: what documents goods need follows from it.

    Set on product categories, whose subcategories and products inherit it.
    """

    _name = "union.assist.goods.class"
    _description = "Goods Class"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, copy=False, help="By which rules and imports know the class.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    description = fields.Text(translate=True, help="Which goods belong to it, and which do not.")
    rule_ids = fields.One2many("union.assist.document.rule", "goods_class_id", "Documents Needed")
    category_ids = fields.One2many(
        "product.category", "assist_goods_class_id", "Product Categories"
    )

    _code_unique = models.UniqueIndex("(code)", "A goods class with this code exists already.")
