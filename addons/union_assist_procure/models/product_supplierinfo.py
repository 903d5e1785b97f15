from odoo import fields, models


class ProductSupplierinfo(models.Model):
    _inherit = "product.supplierinfo"

    assist_lot_size = fields.Float(
        "Lot Size",
        digits="Product Unit",
        help="The vendor sells multiples of this quantity alone, in the vendor's unit;"
        " 0 for any quantity.",
    )

    _assist_lot_size_not_negative = models.Constraint(
        "CHECK (assist_lot_size IS NULL OR assist_lot_size >= 0)", "A lot size is not negative."
    )
