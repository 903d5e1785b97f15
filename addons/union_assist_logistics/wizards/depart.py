from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class Depart(models.TransientModel):
    """Asks, before a vehicle leaves, where goods go that are not on it."""

    _name = "union.assist.depart"
    _description = "Departure of a Route"

    route_id = fields.Many2one("stock.picking.batch", required=True, readonly=True)
    company_id = fields.Many2one(related="route_id.company_id")
    line_ids = fields.One2many("union.assist.depart.line", "depart_id", "Not Loaded")
    overload = fields.Text(compute="_compute_overload")
    overload_reason = fields.Char("Reason for Leaving with It")

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        route = self.env["stock.picking.batch"].browse(values.get("route_id"))
        if route and "line_ids" in fields:
            route.check_access("read")
            values["line_ids"] = [
                Command.create(
                    {
                        "move_line_id": line.id,
                        "quantity": quantity,
                    }
                )
                for line, quantity in route._assist_get_missing().items()
            ]
        return values

    @api.depends("route_id")
    def _compute_overload(self):
        for depart in self:
            depart.overload = "\n".join(depart.route_id._assist_get_overload()) or False

    def action_confirm(self):
        """Depart, with what is missing going where it was said."""
        self.ensure_one()
        route = self.route_id
        route.check_access("write")
        if route.assist_route_state != "loading":
            raise UserError(self.env._("%(route)s is not being loaded.", route=route.name))
        if self.overload and not (self.overload_reason or "").strip():
            raise UserError(
                self.env._(
                    "%(overload)s Unload some, or say why it leaves.", overload=self.overload
                )
            )
        unexplained = self.line_ids.filtered(lambda line: not (line.reason or "").strip())
        if unexplained:
            raise UserError(
                self.env._(
                    "Say why these goods are not on the vehicle: %(goods)s.",
                    goods=", ".join(unexplained.mapped("goods")),
                )
            )
        if self.overload:
            route.sudo().assist_overload_reason = self.overload_reason
        route._assist_depart(
            {line.move_line_id: (line.target_id, line.reason.strip()) for line in self.line_ids}
        )
        return {"type": "ir.actions.act_window_close"}
