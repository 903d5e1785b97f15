from odoo import api, models


class StockMoveLine(models.Model):
    _inherit = "stock.move.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.move_id._assist_sync_commitment()
        return lines

    def write(self, vals):
        result = super().write(vals)
        if "quantity" in vals or "product_uom_id" in vals:
            self.move_id._assist_sync_commitment()
        return result
