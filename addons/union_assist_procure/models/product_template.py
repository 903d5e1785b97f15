from odoo import api, fields, models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    assist_crop_id = fields.Many2one(
        "product.product",
        "Made from Crop",
        index="btree_not_null",
        ondelete="restrict",
        help="What households grow and deliver for it, where that is another product: weigh"
        " tickets of the crop may go into its lots.",
    )
    assist_crop_quantity = fields.Float(
        "Crop per Unit (jin)",
        digits=(16, 4),
        help="How many 斤 of the crop one unit of this product takes. Open orders are held against"
        " the harvest by it.",
    )

    _assist_crop_quantity_positive = models.Constraint(
        "CHECK (assist_crop_quantity >= 0)", "The crop that a unit takes is not negative."
    )

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
