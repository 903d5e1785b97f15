from odoo import api, fields, models


class Vehicle(models.Model):
    """A vehicle that deliveries leave on: one's own, or one that a carrier always sends."""

    _name = "union.assist.vehicle"
    _description = "Delivery Vehicle"
    _inherit = ["mail.thread"]
    _order = "name"
    _check_company_auto = True

    name = fields.Char("Licence Plate", required=True, tracking=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    carrier_id = fields.Many2one(
        "res.partner", check_company=True, help="Empty: the company's own vehicle."
    )
    driver = fields.Char(tracking=True)
    driver_phone = fields.Char()
    user_id = fields.Many2one(
        "res.users",
        "Driver's User",
        check_company=True,
        help="Who opens the driver's page of this vehicle's routes first.",
    )
    capacity_weight = fields.Float("Capacity (kg)", digits="Stock Weight", tracking=True)
    capacity_volume = fields.Float("Capacity (m³)", digits="Volume", tracking=True)
    cold_chain = fields.Boolean(
        "Refrigerated", tracking=True, help="May carry goods that must be kept cool."
    )
    note = fields.Text("Notes")
    route_count = fields.Integer(compute="_compute_route_count", compute_sudo=True)

    _name_unique = models.UniqueIndex(
        "(company_id, name)", "This licence plate is in the list already."
    )
    _capacity_not_negative = models.Constraint(
        "CHECK (capacity_weight >= 0 AND capacity_volume >= 0)",
        "The capacity of a vehicle is not below zero; 0 says that it is not known.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._tidy(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._tidy(vals))

    @api.model
    def _tidy(self, vals):
        """Write plates as they are printed: ``陕a·12 345`` is ``陕A·12345``."""
        if vals.get("name"):
            vals = {**vals, "name": "".join(vals["name"].split()).upper()}
        return vals

    def copy_data(self, default=None):
        vals_list = super().copy_data(default=default)
        for vehicle, vals in zip(self, vals_list, strict=True):
            if "name" not in (default or {}):
                vals["name"] = self.env._("%(plate)s(COPY)", plate=vehicle.name)
        return vals_list

    def _compute_route_count(self):
        counts = dict(
            self.env["stock.picking.batch"]._read_group(
                [("assist_vehicle_id", "in", self.ids)], ["assist_vehicle_id"], ["__count"]
            )
        )
        for vehicle in self:
            vehicle.route_count = counts.get(vehicle._origin, 0)

    def action_view_routes(self):
        """Open the routes of this vehicle."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "union_assist_logistics.action_delivery_route"
        )
        action["domain"] = [("assist_vehicle_id", "=", self.id)]
        action["context"] = {
            "default_assist_is_route": True,
            "default_assist_vehicle_id": self.id,
        }
        return action
