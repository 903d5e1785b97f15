from odoo import fields, models


class UnionAssistCatalogueChange(models.TransientModel):
    """A product that came in, fell out or changed between two editions."""

    _name = "union.assist.catalogue.change"
    _description = "Change between Editions"
    _order = "kind, category, county, id"

    comparison_id = fields.Many2one(
        "union.assist.catalogue.comparison", required=True, index=True, ondelete="cascade"
    )
    kind = fields.Selection(
        [("added", "Added"), ("changed", "Changed"), ("removed", "Removed")],
        "Change",
        required=True,
    )
    product_tmpl_id = fields.Many2one("product.template", "Product", ondelete="cascade")
    name = fields.Char("Product Name")
    code = fields.Char("Internal Reference")
    gtin = fields.Char("GTIN")
    category = fields.Char()
    county = fields.Char()
    supplier = fields.Char()
    currency_id = fields.Many2one("res.currency")
    price_old = fields.Monetary("Price before", aggregator=None)
    price_new = fields.Monetary("Price now", aggregator=None)
    price_percent = fields.Float(
        "Price Change", aggregator="avg", help="Part of the price before; 0.1 is 10 % more."
    )
    price_changed = fields.Boolean("Price")
    certificate_changed = fields.Boolean("Certificate")
    supplier_changed = fields.Boolean()
    specification_changed = fields.Boolean("Specification")
    other_changed = fields.Boolean("Other")
    details = fields.Text("What Changed")
    old_line_id = fields.Many2one("union.assist.catalogue.edition.line", "As before")
    new_line_id = fields.Many2one("union.assist.catalogue.edition.line", "As now")

    def action_view_product(self):
        """Open the product as it is today."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "product.template",
            "res_id": self.product_tmpl_id.id,
            "view_mode": "form",
        }

    def action_export_xlsx(self):
        """Download the comparison that is on the screen as an Excel file."""
        comparison = self.comparison_id or self.env["union.assist.catalogue.comparison"].browse(
            self.env.context.get("comparison_id")
        )
        comparison.check_access("read")
        comparison.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/assist/comparison/{comparison.id}/xlsx",
            "target": "download",
        }
