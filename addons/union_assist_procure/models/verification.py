from odoo import api, models


class UnionAssistVerification(models.Model):
    _inherit = "union.assist.verification"

    @api.model_create_multi
    def create(self, vals_list):
        verifications = super().create(vals_list)
        self.env["union.assist.cap"]._check_over_soon()
        return verifications

    def write(self, vals):
        result = super().write(vals)
        self.env["union.assist.cap"]._check_over_soon()
        return result
