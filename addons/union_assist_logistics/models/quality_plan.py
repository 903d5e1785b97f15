from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..tools.sampling import AQLS, LEVELS


class UnionAssistQualityPlan(models.Model):
    """What is inspected on the lots of some products, from a day on, by which document.

    Every plan in force on the day a lot is registered applies to that lot: from then on
    no quantity of it reaches stock, production or a customer without a decision.
    """

    _name = "union.assist.quality.plan"
    _inherit = ["mail.thread"]
    _description = "Quality Plan"
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, tracking=True)
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one(
        "res.company",
        default=lambda self: self.env.company,
        help="Empty: applies in every company.",
    )
    product_tmpl_ids = fields.Many2many(
        "product.template",
        "union_assist_quality_plan_product_rel",
        string="Products",
        check_company=True,
        domain="[('is_storable', '=', True)]",
    )
    categ_ids = fields.Many2many(
        "product.category",
        "union_assist_quality_plan_category_rel",
        string="Product Categories",
        help="The plan applies to all products of these categories and of those below them.",
    )
    date_from = fields.Date(
        "In Force from",
        required=True,
        default=fields.Date.context_today,
        tracking=True,
        help="Lots registered on this day or later are inspected by the plan.",
    )
    date_to = fields.Date(
        "In Force until", tracking=True, help="Last day; empty while the plan is in force."
    )
    source = fields.Char(
        required=True,
        tracking=True,
        help="The document that orders these inspections: standard, contract or instruction.",
    )
    note = fields.Text("Instructions", translate=True)
    item_ids = fields.One2many("union.assist.quality.plan.item", "plan_id", "Items", copy=True)
    inspection_count = fields.Integer(compute="_compute_inspection_count")

    _period_order = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)",
        "The last day of a plan is not before its first day.",
    )

    def _compute_inspection_count(self):
        counts = dict(
            self.env["union.assist.quality.inspection"]._read_group(
                [("plan_ids", "in", self.ids)], ["plan_ids"], ["__count"]
            )
        )
        for plan in self:
            plan.inspection_count = counts.get(plan, 0)

    @api.constrains("active", "product_tmpl_ids", "categ_ids", "item_ids")
    def _check_complete(self):
        for plan in self.filtered("active"):
            if not plan.item_ids:
                raise ValidationError(
                    self.env._(
                        "Plan “%(plan)s” has no items: an inspection with nothing to check would"
                        " always pass. Add at least one item.",
                        plan=plan.name,
                    )
                )
            if not (plan.product_tmpl_ids or plan.categ_ids):
                raise ValidationError(
                    self.env._(
                        "Plan “%(plan)s” applies to nothing: choose its products or categories.",
                        plan=plan.name,
                    )
                )

    @api.constrains("active", "product_tmpl_ids", "categ_ids")
    def _check_tracking(self):
        for plan in self.filtered("active"):
            untracked = plan.product_tmpl_ids.filtered(
                lambda product: not product.is_storable or product.tracking == "none"
            )
            if plan.categ_ids:
                untracked |= (
                    self.env["product.template"]
                    .sudo()
                    .search(
                        Domain("categ_id", "child_of", plan.categ_ids.ids)
                        & Domain("is_storable", "=", True)
                        & Domain("tracking", "=", "none")
                        & Domain("company_id", "in", [False, *plan.company_id.ids])
                    )
                )
            if untracked:
                raise ValidationError(
                    self.env._(
                        "Plan “%(plan)s” inspects lots, but these products are not tracked by lot:"
                        " %(products)s. Set Tracking to “By Lots” on the product first.",
                        plan=plan.name,
                        products=", ".join(untracked.mapped("display_name")),
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        plans = super().create(vals_list)
        self.env.registry.clear_cache()
        return plans

    def write(self, vals):
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    def action_view_inspections(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "union_assist_logistics.action_quality_inspection"
        )
        action["domain"] = [("plan_ids", "in", self.ids)]
        action["context"] = {}
        return action

    # ------------------------------------------------------------------
    # Which plans apply
    # ------------------------------------------------------------------
    @api.model
    @tools.ormcache()
    def _get_index(self):
        """Return what decides whether a plan applies, for all active plans.

        Kept in memory so that the gate costs no query where there is no plan.
        """
        return tuple(
            (
                plan.id,
                plan.company_id.id,
                plan.date_from,
                plan.date_to,
                frozenset(plan.product_tmpl_ids.ids),
                frozenset(plan.categ_ids.ids),
            )
            for plan in self.sudo().with_context(active_test=True).search([])
        )

    @api.model
    def _get_applicable_ids(self, product, company, days):
        """Return the ids of the plans in force for a product on any of some days.

        :param product: a ``product.product`` or ``product.template``
        :param company: the company whose goods they are
        :param days: iterable of dates
        """
        index = self._get_index()
        if not index:
            return ()
        product = product.sudo()
        template = product if product._name == "product.template" else product.product_tmpl_id
        path = template.categ_id.parent_path or ""
        categories = {int(part) for part in path.split("/") if part}
        return tuple(
            plan_id
            for plan_id, company_id, date_from, date_to, template_ids, categ_ids in index
            if (not company_id or company_id == company.id)
            and (template.id in template_ids or not categories.isdisjoint(categ_ids))
            and any(date_from <= day and (not date_to or day <= date_to) for day in days)
        )

    # ------------------------------------------------------------------
    # Sampling
    # ------------------------------------------------------------------
    sampling_method = fields.Selection(
        [
            ("all", "Every Unit"),
            ("percent", "Percentage of Units"),
            ("fixed", "Fixed Number of Units"),
            ("gbt2828", "GB/T 2828.1"),
        ],
        tracking=True,
        help="How many units of a lot are drawn for the items judged by sample. Empty: nothing is"
        " drawn, every item is judged once for the lot.",
    )
    sampling_uom_id = fields.Many2one(
        "uom.uom",
        "Unit Drawn",
        help="What counts as one unit, for example the box; a part of one counts as one. Empty, or"
        " where the product's quantity cannot be converted: the product's own unit.",
    )
    sampling_percent = fields.Float("Percentage", default=10.0, tracking=True)
    sampling_number = fields.Integer("Units per Lot", default=5, tracking=True)
    sampling_accept_major = fields.Integer(
        "Major Ones Accepted", tracking=True, help="Nonconforming units with which a lot passes."
    )
    sampling_accept_minor = fields.Integer(
        "Minor Ones Accepted", tracking=True, help="Nonconforming units with which a lot passes."
    )
    sampling_level = fields.Selection(
        [(level, level) for level in LEVELS], "Inspection Level", default="II", tracking=True
    )
    sampling_aql_major = fields.Selection(
        [(aql, aql) for aql in AQLS], "AQL Major", default="2.5", tracking=True
    )
    sampling_aql_minor = fields.Selection(
        [(aql, aql) for aql in AQLS], "AQL Minor", default="4.0", tracking=True
    )
    sampling_switching = fields.Boolean(
        "Follow the Supplier's History",
        tracking=True,
        help="Tighter after rejected lots, skipped after many accepted ones, by the switching rule"
        " in use. Safety items and documents are never skipped.",
    )

    _sampling_figures = models.Constraint(
        "CHECK ((sampling_method != 'percent' OR sampling_percent > 0 AND sampling_percent <= 100)"
        " AND (sampling_method != 'fixed' OR sampling_number > 0)"
        " AND sampling_accept_major >= 0 AND sampling_accept_minor >= 0)",
        "A sample is more than 0 and at most 100 percent, or at least one unit; accepted numbers"
        " are not negative.",
    )

    @api.constrains(
        "sampling_method", "sampling_level", "sampling_aql_major", "sampling_aql_minor", "item_ids"
    )
    def _check_sampling(self):
        for plan in self:
            if plan.sampling_method == "gbt2828" and not (
                plan.sampling_level and plan.sampling_aql_major and plan.sampling_aql_minor
            ):
                raise ValidationError(
                    self.env._(
                        "Plan “%(plan)s” samples by GB/T 2828.1: choose the inspection level and"
                        " both AQL.",
                        plan=plan.name,
                    )
                )
            counted = plan.item_ids.filtered("by_sample")
            if counted and not plan.sampling_method:
                raise ValidationError(
                    self.env._(
                        "Items of plan “%(plan)s” are judged by sample (%(items)s): choose how many"
                        " units are drawn.",
                        plan=plan.name,
                        items=", ".join(counted.mapped("name")),
                    )
                )

    @api.constrains("sampling_uom_id", "product_tmpl_ids")
    def _check_sampling_uom(self):
        for plan in self.filtered("sampling_uom_id"):
            for product in plan.product_tmpl_ids:
                if not plan.sampling_uom_id._has_common_reference(product.uom_id):
                    raise ValidationError(
                        self.env._(
                            "Plan “%(plan)s” draws %(unit)s, which %(product)s, kept in"
                            " %(product_unit)s, cannot be counted in.",
                            plan=plan.name,
                            unit=plan.sampling_uom_id.name,
                            product=product.display_name,
                            product_unit=product.uom_id.name,
                        )
                    )

    def _get_sampling_uom(self, product):
        """Return the unit that is drawn of a product."""
        self.ensure_one()
        unit = self.sampling_uom_id
        return unit if unit and unit._has_common_reference(product.uom_id) else product.uom_id
