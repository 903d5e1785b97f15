from collections import defaultdict
from contextvars import ContextVar

from odoo import fields, models
from odoo.exceptions import AccessError
from odoo.fields import Command

from .stock_quant import WITHOUT_HELD

# What the history of a lot is read from: of a finished move it stays as it is.
HISTORY_FIELDS = frozenset(("state", "picking_id", "product_id", "company_id", "is_inventory"))

#: Whether moves are being finished: unlike a key of the context, no client can say so.
_finishing = ContextVar("finishing", default=False)


class StockMove(models.Model):
    _inherit = "stock.move"

    # ------------------------------------------------------------------
    # Discrepancies of deliveries
    # ------------------------------------------------------------------
    assist_case_id = fields.Many2one(
        "union.assist.delivery.case",
        "Discrepancy",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="Which this return, or this delivery in place of goods, settles.",
    )

    # ------------------------------------------------------------------
    # Quality control
    # ------------------------------------------------------------------
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
        # Before any stock record is touched: in the order in which a hold takes its locks.
        self.move_line_ids.lot_id._assist_lock_for_moving()
        pickings = self.picking_id._assist_get_quality_steps()
        rejected = self._assist_split_rejected(pickings)
        token = _finishing.set(True)
        try:
            moves = super(StockMove, self | rejected)._action_done(
                cancel_backorder=cancel_backorder
            )
        finally:
            _finishing.reset(token)
        moves.move_line_ids._assist_check_quality()
        moves.move_line_ids._assist_check_hold()
        moves.move_line_ids._assist_check_arrival()
        moves.move_line_ids._assist_carry_out_rejections()
        self.env["union.assist.quality.inspection"]._sync_with_pickings(pickings)
        moves._assist_note_sales()
        return moves

    def write(self, vals):
        if "assist_case_id" in vals and not self.env.su:
            raise AccessError(
                self.env._("Which goods settle a discrepancy follows from its remedy.")
            )
        self._assist_check_history(vals)
        result = super().write(vals)
        if "partner_id" in vals:
            self.move_line_ids._assist_check_receivers()
        return result

    def _assist_check_history(self, vals):
        """Refuse to rewrite what became of lots: the gate counts what has moved.

        :raise AccessError: a move would be called done, or not done, without moving its goods
        """
        if self.env.su or not HISTORY_FIELDS & vals.keys():
            return
        changed = self.browse()
        for move in self:
            is_done = move.state == "done"
            if is_done:
                now = {name: move[name] for name in HISTORY_FIELDS & vals.keys()}
                if any(
                    (value.id if isinstance(value, models.BaseModel) else value) != vals[name]
                    for name, value in now.items()
                    if value or name == "is_inventory"
                ):
                    changed |= move
            elif vals.get("state") == "done" and not _finishing.get():
                changed |= move
        changed.move_line_ids._assist_refuse_history()

    def _assist_get_supplier(self):
        """Whom the goods of this receipt come from: of whom they were ordered, else who is named.

        :return: ``res.partner``, with elevated rights
        """
        self.ensure_one()
        move = self.sudo()
        partner = move.purchase_line_id.order_id.partner_id or move.picking_id.partner_id
        return partner.commercial_partner_id

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
        new_moves = self.browse()
        for move, rejected in lines._assist_take_rejected().items():
            new_moves |= move._assist_send_to_reject(rejected)
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

    # ------------------------------------------------------------------
    # Settlement: goods under a quality plan are accepted by decision
    # ------------------------------------------------------------------
    def _assist_get_settlement_kind(self):
        """Goods that replace rejected ones come in like others: the first were not accepted."""
        kind = super()._assist_get_settlement_kind()
        if kind or self._is_purchase_return():
            return kind
        sent_back = self.origin_returned_move_id.move_line_ids.location_id
        return "received" if any(sent_back.mapped("assist_is_reject")) else None

    def _assist_get_settlement_parts(self):
        """Count inspected goods as accepted when released or conceded, and not before.

        Until then they are pending. Rejected goods are in no other column, also when they go
        back: received = accepted + rejected + pending + returned.
        """
        parts = super()._assist_get_settlement_parts()
        receipts = self.browse(
            [move.id for move in parts if parts[move] and parts[move][0][0] == "received"]
        )
        inspected = receipts._assist_get_inspected()
        for move in parts:
            if move in inspected:
                parts[move] = move._assist_get_inspected_parts(*parts[move], inspected[move])
            elif parts[move][0][0] == "returned":
                is_inspected = move._assist_get_receipt() in inspected
                parts[move] = move._assist_get_returned_parts(*parts[move], is_inspected)
        return parts

    def _assist_get_returned_parts(self, returned, _accepted, is_inspected):
        """Return what this return is, by where the goods were when they left."""
        _kind, day, quantity = returned
        rejected = undecided = 0.0
        for line in self.move_line_ids:
            if line.location_id.assist_is_reject:
                rejected += line.quantity_product_uom
            elif is_inspected and line.location_id._assist_is_before_decision():
                undecided += line.quantity_product_uom
        parts = [
            ("returned", day, quantity - rejected),
            ("pending", day, -undecided),
            ("accepted", day, rejected + undecided - quantity),
        ]
        return [part for part in parts if not self.product_id.uom_id.is_zero(part[2])]

    def _assist_get_inspected_parts(self, received, _accepted, outcomes):
        """Return what this receipt is, of which some quantities are under inspection.

        :param outcomes: list of (kind, day or None for that of the receipt, quantity); kind is
            "inspected", "accepted", "rejected" or "withdrawn" (rejected after it was accepted)
        """
        _kind, day, quantity = received
        inspected = sum(part for kind, _day, part in outcomes if kind == "inspected")
        parts = [received]
        if self.product_id.uom_id.compare(quantity, inspected) > 0:
            parts.append(("accepted", day, quantity - inspected))
        for kind, decided_on, part in outcomes:
            decided_on = max(decided_on or day, day)
            if kind == "inspected":
                parts.append(("pending", day, part))
            elif kind == "withdrawn":
                parts += [("rejected", decided_on, part), ("accepted", decided_on, -part)]
            else:
                parts += [(kind, decided_on, part), ("pending", decided_on, -part)]
        return parts

    def _assist_get_inspected(self):
        """Return what became of these receipts in quality control.

        Decisions are about a lot in a quality step; where several receipts of the lot went
        through it, they are for what came first.

        :return: ``{move: outcomes}`` as :meth:`_assist_get_inspected_parts` takes them;
            receipts of which nothing is under inspection are missing
        """
        inspections = self.env["union.assist.quality.inspection"].sudo()
        lines = self.env["stock.move.line"].search_fetch(
            [("move_id", "in", self.ids), ("state", "=", "done"), ("lot_id", "!=", False)],
            ["lot_id", "move_id", "quantity_product_uom"],
            order="date, id",
        )
        if not lines:
            return {}
        held = defaultdict(float)  # by receipt and lot
        for line in lines:
            held[line.move_id, line.lot_id] += line.quantity_product_uom
        steps = {
            move: {
                (picking.assist_quality_root_id or picking)
                for picking in move.move_dest_ids.picking_id
            }
            for move in self
        }
        roots = self.env["stock.picking"].union(*(root for all in steps.values() for root in all))
        found = inspections.search(
            [
                ("lot_id", "in", lines.lot_id.ids),
                "|",
                ("origin_picking_id", "in", roots.ids),
                ("origin_picking_id", "=", False),
            ]
        )
        by_step = found.filtered("origin_picking_id").grouped(
            lambda inspection: (inspection.origin_picking_id, inspection.lot_id)
        )
        done = lines._assist_get_step_done(found.origin_picking_id)
        outcomes = defaultdict(list)
        for (root, lot), group in by_step.items():
            receipts = [
                (move, quantity)
                for (move, of_lot), quantity in held.items()
                if of_lot == lot and root in steps[move]
            ]
            for move, quantity in receipts:
                outcomes[move].append(("inspected", None, quantity))
            decided = [
                (
                    "rejected" if decision.kind == "rejected" else "accepted",
                    self._assist_get_decision_day(decision),
                    decision.quantity,
                )
                for decision in group.decision_ids.sorted("id")
            ]
            admitted = sum(part for kind, _day, part in decided if kind == "accepted")
            # A plan was withdrawn while the goods waited: they passed without a decision.
            passed = done[root, lot]["passed"] - admitted
            if lot.product_uom_id.compare(passed, 0.0) > 0:
                decided.append(("accepted", None, passed))
            self._assist_share_out(receipts, decided, outcomes)
        for inspection in found.filtered(lambda i: not i.origin_picking_id):
            rejected = inspection.decision_ids.filtered(lambda d: d.kind == "rejected")
            withdrawn = [
                ("withdrawn", self._assist_get_decision_day(decision), decision.quantity)
                for decision in rejected
            ]
            receipts = [pair for pair in held.items() if pair[0][1] == inspection.lot_id]
            receipts = [(move, quantity) for (move, _lot), quantity in reversed(receipts)]
            self._assist_share_out(receipts, withdrawn, outcomes)
        return outcomes

    @staticmethod
    def _assist_get_decision_day(decision):
        zone = decision.company_id._assist_get_zone()
        return decision.decided_on.astimezone(zone).date()

    @staticmethod
    def _assist_share_out(receipts, decided, outcomes):
        """Share decisions out over receipts, the first one first."""
        left = dict(receipts)
        for kind, day, quantity in decided:
            for move in left:
                part = min(quantity, left[move])
                if part > 0:
                    outcomes[move].append((kind, day, part))
                    left[move] -= part
                    quantity -= part

    # ------------------------------------------------------------------
    # Goods on hold
    # ------------------------------------------------------------------
    def _update_reserved_quantity_vals(self, need, location_id, *args, **kwargs):
        """Reserve nothing that is on hold, but for where it may go all the same.

        The quality step may reserve it too: held goods are inspected and decided where they are.
        """
        target = self.location_dest_id
        if not target._assist_takes_held() and not self.picking_id._assist_get_quality_steps():
            self = self.with_context(assist_gather=WITHOUT_HELD)
        return super()._update_reserved_quantity_vals(need, location_id, *args, **kwargs)
