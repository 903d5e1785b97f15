from datetime import timedelta
from typing import NamedTuple

from markupsafe import Markup

from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..tools.plan_changes import compare
from ..tools.sampling import AQLS, LEVELS

# What inspections were made by: it stays as it was, a new version changes it.
FROZEN_FIELDS = frozenset(("item_ids", "note", "source", "is_template"))
FROZEN_PREFIX = "sampling_"


class PlanScope(NamedTuple):
    """What decides whether a plan applies; ``family`` is the id of its first version."""

    plan_id: int
    family: int
    version: int
    company_id: int
    date_from: object
    date_to: object
    template_ids: frozenset
    categ_ids: frozenset
    supplier_kind: str
    picking_type_ids: frozenset


class UnionAssistQualityPlan(models.Model):
    """What is inspected on the lots of some products, from a day on, by which document.

    Every plan in force on the day a lot is registered applies to that lot: from then on
    no quantity of it reaches stock, production or a customer without a decision. Plans of
    some operation types hold in transfers of these types alone.

    What a plan checks is not changed once it was inspected by: its next version is made,
    and inspections keep the version they began with. Ready-made plans apply to nothing;
    plans are made from them.
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
        tracking=True,
        domain="[('is_storable', '=', True)]",
    )
    categ_ids = fields.Many2many(
        "product.category",
        "union_assist_quality_plan_category_rel",
        string="Product Categories",
        tracking=True,
        help="The plan applies to all products of these categories and of those below them.",
    )
    supplier_kind = fields.Selection(
        "_selection_supplier_kind",
        tracking=True,
        help="Only lots that came from suppliers of this kind; empty: from anybody.",
    )
    picking_type_ids = fields.Many2many(
        "stock.picking.type",
        "union_assist_quality_plan_picking_type_rel",
        string="Operation Types",
        check_company=True,
        tracking=True,
        domain="[('code', 'in', ('internal', 'outgoing'))]",
        help="Empty: inspected in the quality step of the warehouse, before the goods enter"
        " stock. Otherwise in transfers of these types alone, for example in deliveries.",
    )
    date_from = fields.Date(
        "In Force from",
        default=fields.Date.context_today,
        tracking=True,
        copy=False,
        help="Lots registered on this day or later are inspected by the plan. Empty: a draft.",
    )
    date_to = fields.Date(
        "In Force until",
        tracking=True,
        copy=False,
        help="Last day; empty while the plan is in force.",
    )
    state = fields.Selection(
        [
            ("template", "Ready-Made"),
            ("draft", "Draft"),
            ("planned", "Planned"),
            ("in_force", "In Force"),
            ("ended", "Ended"),
        ],
        "Status",
        compute="_compute_state",
        search="_search_state",
        help="Follows from its days.",
    )
    version = fields.Integer(default=1, readonly=True, copy=False)
    family_id = fields.Many2one(
        "union.assist.quality.plan",
        "First Version",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    previous_id = fields.Many2one(
        "union.assist.quality.plan",
        "Previous Version",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    version_ids = fields.Many2many(
        "union.assist.quality.plan", compute="_compute_version_ids", string="All Versions"
    )
    version_count = fields.Integer(compute="_compute_version_ids")
    changes = fields.Html(
        "Changes since the Previous Version", compute="_compute_changes", sanitize=False
    )
    is_template = fields.Boolean(
        "Ready-Made", copy=False, help="Applies to nothing: plans are made from it."
    )
    template_id = fields.Many2one(
        "union.assist.quality.plan",
        "Made from",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    goods_class_id = fields.Many2one(
        "union.assist.goods.class",
        help="Goods that a ready-made plan is meant for: their categories are proposed.",
    )
    source = fields.Char(
        required=True,
        tracking=True,
        help="The document that orders these inspections: standard, contract or instruction.",
    )
    note = fields.Text("Instructions", translate=True)
    item_ids = fields.One2many("union.assist.quality.plan.item", "plan_id", "Items", copy=True)
    inspection_count = fields.Integer(compute="_compute_inspection_count", compute_sudo=True)

    _version_unique = models.UniqueIndex(
        "(family_id, version) WHERE family_id IS NOT NULL",
        "This version of the plan exists already.",
    )
    _period_order = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)",
        "The last day of a plan is not before its first day.",
    )

    def _compute_inspection_count(self):
        counts = self._count_inspections()
        for plan in self:
            plan.inspection_count = counts.get(plan._origin, 0)

    def _count_inspections(self):
        """Return ``{plan: number of inspections}``; plans that were not used are missing."""
        return dict(
            self.env["union.assist.quality.inspection"]
            .sudo()
            ._read_group([("plan_ids", "in", self.ids)], ["plan_ids"], ["__count"])
        )

    @api.model
    def _selection_supplier_kind(self):
        kind = self.env["res.partner"]._fields["assist_supplier_kind"]
        return kind._description_selection(self.env)

    @api.depends("date_from", "date_to", "is_template", "company_id")
    def _compute_state(self):
        for plan in self:
            today = (plan.company_id or self.env.company)._assist_today()
            if plan.is_template:
                plan.state = "template"
            elif not plan.date_from:
                plan.state = "draft"
            elif plan.date_from > today:
                plan.state = "planned"
            else:
                plan.state = "ended" if plan.date_to and plan.date_to < today else "in_force"

    @api.model
    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = self.env.company._assist_today()
        begun = Domain("date_from", "<=", today)
        ended = Domain("date_to", "<", today)
        states = {
            "draft": Domain("date_from", "=", False),
            "planned": Domain("date_from", ">", today),
            "in_force": begun & ~ended,
            "ended": begun & ended,
        }
        real = Domain.OR(states[state] for state in value if state in states)
        template = Domain("is_template", "=", True)
        return (real & ~template) | (template if "template" in value else Domain.FALSE)

    @api.depends("name", "version")
    def _compute_display_name(self):
        for plan in self:
            plan.display_name = plan.name
            if plan.version > 1:
                plan.display_name = self.env._(
                    "%(plan)s, version %(version)s", plan=plan.name, version=plan.version
                )

    @api.depends("family_id", "version")
    def _compute_version_ids(self):
        families = self.mapped(lambda plan: plan.family_id or plan._origin)
        plans = self.with_context(active_test=False)
        versions = plans.search(
            [("family_id", "in", families.ids)], order="family_id, version desc"
        ).grouped("family_id")
        for plan in self:
            first = plan.family_id or plan._origin
            plan.version_ids = versions.get(first, plans.browse()) | first
            plan.version_count = len(plan.version_ids)

    @api.depends("previous_id", "item_ids")
    @api.depends_context("lang")
    def _compute_changes(self):
        for plan in self:
            plan.changes = plan._say_changes() if plan.previous_id else False

    def _say_changes(self):
        """What this version checks otherwise than the one before, as a list."""
        labels = {
            "added": self.env._("added"),
            "removed": self.env._("removed"),
            "changed": self.env._("changed"),
        }
        rows = []
        for change in compare(self.previous_id._get_checks(), self._get_checks()):
            details = Markup().join(
                Markup("<div class='text-muted'>{}: {} → {}</div>").format(
                    label, before or "–", after or "–"
                )
                for label, before, after in change.details
            )
            rows.append(
                Markup("<li><b>{}</b> {}{}</li>").format(change.name, labels[change.kind], details)
            )
        if not rows:
            return Markup("<p>{}</p>").format(self.env._("It checks the same."))
        return Markup("<ul>{}</ul>").format(Markup().join(rows))

    def _get_checks(self):
        """What a plan checks: ``{key: (name, {label: text})}``; an item keeps its key."""
        shown = [
            name
            for name in self.item_ids._get_criterion_fields()
            if name not in ("name", "sequence", "limit_type", "min_value", "max_value", "unit")
        ]
        described = self.item_ids.fields_get([*shown, "name", "criterion"])
        checks = {}
        for item in self.item_ids:
            facts = {described[name]["string"]: item._say_field(name) for name in ("name", *shown)}
            facts[described["criterion"]["string"]] = item.criterion
            checks[item.lineage or item._origin.id] = (item.name, facts)
        return checks

    # ------------------------------------------------------------------
    # What a plan needs
    # ------------------------------------------------------------------
    def _filter_applying(self):
        """Plans that apply to goods, now or on some day: not drafts, not ready-made ones."""
        return self.filtered(lambda plan: plan.active and plan.date_from and not plan.is_template)

    @api.constrains(
        "active", "date_from", "is_template", "product_tmpl_ids", "categ_ids", "item_ids"
    )
    def _check_complete(self):
        for plan in self._filter_applying():
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

    @api.constrains("picking_type_ids")
    def _check_picking_types(self):
        for plan in self:
            wrong = plan.picking_type_ids.filtered(
                lambda kind: kind.code not in ("internal", "outgoing")
            )
            if wrong:
                raise ValidationError(
                    self.env._(
                        "Plan “%(plan)s” cannot be inspected in %(types)s: goods have their lots"
                        " from the receipt on. Leave the operation types empty to inspect what is"
                        " received, in the quality step of a three-step receipt.",
                        plan=plan.name,
                        types=", ".join(wrong.mapped("display_name")),
                    )
                )

    @api.constrains("date_from", "previous_id")
    def _check_version_order(self):
        for plan in self:
            earlier = plan.previous_id
            if plan.date_from and earlier.date_from and plan.date_from <= earlier.date_from:
                raise ValidationError(
                    self.env._(
                        "%(plan)s begins after %(earlier)s, which is in force from %(date)s:"
                        " choose a later day.",
                        plan=plan.display_name,
                        earlier=earlier.display_name,
                        date=earlier.date_from,
                    )
                )

    @api.constrains("active", "date_from", "is_template", "product_tmpl_ids", "categ_ids")
    def _check_tracking(self):
        for plan in self._filter_applying():
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

    # ------------------------------------------------------------------
    # Versions
    # ------------------------------------------------------------------
    @api.model_create_multi
    def create(self, vals_list):
        plans = super().create(vals_list)
        plans._end_previous()
        self.env.registry.clear_cache()
        return plans

    def write(self, vals):
        if any(name in FROZEN_FIELDS or name.startswith(FROZEN_PREFIX) for name in vals):
            self._check_unused()
        result = super().write(vals)
        if "date_from" in vals:
            self._end_previous()
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    @api.ondelete(at_uninstall=False)
    def _unlink_unused(self):
        for plan in self._count_inspections():
            raise UserError(
                self.env._(
                    "Plan “%(plan)s” was inspected by: it is evidence and is not deleted. End or"
                    " archive it.",
                    plan=plan.display_name,
                )
            )

    def copy_data(self, default=None):
        vals_list = super().copy_data(default=default)
        if "name" not in (default or {}):
            for plan, vals in zip(self, vals_list, strict=True):
                vals["name"] = self.env._("%s (copy)", plan.name)
        # A copy would inspect the same goods a second time: it begins as a draft.
        return [{"date_from": False, **vals} for vals in vals_list]

    def _check_unused(self):
        """Refuse to change what plans check that were inspected by."""
        for plan, count in self._count_inspections().items():
            raise UserError(
                self.env._(
                    "%(count)s lots were inspected by plan “%(plan)s”: what it checks stays as it"
                    " was. Press “New Version” and change that.",
                    count=count,
                    plan=plan.with_env(self.env).display_name,
                )
            )

    def _end_previous(self):
        """A version in force ends the one before on the day before it begins."""
        for plan in self.filtered(lambda record: record.date_from and record.previous_id):
            plan._check_version_order()
            last_day = plan.date_from - timedelta(days=1)
            if plan.previous_id.date_to != last_day:
                plan.previous_id.date_to = last_day

    def action_new_version(self):
        """Open the draft of the next version, made of what this one checks."""
        self.ensure_one()
        self.check_access("write")
        if self.is_template:
            raise UserError(
                self.env._("A ready-made plan has no versions: take it into use instead.")
            )
        first = self.family_id or self
        newest = (
            self.with_context(active_test=False).search(
                [("family_id", "=", first.id)], order="version desc", limit=1
            )
            or first
        )
        if newest == self or newest.date_from or newest._count_inspections():
            copy = self.copy(
                {
                    "name": self.name,
                    "version": newest.version + 1,
                    "previous_id": newest.id,
                    "family_id": first.id,
                }
            )
            copy._message_log(body=self.env._("Made from %(plan)s.", plan=self.display_name))
            newest = copy
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": newest.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    def action_use(self):
        """Open the dialog that makes a plan of this ready-made one."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Use This Plan"),
            "res_model": "union.assist.quality.plan.use",
            "view_mode": "form",
            "target": "new",
            "context": {"default_template_id": self.id},
        }

    def _use(self, vals):
        """Make a plan of this ready-made one.

        :param vals: for which goods and from which day
        """
        self.ensure_one()
        if not self.is_template:
            raise UserError(self.env._("“%(plan)s” is no ready-made plan.", plan=self.display_name))
        return self.copy({"goods_class_id": False, "template_id": self.id, **vals})

    def action_view_versions(self):
        """List all versions of this plan."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "union_assist_logistics.action_quality_plan"
        )
        action.update(
            name=self.env._("Versions"),
            domain=[("id", "in", self.version_ids.ids)],
            context={"active_test": False},
        )
        return action

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
        """Return what decides whether a plan applies, for all plans that may.

        Kept in memory so that the gate costs no query where there is no plan.
        """
        plans = (
            self.sudo()
            .with_context(active_test=True)
            .search([("is_template", "=", False), ("date_from", "!=", False)])
        )
        return tuple(
            PlanScope(
                plan_id=plan.id,
                family=plan.family_id.id or plan.id,
                version=plan.version,
                company_id=plan.company_id.id,
                date_from=plan.date_from,
                date_to=plan.date_to,
                template_ids=frozenset(plan.product_tmpl_ids.ids),
                categ_ids=frozenset(plan.categ_ids.ids),
                supplier_kind=plan.supplier_kind,
                picking_type_ids=frozenset(plan.picking_type_ids.ids),
            )
            for plan in plans
        )

    @api.model
    def _asks_supplier(self):
        """Whether some plan depends on who supplied the goods."""
        return any(scope.supplier_kind for scope in self._get_index())

    @api.model
    def _get_applicable_ids(
        self, product, company, days, picking_type=None, kinds=None, any_step=False, kept=()
    ):
        """Return the ids of the plans in force for a product on any of some days.

        Of several versions of a plan the newest counts.

        :param product: a ``product.product`` or ``product.template``
        :param company: the company whose goods they are
        :param days: iterable of dates
        :param picking_type: that of the transfer in which the goods are inspected; without
            one, the plans that decide about entering stock
        :param kinds: the kinds of suppliers that the goods came from; None where nobody knows
            yet, so that plans of any kind count
        :param any_step: plans count whatever operation types they name
        :param kept: ids of plans that count whatever goods and suppliers they name
        """
        index = self._get_index()
        if not index:
            return ()
        product = product.sudo()
        template = product if product._name == "product.template" else product.product_tmpl_id
        path = template.categ_id.parent_path or ""
        categories = {int(part) for part in path.split("/") if part}
        found = {}
        for scope in index:
            if (
                (not scope.company_id or scope.company_id == company.id)
                and (
                    scope.plan_id in kept
                    or template.id in scope.template_ids
                    or not categories.isdisjoint(scope.categ_ids)
                )
                and any(
                    scope.date_from <= day and (not scope.date_to or day <= scope.date_to)
                    for day in days
                )
                and (
                    scope.plan_id in kept
                    or not scope.supplier_kind
                    or kinds is None
                    or scope.supplier_kind in kinds
                )
                and (any_step or self._holds_in(scope, picking_type))
            ):
                known = found.get(scope.family)
                if not known or known.version < scope.version:
                    found[scope.family] = scope
        return tuple(sorted(scope.plan_id for scope in found.values()))

    @api.model
    def _holds_in(self, scope, picking_type):
        if scope.picking_type_ids:
            return bool(picking_type) and picking_type.id in scope.picking_type_ids
        return not picking_type or picking_type._assist_is_quality_step()

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
