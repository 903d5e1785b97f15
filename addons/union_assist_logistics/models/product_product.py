from odoo import models


class ProductProduct(models.Model):
    _inherit = "product.product"

    def _assist_get_temperature_limits(self):
        """Return the (lowest, highest) temperature that suits all of these, or nothing.

        In °C; empty where none of the goods belongs to the cold chain.
        """
        limits = [
            found
            for product in self
            if (found := product.product_tmpl_id._assist_get_temperatures())
        ]
        if not limits:
            return ()
        lowest, highest = zip(*limits, strict=True)
        return max(lowest), min(highest)
