import math
from collections import defaultdict

from odoo import models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _prepare_qty_delivered(self):
        """Bill what was received: take off what receivers reported, until it is remedied.

        Without cases of deliveries nothing changes.
        """
        delivered = super()._prepare_qty_delivered()
        moved = self.filtered(
            lambda line: line.qty_delivered_method == "stock_move" and delivered[line] > 0
        )
        for line, held in moved._assist_get_held(delivered).items():
            delivered[line] = max(line.product_uom_id.round(delivered[line] - held), 0.0)
        return delivered

    def _assist_get_held(self, delivered):
        """Return ``{line: quantity not to be billed}``, in the unit of each line."""
        held = defaultdict(float)
        lines = self._origin
        if not lines:
            return held
        cases = (
            self.env["union.assist.delivery.case"]
            .sudo()
            .search([("sale_line_id", "in", lines.ids), ("held_qty", ">", 0)])
        )
        of_origin = {line._origin: line for line in self}
        parts = defaultdict(float)
        for case in cases:
            parts[case.sale_line_id, case.move_id, case.uom_id] += case.held_qty
        for (origin, move, uom), quantity in parts.items():
            line = of_origin[origin]
            ordered = line._assist_to_ordered(move, quantity, uom, delivered[line])
            if move.product_id == line.product_id:
                held[line] += ordered
            else:
                # A set that lacks two of its parts is one set that is not complete.
                held[line] = max(held[line], ordered)
        return held

    def _assist_to_ordered(self, move, quantity, uom, delivered=None):
        """Return a quantity of what a move brought in the unit of the order.

        Parts of a kit count as the sets that they spoil, whole ones.

        :param delivered: sets delivered so far; read from the line where it is not given
        """
        self.ensure_one()
        if move.product_id == self.product_id:
            return uom._compute_quantity(quantity, self.product_uom_id, round=False)
        parts = self.move_ids.filtered(
            lambda other: (
                other.product_id == move.product_id
                and other.state == "done"
                and other.location_dest_id.usage == "customer"
            )
        )
        sent = sum(parts.mapped("product_qty"))
        sets = self.product_uom_qty if delivered is None else delivered
        if not sent or not sets:
            return 0.0
        lost = uom._compute_quantity(quantity, move.product_id.uom_id, round=False)
        return float(math.ceil(lost / (sent / sets) - 1e-6))

    def _assist_touch_delivered(self):
        """Count the delivered quantity of these lines anew, and what follows from it."""
        self.env.add_to_compute(self._fields["qty_delivered"], self)
        self.modified(["qty_delivered"])
