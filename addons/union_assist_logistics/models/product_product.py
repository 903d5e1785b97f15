from odoo import models


class ProductProduct(models.Model):
    _inherit = "product.product"

    def _assist_get_temperature_limits(self):
        """Return the (lowest, highest) temperature that suits all of these, or nothing.

        In °C; empty where none of the goods belongs to the cold chain.
        """
        cold = self.filtered("assist_cold_chain")
        if not cold:
            return ()
        return max(cold.mapped("assist_temperature_min")), min(
            cold.mapped("assist_temperature_max")
        )
