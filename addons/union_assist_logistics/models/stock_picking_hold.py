from odoo import api, fields, models

from .stock_lot_hold import HOLD_READERS


class StockPicking(models.Model):
    """Transfers whose goods are on hold or recalled."""

    _inherit = "stock.picking"

    assist_held_lots = fields.Char(
        "Lots on Hold", compute="_compute_assist_held_lots", compute_sudo=True
    )

    @api.depends(
        "state",
        "move_line_ids.lot_id",
        "move_line_ids.location_id",
        "move_line_ids.location_dest_id",
    )
    def _compute_assist_held_lots(self):
        """Name the lots on hold that these unfinished transfers may not carry, or waited for."""
        lines = self.env["union.assist.hold.line"]
        holds = self.env["union.assist.hold"].search(
            [("state", "=", "held"), ("stopped_picking_ids", "in", self.ids)]
        )
        held = lines.search([("held", "=", True), ("lot_id", "in", self.move_line_ids.lot_id.ids)])
        for picking in self:
            texts = []
            if picking.state not in ("done", "cancel"):
                products = picking.move_ids.product_id
                lots = picking.move_line_ids.filtered(
                    lambda line: not line._assist_may_go_on_hold()
                ).lot_id
                stopped = holds.filtered(lambda hold, p=picking: p in hold.stopped_picking_ids)
                own = stopped.line_ids.filtered(
                    lambda line, goods=products: line.held and line.product_id in goods
                ) | held.filtered(
                    lambda line, p=picking, lots=lots: (
                        line.lot_id in lots and line.company_id == p.company_id
                    )
                )
                texts = [
                    f"{line.product_id.display_name} {line.lot_id.name} ({line.hold_id.name})"
                    for line in own
                ]
            picking.assist_held_lots = ", ".join(texts) or False

    def action_assist_hold(self):
        """Open a new hold on what these receipts brought."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Put on Hold"),
            "res_model": "union.assist.hold",
            "view_mode": "form",
            "context": {"default_scope": "receipt", "default_picking_id": self.id},
        }

    assist_recall_recipient_id = fields.Many2one(
        "union.assist.recall.recipient",
        "Recalled from",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups=HOLD_READERS,
        help="The recall that takes these goods back.",
    )
