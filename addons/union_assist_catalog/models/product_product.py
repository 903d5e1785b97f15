from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.tools.barcode import get_barcode_check_digit

GTIN_LENGTHS = (8, 12, 13, 14)  # GS1 General Specifications


class ProductProduct(models.Model):
    _inherit = "product.product"

    @api.constrains("barcode")
    def _check_assist_gtin(self):
        """Refuse a number of assistance goods that has a GTIN's length and a wrong check digit."""
        for product in self.filtered("assist_supplier_id"):
            code = product.barcode or ""
            if len(code) not in GTIN_LENGTHS or not (code.isascii() and code.isdecimal()):
                continue
            digit = get_barcode_check_digit(code)
            if int(code[-1]) != digit:
                raise ValidationError(
                    self.env._(
                        "%(code)s is no valid GTIN of %(product)s: its last digit should be"
                        " %(digit)d. Compare it with the number on the package.",
                        code=code,
                        product=product.display_name,
                        digit=digit,
                    )
                )
