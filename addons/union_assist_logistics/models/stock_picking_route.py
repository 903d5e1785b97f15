from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain


class StockPicking(models.Model):
    """Deliveries as stops of a route."""

    _inherit = "stock.picking"

    assist_stop = fields.Integer(
        "Stop",
        copy=False,
        help="Place in the order of the route; deliveries to one address share it.",
    )
    assist_receive_window = fields.Char(
        "Receives Goods", compute="_compute_assist_receive_window", compute_sudo=True
    )

    def _compute_assist_receive_window(self):
        for picking in self:
            partner = picking.partner_id
            picking.assist_receive_window = partner and partner._assist_get_receive_window()

    def _assist_get_drop_key(self):
        """Return what deliveries to the same place have in common."""
        partner = self.partner_id
        if partner.street:
            return (
                partner.commercial_partner_id.id,
                partner.state_id.id,
                partner.zip or "",
                partner.city or "",
                partner.street,
                partner.street2 or "",
            )
        return partner.id

    def _assist_get_place(self):
        """Return what orders drops: province, postal code, town, street; unknown ones last."""
        partner = self.partner_id
        return (
            partner.state_id.code or "~",
            partner.zip or "~",
            partner.city or "~",
            partner.street or "~",
            partner.name or "",
            self.id,
        )

    def _assist_get_drop_values(self):
        """Return who receives a drop and where: of a private person name and address only."""
        partner = self.partner_id
        report = self.env["report.union_assist_logistics.report_delivery_note"]
        return {
            "unit": partner.commercial_partner_id.name or "",
            "contact": report._get_contact(partner),
            "phone": report._get_phone(partner),
            "address": report._get_address(partner),
            "window": self.assist_receive_window or "",
        }

    def _assist_join_route(self, old_routes):
        """Append deliveries to their route's stops; what was loaded elsewhere is taken off."""
        for picking in self:
            route = picking.batch_id
            if not route.assist_is_route:
                picking.assist_stop = 0
                continue
            if route.assist_departed_at:
                raise UserError(
                    self.env._("%(route)s left already: choose another one.", route=route.name)
                )
            others = route.picking_ids - picking
            key = picking._assist_get_drop_key()
            same = [
                other
                for other in others
                if other.assist_stop and other._assist_get_drop_key() == key
            ]
            picking.assist_stop = (
                same[0].assist_stop if same else max(others.mapped("assist_stop"), default=0) + 1
            )
        self.env["union.assist.loading"].sudo().search(
            [
                ("route_id", "in", old_routes.ids),
                ("picking_id", "in", self.ids),
                ("taken_off", "=", False),
            ]
        )._take_off()

    def _get_possible_batches_domain(self):
        # What is on a vehicle is people's choice.
        return super()._get_possible_batches_domain() & Domain("assist_is_route", "=", False)

    def _assist_check_routes(self):
        """Let goods of a route leave with its vehicle only."""
        routes = self.batch_id.filtered(
            lambda batch: batch.assist_is_route and not batch.assist_departed_at
        )
        if routes:
            raise UserError(
                self.env._(
                    "%(deliveries)s leave with %(routes)s: load it and let it depart, or take"
                    " them off it first.",
                    deliveries=", ".join(
                        self.filtered(lambda picking: picking.batch_id in routes).mapped("name")
                    ),
                    routes=", ".join(routes.mapped("name")),
                )
            )

    def action_add_to_route(self):
        """Put these deliveries on the route whose form the list was opened from."""
        self.check_access("write")
        route = self.env["stock.picking.batch"].browse(self.env.context.get("assist_route_id"))
        route = route.exists()
        if not route:
            raise UserError(self.env._("Open a route and add deliveries there."))
        route.check_access("write")
        route._assist_add(self)
        return {
            "type": "ir.actions.act_window",
            "res_model": "stock.picking.batch",
            "res_id": route.id,
            "views": [(self.env.ref("union_assist_logistics.view_delivery_route_form").id, "form")],
        }

    def action_make_route(self):
        """Make a route of these deliveries and open it."""
        self.check_access("write")
        if not self:
            raise UserError(self.env._("Choose the deliveries of the route."))
        route = self.env["stock.picking.batch"].create(
            {
                "assist_is_route": True,
                "company_id": self.company_id[:1].id,
                "picking_type_id": self.picking_type_id[:1].id,
                "picking_ids": [Command.link(picking.id) for picking in self],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": "stock.picking.batch",
            "res_id": route.id,
            "views": [(self.env.ref("union_assist_logistics.view_delivery_route_form").id, "form")],
        }
