from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command

# What a route says about itself: kept by loading and departing, never by hand.
ROUTE_FIELDS = frozenset(
    {"assist_departed_at", "assist_departed_by_id", "assist_finished_at", "assist_loading_ids"}
)


class StockPickingBatch(models.Model):
    """Routes (送货路线): a batch of deliveries that leaves on one vehicle.

    Deliveries to the same address are one drop. A route is loaded carton by carton and departs
    when all is on it, or it is said where the rest went; departing is what finishes its
    deliveries in stock.
    """

    _inherit = "stock.picking.batch"
    _assist_kept_fields = ROUTE_FIELDS

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
