from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import float_compare
from odoo.tools.safe_eval import safe_eval

# What evaluation depends on: a change of anything else leaves the entries as they are.
RULE_FIELDS = frozenset(("active", "code", "domain"))

# How a document stands that counts.
HOLDING_STATUSES = ("valid", "expiring")

# Admission states in which a supplier was admitted once, and those in which it no longer counts.
BARRED_STATES = ("suspended", "removed")
DECIDED_STATES = ("admitted", *BARRED_STATES)


class UnionAssistCatalogueCriterion(models.Model):
    """A condition that a product meets to be recommended, and what to do to meet it.

    Which conditions hold is data. How one is checked is a method by its code:
    ``_find_<code>(products, date)`` returns ``{product id: details}`` of those that do not meet
    it, ``_explain_<code>(details)`` says it in the reader's language. Details are kept as JSON,
    so that an old movement reads as it was. A domain checks whatever has no code of its own.
    """

    _name = "union.assist.catalogue.criterion"
    _description = "Catalogue Criterion"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Selection(
        [
            ("complete", "Data complete"),
            ("on_sale", "On sale"),
            ("certified", "Certified as an assistance product"),
            ("documents", "Documents valid"),
            ("supplier_admitted", "Supplier admitted"),
            ("supplier_in_force", "Supplier neither suspended nor removed"),
            ("available", "In stock or in season"),
            ("price_evidence", "Price evidence present"),
            ("price_ratio", "Not dearer than elsewhere"),
            ("sold_lately", "Not idle"),
            ("domain", "Rule of one's own"),
        ],
        "Check",
        required=True,
        default="domain",
    )
    domain = fields.Char(
        default="[]", help="A product that matches meets the criterion; for rules of one's own."
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    remedy = fields.Text(
        "What to Do", required=True, translate=True, help="How a product gets back in."
    )
    source = fields.Char(required=True, translate=True, help="The document that asks for it.")
    out_count = fields.Integer("Products Kept Out", compute="_compute_out_count")

    _code_unique = models.UniqueIndex(
        "(code) WHERE code <> 'domain'", "There is a criterion with this check already."
    )

    def _compute_out_count(self):
        groups = self.env["union.assist.catalogue.reason"]._read_group(
            [("criterion_id", "in", self.ids)], ["criterion_id"], ["__count"]
        )
        counts = {criterion.id: count for criterion, count in groups}
        for criterion in self:
            criterion.out_count = counts.get(criterion.id, 0)

    @api.constrains("code", "domain")
    def _check_domain(self):
        product_model = self.env["product.template"]
        for criterion in self.filtered(lambda criterion: criterion.code == "domain"):
            try:
                product_model.search_count(criterion._get_domain(fields.Date.today()))
            except Exception as error:
                raise ValidationError(
                    self.env._(
                        "The rule of “%(criterion)s” cannot be read: %(error)s",
                        criterion=criterion.name,
                        error=error,
                    )
                ) from error

    @api.model_create_multi
    def create(self, vals_list):
        criteria = super().create(vals_list)
        self.env["union.assist.catalogue"]._mark_stale()
        return criteria

    def write(self, vals):
        result = super().write(vals)
        if RULE_FIELDS & vals.keys():
            self.env["union.assist.catalogue"]._mark_stale()
        return result

    def unlink(self):
        result = super().unlink()
        self.env["union.assist.catalogue"]._mark_stale()
        return result

    def action_view_entries(self):
        """Open the entries that this criterion keeps out."""
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "union_assist_catalog.action_catalogue_entry"
            ),
            "domain": [("reason_ids.criterion_id", "=", self.id)],
            "context": {},
        }

    def _get_domain(self, date):
        self.ensure_one()
        return Domain(safe_eval(self.domain or "[]", {"today": fields.Date.to_string(date)}))

    def _evaluate(self, products, date):
        """Check products on a day, in a number of queries that does not depend on their number.

        :param products: ``product.template`` records, archived ones among them
        :return: ``{product id: {criterion id: details}}`` of the criteria that are not met
        """
        unmet = {product.id: {} for product in products}
        for criterion in self:
            found = getattr(criterion, f"_find_{criterion.code}")(products, date)
            for product_id, details in found.items():
                unmet[product_id][criterion.id] = details
        return unmet

    def _explain(self, details):
        """Say in one sentence of the reader's language why a product does not meet this."""
        self.ensure_one()
        return getattr(self, f"_explain_{self.code}")(details)

    # -- the checks -------------------------------------------------------------------------------

    def _find_complete(self, products, date):
        found = {}
        for product in products:
            missing = [name for name in self._get_complete_fields() if not product[name]]
            if missing:
                found[product.id] = {"fields": missing}
        return found

    def _explain_complete(self, details):
        product_fields = self.env["product.template"]._fields
        labels = [
            product_fields[name]._description_string(self.env)
            for name in details["fields"]
            if name in product_fields
        ]
        return self.env._("Not filled in: %s.", ", ".join(labels))

    def _get_complete_fields(self):
        return ("assist_supplier_id", "assist_origin_id", "assist_specification", "list_price")

    def _find_on_sale(self, products, date):
        return {
            product.id: {"archived": not product.active}
            for product in products
            if not (product.active and product.sale_ok)
        }

    def _explain_on_sale(self, details):
        if details["archived"]:
            return self.env._("The product is archived.")
        return self.env._("The product is not for sale.")

    def _find_certified(self, products, date):
        # Archived goods keep their certificates.
        document_model = self.env["union.assist.certificate"].with_context(active_test=False)
        documents = document_model.search(
            [
                ("active", "=", True),
                ("type_id.is_assist_certification", "=", True),
                ("product_tmpl_ids", "in", products.ids),
                ("state", "in", ("submitted", "verified")),
            ]
        )
        best = {}
        asked = {product.id: product for product in products}
        no_supplier = documents.partner_id.browse()
        for document in sorted(documents, key=lambda document: document._get_rank(date)):
            for product_id in document.product_tmpl_ids.ids:
                # Of the goods that it names only a few may be asked for.
                product = asked.get(product_id)
                if product and product.assist_supplier_id in (document.partner_id, no_supplier):
                    best[product_id] = document
        found = {}
        for product in products:
            document = best.get(product.id)
            status = document._get_status(date) if document else "missing"
            if status not in HOLDING_STATUSES:
                types = document.type_id.ids if document else []
                found[product.id] = self._describe_document(types, document, status)
        return found

    def _explain_certified(self, details):
        if details["status"] == "missing":
            return self.env._("It has no certificate as an assistance product.")
        return self._explain_document(details)

    def _find_documents(self, products, date):
        found = {}
        for product_id, needs in products._assist_get_needs(date).items():
            blocking = [
                self._describe_document(need.rule.type_ids.ids, need.certificate, need.status)
                for need in needs
                if need.is_blocking
            ]
            if blocking:
                found[product_id] = {"documents": blocking}
        return found

    def _explain_documents(self, details):
        return " ".join(self._explain_document(document) for document in details["documents"])

    @api.model
    def _describe_document(self, type_ids, document, status):
        """Return the JSON of a document that does not hold: its types, how it stands, its day."""
        day = {"expired": "date_end", "not_yet": "date_from"}.get(status)
        return {
            "types": type_ids,
            "status": status,
            "day": fields.Date.to_string(document[day]) if day and document[day] else None,
        }

    @api.model
    def _explain_document(self, details):
        types = self.env["union.assist.certificate.type"].sudo().browse(details["types"]).exists()
        texts = {"types": self.env._(" or ").join(types.mapped("name")), "day": details["day"]}
        if details["status"] == "expired":
            return self.env._("%(types)s: expired, the last valid day was %(day)s.", **texts)
        if details["status"] == "not_yet":
            return self.env._("%(types)s: holds only from %(day)s.", **texts)
        if details["status"] == "submitted":
            return self.env._("%(types)s: handed in, waits for verification.", **texts)
        return self.env._("%(types)s: missing.", **texts)

    def _find_supplier_admitted(self, products, date):
        return {
            product.id: {"state": product.assist_supplier_id.assist_admission_state or ""}
            for product in products
            if product.assist_supplier_id
            and product.assist_supplier_id.assist_admission_state not in DECIDED_STATES
        }

    def _explain_supplier_admitted(self, details):
        states = dict(
            self.env["res.partner"]
            ._fields["assist_admission_state"]
            ._description_selection(self.env)
        )
        if state := states.get(details["state"]):
            return self.env._("Its supplier is not admitted yet; its application is: %s.", state)
        return self.env._("Its supplier has not applied for admission.")

    def _find_supplier_in_force(self, products, date):
        found = {}
        for product in products:
            supplier = product.assist_supplier_id
            if supplier.assist_admission_state in BARRED_STATES:
                since = supplier.assist_admission_ids[:1].state_since
                found[product.id] = {
                    "state": supplier.assist_admission_state,
                    "since": fields.Date.to_string(since) if since else None,
                }
        return found

    def _explain_supplier_in_force(self, details):
        if details["state"] == "suspended":
            return self.env._("Its supplier is suspended since %s.", details["since"])
        return self.env._("Its supplier was removed on %s.", details["since"])

    def _find_available(self, products, date):
        found = {}
        for product in products:
            if details := product._assist_get_unavailability(date):
                found[product.id] = details
        return found

    def _explain_available(self, details):
        stated_on = details["stated_on"] and fields.Date.to_date(details["stated_on"])
        if details["why"] == "out_of_stock":
            return self.env._(
                "Its supplier has none in stock, by a statement of %s.", stated_on or "–"
            )
        if details["why"] == "season":
            return self.env._(
                "Out of season: it is sold from month %(first)s to month %(last)s.",
                first=details["from"],
                last=details["to"],
            )
        if details["why"] == "stale":
            return self.env._(
                "The statement that it is in stock is of %(date)s, more than %(days)d days old.",
                date=stated_on,
                days=details["days"],
            )
        return self.env._("Its supplier has not stated that it is in stock.")

    def _find_price_evidence(self, products, date):
        compared = products._assist_compare_prices(date)
        return {product.id: {} for product in products if product.id not in compared}

    def _explain_price_evidence(self, details):
        return self.env._("No price of the same goods elsewhere is on record that still holds.")

    def _find_price_ratio(self, products, date):
        limit = self.env["union.assist.parameter"]._get_value("price_ratio_limit", date)
        return {
            product_id: {
                "ratio": round(ratio, 4),
                "limit": limit,
                "shop": evidence.shop,
                "price": round(evidence.price_unit, 4),
                "seen": fields.Date.to_string(evidence.date_seen),
            }
            for product_id, (evidence, ratio) in products._assist_compare_prices(date).items()
            if float_compare(ratio, limit, precision_digits=4) > 0
        }

    def _explain_price_ratio(self, details):
        return self.env._(
            "Our price is %(ratio)s times that of %(shop)s (%(price)s per unit, seen on"
            " %(date)s); %(limit)s times are allowed.",
            ratio=f"{details['ratio']:.2f}",
            shop=details["shop"],
            price=f"{details['price']:.2f}",
            date=details["seen"],
            limit=f"{details['limit']:g}",
        )

    def _find_sold_lately(self, products, date):
        first = products._assist_get_idle_date(date)
        return {
            product.id: {"since": fields.Date.to_string(product.assist_idle_since)}
            for product in products
            if product.assist_idle_since and product.assist_idle_since < first
        }

    def _explain_sold_lately(self, details):
        return self.env._("Not sold since %s.", details["since"])

    def _find_domain(self, products, date):
        matching = products & products.with_context(active_test=False).search(
            self._get_domain(date) & Domain("id", "in", products.ids)
        )
        return {product.id: {} for product in products - matching}

    def _explain_domain(self, details):
        return self.env._("It does not meet the rule “%s”.", self.name)
