from odoo import models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Datetime

from ..tools.driver_sheet import Sheet, Stop, render_sheets


class DriverSheetReport(models.AbstractModel):
    """Gathers what driver's sheets (司机派送单) say: stops, loads and hours, no prices."""

    _name = "report.union_assist_logistics.report_driver_sheet"
    _description = "Driver's Sheet"

    def _render_pdf(self, docids, data=None):
        """Print the sheets of these routes as one PDF.

        :raise AccessError: when the user may not read one of the routes
        :raise UserError: when one is no route, or has no stops
        """
        if not (self.env.su or self.env.user._is_internal()):
            raise AccessError(self.env._("Only employees may print driver's sheets."))
        routes = self.env["stock.picking.batch"].browse(docids)
        routes.check_access("read")
        others = routes.filtered(lambda route: not (route.assist_is_route and route.picking_ids))
        if others or not routes:
            raise UserError(
                self.env._(
                    "A driver's sheet needs a route with stops: %(names)s.",
                    names=", ".join(others.mapped("name")),
                )
            )
        fonts = self.env["ir.actions.report"]._assist_load_fonts()
        labels = self._get_labels()
        title = routes.name if len(routes) == 1 else self.env._("Driver's Sheets")
        return render_sheets((self._get_sheet(route, labels) for route in routes), fonts, title)

    def _get_sheet(self, route, labels):
        zone = route.company_id._assist_get_zone()
        local = route.with_context(tz=str(zone))
        drops = route._assist_get_drops()
        return Sheet(
            title=self.env._("Driver's Sheet"),
            company=route.company_id.name,
            number=route.name,
            labels=labels,
            date=str(route.assist_date or ""),
            vehicle=route.assist_plate or "",
            driver=route.assist_driver or "",
            phone=route.assist_driver_phone or "",
            carrier=route.assist_carrier_id.name or "",
            waybill=route.assist_waybill or "",
            departed=self._get_moment(local, route.assist_departed_at),
            total=self.env._(
                "%(drops)s drops, %(deliveries)s deliveries, %(cartons)s cartons, %(weight).1f kg,"
                " %(volume).2f m³",
                drops=len(drops),
                deliveries=len(route.picking_ids),
                cartons=route.assist_carton_count,
                weight=route.assist_load_weight,
                volume=route.assist_load_volume,
            ),
            warning=(route.assist_warning or "").replace("\n", " "),
            mark=self.env._("Printed %(moment)s", moment=self._get_moment(local, Datetime.now())),
            stops=[self._get_stop(number, drop, route) for number, drop in enumerate(drops, 1)],
        )

    def _get_moment(self, record, moment):
        if not moment:
            return ""
        return Datetime.context_timestamp(record, moment).strftime("%Y-%m-%d %H:%M")

    def _get_stop(self, number, pickings, route):
        values = pickings[0]._assist_get_drop_values()
        lines = route._assist_get_lines().filtered(lambda line: line.picking_id in pickings)
        weight, _volume = lines._assist_get_load()
        load = []
        cartons = lines.result_package_id
        if cartons:
            load.append(self.env._("%(count)s cartons", count=len(cartons)))
        loose = lines.filtered(lambda line: not line.result_package_id)
        for uom, part in loose.grouped("product_uom_id").items():
            load.append(f"{sum(part.mapped('quantity')):g} {uom.name}")
        load.append(f"{weight:.1f} kg")
        limits = lines.product_id._assist_get_temperature_limits()
        return Stop(
            number=str(number),
            unit=values["unit"],
            address=values["address"],
            contact=" ".join(filter(None, [values["contact"], values["phone"]])),
            deliveries=[
                " ".join(filter(None, [picking.assist_note_number or picking.name]))
                for picking in pickings
            ],
            load=load,
            window=values["window"],
            temperature=f"{limits[0]:g}–{limits[1]:g} °C" if limits else "",
        )

    def _get_labels(self):
        return {
            "date": self.env._("Delivery Day: "),
            "vehicle": self.env._("Vehicle: "),
            "driver": self.env._("Driver: "),
            "phone": self.env._("Phone: "),
            "carrier": self.env._("Carrier: "),
            "waybill": self.env._("Waybill: "),
            "departed": self.env._("Departed: "),
            "stop": self.env._("Stop"),
            "receiver": self.env._("Receiving Unit, Address, Contact"),
            "deliveries": self.env._("Delivery Notes"),
            "load": self.env._("Load"),
            "window": self.env._("Receives Goods"),
            "temperature": self.env._("Measured: "),
            "signature": self.env._("Receiver (sign, time)"),
            "total": self.env._("Total: "),
            "continued": self.env._("(continued on next page)"),
            "loader": self.env._("Loaded by: "),
            "driver_sign": self.env._("Driver (signature): "),
            # Filled in page by page.
            "page": self.env._("Page %(page)s of %(pages)s"),
        }
