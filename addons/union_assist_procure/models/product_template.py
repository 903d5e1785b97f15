from odoo import api, models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    def write(self, vals):
        result = super().write(vals)
        if "categ_id" in vals:
            self._assist_recount([("id", "in", self.ids)])
        return result

    @api.model
    def _assist_recount(self, domain):
        """Move what confirmed orders take of caps after goods changed their category.

        :param domain: which product templates
        """
        if any(rule.category_ids for rule in self.env["union.assist.cap.policy"]._get_rules()):
            templates = self.sudo().with_context(active_test=False).search(domain)
            self.env["purchase.order"]._assist_recount(
                [("order_line.product_id.product_tmpl_id", "in", templates.ids)],
                reason="category",
            )
