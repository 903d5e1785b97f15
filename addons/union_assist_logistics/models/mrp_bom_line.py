from odoo import api, fields, models


class MrpBomLine(models.Model):
    _inherit = "mrp.bom.line"

    assist_is_packaging = fields.Boolean(related="product_id.assist_is_packaging")
    assist_packing_class = fields.Selection(related="product_id.assist_packing_class")

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.bom_id._assist_check_open()
        return lines

    def write(self, vals):
        self.bom_id._assist_check_open()
        result = super().write(vals)
        if "bom_id" in vals:
            self.bom_id._assist_check_open()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_approved(self):
        self.bom_id._assist_check_open()
