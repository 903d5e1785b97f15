from odoo import fields, models


class UnionAssistGoodsClass(models.Model):
    _inherit = "union.assist.goods.class"

    cold_chain = fields.Boolean(
        help="Goods of this class are kept at these temperatures; a product with limits of its own"
        " goes by those."
    )
    temperature_min = fields.Float("Kept At Least (°C)", digits=(16, 1))
    temperature_max = fields.Float("Kept At Most (°C)", digits=(16, 1))

    _temperature_ordered = models.Constraint(
        "CHECK (cold_chain IS NOT TRUE OR COALESCE(temperature_min, 0) < "
        "COALESCE(temperature_max, 0))",
        "A goods class of the cold chain needs a lowest temperature below the highest.",
    )
