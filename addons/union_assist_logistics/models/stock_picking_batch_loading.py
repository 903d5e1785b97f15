from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.scanned import read_code, read_number


class StockPickingBatch(models.Model):
    """Loading a route by scan, on the phone."""

    _inherit = "stock.picking.batch"

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
        code = "".join(read_code(code).split())
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
        quantity = read_number(quantity)
        if (
            quantity is None
            or line.product_uom_id.compare(quantity, 0) < 0
            or line.product_uom_id.compare(quantity, line.quantity) > 0
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
