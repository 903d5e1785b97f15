from odoo import models

RECEIPT_FIELDS = frozenset(("product_uom", "purchase_line_id", "quantity", "state", "to_refund"))


class StockMove(models.Model):
    _inherit = "stock.move"

    def write(self, vals):
        result = super().write(vals)
        if RECEIPT_FIELDS & vals.keys():
            self._assist_sync_commitment()
        return result

    def _assist_sync_commitment(self):
        """What is received or returned may change what its order takes of the cap."""
        done = self.filtered(lambda move: move.state == "done" and move.purchase_line_id)
        if done:
            done.sudo().purchase_line_id.order_id._assist_sync_commitment(reason="receipt")
