from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import format_list

from ..tools.recipe_rules import Part, Recipe, check_recipe

# What a recipe says: it does not change once it was submitted.
RECIPE_FIELDS = frozenset(
    (
        "assist_layers",
        "assist_not_for_sale",
        "assist_pack_volume",
        "bom_line_ids",
        "byproduct_ids",
        "company_id",
        "operation_ids",
        "product_id",
        "product_qty",
        "product_tmpl_id",
        "product_uom_id",
        "type",
    )
)
# Who approved a recipe, and when: moved on by acts, never by hand.
APPROVAL_FIELDS = frozenset(
    (
        "assist_approved_by_id",
        "assist_approved_on",
        "assist_finding_ids",
        "assist_recipe_state",
        "assist_submitted_by_id",
        "assist_version",
    )
)
# Cubic metres of the product form to litres.
LITRES = 1000


class MrpBom(models.Model):
    """The recipe of a gift pack is approved by somebody else than who submits it."""

    _inherit = "mrp.bom"
    _assist_kept_fields = APPROVAL_FIELDS

    assist_is_gift_pack = fields.Boolean(related="product_tmpl_id.assist_is_gift_pack")
    assist_recipe_state = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "To Approve"),
            ("approved", "Approved"),
            ("replaced", "Replaced"),
        ],
        "Recipe State",
        compute="_compute_assist_recipe_state",
        store=True,
        readonly=True,
        copy=False,
        index="btree_not_null",
        tracking=True,
    )
    assist_version = fields.Integer("Recipe Version", default=1, readonly=True, copy=False)
    assist_layers = fields.Integer(
        "Layers of Packaging", help="Counted as GB 23350 does, without the goods' own first layer."
    )
    assist_pack_volume = fields.Float(
        "Outer Volume (L)", digits=(16, 3), help="Volume of the packed gift box, in litres."
    )
    assist_not_for_sale = fields.Boolean(
        "Not for Sale", help="A gift that is not sold: the rules on sold goods do not apply."
    )
    assist_packaging_cost = fields.Float(
        "Packaging Cost",
        compute="_compute_assist_packaging",
        digits="Product Price",
        help="Cost of the packaging materials in one gift pack.",
    )
    assist_packaging_share = fields.Float(
        "Packaging Cost (% of Price)",
        compute="_compute_assist_packaging",
        digits=(16, 1),
        help="Packaging cost against the sale price of the product with taxes.",
    )
    assist_submitted_by_id = fields.Many2one(
        "res.users", "Submitted By", readonly=True, copy=False, tracking=True
    )
    assist_approved_by_id = fields.Many2one(
        "res.users", "Approved By", readonly=True, copy=False, tracking=True
    )
    assist_approved_on = fields.Datetime("Approved On", readonly=True, copy=False)
    assist_finding_ids = fields.One2many(
        "union.assist.packing.finding", "bom_id", "Packing Rules", readonly=True, copy=False
    )

    _assist_layers_positive = models.Constraint(
        "CHECK (assist_layers >= 0)", "Layers are not below zero."
    )
    _assist_pack_volume_positive = models.Constraint(
        "CHECK (assist_pack_volume >= 0)", "A volume is not below zero."
    )

    @api.depends("product_tmpl_id.assist_is_gift_pack")
    def _compute_assist_recipe_state(self):
        for bom in self:
            state = bom.assist_recipe_state or "draft"
            bom.assist_recipe_state = bom.product_tmpl_id.assist_is_gift_pack and state

    @api.depends(
        "bom_line_ids.product_id",
        "bom_line_ids.product_qty",
        "bom_line_ids.product_uom_id",
        "product_tmpl_id",
        "product_qty",
    )
    @api.depends_context("company")
    def _compute_assist_packaging(self):
        for bom in self:
            recipe = bom._assist_get_recipe() if bom.assist_is_gift_pack else None
            bom.assist_packaging_cost = recipe.packaging_cost if recipe else 0.0
            bom.assist_packaging_share = recipe and recipe.packaging_share or 0.0

    # ------------------------------------------------------------------
    # What is approved does not change
    # ------------------------------------------------------------------
    @api.model_create_multi
    def create(self, vals_list):
        self._assist_check_approval_fields(*vals_list)
        return super().create(vals_list)

    def write(self, vals):
        self._assist_check_approval_fields(vals)
        if RECIPE_FIELDS & vals.keys():
            self._assist_check_open()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_approved(self):
        self._assist_check_open()

    def _assist_check_approval_fields(self, *vals_list):
        if not self.env.su and any(APPROVAL_FIELDS & vals.keys() for vals in vals_list):
            raise AccessError(
                self.env._("A recipe is submitted and approved by its buttons, not by hand.")
            )

    def _assist_check_open(self):
        """Refuse to change recipes that somebody approved, or is asked to approve."""
        closed = self.filtered(lambda bom: bom.assist_recipe_state not in (False, "draft"))
        if closed:
            raise UserError(
                self.env._(
                    "The recipe of %(product)s (version %(version)s) was submitted or approved"
                    " and does not change any more. Take it back to draft while it waits, or"
                    " make a new version of it.",
                    product=closed[0].product_tmpl_id.display_name,
                    version=closed[0].assist_version,
                )
            )

    @api.model
    def _bom_find(self, products, picking_type=None, company_id=False, bom_type=False):
        """Search bills for the products that have any: core asks product by product.

        Who has none is read for all products that are prefetched together, so that an order
        of goods without bills costs one query and not one for each line and step.
        """
        if any(product.type != "service" for product in products):
            self.browse().check_access("read")  # as core's search does
        return super()._bom_find(
            products.filtered(lambda product: product.sudo().product_tmpl_id.bom_ids),
            picking_type=picking_type,
            company_id=company_id,
            bom_type=bom_type,
        )

    def _bom_find_domain(self, products, picking_type=None, company_id=False, bom_type=False):
        # Nothing is packed by a recipe that nobody approved.
        return super()._bom_find_domain(
            products, picking_type=picking_type, company_id=company_id, bom_type=bom_type
        ) & Domain("assist_recipe_state", "in", (False, "approved"))

    # ------------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------------
    def _assist_get_price(self):
        """The price of the pack as customers pay it, with taxes."""
        self.ensure_one()
        company = self.company_id or self.env.company
        product = (self.product_id or self.product_tmpl_id.product_variant_id).sudo()
        taxes = product.taxes_id.filtered_domain(
            self.env["account.tax"]._check_company_domain(company)
        )
        price = product.lst_price
        return taxes.compute_all(price, product=product)["total_included"] if taxes else price

    def _assist_get_recipe(self, price=None):
        """Return one pack of this recipe for the checks of ``tools.recipe_rules``.

        :param price: sale price with taxes; the product's own when left out
        """
        self.ensure_one()
        company = self.company_id or self.env.company
        packs = self.product_uom_id._compute_quantity(
            self.product_qty, self.product_tmpl_id.uom_id, round=False
        )
        parts = []
        for line in self.bom_line_ids:
            product = line.product_id.sudo().with_company(company)
            quantity = line.product_uom_id._compute_quantity(
                line.product_qty, product.uom_id, round=False
            )
            parts.append(
                Part(
                    name=product.with_context(display_default_code=False).display_name,
                    quantity=quantity / (packs or 1.0),
                    packing_class=product.assist_packing_class or "",
                    price=product.lst_price,
                    cost=product.standard_price,
                    volume=product.volume * LITRES,
                    is_packaging=product.assist_is_packaging,
                )
            )
        return Recipe(
            parts=tuple(parts),
            price=self._assist_get_price() if price is None else price,
            layers=self.assist_layers,
            volume=self.assist_pack_volume,
            not_for_sale=self.assist_not_for_sale,
        )

    def _assist_check_rules(self, price=None, kinds=()):
        """Check these recipes by the rules in force today.

        :param price: sale price with taxes; that of the product when left out
        :param kinds: kinds of rules to check by; all when empty
        :return: ``{recipe: [values of a finding]}``
        """
        by_day = {}
        found = {}
        for bom in self:
            day = (bom.company_id or self.env.company)._assist_today()
            if day not in by_day:
                by_day[day] = self.env["union.assist.packing.rule"]._get_rules(day)
            rules = by_day[day]
            records = {id(rule): record for record, rule in rules}
            findings = check_recipe(bom._assist_get_recipe(price), [rule for _r, rule in rules])
            found[bom] = [
                bom._assist_prepare_finding(records[id(finding.rule)], finding)
                for finding in findings
                if not kinds or finding.rule.kind in kinds
            ]
        return found

    def _assist_prepare_finding(self, record, finding):
        percent = record.kind in ("cost_share", "interspace")
        value = "" if finding.value is None else f"{finding.value:.1f} %"
        if not percent:
            value = "" if finding.value is None else f"{finding.value:g}"
        if record.kind in ("alone", "no_dearer"):
            value = ""
        limit = "" if record.kind in ("alone", "no_dearer") else f"≤ {record.limit:g}"
        parts = format_list(self.env, list(finding.parts)) if finding.parts else ""
        return {
            "bom_id": self.id,
            "sequence": record.sequence,
            "name": record.with_env(self.env).sudo().name,
            "verdict": finding.verdict,
            "value": " ".join(filter(None, [value, parts])),
            "limit": f"{limit} %" if percent else limit,
            "action": record.action,
            "source": record.with_env(self.env).sudo().source,
        }

    def action_assist_check(self):
        """Check these recipes by the packing rules and keep what they said."""
        self.check_access("write")
        self._assist_keep_findings()

    def _assist_keep_findings(self):
        findings = self.env["union.assist.packing.finding"].sudo()
        findings.search([("bom_id", "in", self.ids)]).unlink()
        findings.create(
            [vals for vals_list in self._assist_check_rules().values() for vals in vals_list]
        )

    def _assist_check_blocking(self):
        """Refuse recipes that break a rule that refuses, or that it cannot be told of."""
        for bom in self:
            wrong = bom.assist_finding_ids.filtered(
                lambda finding: finding.action == "block" and finding.verdict in ("fail", "unknown")
            )
            if wrong:
                raise UserError(
                    self.env._(
                        "The recipe of %(product)s cannot be approved:\n%(findings)s",
                        product=bom.product_tmpl_id.display_name,
                        findings="\n".join(map(self._assist_describe, wrong)),
                    )
                )

    @api.model
    def _assist_describe(self, finding):
        """Say in a line what is wrong, with the source of the rule."""
        if finding["verdict"] == "unknown":
            text = self.env._(
                "• %(rule)s (%(limit)s): cannot be told; enter what is missing (layers, price,"
                " packaging materials with their cost, volumes) %(value)s [%(source)s]"
            )
        else:
            text = self.env._("• %(rule)s %(limit)s: %(value)s [%(source)s]")
        return text % {
            "rule": finding["name"],
            "limit": finding["limit"] or "",
            "value": finding["value"] or "",
            "source": finding["source"] or "",
        }

    # ------------------------------------------------------------------
    # Approval
    # ------------------------------------------------------------------
    def action_assist_submit(self):
        """Ask for approval; the recipe does not change from now on.

        :raise UserError: it is no draft of a gift pack, has no goods in it, or breaks a rule
        """
        self.check_access("write")
        for bom in self:
            if bom.assist_recipe_state != "draft":
                raise UserError(
                    self.env._(
                        "The recipe of %(product)s is no draft.",
                        product=bom.product_tmpl_id.display_name,
                    )
                )
            goods = bom.bom_line_ids.product_id.filtered(lambda p: not p.assist_is_packaging)
            if not goods or bom.type != "normal":
                raise UserError(
                    self.env._(
                        "The recipe of %(product)s needs goods among its components, and the type"
                        " “Manufacture this product”: gift packs are made to stock with a lot of"
                        " their own.",
                        product=bom.product_tmpl_id.display_name,
                    )
                )
        self._assist_keep_findings()
        self._assist_check_blocking()
        self.sudo().write(
            {
                "assist_recipe_state": "submitted",
                "assist_submitted_by_id": self.env.uid,
                "assist_approved_by_id": False,
            }
        )

    def action_assist_withdraw(self):
        """Take recipes that wait for approval back to draft."""
        self.check_access("write")
        self._assist_check_waiting()
        self.sudo().assist_recipe_state = "draft"

    def action_assist_approve(self):
        """Approve recipes that somebody else submitted; they replace the earlier version.

        :raise UserError: one does not wait, was submitted by the user, or breaks a rule
        """
        self.check_access("write")
        self._assist_check_waiting()
        own = self.filtered(lambda bom: bom.assist_submitted_by_id == self.env.user)
        if own:
            raise UserError(
                self.env._(
                    "You submitted the recipe of %(product)s yourself: somebody else approves it.",
                    product=own[0].product_tmpl_id.display_name,
                )
            )
        # Rules and prices may have changed while it waited.
        self._assist_keep_findings()
        self._assist_check_blocking()
        earlier = self.sudo().search(
            Domain("product_tmpl_id", "in", self.product_tmpl_id.ids)
            & Domain("assist_recipe_state", "=", "approved")
        )
        for bom in self.sudo():
            earlier.filtered(
                lambda other, bom=bom: (
                    other.product_tmpl_id == bom.product_tmpl_id
                    and other.product_id == bom.product_id
                    and other.company_id == bom.company_id
                )
            ).write({"assist_recipe_state": "replaced", "active": False})
        self.sudo().write(
            {
                "assist_recipe_state": "approved",
                "assist_approved_by_id": self.env.uid,
                "assist_approved_on": fields.Datetime.now(),
            }
        )

    def _assist_check_waiting(self):
        if self.filtered(lambda bom: bom.assist_recipe_state != "submitted"):
            raise UserError(self.env._("Only recipes that wait for approval can be decided on."))

    def action_assist_new_version(self):
        """Make a draft of the next version; the approved one holds until that is approved.

        :return: action that opens the draft
        """
        self.ensure_one()
        self.check_access("write")
        if self.assist_recipe_state not in ("approved", "replaced"):
            raise UserError(self.env._("Change the draft itself: it was not approved yet."))
        [(last,)] = (
            self.sudo()
            .with_context(active_test=False)
            ._read_group(
                [("product_tmpl_id", "=", self.product_tmpl_id.id)], [], ["assist_version:max"]
            )
        )
        draft = self.copy({"active": True})
        draft.sudo().assist_version = (last or 1) + 1
        return draft._assist_get_form_action()

    def _assist_get_form_action(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "union_assist_logistics.action_gift_recipe"
        )
        return {**action, "views": [(False, "form")], "res_id": self.id}
