from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..tools import credit_code

# Who reads the file of a supplier beyond what every contact shows.
FILE_GROUPS = "union_assist_catalog.group_user,union_assist_catalog.group_county"


class ResPartner(models.Model):
    _inherit = "res.partner"

    assist_supplier_kind = fields.Selection(
        [
            ("lead_enterprise", "Lead Enterprise"),
            ("sme", "County SME"),
            ("cooperative", "Cooperative"),
            ("family_farm", "Family Farm"),
            ("agent", "Agent"),
        ],
        "Supplier Kind",
        index="btree_not_null",
        tracking=True,
        help="Set it to make this company a supplier of the assistance programme.",
    )
    assist_union_kind = fields.Selection(
        [
            ("provincial_federation", "Provincial Federation"),
            ("city_union", "City Union"),
            ("county_union", "County Union"),
            ("industrial_union", "Industrial Union"),
            ("direct_unit_union", "Union of a Directly Managed Unit"),
            ("separately_listed_union", "Separately Listed Union"),
            ("base_union", "Base Union"),
        ],
        "Union Kind",
        index="btree_not_null",
        tracking=True,
        help="Set it to make this organisation a purchasing unit of the trade unions.",
    )
    assist_region_id = fields.Many2one(
        "union.assist.region",
        "Programme Place",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
    )
    assist_legal_representative = fields.Char(
        "Legal Representative",
        groups=FILE_GROUPS,
        help="As the business licence names it; the owner of a family farm.",
    )
    assist_founded_on = fields.Date("Founded on", groups=FILE_GROUPS)
    assist_registered_capital = fields.Float(
        "Registered Capital (10,000 CNY)",
        digits=(16, 4),
        groups=FILE_GROUPS,
        help="In units of 10,000 yuan, as licences give it; of a cooperative, what its members"
        " contributed.",
    )
    assist_business_scope = fields.Text("Business Scope", groups=FILE_GROUPS)
    assist_alliance_ids = fields.Many2many(
        "union.assist.alliance",
        "union_assist_alliance_member_rel",
        "partner_id",
        "alliance_id",
        "Member of Alliances",
        groups=FILE_GROUPS,
    )
    assist_led_alliance_ids = fields.One2many(
        "union.assist.alliance", "lead_id", "Leads Alliances", groups=FILE_GROUPS
    )
    assist_linkage_ids = fields.One2many(
        "union.assist.linkage",
        "supplier_id",
        "Linkages",
        groups="union_assist_catalog.group_user,union_assist_catalog.group_county",
    )
    assist_household_count = fields.Float(
        "Verified Households",
        compute="_compute_assist_counts",
        compute_sudo=True,
        digits=(12, 2),
        help="Households with a verified linkage today; a household shared with another"
        " supplier counts with its share.",
    )
    assist_person_count = fields.Float(
        "Verified Persons",
        compute="_compute_assist_counts",
        compute_sudo=True,
        digits=(12, 2),
        help="Persons of the households with a verified linkage today, by share.",
    )

    # Two written at the same moment cannot both pass. Suppliers shared by all companies meet
    # those of each company in the check below.
    _assist_credit_code_unique = models.UniqueIndex(
        "(company_registry, COALESCE(company_id, 0))"
        " WHERE assist_supplier_kind IS NOT NULL AND parent_id IS NULL AND company_registry <> ''",
        "Another supplier, maybe an archived one, has this unified social credit code already.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        return super().create(
            [
                self._assist_with_credit_code(vals) if vals.get("assist_supplier_kind") else vals
                for vals in vals_list
            ]
        )

    def write(self, vals):
        if vals.get("company_registry") and (
            vals.get("assist_supplier_kind")
            or any(partner.assist_supplier_kind for partner in self)
        ):
            vals = self._assist_with_credit_code(vals)
        return super().write(vals)

    @api.model
    def _assist_with_credit_code(self, vals):
        if not vals.get("company_registry"):
            return vals
        return {**vals, "company_registry": credit_code.compact(vals["company_registry"])}

    @api.depends("assist_supplier_kind")
    def _compute_company_registry_label(self):
        super()._compute_company_registry_label()
        for partner in self.filtered("assist_supplier_kind"):
            partner.company_registry_label = self.env._("Unified Social Credit Code")

    @api.constrains("assist_supplier_kind", "company_id", "company_registry", "parent_id")
    def _check_assist_credit_code(self):
        suppliers = self.filtered(
            lambda partner: (
                partner.assist_supplier_kind and partner.company_registry and not partner.parent_id
            )
        )
        for supplier in suppliers:
            if message := self._assist_credit_code_error(supplier.company_registry):
                raise ValidationError(message)
            if supplier._assist_find_same_credit_code():
                raise ValidationError(
                    self.env._(
                        "Another supplier, maybe an archived one, has the unified social credit"
                        " code %(code)s already: %(supplier)s cannot have it too.",
                        code=supplier.company_registry,
                        supplier=supplier.display_name,
                    )
                )

    @api.model
    def _assist_credit_code_error(self, code):
        """Return what is wrong with a unified social credit code, or ``None``."""
        messages = {
            "length": self.env._(
                "The unified social credit code %(code)s has %(count)s characters;"
                " there are 18 on the business licence.",
                code=code,
                count=len(credit_code.compact(code)),
            ),
            "form": self.env._(
                "The unified social credit code %(code)s has a character where it cannot be:"
                " places 3 to 8 are digits, and the letters I, O, S, V, Z never occur.",
                code=code,
            ),
            "check": self.env._(
                "The unified social credit code %(code)s has a typing error: its last character"
                " does not fit the others (GB 32100). Compare it with the business licence.",
                code=code,
            ),
        }
        return messages.get(credit_code.find_fault(code))

    def _assist_find_same_credit_code(self, code=None):
        """Return suppliers with the same code in the same company or shared by all companies."""
        domain = Domain(
            [
                ("company_registry", "=", credit_code.compact(code or self.company_registry)),
                ("assist_supplier_kind", "!=", False),
                ("parent_id", "=", False),
                ("id", "not in", self.ids),
            ]
        )
        if self.company_id:
            domain &= Domain("company_id", "in", (False, self.company_id.id))
        return self.sudo().with_context(active_test=False).search(domain)

    @api.depends(
        "assist_linkage_ids.state",
        "assist_linkage_ids.persons",
        "assist_linkage_ids.date_from",
        "assist_linkage_ids.date_to",
    )
    def _compute_assist_counts(self):
        counts = self._assist_counts(fields.Date.context_today(self))
        for partner in self:
            households, persons = counts.get(partner._origin.id, (0.0, 0.0))
            partner.assist_household_count = households
            partner.assist_person_count = persons

    def _assist_counts(self, date):
        """Count verified households and persons on a day, in one query.

        :return: ``{partner id: (households, persons)}``, both by share; a supplier
            without a verified linkage on that day is not a key
        """
        groups = self.env["union.assist.linkage"]._read_group(
            Domain("supplier_id", "in", self._origin.ids)
            & self.env["union.assist.linkage"]._get_counted_domain(date),
            ["supplier_id"],
            ["share:sum", "persons:sum"],
        )
        return {supplier.id: (households, persons) for supplier, households, persons in groups}

    def action_view_assist_linkages(self):
        """Open the linkages of this supplier."""
        self.ensure_one()
        self.env["union.assist.linkage"].check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "union_assist_catalog.action_linkage"
        )
        action["domain"] = [("supplier_id", "=", self.id)]
        action["context"] = {"default_supplier_id": self.id}
        return action

    def _assist_order_obstacles(self, products, date):
        """Say why goods may not be ordered from this supplier on a day.

        :param products: ``product.product`` records to be ordered
        :return: list of sentences, each with what to do; empty when nothing is in the way, and
            always for partners who are no assistance suppliers
        """
        self.ensure_one()
        return []
