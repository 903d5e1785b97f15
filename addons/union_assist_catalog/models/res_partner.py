from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..tools import credit_code
from ..tools.minimum_cell import publishable_cells
from .admission import STATES

# Who reads the file of a supplier beyond what every contact shows.
FILE_GROUPS = "union_assist_catalog.group_user,union_assist_catalog.group_county"

# Details of a supplier's file that its score asks for.
SCORED_FIELDS = (
    "company_registry",
    "assist_region_id",
    "assist_legal_representative",
    "assist_founded_on",
    "assist_registered_capital",
    "assist_business_scope",
    "street",
    "phone",
    "email",
)
SCORE_BATCH = 500


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
    assist_verification_ids = fields.One2many(
        "union.assist.verification",
        "supplier_id",
        "Verifications",
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

    assist_listed_count = fields.Integer(
        "Recommended Products",
        compute="_compute_assist_product_counts",
        groups="union_assist_catalog.group_user,union_assist_catalog.group_county",
    )
    assist_out_count = fields.Integer(
        "Products not Recommended",
        compute="_compute_assist_product_counts",
        groups="union_assist_catalog.group_user,union_assist_catalog.group_county",
    )
    assist_admission_ids = fields.One2many(
        "union.assist.admission", "supplier_id", "Admission", groups=FILE_GROUPS
    )
    assist_admission_state = fields.Selection(
        STATES,
        "Admission Status",
        compute="_compute_assist_admission_state",
        store=True,
        index="btree_not_null",
        help="Of the supplier's application to the programme; empty when there is none.",
    )

    assist_score_ids = fields.One2many(
        "union.assist.score", "supplier_id", "Score Parts", readonly=True, groups=FILE_GROUPS
    )
    assist_score = fields.Float(
        "Score",
        compute="_compute_assist_score",
        store=True,
        digits=(5, 1),
        aggregator="avg",
        groups=FILE_GROUPS,
        help="From 0 to 100: the mean of the parts that there are data for, by their weights.",
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
        partners = super().create(
            [
                self._assist_with_credit_code(vals) if vals.get("assist_supplier_kind") else vals
                for vals in vals_list
            ]
        )
        # Whether by values or by defaults of the context: nobody is admitted by being written so.
        for partner in partners.filtered("assist_admission_state"):
            if partner.assist_admission_state != partner.sudo().assist_admission_ids.state:
                raise UserError(self._assist_get_admission_message())
        return partners

    def write(self, vals):
        if "assist_admission_state" in vals:
            raise UserError(self._assist_get_admission_message())
        if {"assist_score", "assist_score_ids"} & vals.keys():
            raise UserError(
                self.env._("Nobody enters the score of a supplier: it is worked out from data.")
            )
        if vals.get("company_registry") and (
            vals.get("assist_supplier_kind")
            or any(partner.assist_supplier_kind for partner in self)
        ):
            vals = self._assist_with_credit_code(vals)
        result = super().write(vals)
        if any(name in vals for name in SCORED_FIELDS):
            self.filtered("assist_admission_state")._assist_update_scores()
        if {"country_id", "tz"} & vals.keys() and self.sudo().ref_company_ids:
            self.env.registry.clear_cache()  # the days of these companies
        return result

    def _assist_get_admission_message(self):
        return self.env._(
            "Nobody enters the admission status of a supplier: it follows from the steps that its"
            " application takes."
        )

    @api.depends(
        "assist_score_ids.value",
        "assist_score_ids.part_id.active",
        "assist_score_ids.part_id.weight",
    )
    def _compute_assist_score(self):
        for partner in self:
            rows = [row for row in partner.assist_score_ids if row.part_id.active]
            weight = sum(row.part_id.weight for row in rows)
            total = sum(row.value * row.part_id.weight for row in rows)
            partner.assist_score = total / weight if weight else 0.0

    @api.model
    def _assist_score_parts(self):
        """Return the methods that score suppliers, by the code of their part.

        Each takes suppliers and returns ``{partner id: (value from 0 to 100, basis)}``, in a
        number of queries that does not grow with them; a supplier that it has no data for is
        not a key. Later addons add theirs.
        """
        return {"documents": self._assist_score_documents}

    @api.model
    def _assist_score_documents(self, suppliers):
        """Score how much of the supplier's file is there: details, and documents that hold."""
        needs = suppliers._assist_get_needs(self.env.company._assist_today())
        scores = {}
        for supplier in suppliers:
            absent = [
                supplier._fields[name]._description_string(self.env)
                for name in SCORED_FIELDS
                if not supplier[name]
            ]
            asked = [need for need in needs[supplier.id] if not need.rule.is_per_batch]
            lacking = [need for need in asked if not need.is_met]
            wanted = len(SCORED_FIELDS) + len(asked)
            basis = self.env._(
                "%(details)s of %(all_details)s details on file; %(held)s of %(asked)s required"
                " documents in force.",
                details=len(SCORED_FIELDS) - len(absent),
                all_details=len(SCORED_FIELDS),
                held=len(asked) - len(lacking),
                asked=len(asked),
            )
            missing = absent + sorted({need.rule._get_types_name() for need in lacking})
            if missing:
                basis = self.env._(
                    "%(basis)s Missing: %(missing)s.", basis=basis, missing=", ".join(missing)
                )
            scores[supplier.id] = (
                100.0 * (wanted - len(absent) - len(lacking)) / wanted,
                basis,
            )
        return scores

    def _assist_update_scores(self):
        """Work out the score of suppliers anew, part by part, and keep what it rests on."""
        suppliers = self.sudo().filtered("assist_supplier_kind")
        if not suppliers:
            return
        language = self.env.company.sudo().partner_id.lang or self.env.lang
        suppliers = suppliers.with_context(lang=language)
        parts = {part.code: part for part in self.env["union.assist.score.part"].sudo().search([])}
        now = fields.Datetime.now()
        suppliers.assist_score_ids.unlink()
        self.env["union.assist.score"].sudo().create(
            [
                {
                    "supplier_id": supplier_id,
                    "part_id": parts[code].id,
                    "value": round(value, 1),
                    "basis": basis,
                    "computed_on": now,
                }
                for code, score in suppliers._assist_score_parts().items()
                if code in parts
                for supplier_id, (value, basis) in score(suppliers).items()
            ]
        )

    @api.model
    def _assist_update_all_scores(self):
        """Work out the scores of all suppliers (scheduled): documents expire by themselves."""
        suppliers = self.search([("assist_supplier_kind", "!=", False)])
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(suppliers))
        for start in range(0, len(suppliers), SCORE_BATCH):
            batch = suppliers[start : start + SCORE_BATCH]
            batch._assist_update_scores()
            if not cron._commit_progress(len(batch)):
                break

    @api.depends("assist_admission_ids.state")
    def _compute_assist_admission_state(self):
        for partner in self:
            partner.assist_admission_state = partner.assist_admission_ids[:1].state

    @api.constrains("assist_supplier_kind", "is_company", "parent_id")
    def _check_assist_admission(self):
        for partner in self:
            if partner.assist_admission_state in (False, "draft"):
                continue
            if not partner.assist_supplier_kind or partner.commercial_partner_id != partner:
                raise ValidationError(
                    self.env._(
                        "%(partner)s has applied for admission and stays a supplier of the"
                        " programme: a company of its own, with a kind. Suspend or remove it"
                        " instead.",
                        partner=partner.display_name,
                    )
                )

    @api.model
    def _assist_with_credit_code(self, vals):
        if not vals.get("company_registry"):
            return vals
        return {**vals, "company_registry": credit_code.compact(vals["company_registry"])}

    # Without a dependency on the kind: Odoo would remove a field of its own with the addon.
    def _compute_company_registry_label(self):
        result = super()._compute_company_registry_label()
        for partner in self.filtered("assist_supplier_kind"):
            partner.company_registry_label = self.env._("Unified Social Credit Code")
        return result

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
        "assist_verification_ids.persons",
        "assist_verification_ids.date_from",
        "assist_verification_ids.date_to",
        "assist_verification_ids.void",
    )
    def _compute_assist_counts(self):
        counts = self._assist_counts(self.env.company._assist_today())
        for partner in self:
            households, persons = counts.get(partner._origin.id, (0.0, 0.0))
            partner.assist_household_count = households
            partner.assist_person_count = persons

    def _assist_published_households(self, date):
        """Count the households that suppliers verifiably lift on a day, as far as it may be told.

        Whole households by county: one that is shared with another supplier counts for each.
        Counties below the minimum cell are left out and enter no sum, whoever prints them, see
        :mod:`..tools.minimum_cell`. One query.

        :return: ``{supplier id: ({county id: households}, whether there are more)}``, the largest
            county first, every supplier a key
        """
        try:
            minimum = self.env["union.assist.parameter"]._get_value("minimum_cell", date)
        except UserError:
            # No rule says what may be published: nothing is.
            minimum = float("inf")
        verifications = self.env["union.assist.verification"].sudo()
        counted = verifications._search(
            Domain("supplier_id", "in", self.ids) & verifications._get_counted_domain(date)
        )
        rows = self.env.execute_query(
            SQL(
                """
                WITH households AS MATERIALIZED (%(households)s),
                     places AS (
                         SELECT place.id, county.id AS county_id
                           FROM union_assist_region place
                           JOIN union_assist_region county
                             ON county.level = 'county'
                            AND starts_with(place.parent_path, county.parent_path)
                          WHERE place.id IN (SELECT region_id FROM households)
                     )
                SELECT households.supplier_id, places.county_id,
                       count(DISTINCT households.household_id)
                  FROM households LEFT JOIN places ON places.id = households.region_id
                 GROUP BY households.supplier_id, places.county_id
                """,
                households=counted.select(
                    SQL.identifier(counted.table, "supplier_id"),
                    SQL.identifier(counted.table, "household_id"),
                    SQL.identifier(counted.table, "region_id"),
                ),
            )
        )
        counts = {supplier_id: {} for supplier_id in self.ids}
        for supplier_id, county_id, households in rows:
            counts[supplier_id][county_id] = households
        result = {}
        for supplier_id, by_county in counts.items():
            # Who is in no county could be told apart by that.
            nowhere = by_county.pop(None, 0)
            published, withheld = publishable_cells(by_county, minimum)
            result[supplier_id] = (published, withheld or bool(nowhere))
        return result

    def _assist_counts(self, date):
        """Count verified households and persons on a day, in one query.

        :param date: any day; the figures of past days do not change by what happens later
        :return: ``{partner id: (households, persons)}``, both by share; a supplier
            without a verified linkage on that day is not a key
        """
        verification_model = self.env["union.assist.verification"]
        groups = verification_model._read_group(
            Domain("supplier_id", "in", self._origin.ids)
            & verification_model._get_counted_domain(date),
            ["supplier_id"],
            ["share:sum", "persons:sum"],
        )
        return {supplier.id: (households, persons) for supplier, households, persons in groups}

    def action_view_assist_figures(self):
        """Ask for the figures of this supplier on a day, today to begin with."""
        self.ensure_one()
        self.env["union.assist.verification"].check_access("read")
        return {
            **self.env["ir.actions.act_window"]._for_xml_id("union_assist_catalog.action_figures"),
            "context": {"default_supplier_id": self.id},
        }

    def action_view_assist_linkages(self):
        """Open the linkages of this supplier."""
        self.ensure_one()
        self.env["union.assist.verification"].check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "union_assist_catalog.action_linkage"
        )
        action["domain"] = [("supplier_id", "=", self.id)]
        action["context"] = {"default_supplier_id": self.id}
        return action

    def action_view_assist_admission(self):
        """Open the application of this supplier, or a new one."""
        self.ensure_one()
        self.env["union.assist.admission"].check_access("read")
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "union_assist_catalog.action_admission"
            ),
            "views": [(False, "form")],
            "res_id": self.assist_admission_ids.id,
            "domain": [("supplier_id", "=", self.id)],
            "context": {"default_supplier_id": self.id},
        }

    def action_assist_apply(self):
        """Submit the supplier's application; see the methods of that name there."""
        return self._assist_get_admission().action_apply()

    def action_assist_recommend(self):
        return self._assist_get_admission().action_recommend()

    def action_assist_return(self):
        return self._assist_get_admission().action_return()

    def action_assist_admit(self):
        return self._assist_get_admission().action_admit()

    def action_assist_suspend(self):
        return self._assist_get_admission().action_suspend()

    def action_assist_readmit(self):
        return self._assist_get_admission().action_readmit()

    def action_assist_remove(self):
        return self._assist_get_admission().action_remove()

    def _assist_get_admission(self):
        admission = self.env["union.assist.admission"].search([("supplier_id", "in", self.ids)])
        if not admission:
            raise UserError(
                self.env._("There is no application that you may see: it has to be made first.")
            )
        return admission

    def _compute_assist_product_counts(self):
        groups = self.env["union.assist.catalogue.entry"]._read_group(
            [("supplier_id", "in", self._origin.ids)], ["supplier_id", "listed"], ["__count"]
        )
        counts = {(supplier.id, listed): count for supplier, listed, count in groups}
        for partner in self:
            partner.assist_listed_count = counts.get((partner._origin.id, True), 0)
            partner.assist_out_count = counts.get((partner._origin.id, False), 0)

    def action_view_assist_entries(self):
        """Open the catalogue entries of this supplier's goods."""
        self.ensure_one()
        self.env["union.assist.catalogue.entry"].check_access("read")
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "union_assist_catalog.action_catalogue_entry"
            ),
            "domain": [("supplier_id", "=", self.id)],
            "context": {},
        }

    def _assist_order_obstacles(self, products, date):
        """Say why goods may not be ordered from this supplier on a day.

        :param products: ``product.product`` records to be ordered
        :return: list of sentences, each with what to do; empty when nothing is in the way, and
            always for partners who are no assistance suppliers
        """
        self.ensure_one()
        return self._assist_get_order_obstacles([(self, products)], date)[0]

    @api.model
    def _assist_get_order_obstacles(self, baskets, date):
        """Say the same of many orders, in a number of queries that does not grow with them.

        :param baskets: pairs of a partner and ``product.product`` records to be ordered from it
        :return: list of lists of sentences, one for each basket
        """
        baskets = [
            (partner.sudo().commercial_partner_id, products.sudo()) for partner, products in baskets
        ]
        pairs = [
            (supplier, template)
            for supplier, products in baskets
            if supplier.assist_supplier_kind
            for template in products.product_tmpl_id
            if template.assist_goods_class_id
        ]
        needs = self.env["union.assist.document.rule"]._get_needs(pairs, date) if pairs else {}
        admission_model = self.env["union.assist.admission"].sudo()
        admissions = admission_model.search_fetch(
            [("supplier_id", "in", [s.id for s, _products in baskets if s.assist_supplier_kind])],
            ["supplier_id", "state", "state_since", "reason"],
        ).grouped("supplier_id")
        result = []
        for supplier, products in baskets:
            obstacles = []
            if supplier.assist_supplier_kind:
                if obstacle := supplier._assist_admission_obstacle(
                    admissions.get(supplier, admission_model), date
                ):
                    obstacles.append(obstacle)
                obstacles += supplier._assist_document_obstacles(products, date, needs)
            result.append(obstacles)
        return result

    def _assist_admission_obstacle(self, admission, date):
        """Say why this supplier was not admitted on a day; ``None`` when it was.

        :param admission: the supplier's application, or none
        """
        self.ensure_one()
        state = admission._get_state_on(date) if admission else "draft"
        if state == "admitted":
            return None
        reason = admission.reason or ""
        texts = {
            "draft": self.env._(
                "%(supplier)s has not applied for admission to the programme."
                " Have it apply, or enter its application under Partners → Admissions.",
                supplier=self.display_name,
            ),
            "applied": self.env._(
                "%(supplier)s is not admitted yet: its county has to recommend it.",
                supplier=self.display_name,
            ),
            "returned": self.env._(
                "%(supplier)s is not admitted: its application was returned (%(reason)s)."
                " It has to be completed and submitted again.",
                supplier=self.display_name,
                reason=reason,
            ),
            "recommended": self.env._(
                "%(supplier)s is not admitted yet: the federation has to audit it.",
                supplier=self.display_name,
            ),
            "suspended": self.env._(
                "%(supplier)s is suspended since %(date)s (%(reason)s)."
                " The federation has to readmit it first.",
                supplier=self.display_name,
                date=admission.state_since,
                reason=reason,
            ),
            "removed": self.env._(
                "%(supplier)s was removed from the programme on %(date)s (%(reason)s)."
                " Buy from another supplier.",
                supplier=self.display_name,
                date=admission.state_since,
                reason=reason,
            ),
        }
        return texts.get(state)

    def _assist_document_obstacles(self, products, date, needs=None):
        """Say which documents of the supplier and its goods are in the way of an order.

        :param products: ``product.product`` records; those without a goods class need none
        :param dict needs: what ``_get_needs`` of the rules returned for these goods or for
            more; by default it is asked
        :return: list of sentences, one for each document, whichever number of products needs it
        """
        supplier = self.sudo().commercial_partner_id
        if not supplier.assist_supplier_kind:
            return []
        pairs = [
            (supplier, template)
            for template in products.sudo().product_tmpl_id
            if template.assist_goods_class_id
        ]
        rules = self.env["union.assist.document.rule"]
        if needs is None:
            needs = rules._get_needs(pairs, date)
        blocking = rules._merge_needs(
            need for pair in pairs for need in needs[pair] if need.is_blocking
        )
        return [self._assist_describe_need(need) for need in blocking]

    @api.model
    def _assist_describe_need(self, need):
        """Say in one sentence what is wrong with a needed document and what to do about it."""
        texts = {
            "types": need.rule._get_types_name(),
            "products": ", ".join(need.goods.mapped("display_name")),
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
        found = {partner.id: [] for partner in self._origin}
        for (seller, _product), rows in needs.items():
            found[seller.id] += rows
        merge = self.env["union.assist.document.rule"]._merge_needs
        return {partner_id: merge(rows) for partner_id, rows in found.items()}

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
