from odoo import models
from odoo.exceptions import UserError

from .stock_move_line import MOVING_FIELDS


class StockMoveLine(models.Model):
    """Goods on hold go nowhere but apart, back or to waste."""

    _inherit = "stock.move.line"

    def _assist_may_go_on_hold(self):
        """Whether this line may take goods that are on hold where it goes.

        They may be set apart, go back to the vendor or be written off, and they may come in:
        from vendors, recipients, stock counts and production. In place a package may be
        opened, but none be filled.
        """
        self.ensure_one()
        origin, target = self.location_id, self.location_dest_id
        if target._assist_takes_held():
            return True
        if origin == target:
            return not self.result_package_id or self.result_package_id == self.package_id
        return target.usage in ("internal", "transit") and origin.usage in (
            "supplier",
            "customer",
            "inventory",
            "production",
        )

    def _assist_check_hold(self):
        """Refuse move lines that take goods on hold elsewhere than apart, back or to waste.

        Lots that come in are put on the holds that they belong to first. Judged like the
        quality gate: by where the goods go, so that no kind of transfer and no context key
        changes it.

        :raise UserError: naming lot, hold and what to do
        """
        lines = self.sudo().with_prefetch().filtered(lambda line: line.lot_id and line.quantity)
        if not lines:
            return
        hold_model = self.env["union.assist.hold"]
        done = lines.filtered(lambda line: line.state == "done")
        done.lot_id._assist_lock_for_moving()
        arrived = done.filtered(lambda line: line.location_id.usage == "supplier")
        if arrived:
            hold_model._extend(arrived.lot_id)
        made = done.filtered(lambda line: line.location_id.usage == "production")
        for company, company_lines in made.grouped("company_id").items():
            hold_model._extend_to_made(company_lines.lot_id, company)
        holds = lines.lot_id._assist_get_holds(lines.company_id)
        if not holds:
            return
        # Held goods are inspected and decided where they are: open steps may name them.
        steps = lines.picking_id._assist_get_quality_steps()
        for line in lines:
            hold = holds.get((line.lot_id.id, line.company_id.id))
            if line.state != "done" and line.picking_id in steps:
                continue
            if hold and not line._assist_may_go_on_hold():
                raise UserError(
                    self.env._(
                        "%(product)s, lot %(lot)s, is on hold (%(hold)s): it cannot go from"
                        " %(origin)s to %(destination)s. Until the hold is lifted it can only be"
                        " set apart in a reject or quarantine location, go back to the vendor or"
                        " be scrapped.",
                        product=line.product_id.display_name,
                        lot=line.lot_id.name,
                        hold=hold.display_name,
                        origin=line.location_id.display_name,
                        destination=line.location_dest_id.display_name,
                    )
                )

    def _assist_check_relabelled(self, vals):
        """Refuse to call held goods of a finished move another lot: they would be free."""
        if "lot_id" not in vals:
            return
        lines = self.sudo().filtered(
            lambda line: line.state == "done" and line.lot_id.id not in (False, vals["lot_id"])
        )
        holds = lines.lot_id._assist_get_holds(lines.company_id)
        for line in lines:
            hold = holds.get((line.lot_id.id, line.company_id.id))
            if hold:
                raise UserError(
                    self.env._(
                        "Lot %(lot)s is on hold (%(hold)s): goods of it that were moved do not"
                        " become another lot.",
                        lot=line.lot_id.name,
                        hold=hold.display_name,
                    )
                )

    def _assist_check_held_write(self, vals):
        """Check what was written: on finished lines all that moves goods, on open ones the lot."""
        if (MOVING_FIELDS | {"result_package_id"}) & vals.keys():
            chosen = bool({"lot_id", "quant_id"} & vals.keys())
            self.filtered(lambda line: chosen or line.state == "done")._assist_check_hold()
