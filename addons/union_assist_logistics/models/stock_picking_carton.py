from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..tools.cartons import Box, Item, propose_cartons


class StockPicking(models.Model):
    """Packing a transfer into cartons."""

    _inherit = "stock.picking"

    assist_carton_ids = fields.One2many(
        "stock.package", "assist_picking_id", "Cartons", readonly=True
    )
    assist_carton_count = fields.Integer("Carton Count", compute="_compute_assist_carton_count")
    assist_can_pack = fields.Boolean(
        "Waits to Be Packed",
        compute="_compute_assist_can_pack",
        search="_search_assist_can_pack",
    )

    @api.depends("assist_carton_ids")
    def _compute_assist_carton_count(self):
        counts = dict(
            self.env["stock.package"]._read_group(
                [("assist_picking_id", "in", self.ids)], ["assist_picking_id"], ["__count"]
            )
        )
        for picking in self:
            picking.assist_carton_count = counts.get(picking._origin, 0)

    @api.depends("state", "picking_type_id")
    def _compute_assist_can_pack(self):
        for picking in self:
            warehouse = picking.picking_type_id.warehouse_id.sudo()
            three = warehouse.delivery_steps == "pick_pack_ship"
            step = warehouse.pack_type_id if three else warehouse.out_type_id
            picking.assist_can_pack = (
                picking.state == "assigned" and picking.picking_type_id == step
            )

    def _search_assist_can_pack(self, operator, value):
        if operator != "in":
            return NotImplemented
        warehouses = self.env["stock.warehouse"].search(Domain.TRUE)
        packing = warehouses.filtered(lambda record: record.delivery_steps == "pick_pack_ship")
        steps = packing.pack_type_id | (warehouses - packing).out_type_id
        waiting = Domain("picking_type_id", "in", steps.ids) & Domain("state", "=", "assigned")
        return Domain.OR(waiting if wanted else ~waiting for wanted in value)

    def _assist_propose_cartons(self):
        """Propose cartons for what is not packed yet, by weight and volume.

        :return: list of :class:`~..tools.cartons.Carton` whose keys are the ids of kinds of
            packages and of move lines
        :raise UserError: there are no kinds of cartons with limits, or goods that fit none
        """
        self.ensure_one()
        kinds = self.env["stock.package.type"].search(
            [("company_id", "in", (False, self.company_id.id))]
        )
        # Millimetres to litres.
        boxes = [
            Box(
                kind.id,
                max(kind.max_weight - kind.base_weight, 0.0) if kind.max_weight else 0.0,
                kind.packaging_length * kind.width * kind.height / 1_000_000,
            )
            for kind in kinds
            if kind.max_weight or (kind.packaging_length and kind.width and kind.height)
        ]
        if not boxes:
            raise UserError(
                self.env._(
                    "Cartons cannot be proposed: no package type has a maximum weight or inner"
                    " dimensions. Enter them under Inventory → Configuration → Package Types."
                )
            )
        lines = self.move_line_ids.filtered(
            lambda line: (
                line.state not in ("done", "cancel")
                and line.quantity > 0
                and not line.result_package_id
            )
        )
        items = [
            Item(
                line.id,
                line.quantity_product_uom,
                line.product_id.weight,
                line.product_id.volume * 1000,
                line.product_id.assist_carton_class or "",
            )
            for line in lines
        ]
        cartons, oversized = propose_cartons(items, boxes)
        if oversized:
            names = lines.browse([item.key for item in oversized]).product_id
            raise UserError(
                self.env._(
                    "%(products)s: one unit alone fits into no carton. Add a larger package"
                    " type, or correct weight and volume of the product.",
                    products=", ".join(names.mapped("display_name")),
                )
            )
        return cartons

    def action_assist_pack(self):
        """Open the page for packing this transfer into cartons."""
        self.ensure_one()
        action = self.env["ir.actions.client"]._for_xml_id(
            "union_assist_logistics.action_pack_screen"
        )
        return {**action, "params": {"picking_id": self.id}}

    def action_view_assist_cartons(self):
        """Open the cartons of these transfers."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "union_assist_logistics.action_carton"
        )
        return {**action, "domain": [("assist_picking_id", "in", self.ids)], "context": {}}
