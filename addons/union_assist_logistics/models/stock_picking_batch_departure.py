from collections import defaultdict

from odoo import fields, models
from odoo.exceptions import UserError


class StockPickingBatch(models.Model):
    """The way of a route: confirmed, departed, back."""

    _inherit = "stock.picking.batch"

    def action_confirm(self):
        """Begin to load a route: it must have a vehicle or carrier, and goods that are ready."""
        if not self.assist_is_route:
            return super().action_confirm()
        self.ensure_one()
        if not (self.assist_vehicle_id or self.assist_carrier_id):
            raise UserError(
                self.env._("%(route)s: choose a vehicle or a carrier first.", route=self.name)
            )
        unready = self.picking_ids.filtered(lambda picking: picking.state != "assigned")
        if unready:
            raise UserError(
                self.env._(
                    "These deliveries are not ready: %(names)s. Pick and pack their goods, or take"
                    " them off the route.",
                    names=", ".join(unready.mapped("name")),
                )
            )
        result = super().action_confirm()
        self._assist_number_stops()
        return result

    def action_done(self):
        """Validate; a route departs instead."""
        if self.assist_is_route:
            return self.action_depart()
        return super().action_done()

    def action_cancel(self):
        gone = self.filtered(lambda batch: batch.assist_departed_at)
        if gone:
            raise UserError(
                self.env._(
                    "%(routes)s left already: return what comes back.",
                    routes=", ".join(gone.mapped("name")),
                )
            )
        return super().action_cancel()

    def action_depart(self):
        """Send the vehicle off; ask first about what is missing or too much.

        :return: an action, or True
        """
        self.ensure_one()
        self.check_access("write")
        if self.assist_route_state != "loading":
            raise UserError(self.env._("%(route)s is not being loaded.", route=self.name))
        self._check_assist_temperature()
        missing = self._assist_get_missing()
        if missing or self._assist_get_overload():
            return {
                "type": "ir.actions.act_window",
                "name": self.env._("Depart"),
                "res_model": "union.assist.depart",
                "view_mode": "form",
                "views": [(False, "form")],
                "target": "new",
                "context": {"default_route_id": self.id},
            }
        self._assist_depart()
        return True

    def _assist_depart(self, places=None):
        """Finish the deliveries with what is loaded, and note that the vehicle left.

        :param places: ``{move line: (route or empty, reason)}`` where the rest goes
        :raise UserError: when something is neither loaded nor in ``places``, or a delivery
            may not leave
        """
        self.ensure_one()
        places = places or {}
        self._assist_lock()
        self._check_assist_temperature()
        missing = self._assist_get_missing()
        unexplained = [line for line in missing if line not in places]
        if unexplained:
            raise UserError(
                self.env._(
                    "Not loaded, and not said where it goes: %(goods)s.",
                    goods=", ".join(line._assist_name_goods() for line in unexplained),
                )
            )
        self._assist_post_missing(missing, places)
        self.picking_ids.filtered(lambda picking: picking.state == "cancel").batch_id = False
        lines = self._assist_get_lines()
        staying = lines.picking_id.filtered(
            lambda picking: all(
                missing.get(line) == line.quantity
                for line in lines.filtered(lambda line: line.picking_id == picking)
            )
        )
        leaving = self.picking_ids.filtered(lambda picking: picking.state != "cancel") - staying
        if not leaving:
            raise UserError(self.env._("Nothing is loaded on %(route)s.", route=self.name))
        # Where a delivery that stays whole goes.
        homes = {}
        for line, (route, _reason) in places.items():
            homes.setdefault(line.picking_id, route)
        for picking in staying:
            picking.batch_id = homes.get(picking)
        for line in lines.filtered(lambda line: line.picking_id in leaving):
            loaded = line.quantity - missing.get(line, 0.0)
            if line.product_uom_id.compare(loaded, line.quantity):
                if line.product_uom_id.is_zero(loaded):
                    line.picked = False
                    continue
                line.quantity = loaded
            line.picked = True
        moment = fields.Datetime.now()
        self.sudo().write({"assist_departed_at": moment, "assist_departed_by_id": self.env.uid})
        leaving.write({"assist_vehicle": self.assist_plate, "assist_driver": self.assist_driver})
        leaving.move_ids.filtered(
            lambda move: (
                move.state not in ("done", "cancel")
                and not any(move.move_line_ids.mapped("picked"))
            )
        ).picked = False
        before = leaving.backorder_ids
        leaving.with_context(
            skip_backorder=True, skip_sms=True, batches_to_validate=self.ids
        ).button_validate()
        kept = leaving.filtered(lambda picking: picking.state != "done")
        if kept:
            raise UserError(
                self.env._(
                    "These deliveries may not leave as they are: %(names)s. Validate one by itself"
                    " to see why (lots past their removal date, waiting decisions …), or take it"
                    " off the route.",
                    names=", ".join(kept.mapped("name")),
                )
            )
        for backorder in leaving.backorder_ids - before:
            route = homes.get(backorder.backorder_id)
            if route:
                backorder.batch_id = route
        leaving._assist_mark_departed(moment)
        self.message_post(
            body=self.env._(
                "Departed with %(deliveries)s deliveries for %(drops)s drops.",
                deliveries=len(leaving),
                drops=len(self._assist_get_drops()),
            )
        )

    def _assist_post_missing(self, missing, places):
        """Write into the deliveries why goods were left behind."""
        bodies = defaultdict(list)
        for line in missing:
            route, reason = places[line]
            bodies[line.picking_id].append(
                self.env._(
                    "%(goods)s goes with %(other)s: %(reason)s",
                    goods=line._assist_name_goods(),
                    other=route.name,
                    reason=reason,
                )
                if route
                else self.env._(
                    "%(goods)s stays for a later delivery: %(reason)s",
                    goods=line._assist_name_goods(),
                    reason=reason,
                )
            )
        for picking, texts in bodies.items():
            picking.message_post(
                body=self.env._(
                    "Left behind by %(route)s. %(goods)s",
                    route=self.name,
                    goods=" · ".join(texts),
                )
            )

    def action_finish(self):
        """Note that the vehicle is back; handover temperatures must be complete."""
        for batch in self:
            batch.check_access("write")
            if batch.assist_route_state != "departed":
                raise UserError(self.env._("%(route)s is not on its way.", route=batch.name))
            measured = batch.assist_temperature_ids.filtered(
                lambda reading: reading.stage == "handover"
            ).partner_id
            unmeasured = [
                pickings[0].partner_id.display_name
                for pickings in batch._assist_get_drops()
                if pickings.move_line_ids.product_id._assist_get_temperature_limits()
                and pickings[0].partner_id not in measured
            ]
            if unmeasured:
                raise UserError(
                    self.env._(
                        "The temperature at handover is missing for: %(names)s.",
                        names=", ".join(unmeasured),
                    )
                )
        self.sudo().write({"assist_finished_at": fields.Datetime.now()})
        return True
