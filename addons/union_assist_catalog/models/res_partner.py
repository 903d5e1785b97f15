from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

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
    assist_certificate_count = fields.Integer(
        "Document Count", compute="_compute_assist_certificate_count", groups=FILE_GROUPS
    )
    assist_needs_html = fields.Html(
        "Documents Needed",
        compute="_compute_assist_needs_html",
        sanitize=False,
        groups=FILE_GROUPS,
        help="Documents that the supplier and its goods need today, and those in place.",
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
        return self._assist_document_obstacles(products, date)

    def _assist_document_obstacles(self, products, date):
        """Say which documents of the supplier and its goods are in the way of an order.

        :param products: ``product.product`` records; those without a goods class need none
        :return: list of sentences, one for each document, whichever number of products needs it
        """
        supplier = self.sudo().commercial_partner_id
        if not supplier.assist_supplier_kind:
            return []
        templates = products.sudo().product_tmpl_id
        needs = self.env["union.assist.document.rule"]._get_needs(
            [(supplier, template) for template in templates if template.assist_goods_class_id],
            date,
        )
        blocking = {}
        for (_seller, template), rows in needs.items():
            for need in rows:
                if need.is_blocking:
                    key = (need.rule.type_ids, need.holder, need.product)
                    blocking.setdefault(key, (need, template.browse()))
                    need, goods = blocking[key]
                    blocking[key] = (need, goods | template)
        return [self._assist_describe_need(need, goods) for need, goods in blocking.values()]

    @api.model
    def _assist_describe_need(self, need, products):
        """Say in one sentence what is wrong with a needed document and what to do about it."""
        texts = {
            "types": need.rule._get_types_name(),
            "products": ", ".join(products.mapped("display_name")),
            "supplier": need.holder.name,
            "day": format_date(self.env, need.certificate.date_end)
            if need.status == "expired"
            else format_date(self.env, need.certificate.date_from or False),
        }
        if need.status == "expired":
            return self.env._(
                "%(products)s: the %(types)s of %(supplier)s expired on %(day)s. Have the"
                " supplier upload the renewal, then verify it.",
                **texts,
            )
        if need.status == "not_yet":
            return self.env._(
                "%(products)s: the %(types)s of %(supplier)s holds only from %(day)s. Order"
                " from that day on, or have the earlier document uploaded and verified.",
                **texts,
            )
        if need.status == "submitted":
            return self.env._(
                "%(products)s: the %(types)s of %(supplier)s waits for verification. Verify it"
                " under Partners → Documents.",
                **texts,
            )
        return self.env._(
            "%(products)s: the %(types)s of %(supplier)s is missing. Have the supplier upload"
            " it, then verify it.",
            **texts,
        )

    def _assist_get_needs(self, date):
        """Say which documents each supplier and its goods need on a day.

        :return: ``{partner id: list of DocumentNeed}`` with every partner as a key, each
            document of the supplier once; the number of queries does not depend on the number
            of partners
        """
        suppliers = self.sudo()._origin.filtered("assist_supplier_kind")
        products = (
            self.env["product.template"]
            .sudo()
            .search(
                [
                    ("assist_supplier_id", "in", suppliers.ids),
                    ("assist_goods_class_id", "!=", False),
                ]
            )
        )
        goods = [(supplier, products.browse()) for supplier in suppliers]
        goods += [(product.assist_supplier_id, product) for product in products]
        needs = self.env["union.assist.document.rule"]._get_needs(goods, date)
        found = {partner.id: {} for partner in self._origin}
        for (seller, _product), rows in needs.items():
            for need in rows:
                found[seller.id].setdefault((need.rule, need.product), need)
        return {partner_id: list(rows.values()) for partner_id, rows in found.items()}

    def _assist_missing_documents(self, date):
        """Return the standing documents that suppliers themselves lack on a day.

        Those that only their goods lack are in the products' method of the same name.

        :return: ``{partner id: union.assist.certificate.type records}``, every partner a key
        """
        types = self.env["union.assist.certificate.type"].sudo()
        return {
            partner_id: types.union(
                *(
                    need.rule.type_ids
                    for need in needs
                    if need.is_blocking and need.rule.scope == "supplier"
                )
            )
            for partner_id, needs in self._assist_get_needs(date).items()
        }

    @api.depends("assist_supplier_kind")
    def _compute_assist_certificate_count(self):
        groups = self.env["union.assist.certificate"]._read_group(
            [("partner_id", "in", self._origin.ids)], ["partner_id"], ["__count"]
        )
        counts = {partner.id: count for partner, count in groups}
        for partner in self:
            partner.assist_certificate_count = counts.get(partner._origin.id, 0)

    @api.depends("assist_supplier_kind")
    @api.depends_context("company", "lang")
    def _compute_assist_needs_html(self):
        needs = self._assist_get_needs(self.env.company._assist_today())
        render = self.env["ir.qweb"]._render
        for partner in self:
            rows = needs.get(partner._origin.id)
            partner.assist_needs_html = rows and render(
                "union_assist_catalog.document_needs", {"needs": rows, "product": False}
            )

    def action_view_assist_certificates(self):
        """Open the documents of this supplier."""
        self.ensure_one()
        self.env["union.assist.certificate"].check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "union_assist_catalog.action_certificate"
        )
        return {
            **action,
            "domain": [("partner_id", "=", self.id)],
            "context": {"default_partner_id": self.id},
        }
