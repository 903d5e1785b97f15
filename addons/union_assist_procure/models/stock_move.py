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

    # --------------------------------------------------
    # Settlement
    # --------------------------------------------------

    def _assist_get_settlement_kind(self):
        """Say whether a done move of an order is "received", "returned" or neither (``None``).

        As core counts the received quantity: what goes back in exchange changes nothing.
        """
        self.ensure_one()
        origin = self.origin_returned_move_id
        if self._is_purchase_return():
            return "returned" if self.to_refund or not origin else None
        if origin and origin._is_dropshipped():
            return "received" if self._is_dropshipped_returned() else None
        if origin and origin._is_purchase_return() and not self.to_refund:
            return None
        return "received"

    def _assist_get_receipt(self):
        """Return the move that brought the goods of this one in."""
        self.ensure_one()
        move, seen = self, self.browse()
        while move not in seen:
            seen |= move
            before = move.origin_returned_move_id
            if not before and not move.purchase_line_id:
                origins = move.move_orig_ids
                same = origins.filtered(lambda m: m.purchase_line_id == self.purchase_line_id)
                before = (same or origins)[:1]
            move = before or move
        return move
