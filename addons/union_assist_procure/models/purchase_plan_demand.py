from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import formatLang


class UnionAssistPurchasePlanDemand(models.Model):
    """What a plan needs: a product, or any goods of a category, by a day.

    A category is met by whatever products of it, or of a category below, can be counted in the
    demand's unit: 1,000 kg of dried goods may be of several kinds.
    """

    _name = "union.assist.purchase.plan.demand"
    _description = "Demand of a Purchase Plan"
    _order = "plan_id, sequence, id"
    _rec_names_search = ["product_id", "categ_id"]

    plan_id = fields.Many2one(
        "union.assist.purchase.plan", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True)
    state = fields.Selection(related="plan_id.state")
    sequence = fields.Integer(default=10)
    product_id = fields.Many2one(
        "product.product", domain=[("purchase_ok", "=", True)], index=True, ondelete="restrict"
    )
    categ_id = fields.Many2one(
        "product.category",
        "Or Any of the Category",
        index=True,
        ondelete="restrict",
        help="Any product of this category, or of one below it, meets the demand.",
    )
    quantity = fields.Float(required=True, digits="Product Unit")
    uom_id = fields.Many2one(
        "uom.uom",
        "Unit",
        compute="_compute_uom_id",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        ondelete="restrict",
    )
    date_needed = fields.Date("Needed by", required=True)
    line_ids = fields.One2many("union.assist.purchase.plan.line", "demand_id", "Offers")
    placed = fields.Float(compute="_compute_placed", digits="Product Unit")
    unplaced = fields.Float("Not Placed", compute="_compute_placed", digits="Product Unit")
    causes = fields.Json(readonly=True, copy=False)
    reason = fields.Char("Why", compute="_compute_reason")

    _quantity_positive = models.Constraint(
        "CHECK (quantity > 0)", "The quantity of a demand is above 0."
    )
    _one_of_both = models.Constraint(
        "CHECK ((product_id IS NULL) <> (categ_id IS NULL))",
        "A demand is for a product or for a category: enter one of the two.",
    )

    @api.depends("product_id", "categ_id")
    def _compute_display_name(self):
        for demand in self:
            demand.display_name = demand.product_id.display_name or demand.categ_id.display_name

    @api.depends("product_id", "categ_id")
    def _compute_uom_id(self):
        kilogram = self.env.ref("uom.product_uom_kgm", raise_if_not_found=False)
        for demand in self:
            if demand.product_id or not demand.uom_id:
                demand.uom_id = demand.product_id.uom_id or kilogram

    @api.depends("quantity", "line_ids.quantity", "line_ids.factor")
    def _compute_placed(self):
        for demand in self:
            demand.placed = sum(line.quantity * line.factor for line in demand.line_ids)
            demand.unplaced = (
                max(demand.uom_id.round(demand.quantity - demand.placed), 0.0)
                if demand.uom_id
                else 0.0
            )

    @api.depends("causes", "unplaced")
    @api.depends_context("lang")
    def _compute_reason(self):
        for demand in self:
            texts = [demand._get_cause_text(*cause) for cause in demand.causes or []]
            demand.reason = " ".join(texts) if demand.unplaced else False

    def _get_cause_text(self, code, own=None, other=None):
        """Say why something of the demand stays open, in the reader's language."""
        more = own is not None and f"{formatLang(self.env, own, digits=0)} {self.uom_id.name}"
        return {
            "none": lambda: self.env._(
                "No supplier that may be ordered from offers this: see the vendor pricelists,"
                " admissions and documents."
            ),
            "unit": lambda: self.env._(
                "No product of the category is counted in a unit that converts to %s.",
                self.uom_id.name,
            ),
            "caps": lambda: self.env._(
                "The caps are used up; with more room %s more could be placed.", more
            ),
            "late": lambda: self.env._(
                "Lead times: with more than %(days)s days %(more)s more could be placed.",
                days=other,
                more=more,
            ),
            "minimum": lambda: self.env._(
                "Least quantities and lots: without them %s more could be placed.", more
            ),
            "share": lambda: self.env._(
                "The largest part of one supplier: without it %s more could be placed.", more
            ),
            "time": lambda: self.env._(
                "The time ran out before all was placed: allow more under Weights."
            ),
            "several": lambda: self.env._(
                "Several limits together: lifting one of them alone would not help."
            ),
            "rounding": lambda: self.env._("Lost in rounding to whole quantities."),
        }[code]()

    @api.constrains("product_id", "uom_id")
    def _check_unit(self):
        for demand in self.filtered("product_id"):
            if not demand.uom_id._has_common_reference(demand.product_id.uom_id):
                raise ValidationError(
                    self.env._(
                        "%(product)s is counted in %(unit)s, which does not convert to"
                        " %(other)s: enter the demand in a unit that does.",
                        product=demand.product_id.display_name,
                        unit=demand.product_id.uom_id.name,
                        other=demand.uom_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        demands = super().create(vals_list)
        demands._check_open()
        return demands

    def write(self, vals):
        self.check_access("write")
        self._check_open()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_planned(self):
        self._check_open()

    def _check_open(self):
        if self.env.su:
            return
        for plan in self.plan_id.filtered(lambda plan: plan.state != "draft"):
            raise UserError(
                self.env._(
                    "%(plan)s is planned: go back to its demand before you change it, so that"
                    " the proposal is made anew.",
                    plan=plan.name,
                )
            )

    def _get_goods_domain(self):
        return Domain(
            [
                ("categ_id", "child_of", self.categ_id.ids),
                ("purchase_ok", "=", True),
                ("seller_ids", "!=", False),
                ("company_id", "in", (False, *self.company_id.ids)),
            ]
        )

    def _has_goods_in_other_units(self):
        """Say whether only the unit keeps the category from meeting the demand."""
        self.ensure_one()
        return bool(self.env["product.product"].search_count(self._get_goods_domain(), limit=1))

    def _get_goods(self):
        """Return the products that may meet each demand: ``{demand: product.product}``."""
        goods = {}
        found = self.env["product.product"].search(self._get_goods_domain(), order="id")
        for demand in self:
            if demand.product_id:
                goods[demand] = demand.product_id
                continue
            path = demand.categ_id.parent_path
            goods[demand] = found.filtered(
                lambda product, path=path, unit=demand.uom_id: (
                    product.categ_id.parent_path.startswith(path)
                    and product.uom_id._has_common_reference(unit)
                )
            )
        return goods

    def action_view_lines(self):
        """Open all offers for this demand."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "union_assist_procure.action_purchase_plan_line"
        )
        action["domain"] = [("demand_id", "=", self.id)]
        return action
