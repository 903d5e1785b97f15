from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.tools import SQL

# What a route says about itself: kept by loading and departing, never by hand.
ROUTE_FIELDS = frozenset(
    {"assist_departed_at", "assist_departed_by_id", "assist_finished_at", "assist_loading_ids"}
)
#: A device may run ahead of the server by so many minutes.
CLOCK_MINUTES = 5


class StockPickingBatch(models.Model):
    """Routes (送货路线): a batch of deliveries that leaves on one vehicle.

    Deliveries to the same address are one drop. A route is loaded carton by carton and departs
    when all is on it, or it is said where the rest went; departing is what finishes its
    deliveries in stock.
    """

    _inherit = "stock.picking.batch"

    assist_is_route = fields.Boolean("Delivery Route", readonly=True, index=True)
    assist_route_state = fields.Selection(
        [
            ("draft", "Draft"),
            ("loading", "Loading"),
            ("departed", "Departed"),
            ("done", "Done"),
            ("cancel", "Cancelled"),
        ],
        "Route State",
        compute="_compute_assist_route_state",
        store=True,
        index=True,
        tracking=True,
    )
    assist_date = fields.Date("Delivery Day", tracking=True, copy=False, index="btree_not_null")
    assist_vehicle_id = fields.Many2one(
        "union.assist.vehicle",
        "Vehicle",
        check_company=True,
        tracking=True,
        index="btree_not_null",
    )
    assist_carrier_id = fields.Many2one(
        "res.partner",
        "Carrier",
        compute="_compute_assist_vehicle",
        store=True,
        readonly=False,
        check_company=True,
        tracking=True,
        help="Company that carries the goods, where it is not your own vehicle.",
    )
    assist_waybill = fields.Char("Waybill", copy=False, help="The carrier's number.")
    assist_plate = fields.Char(
        "Licence Plate", compute="_compute_assist_vehicle", store=True, readonly=False
    )
    assist_driver = fields.Char(
        "Driver", compute="_compute_assist_vehicle", store=True, readonly=False
    )
    assist_driver_phone = fields.Char(
        "Driver's Phone", compute="_compute_assist_vehicle", store=True, readonly=False
    )
    assist_departed_at = fields.Datetime("Departed At", readonly=True, copy=False)
    assist_departed_by_id = fields.Many2one("res.users", "Sent Off By", readonly=True, copy=False)
    assist_finished_at = fields.Datetime("Back At", readonly=True, copy=False)
    assist_overload_reason = fields.Char("Reason for Overload", readonly=True, copy=False)
    assist_loading_ids = fields.One2many("union.assist.loading", "route_id", "Loaded", copy=False)
    assist_temperature_ids = fields.One2many(
        "union.assist.temperature", "route_id", "Temperatures", copy=False
    )
    assist_drop_count = fields.Integer("Drops", compute="_compute_assist_load")
    assist_carton_count = fields.Integer("Cartons", compute="_compute_assist_load")
    assist_loaded_count = fields.Integer("Cartons Loaded", compute="_compute_assist_load")
    assist_load_weight = fields.Float(
        "Load (kg)", compute="_compute_assist_load", digits="Stock Weight"
    )
    assist_load_volume = fields.Float("Load (m³)", compute="_compute_assist_load", digits="Volume")
    assist_weight_share = fields.Float("Weight Used", compute="_compute_assist_load")
    assist_volume_share = fields.Float("Volume Used", compute="_compute_assist_load")
    assist_cold_chain = fields.Boolean("Cold Chain", compute="_compute_assist_load")
    assist_warning = fields.Text("Warning", compute="_compute_assist_load")

    # -- computed ------------------------------------------------------------------------

    @api.depends("state", "assist_is_route", "assist_departed_at", "assist_finished_at")
    def _compute_assist_route_state(self):
        for batch in self:
            if not batch.assist_is_route:
                batch.assist_route_state = False
            elif batch.assist_finished_at:
                batch.assist_route_state = "done"
            elif batch.assist_departed_at:
                batch.assist_route_state = "departed"
            elif batch.state == "cancel":
                batch.assist_route_state = "cancel"
            else:
                batch.assist_route_state = "draft" if batch.state == "draft" else "loading"

    @api.depends("assist_vehicle_id")
    def _compute_assist_vehicle(self):
        for batch in self:
            vehicle = batch.assist_vehicle_id
            if vehicle:
                batch.assist_plate = vehicle.name
                batch.assist_driver = vehicle.driver
                batch.assist_driver_phone = vehicle.driver_phone
                batch.assist_carrier_id = vehicle.carrier_id
            else:
                batch.assist_plate = batch.assist_plate
                batch.assist_driver = batch.assist_driver
                batch.assist_driver_phone = batch.assist_driver_phone
                batch.assist_carrier_id = batch.assist_carrier_id

    @api.depends(
        "picking_ids.partner_id",
        "picking_ids.move_line_ids.quantity",
        "picking_ids.move_line_ids.result_package_id",
        "assist_vehicle_id",
        "assist_loading_ids.taken_off",
    )
    def _compute_assist_load(self):
        for batch in self:
            lines = batch._assist_get_lines()
            cartons = lines.result_package_id
            weight, volume = lines._assist_get_load()
            loaded = batch.assist_loading_ids.filtered(lambda loading: not loading.taken_off)
            vehicle = batch.assist_vehicle_id
            batch.assist_drop_count = len(
                {picking._assist_get_drop_key() for picking in batch.picking_ids}
            )
            batch.assist_carton_count = len(cartons)
            batch.assist_loaded_count = len(loaded.package_id & cartons._origin)
            batch.assist_load_weight, batch.assist_load_volume = weight, volume
            batch.assist_weight_share = (
                100 * weight / vehicle.capacity_weight if vehicle.capacity_weight else 0
            )
            batch.assist_volume_share = (
                100 * volume / vehicle.capacity_volume if vehicle.capacity_volume else 0
            )
            batch.assist_cold_chain = bool(lines.product_id._assist_get_temperature_limits())
            batch.assist_warning = "\n".join(batch._assist_get_warnings()) or False

    def _assist_get_overload(self):
        """Return texts that say by how much this route is too heavy or too large."""
        self.ensure_one()
        vehicle, texts = self.assist_vehicle_id, []
        if self.assist_weight_share > 100:
            texts.append(
                self.env._(
                    "The load of %(load).0f kg is above what %(vehicle)s carries"
                    " (%(capacity).0f kg).",
                    load=self.assist_load_weight,
                    vehicle=vehicle.name,
                    capacity=vehicle.capacity_weight,
                )
            )
        if self.assist_volume_share > 100:
            texts.append(
                self.env._(
                    "The load of %(load).1f m³ is above what %(vehicle)s holds"
                    " (%(capacity).1f m³).",
                    load=self.assist_load_volume,
                    vehicle=vehicle.name,
                    capacity=vehicle.capacity_volume,
                )
            )
        return texts

    def _assist_get_warnings(self):
        self.ensure_one()
        texts = self._assist_get_overload()
        if (
            self.assist_cold_chain
            and self.assist_vehicle_id
            and not (self.assist_vehicle_id.cold_chain)
        ):
            texts.append(
                self.env._(
                    "Goods of this route must be kept cool; %(vehicle)s is not refrigerated.",
                    vehicle=self.assist_vehicle_id.name,
                )
            )
        return texts

    # -- creating and changing -------------------------------------------------------------

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        if values.get("assist_is_route"):
            values.setdefault("assist_date", self.env.company._assist_today())
            if "picking_type_id" in fields and not values.get("picking_type_id"):
                warehouse = self.env.user._get_default_warehouse_id()
                values["picking_type_id"] = warehouse.out_type_id.id
        return values

    @api.model_create_multi
    def create(self, vals_list):
        self._check_route_fields(*vals_list)
        for vals in vals_list:
            if vals.get("assist_is_route") and vals.get("name", "New") in ("New", "/"):
                company = self.env["res.company"].browse(vals.get("company_id")) or self.env.company
                sequence = self.env["ir.sequence"].sudo().with_company(company)
                vals["name"] = sequence.next_by_code("union.assist.delivery.route")
                vals.setdefault("assist_date", company._assist_today())
        batches = super().create(vals_list)
        batches._assist_number_stops()
        return batches

    def write(self, vals):
        self._check_route_fields(vals)
        gone = self.filtered(lambda batch: batch.assist_departed_at)
        if gone and ({"picking_ids", "assist_vehicle_id", "picking_type_id"} & vals.keys()):
            raise UserError(
                self.env._(
                    "%(routes)s left already: what was on the vehicle cannot be changed.",
                    routes=", ".join(gone.mapped("name")),
                )
            )
        result = super().write(vals)
        if "picking_ids" in vals:
            self._assist_number_stops()
        return result

    def _check_route_fields(self, *vals_list):
        if not self.env.su and any(ROUTE_FIELDS & vals.keys() for vals in vals_list):
            raise AccessError(
                self.env._("What is loaded and when a route left is noted by the loading screen.")
            )

    @api.constrains("assist_is_route", "picking_type_id", "picking_ids")
    def _check_assist_route(self):
        for batch in self.filtered("assist_is_route"):
            if batch.picking_type_id and batch.picking_type_id.code != "outgoing":
                raise ValidationError(
                    self.env._("A route takes deliveries, not %s.", batch.picking_type_id.name)
                )

    # -- stops ------------------------------------------------------------------------------

    def _assist_get_drops(self):
        """Return the drops in their order: a list of the deliveries of each."""
        self.ensure_one()
        drops = {}
        pickings = self.picking_ids.filtered(lambda picking: picking.state != "cancel")
        for picking in pickings.sorted(
            lambda picking: (picking.assist_stop or 10**6, picking._origin.id)
        ):
            drops[picking._assist_get_drop_key()] = (
                drops.get(picking._assist_get_drop_key(), self.env["stock.picking"]) | picking
            )
        return list(drops.values())

    def _assist_number_stops(self):
        """Number the drops 1, 2, 3 … in the order that they have."""
        for batch in self.filtered("assist_is_route"):
            for number, pickings in enumerate(batch._assist_get_drops(), 1):
                pickings.filtered(
                    lambda picking, number=number: picking.assist_stop != number
                ).assist_stop = number

    def action_propose_stops(self):
        """Order the drops by province, postal code, town and street; say so in the chatter."""
        self.ensure_one()
        self.check_access("write")
        self._check_assist_open()
        drops = self._assist_get_drops()
        drops.sort(key=lambda pickings: pickings[0]._assist_get_place())
        for number, pickings in enumerate(drops, 1):
            pickings.assist_stop = number
        without = [
            pickings[0].partner_id.display_name
            for pickings in drops
            if not pickings[0].partner_id.zip
        ]
        message = self.env._(
            "%(count)s drops ordered by province, postal code, town and street.", count=len(drops)
        )
        if without:
            message += " " + self.env._(
                "Without a postal code, and so last in their province: %(names)s.",
                names=", ".join(without),
            )
        self.message_post(body=message)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "title": self.env._("Order proposed"),
                "message": message,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _check_assist_open(self):
        for batch in self:
            if batch.assist_route_state not in ("draft", "loading"):
                raise UserError(
                    self.env._("%(route)s left already, or is cancelled.", route=batch.name)
                )

    # -- on the way ----------------------------------------------------------------------

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

    def _check_assist_temperature(self):
        """Refuse to leave with goods of the cold chain whose temperature nobody measured."""
        if self.assist_cold_chain and not any(
            reading.stage == "loading" for reading in self.assist_temperature_ids
        ):
            raise UserError(
                self.env._(
                    "%(route)s carries goods that must be kept cool: measure and record their"
                    " temperature at loading first.",
                    route=self.name,
                )
            )

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

    # -- loading -----------------------------------------------------------------------------

    def _assist_lock(self):
        """Make others that load or send off this route at the same moment wait, then start over.

        Who comes second fails to serialize and is replayed on what the first one left.
        """
        self.env.cr.execute(
            SQL("UPDATE stock_picking_batch SET is_wave = is_wave WHERE id IN %s", tuple(self.ids))
        )

    def _assist_get_lines(self):
        """Return what this route takes: the reserved goods of its deliveries."""
        return self.picking_ids.move_line_ids.filtered(
            lambda line: (
                line.state not in ("cancel", "draft")
                and not line.product_uom_id.is_zero(line.quantity)
                and line.location_dest_id.usage != "inventory"
            )
        )

    def _assist_get_missing(self):
        """Return ``{move line: quantity in its unit}`` of what is not loaded yet."""
        self.ensure_one()
        loaded = self.assist_loading_ids.filtered(lambda loading: not loading.taken_off)
        packages = loaded.package_id
        quantities = {loading.move_line_id: loading.quantity for loading in loaded}
        missing = {}
        for line in self._assist_get_lines():
            if line.result_package_id:
                left = 0.0 if line.result_package_id in packages else line.quantity
            else:
                left = line.quantity - min(line.quantity, quantities.get(line, 0.0))
            if not line.product_uom_id.is_zero(left):
                missing[line] = left
        return missing

    def action_open_loading(self):
        """Open the phone screen that loads this route by scan."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.client",
            "tag": "union_assist_logistics.loading_screen",
            "name": self.env._("Loading %(route)s", route=self.name),
            "context": {"active_id": self.id},
            "params": {"route_id": self.id},
        }

    def action_open_driver(self):
        """Open the driver's page of this route."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.client",
            "tag": "union_assist_logistics.driver_screen",
            "name": self.name,
            "context": {"active_id": self.id},
            "params": {"route_id": self.id},
        }

    @api.model
    def assist_get_open_routes(self, stage):
        """Return the routes that the loading (``loading``) or driver's screen lists.

        Routes of one's own vehicles and tasks come first.
        """
        states = ("draft", "loading") if stage == "loading" else ("loading", "departed")
        routes = self.search(
            [
                ("assist_is_route", "=", True),
                ("assist_route_state", "in", states),
                ("company_id", "=", self.env.company.id),
            ],
            order="assist_date, id",
            limit=80,
        )
        routes = routes.sorted(
            lambda route: self.env.user not in (route.user_id | route.assist_vehicle_id.user_id)
        )
        names = dict(self._fields["assist_route_state"]._description_selection(self.env))
        return [
            {
                "id": route.id,
                "name": route.name,
                "state_name": names[route.assist_route_state],
                "date": fields.Date.to_string(route.assist_date) or "",
                "vehicle": route.assist_plate or route.assist_carrier_id.name or "",
                "driver": route.assist_driver or "",
                "summary": self.env._(
                    "%(drops)s drops, %(cartons)s cartons",
                    drops=route.assist_drop_count,
                    cartons=route.assist_carton_count,
                ),
            }
            for route in routes
        ]

    def assist_get_loading(self):
        """Return what the loading and the driver's screen show of this route.

        No prices; of a private person the name and address only.
        """
        self.ensure_one()
        self.check_access("read")
        loaded = self.assist_loading_ids.filtered(lambda loading: not loading.taken_off)
        by_package = {loading.package_id: loading for loading in loaded if loading.package_id}
        by_line = {loading.move_line_id: loading for loading in loaded if loading.move_line_id}
        drops = []
        for number, pickings in enumerate(self._assist_get_drops(), 1):
            drops.append(
                {
                    **pickings[0]._assist_get_drop_values(),
                    "stop": number,
                    "partner_id": pickings[0].partner_id.id,
                    "deliveries": [picking.name for picking in pickings],
                    **self._assist_get_drop_goods(pickings, by_package, by_line),
                }
            )
        return {
            "id": self.id,
            "name": self.name,
            "state": self.assist_route_state,
            "state_name": dict(
                self._fields["assist_route_state"]._description_selection(self.env)
            ).get(self.assist_route_state, ""),
            "date": fields.Date.to_string(self.assist_date) or "",
            "vehicle": self.assist_plate or self.assist_carrier_id.name or "",
            "driver": self.assist_driver or "",
            "warning": self.assist_warning or "",
            "cold_chain": self.assist_cold_chain,
            "temperature": self._assist_get_reading("loading"),
            "drops": drops,
        }

    def _assist_get_drop_goods(self, pickings, by_package, by_line):
        """Return cartons and loose goods of a drop, and what it weighs."""
        lines = self._assist_get_lines().filtered(lambda line: line.picking_id in pickings)
        cartons = [
            {
                "id": package.id,
                "name": package.name,
                "sscc": package.assist_sscc or "",
                "content": lines.filtered(
                    lambda line, package=package: line.result_package_id == package
                )._assist_name_goods(),
                **self._assist_get_loading_values(by_package.get(package)),
            }
            for package in lines.result_package_id
        ]
        loose = [
            {
                "id": line.id,
                "content": line.product_id.display_name,
                "lot": line.lot_id.name or "",
                "quantity": line.quantity,
                "unit": line.product_uom_id.name,
                **self._assist_get_loading_values(by_line.get(line)),
            }
            for line in lines
            if not line.result_package_id
        ]
        weight, volume = lines._assist_get_load()
        limits = lines.product_id._assist_get_temperature_limits()
        return {
            "cartons": cartons,
            "loose": loose,
            "weight": round(weight, 1),
            "volume": round(volume, 2),
            "cold": bool(limits),
            "limits": limits,
            "temperature": self._assist_get_reading("handover", pickings[0].partner_id),
        }

    def _assist_get_loading_values(self, loading):
        if not loading:
            return {"loading_id": False, "loaded": 0.0, "by": "", "at": ""}
        return {
            "loading_id": loading.id,
            "loaded": loading.quantity,
            "by": loading.sudo().loaded_by_id.name,
            "at": fields.Datetime.context_timestamp(
                self.with_context(tz=str(self.company_id._assist_get_zone())), loading.loaded_at
            ).strftime("%H:%M"),
        }

    def _assist_get_reading(self, stage, partner=None):
        reading = self.assist_temperature_ids.filtered(
            lambda reading: (
                reading.stage == stage and (partner is None or reading.partner_id == partner)
            )
        )[:1]
        return (
            {"value": reading.value, "within": reading.within, "reason": reading.reason or ""}
            if reading
            else False
        )

    def assist_scan(self, key, code, moment=None):
        """Load the carton of a scanned code.

        :param key: identifies this scan; the same key again has no further effect
        :param code: SSCC (18 digits, also behind ``00`` or ``(00)``) or name of a package
        :param moment: when it was scanned, in UTC; now where it is missing or in the future
        :return: ``{"result": …, "message": …}``; result is loaded, already, foreign, unknown,
            unready, held or closed
        """
        self._assist_begin_loading()
        known = self._assist_get_repeated(key)
        if known:
            return self._assist_answer(
                "loaded", self.env._("%(carton)s is loaded.", carton=known.package_id.name or "")
            )
        if self.assist_route_state != "loading":
            return self._assist_answer(
                "closed", self.env._("%(route)s is not being loaded.", route=self.name)
            )
        package = self._assist_find_packages(code)
        if not package:
            return self._assist_answer(
                "unknown", self.env._("No carton has the code %(code)s.", code=str(code)[:40])
            )
        lines = self._assist_get_lines().filtered(
            lambda line: line.result_package_id and line.result_package_id in package
        )
        if not lines:
            return self._assist_refuse_foreign(package)
        return self._assist_load_packages(key, lines, moment)

    def _assist_find_packages(self, code):
        """Return the packages that a scanned code means: a carton, or all on a pallet.

        :param code: an SSCC of 18 digits, also behind its identifier ``00``, or a name
        """
        Package = self.env["stock.package"]
        code = "".join(str(code or "").split())
        digits = code.removeprefix("]C1").replace("(00)", "00", 1)
        if len(digits) == 20 and digits.isdigit() and digits.startswith("00"):
            digits = digits[2:]
        if not code:
            return Package
        domain = Domain("name", "in", [code, digits]) | Domain("assist_sscc", "=", digits)
        packages = Package.search(
            domain & Domain("company_id", "in", [self.company_id.id, False]), order="id desc"
        )
        return packages | packages.all_children_package_ids | packages.child_package_dest_ids

    def _assist_load_packages(self, key, lines, moment):
        present = self.assist_loading_ids.filtered(lambda loading: not loading.taken_off)
        cartons = lines.result_package_id - present.package_id
        if not cartons:
            first = present.filtered(lambda loading: loading.package_id in lines.result_package_id)[
                :1
            ]
            values = self._assist_get_loading_values(first)
            return self._assist_answer(
                "already",
                self.env._(
                    "%(carton)s was loaded by %(user)s at %(time)s.",
                    carton=first.package_id.name,
                    user=values["by"],
                    time=values["at"],
                ),
            )
        lines = lines.filtered(lambda line: line.result_package_id in cartons)
        refusal = self._assist_get_refusal(lines)
        if refusal:
            return refusal
        self._assist_note_loading(
            [
                {
                    "picking_id": part[:1].picking_id.id,
                    "package_id": package.id,
                    "product_names": part._assist_name_goods(),
                    "quantity": 1.0,
                    "key": key if not index else f"{key}/{index}",
                }
                for index, (package, part) in enumerate(lines.grouped("result_package_id").items())
            ],
            moment,
        )
        stop = lines[:1].picking_id.assist_stop
        return self._assist_answer(
            "loaded",
            self.env._(
                "%(carton)s for stop %(stop)s, %(unit)s.",
                carton=", ".join(cartons.mapped("name")),
                stop=stop,
                unit=lines[:1].picking_id.partner_id.commercial_partner_id.name or "",
            ),
        )

    def assist_load_loose(self, key, line_id, quantity, moment=None):
        """Note how much of goods without a carton is on the vehicle now.

        :param line_id: the delivery's line
        :param quantity: in the unit of the line; 0 takes all off again
        :return: as :meth:`assist_scan`
        """
        self._assist_begin_loading()
        if self._assist_get_repeated(key):
            return self._assist_answer("loaded", self.env._("The goods are loaded."))
        if self.assist_route_state != "loading":
            return self._assist_answer(
                "closed", self.env._("%(route)s is not being loaded.", route=self.name)
            )
        line = self._assist_get_lines().filtered(
            lambda line: line.id == line_id and not line.result_package_id
        )
        if not line:
            return self._assist_answer(
                "foreign", self.env._("These goods are not on this route, or are in a carton.")
            )
        quantity = float(quantity)
        if line.product_uom_id.compare(quantity, 0) < 0 or (
            line.product_uom_id.compare(quantity, line.quantity) > 0
        ):
            return self._assist_answer(
                "refused",
                self.env._(
                    "%(goods)s: load between 0 and %(quantity)s %(unit)s.",
                    goods=line.product_id.display_name,
                    quantity=line.quantity,
                    unit=line.product_uom_id.name,
                ),
            )
        refusal = self._assist_get_refusal(line)
        if refusal:
            return refusal
        self.assist_loading_ids.filtered(lambda loading: loading.move_line_id == line)._take_off()
        self._assist_note_loading(
            [
                {
                    "picking_id": line.picking_id.id,
                    "move_line_id": line.id,
                    "product_names": line._assist_name_goods(),
                    "quantity": quantity,
                    "key": key,
                    "taken_off": line.product_uom_id.is_zero(quantity),
                }
            ],
            moment,
        )
        return self._assist_answer(
            "loaded", self.env._("%(goods)s is loaded.", goods=line.product_id.display_name)
        )

    def assist_take_off(self, loading_id):
        """Take a loaded carton off the vehicle again.

        :return: as :meth:`assist_scan`
        """
        self._assist_begin_loading()
        if self.assist_route_state != "loading":
            return self._assist_answer(
                "closed", self.env._("%(route)s is not being loaded.", route=self.name)
            )
        loading = self.assist_loading_ids.filtered(lambda loading: loading.id == loading_id)
        loading._take_off()
        return self._assist_answer(
            "off",
            self.env._("%(goods)s is off the vehicle.", goods=loading.package_id.name or ""),
        )

    def _assist_begin_loading(self):
        self.ensure_one()
        self.check_access("write")
        if not self.assist_is_route:
            raise UserError(self.env._("%(batch)s is no delivery route.", batch=self.name))
        self._assist_lock()

    def _assist_get_repeated(self, key):
        if not isinstance(key, str) or not 8 <= len(key) <= 64:
            raise ValidationError(self.env._("A scan needs a key of 8 to 64 characters."))
        return self.assist_loading_ids.filtered(lambda loading: loading.key == key)

    def _assist_note_loading(self, vals_list, moment):
        now = fields.Datetime.now()
        try:
            moment = min(fields.Datetime.to_datetime(moment) or now, now)
        except (ValueError, TypeError):
            moment = now
        self.env["union.assist.loading"].sudo().create(
            [
                {
                    **vals,
                    "route_id": self.id,
                    "loaded_at": moment,
                    "loaded_by_id": self.env.uid,
                }
                for vals in vals_list
            ]
        )
        self.invalidate_recordset(["assist_loading_ids"])

    def _assist_answer(self, result, message):
        return {"result": result, "message": message}

    def _assist_get_refusal(self, lines):
        """Return why these goods may not be loaded, or nothing."""
        unready = lines.picking_id.filtered(lambda picking: picking.state != "assigned")
        if unready:
            return self._assist_answer(
                "unready",
                self.env._(
                    "%(deliveries)s is not ready to leave.",
                    deliveries=", ".join(unready.mapped("name")),
                ),
            )
        try:
            lines._assist_check_hold()
        except UserError as error:
            return self._assist_answer("held", str(error))
        return None

    def _assist_refuse_foreign(self, package):
        """Say where a carton belongs that is not on this route."""
        lines = self.env["stock.move.line"].search(
            Domain("result_package_id", "in", package.ids)
            & Domain("picking_id.picking_type_code", "=", "outgoing")
            & Domain("company_id", "=", self.company_id.id),
            order="id desc",
        )
        name = package[:1].name
        open_lines = lines.filtered(lambda line: line.state not in ("done", "cancel"))
        if not open_lines and lines.filtered(lambda line: line.state == "done"):
            return self._assist_answer(
                "gone", self.env._("%(carton)s left the warehouse already.", carton=name)
            )
        picking = open_lines[:1].picking_id
        if not picking:
            return self._assist_answer(
                "unready", self.env._("%(carton)s is packed for no delivery yet.", carton=name)
            )
        return self._assist_answer(
            "foreign",
            self.env._(
                "%(carton)s belongs to %(route)s (%(delivery)s, %(unit)s). Put it back.",
                carton=name,
                route=(
                    picking.batch_id.name
                    if picking.batch_id.assist_is_route
                    else self.env._("no route")
                ),
                delivery=picking.name,
                unit=picking.partner_id.commercial_partner_id.name or "",
            ),
        )

    # -- cold chain ------------------------------------------------------------------------

    def assist_record_temperature(self, key, stage, value, partner_id=None, reason=None):
        """Record a temperature of goods that must be kept cool.

        :param stage: ``loading`` (of the whole load) or ``handover`` (of one drop)
        :param value: in °C
        :param partner_id: receiving address, for a handover
        :param reason: why goods out of their limits go on all the same
        :return: ``{"result": "recorded" or "refused", "message": …}``; refused without reason
        """
        self._assist_begin_loading()
        if self.assist_temperature_ids.filtered(lambda reading: reading.key == key):
            return self._assist_answer("recorded", self.env._("The temperature is recorded."))
        expected = {"loading": "loading", "departed": "handover"}.get(self.assist_route_state)
        if stage != expected:
            return self._assist_answer(
                "closed",
                self.env._(
                    "Temperatures are recorded at loading, and after departure at handover."
                ),
            )
        lines = self._assist_get_lines()
        partner = self.env["res.partner"]
        if stage == "handover":
            lines = lines.filtered(lambda line: line.picking_id.partner_id.id == partner_id)
            partner = lines.picking_id.partner_id[:1]
        limits = lines.product_id._assist_get_temperature_limits()
        if not limits:
            return self._assist_answer("closed", self.env._("None of these goods must be cooled."))
        value, (low, high) = float(value), limits
        within = low <= value <= high
        reason = (reason or "").strip()
        if not within and not reason:
            return self._assist_answer(
                "refused",
                self.env._(
                    "%(value).1f °C is outside %(low).1f to %(high).1f °C. Do not go on, or say"
                    " why.",
                    value=value,
                    low=low,
                    high=high,
                ),
            )
        self.env["union.assist.temperature"].sudo().create(
            {
                "route_id": self.id,
                "stage": stage,
                "partner_id": partner.id,
                "value": value,
                "minimum": low,
                "maximum": high,
                "within": within,
                "reason": reason or False,
                "user_id": self.env.uid,
                "measured_at": fields.Datetime.now(),
                "key": key,
            }
        )
        return self._assist_answer("recorded", self.env._("The temperature is recorded."))

    # -- views -------------------------------------------------------------------------------

    def action_view_loadings(self):
        """Open what was loaded on this route, by whom and when."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "union.assist.loading",
            "view_mode": "list",
            "domain": [("route_id", "=", self.id)],
            "name": self.env._("Loaded Goods"),
        }

    def action_print_notes(self):
        """Print the delivery notes of this route in the order of its stops."""
        self.ensure_one()
        pickings = self.env["stock.picking"].concat(*self._assist_get_drops())
        if not pickings:
            raise UserError(self.env._("%(route)s has no deliveries.", route=self.name))
        return self.env.ref("union_assist_logistics.action_report_delivery_note").report_action(
            pickings.ids, config=False
        )

    def action_add_ready(self):
        """Choose from the deliveries that are ready and on no route."""
        self.ensure_one()
        self._check_assist_open()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "union_assist_logistics.action_delivery_to_route"
        )
        action["context"] = {"assist_route_id": self.id, "search_default_assist_no_route": 1}
        action["domain"] = [
            ("picking_type_code", "=", "outgoing"),
            ("state", "=", "assigned"),
            ("company_id", "=", self.company_id.id),
            ("batch_id", "!=", self.id),
        ]
        if self.picking_type_id:
            action["domain"].append(("picking_type_id", "=", self.picking_type_id.id))
        return action

    def _assist_add(self, pickings):
        """Put deliveries on this route, behind its other stops."""
        self.ensure_one()
        self._check_assist_open()
        self.write({"picking_ids": [Command.link(picking.id) for picking in pickings]})
