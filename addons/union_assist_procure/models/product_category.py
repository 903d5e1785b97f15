from odoo import models


class ProductCategory(models.Model):
    _inherit = "product.category"

    def write(self, vals):
        result = super().write(vals)
        if "parent_id" in vals:
            policies = self.env["union.assist.cap.policy"].sudo()
            policies._forget_caps()
            policies.search([("category_ids", "!=", False)])._check_overlap()
            moved = self.search([("id", "child_of", self.ids)])
            self.env["product.template"]._assist_recount([("categ_id", "in", moved.ids)])
        return result
