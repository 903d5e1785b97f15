from odoo import fields, models


class StockReturnPicking(models.TransientModel):
    _inherit = "stock.return.picking"

    assist_case_id = fields.Many2one(
        "union.assist.delivery.case", help="Which the return, and what replaces it, settle."
    )

    def _prepare_picking_default_values(self):
        values = super()._prepare_picking_default_values()
        if self.assist_case_id and not self.assist_case_id.goods_back:
            place = self.company_id._assist_get_difference_location()
            values["location_dest_id"] = place.id
        return values

    def _get_proc_values(self, line):
        values = super()._get_proc_values(line)
        if self.assist_case_id:
            values["assist_case_id"] = self.assist_case_id.id
        return values


class StockReturnPickingLine(models.TransientModel):
    _inherit = "stock.return.picking.line"

    def _prepare_move_default_values(self, new_picking):
        values = super()._prepare_move_default_values(new_picking)
        values["assist_case_id"] = self.wizard_id.assist_case_id.id
        return values
