from odoo import fields, models


class UnionAssistProductImage(models.Model):
    """A further picture of an assistance product, beside its main one."""

    _name = "union.assist.product.image"
    _inherit = ["image.mixin"]
    _description = "Product Picture"
    _order = "sequence, id"

    name = fields.Char(translate=True, help="What the picture shows.")
    sequence = fields.Integer(default=10)
    product_tmpl_id = fields.Many2one(
        "product.template", required=True, index=True, ondelete="cascade"
    )
    image_1920 = fields.Image(required=True)
