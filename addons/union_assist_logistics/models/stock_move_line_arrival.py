from odoo import models

from .stock_move_line import MOVING_FIELDS

# What the arrival checks of an open receipt follow from.
ARRIVAL_FIELDS = frozenset(
    ("lot_id", "lot_name", "quantity", "assist_production_date", "expiration_date")
)


class StockMoveLine(models.Model):
    """Lots are checked when they arrive."""

    _inherit = "stock.move.line"

    def _assist_get_arriving(self):
        """Return those of these lines that bring assistance goods from a vendor, with a lot."""
        return self.filtered(
            lambda line: (
                line.picking_id
                and line.state != "cancel"
                and line.quantity > 0
                and line.location_id.usage == "supplier"
                and line.location_dest_id.usage in ("internal", "transit")
                and line.product_id.assist_supplier_id
                and (line.lot_id or line.lot_name or line.product_id.tracking == "none")
            )
        )

    def _assist_get_arrival_key(self):
        self.ensure_one()
        return self.picking_id, self.product_id, self.lot_id.name or self.lot_name or ""

    def _assist_follow_arrival(self, vals):
        """Check what was written: finished lines once more, open ones get their checks."""
        if MOVING_FIELDS & vals.keys():
            self._assist_check_arrival()
        if ARRIVAL_FIELDS & vals.keys():
            # Registering a lot under the name that was checked changes nothing.
            self.filtered(
                lambda line: vals.keys() != {"lot_id"} or line.lot_id.name != line.lot_name
            )._assist_sync_arrival()

    def _assist_sync_arrival(self):
        """Make the checks of lots as they are registered on open receipts."""
        if not self.env["union.assist.arrival.rule"]._get_index():
            return
        arriving = self.filtered(lambda line: line.state != "done")._assist_get_arriving()
        if arriving:
            self.env["union.assist.arrival.check"]._sync(arriving.picking_id)

    def _assist_check_arrival(self):
        """Refuse finished lines whose lots were not checked on arrival, or failed.

        Judged after the move like the quality gate, so that no way of finishing a receipt,
        no context key and no later edit goes around it.

        :raise UserError: naming receipt, lots and items
        """
        if not self.env["union.assist.arrival.rule"]._get_index():
            return
        lines = self.filtered(lambda line: line.state == "done").sudo()._assist_get_arriving()
        if not lines:
            return
        checks = self.env["union.assist.arrival.check"]._sync(lines.picking_id, is_settled=True)
        lots = {line._assist_get_arrival_key(): line.lot_id for line in lines}
        checks = checks.filtered(lambda check: check._get_goods_key() in lots)
        checks._check_received()
        for check in checks:
            lot = lots[check._get_goods_key()]
            if check.lot_id != lot:
                check.lot_id = lot
