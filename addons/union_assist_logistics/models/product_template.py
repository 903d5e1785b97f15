from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ProductTemplate(models.Model):
    _inherit = "product.template"

    assist_inspection_count = fields.Integer(
        "Inspection Count", compute="_compute_assist_inspection_count", compute_sudo=True
    )

    def _compute_assist_inspection_count(self):
        counts = dict(
            self.env["union.assist.quality.inspection"]._read_group(
                [("product_tmpl_id", "in", self.ids), ("state", "!=", "cancel")],
                ["product_tmpl_id"],
                ["__count"],
            )
        )
        for product in self:
            product.assist_inspection_count = counts.get(product._origin, 0)

    @api.constrains("tracking", "is_storable", "categ_id")
    def _check_assist_quality_tracking(self):
        plans = self.env["union.assist.quality.plan"]
        if not plans._get_index():
            return
        today = fields.Date.context_today(self)
        for product in self.filtered(lambda record: record.tracking == "none"):
            plan_ids = [
                plan_id
                for company in product.company_id or self.env["res.company"].sudo().search([])
                for plan_id in plans._get_applicable_ids(product, company, [today], any_step=True)
            ]
            named = [
                plan
                for plan in plans.sudo().browse(plan_ids)
                if product.is_storable or product in plan.product_tmpl_ids
            ]
            if named:
                raise ValidationError(
                    self.env._(
                        "%(product)s is inspected by lot (plan “%(plan)s”): set its Tracking to"
                        " “By Lots”.",
                        product=product.display_name,
                        plan=named[0].name,
                    )
                )

    def action_view_assist_inspections(self):
        """Open the inspections of these products."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "union_assist_logistics.action_quality_inspection"
        )
        action["domain"] = [("product_tmpl_id", "=", self.id)]
        action["context"] = {}
        return action
