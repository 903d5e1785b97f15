from odoo import api, fields, models
from odoo.exceptions import UserError


class UnionAssistQualityPlanUse(models.TransientModel):
    """Dialog that takes a ready-made plan into use: for which goods, and from which day."""

    _name = "union.assist.quality.plan.use"
    _description = "Use a Ready-Made Quality Plan"

    template_id = fields.Many2one(
        "union.assist.quality.plan", required=True, readonly=True, ondelete="cascade"
    )
    name = fields.Char(
        "Name of the Plan",
        required=True,
        compute="_compute_name",
        store=True,
        readonly=False,
        precompute=True,
    )
    company_id = fields.Many2one("res.company", default=lambda self: self.env.company)
    product_tmpl_ids = fields.Many2many(
        "product.template",
        "union_assist_quality_plan_use_product_rel",
        string="Products",
        domain="[('is_storable', '=', True)]",
    )
    categ_ids = fields.Many2many(
        "product.category",
        "union_assist_quality_plan_use_category_rel",
        string="Product Categories",
        compute="_compute_categ_ids",
        store=True,
        readonly=False,
    )
    date_from = fields.Date(
        "In Force from", required=True, default=lambda self: self.env.company._assist_today()
    )
    untracked = fields.Char("Not Tracked by Lot", compute="_compute_untracked")

    @api.depends("template_id")
    def _compute_name(self):
        for wizard in self:
            wizard.name = wizard.template_id.name

    @api.depends("template_id")
    def _compute_categ_ids(self):
        """Propose the categories of the plan's class of goods, the topmost ones."""
        for wizard in self:
            goods_class = wizard.template_id.goods_class_id
            categories = self.env["product.category"]
            if goods_class:
                categories = categories.search([("assist_goods_class_id", "=", goods_class.id)])
            wizard.categ_ids = categories

    @api.depends("product_tmpl_ids", "categ_ids")
    def _compute_untracked(self):
        for wizard in self:
            products = wizard.product_tmpl_ids | (
                self.env["product.template"].search(
                    [("categ_id", "child_of", wizard.categ_ids.ids), ("is_storable", "=", True)]
                )
                if wizard.categ_ids
                else self.env["product.template"]
            )
            loose = products.filtered(lambda product: product.tracking == "none")
            wizard.untracked = ", ".join(loose.mapped("display_name")) or False

    def action_use(self):
        """Make the plan and open it.

        :raise UserError: nothing was chosen that it would apply to
        """
        self.ensure_one()
        if not (self.product_tmpl_ids or self.categ_ids):
            raise UserError(self.env._("Choose the products or categories to inspect by it."))
        plan = self.template_id._use(
            {
                "name": self.name,
                "company_id": self.company_id.id,
                "product_tmpl_ids": [fields.Command.set(self.product_tmpl_ids.ids)],
                "categ_ids": [fields.Command.set(self.categ_ids.ids)],
                "date_from": self.date_from,
            }
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": plan._name,
            "res_id": plan.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }
