from odoo import fields, models


class UnionAssistCataloguePublishGap(models.TransientModel):
    """Something that is missing from products about to be published."""

    _name = "union.assist.catalogue.publish.gap"
    _description = "Gap in an Edition"

    publish_id = fields.Many2one(
        "union.assist.catalogue.publish", required=True, index=True, ondelete="cascade"
    )
    name = fields.Char("What Is Missing", readonly=True)
    product_count = fields.Integer("Products", readonly=True)
    product_tmpl_ids = fields.Many2many(
        "product.template",
        "union_assist_catalogue_publish_gap_rel",
        "gap_id",
        "product_tmpl_id",
        readonly=True,
    )

    def action_view_products(self):
        """Open the products with this gap."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": "product.template",
            "view_mode": "list,form",
            "domain": [("id", "in", self.product_tmpl_ids.ids)],
        }
