from collections import defaultdict

from odoo import models
from odoo.fields import Command


class StockMove(models.Model):
    _inherit = "stock.move"

    def _action_assign(self, force_qty=False):
        result = super()._action_assign(force_qty=force_qty)
        self.env["union.assist.quality.inspection"]._sync_with_pickings(
            self.picking_id._assist_get_quality_steps()
        )
        return result

    def _action_cancel(self):
        pickings = self.picking_id._assist_get_quality_steps()
        result = super()._action_cancel()
        self.env["union.assist.quality.inspection"]._sync_with_pickings(pickings)
        return result

    def _action_done(self, cancel_backorder=False):
        """Set rejected goods apart, and let nothing pass that is not decided.

        This is the rule itself: every way of finishing a transfer ends here. What the user
        sees before is in ``stock.picking._pre_action_done_hook``.
        """
        pickings = self.picking_id._assist_get_quality_steps()
        rejected = self._assist_split_rejected(pickings)
        moves = super(StockMove, self | rejected)._action_done(cancel_backorder=cancel_backorder)
        moves.move_line_ids._assist_check_quality()
        self.env["union.assist.quality.inspection"]._sync_with_pickings(pickings)
        moves._assist_note_sales()
        return moves

    def _assist_note_sales(self):
        """Note on assistance goods that reached a customer that they are not idle."""
        sold = self.filtered(
            lambda move: move.state == "done" and move.location_dest_id.usage == "customer"
        )
        for company, moves in sold.grouped("company_id").items():
            moves.product_id.product_tmpl_id._assist_mark_sold(company._assist_today())

    def _assist_split_rejected(self, pickings):
        """Send the rejected part of what these moves carry to the Reject location.

        Pushing on to stock works per move: changing the destination of a move line alone
        would still push the whole quantity, so the rejected part gets a move of its own.

        :param pickings: the quality steps among the moves' transfers
        :return: the new moves, to be done together with these
        """
        todo = self.filtered(
            lambda move: move.picking_id in pickings and move.state not in ("done", "cancel")
        )
        if not todo:
            return self.browse()
        todo.filtered(lambda move: move.state == "draft")._action_confirm(merge=False)
        lines = todo.move_line_ids.filtered(
            lambda line: line.picked and line.lot_id and line.quantity > 0
        )
        left = lines._assist_get_rejected_left()
        rejected_lines = defaultdict(self.env["stock.move.line"].browse)
        for line in lines:
            root = line.picking_id.assist_quality_root_id or line.picking_id
            key = (root, line.lot_id)
            if line.location_dest_id.assist_is_reject:
                left[key] -= line.quantity_product_uom
                rejected_lines[line.move_id] |= line
                continue
            quantity = min(left[key], line.quantity_product_uom)
            if line.product_id.uom_id.compare(quantity, 0.0) > 0:
                left[key] -= quantity
                rejected_lines[line.move_id] |= line._assist_split(quantity)
        new_moves = self.browse()
        for move, lines in rejected_lines.items():
            new_moves |= move._assist_send_to_reject(lines)
        return new_moves

    def _assist_send_to_reject(self, lines):
        """Give rejected move lines of this move a move to the Reject location.

        :return: the new move, empty when the whole move went there
        """
        self.ensure_one()
        reject = self.picking_id.picking_type_id.warehouse_id._assist_get_reject_location()
        total = sum(lines.mapped("quantity_product_uom"))
        move, new_move = self, self.browse()
        if self.product_id.uom_id.compare(total, self.product_qty) < 0:
            [vals] = self._split(total)
            new_move = move = self.create({**vals, "move_dest_ids": [], "state": "assigned"})
            lines.write({"move_id": move.id})
        move.write(
            {
                "location_dest_id": reject.id,
                "location_final_id": reject.id,
                "move_dest_ids": [Command.clear()],
            }
        )
        # Rejected goods leave the package that goes on.
        lines.write(
            {"location_dest_id": reject.id, "result_package_id": False, "is_entire_pack": False}
        )
        return new_move
