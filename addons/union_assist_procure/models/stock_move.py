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

    def _assist_get_settlement_parts(self):
        """Say what done moves of orders are for the statement of account.

        Goods count as accepted when their receipt is done; where they are inspected first,
        the addon that inspects them says otherwise. What is accepted less what went back is
        what core calls received.

        :return: ``{move: [(kind, day of the company, quantity in the product's unit)]}``,
            kinds as of :class:`Movement`
        """
        parts = {}
        for move in self:
            kind = move._assist_get_settlement_kind()
            day = move._assist_get_day(move.date)
            quantity = move.product_uom._compute_quantity(
                move.quantity, move.product_id.uom_id, round=False
            )
            if kind:
                sign = 1 if kind == "received" else -1
                parts[move] = [(kind, day, quantity), ("accepted", day, sign * quantity)]
        return parts

    def _assist_get_day(self, moment):
        """Return the company's day of a moment in UTC."""
        return moment.astimezone(self.company_id._assist_get_zone()).date()

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
