from odoo import api, models

from ..tools.caps import committed_quantity
from ..tools.settlement import Movement

COMMITMENT_FIELDS = frozenset(
    (
        "discount",
        "order_id",
        "price_unit",
        "product_id",
        "product_qty",
        "product_uom_id",
        "qty_received",
        "qty_received_manual",
        "tax_ids",
    )
)


class PurchaseOrderLine(models.Model):
    _inherit = "purchase.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        orders = lines.order_id.filtered(lambda order: order.state == "purchase")
        orders._assist_check_obstacles(orders._get_assist_ordered(without=lines))
        orders._assist_sync_commitment()
        return lines

    def write(self, vals):
        if not COMMITMENT_FIELDS & vals.keys():
            return super().write(vals)
        orders = self.order_id | self.env["purchase.order"].browse(vals.get("order_id") or ())
        with orders._assist_settling():
            return super().write(vals)

    def unlink(self):
        orders = self.order_id.filtered(lambda order: order.state == "purchase")
        result = super().unlink()
        orders._assist_sync_commitment()
        return result

    def _get_assist_quantity(self):
        """Return the quantity, in the line's unit, that counts against the supplier's cap."""
        self.ensure_one()
        returned = sum(
            move.product_uom._compute_quantity(
                move.quantity, self.product_uom_id, rounding_method="HALF-UP"
            )
            for move in self._get_po_line_moves()
            if move.state == "done"
            and move._is_purchase_return()
            and (move.to_refund or not move.origin_returned_move_id)
        )
        return committed_quantity(self.product_qty, self.qty_received, returned)

    # --------------------------------------------------
    # Settlement: what was accepted, and at which price
    # --------------------------------------------------

    def _assist_get_movements(self):
        """Return what happened to the goods of these lines, in the lines' units.

        Days are those of the company. Goods count as accepted when their receipt is done;
        where they are inspected first, the addon that inspects them says otherwise. What is
        accepted less what went back is what core calls received.

        :return: list of :class:`Movement`, in no particular order
        """
        moves = (
            self.env["stock.move"]
            .sudo()
            .search([("purchase_line_id", "in", self.ids), ("state", "=", "done")])
            .filtered(lambda m: m.product_id == m.purchase_line_id.product_id and m.quantity)
        )
        return [
            Movement(
                move.purchase_line_id.id,
                move._assist_get_receipt().id,
                day,
                kind,
                move.product_id.uom_id._compute_quantity(
                    quantity, move.purchase_line_id.product_uom_id, rounding_method="HALF-UP"
                ),
            )
            for move, parts in moves._assist_get_settlement_parts().items()
            for kind, day, quantity in parts
        ]

    def _assist_get_taxed_price(self):
        """Return the price of one unit with discount and taxes, in the order's currency."""
        self.ensure_one()
        taxes = self.tax_ids.with_context(round_base=False)
        return taxes.compute_all(
            self.price_unit_discounted,
            currency=self.currency_id,
            quantity=1.0,
            product=self.product_id,
            rounding_method="round_globally",
        )["total_included"]
