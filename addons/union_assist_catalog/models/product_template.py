import base64
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import float_compare

from ..tools.qr import draw_qr

MONTHS = [
    ("1", "January"),
    ("2", "February"),
    ("3", "March"),
    ("4", "April"),
    ("5", "May"),
    ("6", "June"),
    ("7", "July"),
    ("8", "August"),
    ("9", "September"),
    ("10", "October"),
    ("11", "November"),
    ("12", "December"),
]


class ProductTemplate(models.Model):
    _inherit = "product.template"

    assist_supplier_id = fields.Many2one(
        "res.partner",
        "Assistance Supplier",
        index="btree_not_null",
        ondelete="restrict",
        domain=[("assist_supplier_kind", "!=", False)],
        tracking=True,
        help="Supplier of the programme that makes these goods. With it the product becomes an"
        " assistance product with an entry in the recommended catalogue.",
    )
    assist_origin_id = fields.Many2one(
        "union.assist.region",
        "Place of Origin",
        index="btree_not_null",
        ondelete="restrict",
        help="County where the goods are grown or made.",
    )
    assist_own_goods_class_id = fields.Many2one(
        "union.assist.goods.class",
        "Own Goods Class",
        index="btree_not_null",
        ondelete="restrict",
        help="Set where the goods are of another class than their product category.",
    )
    assist_goods_class_id = fields.Many2one(
        "union.assist.goods.class",
        "Goods Class",
        compute="_compute_assist_goods_class_id",
        inverse="_inverse_assist_goods_class_id",
        store=True,
        readonly=False,
        index="btree_not_null",
        help="Decides which documents the goods need. Follows from the product category unless"
        " another one is chosen; clear it to follow the category again.",
    )
    assist_certificate_ids = fields.Many2many(
        "union.assist.certificate",
        "union_assist_certificate_product_rel",
        "product_tmpl_id",
        "certificate_id",
        "Assistance Documents",
        copy=False,
        groups="union_assist_catalog.group_user,union_assist_catalog.group_county",
    )
    assist_certificate_count = fields.Integer(
        "Document Count",
        compute="_compute_assist_certificate_count",
        groups="union_assist_catalog.group_user,union_assist_catalog.group_county",
    )
    assist_needs_html = fields.Html(
        "Documents Needed",
        compute="_compute_assist_needs_html",
        sanitize=False,
        groups="union_assist_catalog.group_user,union_assist_catalog.group_county",
        help="Documents that the goods need today, and those that are in place.",
    )
    assist_specification = fields.Char(
        "Specification", translate=True, help="As on the label, for example 250 g × 2 bags."
    )
    assist_shelf_life_days = fields.Integer("Shelf Life (days)")
    assist_storage = fields.Char(
        "Storage", translate=True, help="As on the label, for example cool and dry."
    )
    assist_mechanism_id = fields.Many2one(
        "union.assist.mechanism",
        "Assistance Mechanism",
        ondelete="restrict",
        help="How making these goods lifts households.",
    )
    assist_origin_story = fields.Text(
        "Story of Origin",
        translate=True,
        help="For the public catalogue: the place and how the goods are made. Names no household.",
    )
    assist_image_ids = fields.One2many(
        "union.assist.product.image", "product_tmpl_id", "Further Pictures"
    )
    assist_season_from = fields.Selection(MONTHS, "Season from")
    assist_season_to = fields.Selection(
        MONTHS, "Season to", help="May lie before the first month: the season then spans New Year."
    )
    assist_stock_statement = fields.Selection(
        [("in_stock", "In Stock"), ("out_of_stock", "Out of Stock")],
        "Supplier's Statement",
        help="What the supplier says about having the goods.",
    )
    assist_stock_stated_on = fields.Date("Stated on")
    assist_last_sold_on = fields.Date("Last Sold on", readonly=True, copy=False)
    assist_idle_since = fields.Date(
        "Idle since",
        compute="_compute_assist_idle",
        help="Day of the last sale, or on which the product was entered when it was never sold.",
    )
    assist_idle = fields.Boolean(
        "Idle",
        compute="_compute_assist_idle",
        search="_search_assist_idle",
        help="Not sold for longer than the rule value idle_days says.",
    )
    assist_price_evidence_ids = fields.One2many(
        "union.assist.price.evidence",
        "product_tmpl_id",
        "Price Evidence",
        groups="union_assist_catalog.group_user,union_assist_catalog.group_county",
    )
    assist_reference_evidence_id = fields.Many2one(
        "union.assist.price.evidence",
        "Cheapest Elsewhere",
        compute="_compute_assist_price_ratio",
        compute_sudo=True,
        groups="union_assist_catalog.group_user,union_assist_catalog.group_county",
    )
    assist_price_ratio = fields.Float(
        "Price Ratio",
        compute="_compute_assist_price_ratio",
        compute_sudo=True,
        digits=(16, 2),
        help="Our price per unit, divided by the lowest price seen elsewhere that still holds."
        " Nothing when there is no such evidence.",
    )
    assist_price_warning = fields.Char(
        compute="_compute_assist_price_warning",
        compute_sudo=True,
        help="Says so when the goods are dearer than elsewhere.",
    )
    assist_overpriced = fields.Boolean(
        "Dearer than Elsewhere",
        compute="_compute_assist_price_ratio",
        compute_sudo=True,
        search="_search_assist_overpriced",
        help="The price ratio is above the rule value price_ratio_limit.",
    )
    assist_entry_ids = fields.One2many(
        "union.assist.catalogue.entry",
        "product_tmpl_id",
        "Catalogue Entries",
        groups="union_assist_catalog.group_user,union_assist_catalog.group_county",
    )
    assist_edition_count = fields.Integer(
        "Catalogue Editions",
        compute="_compute_assist_edition_count",
        groups="union_assist_catalog.group_user,union_assist_catalog.group_county",
        help="Published editions of the recommended catalogue that this product stands in.",
    )
    assist_listed = fields.Boolean(
        "Recommended",
        compute="_compute_assist_listed",
        compute_sudo=True,
        search="_search_assist_listed",
        help="Listed in the recommended catalogue now.",
    )
    assist_public_qr = fields.Binary(
        "QR Code of the Public Page",
        compute="_compute_assist_public_qr",
        help="Leads to the page of these goods in the public catalogue.",
    )

    _assist_season_complete = models.Constraint(
        "CHECK ((assist_season_from IS NULL) = (assist_season_to IS NULL))",
        "A season has a first and a last month.",
    )
    _assist_shelf_life_positive = models.Constraint(
        "CHECK (assist_shelf_life_days >= 0)", "The shelf life is not below zero days."
    )

    @api.depends("assist_entry_ids.listed")
    def _compute_assist_listed(self):
        for product in self:
            product.assist_listed = any(product.assist_entry_ids.mapped("listed"))

    def _compute_assist_edition_count(self):
        groups = self.env["union.assist.catalogue.edition.line"]._read_group(
            [("product_tmpl_id", "in", self.ids)], ["product_tmpl_id"], ["__count"]
        )
        counts = {product.id: count for product, count in groups}
        for product in self:
            product.assist_edition_count = counts.get(product._origin.id, 0)

    def action_view_assist_editions(self):
        """Open this product as it stands in the editions of the recommended catalogue."""
        self.ensure_one()
        self.env["union.assist.catalogue.edition.line"].check_access("read")
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "union_assist_catalog.action_catalogue_edition_line"
            ),
            "domain": [("product_tmpl_id", "=", self.id)],
            "context": {},
        }

    def _search_assist_listed(self, operator, value):
        if operator != "in":
            return NotImplemented
        listed = self.env["union.assist.catalogue.entry"].sudo()._search([("listed", "=", True)])
        domain = Domain("id", "in", listed.subselect("product_tmpl_id"))
        return domain if True in value else ~domain

    @api.depends("assist_supplier_id", "assist_last_sold_on", "create_date")
    def _compute_assist_idle(self):
        goods = self.filtered("assist_supplier_id")
        (self - goods).assist_idle_since = False
        (self - goods).assist_idle = False
        first = self._assist_get_idle_date() if goods else None
        for product in goods:
            created = product.create_date and product.create_date.date()
            since = product.assist_last_sold_on or created
            product.assist_idle_since = since
            product.assist_idle = bool(since and since < first)

    def _search_assist_idle(self, operator, value):
        if operator != "in":
            return NotImplemented
        first = self._assist_get_idle_date()
        domain = Domain("assist_supplier_id", "!=", False) & (
            Domain("assist_last_sold_on", "<", first)
            | (Domain("assist_last_sold_on", "=", False) & Domain("create_date", "<", first))
        )
        return domain if True in value else ~domain

    def _assist_get_idle_date(self, date=None):
        """Return the day before which a last sale makes goods idle."""
        date = date or self.env.company._assist_today()
        days = int(self.env["union.assist.parameter"]._get_value("idle_days", date))
        return date - timedelta(days=days)

    def _assist_mark_sold(self, date):
        """Note that the goods were sold on a day; idle ones are checked again at once."""
        products = self.sudo().filtered(
            lambda product: (
                product.assist_supplier_id
                and (not product.assist_last_sold_on or product.assist_last_sold_on < date)
            )
        )
        idle = products.filtered("assist_idle")
        products.assist_last_sold_on = date
        self.env["union.assist.catalogue"]._refresh(idle)

    @api.depends(
        "assist_supplier_id",
        "list_price",
        "assist_price_evidence_ids.price_unit",
        "assist_price_evidence_ids.date_seen",
        "assist_price_evidence_ids.active",
    )
    def _compute_assist_price_ratio(self):
        goods = self.filtered("assist_supplier_id")
        (self - goods).assist_reference_evidence_id = False
        (self - goods).assist_price_ratio = 0.0
        (self - goods).assist_overpriced = False
        if not goods:
            return
        today = self.env.company._assist_today()
        limit = self.env["union.assist.parameter"]._get_value("price_ratio_limit", today)
        compared = goods._assist_compare_prices(today)
        for product in goods:
            evidence, ratio = compared.get(product._origin.id, (False, 0.0))
            product.assist_reference_evidence_id = evidence
            product.assist_price_ratio = ratio
            product.assist_overpriced = float_compare(ratio, limit, precision_digits=4) > 0

    @api.depends("assist_overpriced", "assist_price_ratio", "assist_reference_evidence_id")
    @api.depends_context("lang")
    def _compute_assist_price_warning(self):
        for product in self:
            evidence = product.assist_reference_evidence_id
            product.assist_price_warning = product.assist_overpriced and self.env._(
                "Dearer than elsewhere: our price is %(ratio)s times that of %(shop)s, seen on"
                " %(date)s.",
                ratio=f"{product.assist_price_ratio:.2f}",
                shop=evidence.shop,
                date=evidence.date_seen,
            )

    def _search_assist_overpriced(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = self.env.company._assist_today()
        evidence_model = self.env["union.assist.price.evidence"].sudo()
        valid = evidence_model.search(evidence_model._get_valid_domain(today))
        limit = self.env["union.assist.parameter"]._get_value("price_ratio_limit", today)
        dear = [
            product_id
            for product_id, (_evidence, ratio) in valid.product_tmpl_id._assist_compare_prices(
                today
            ).items()
            if float_compare(ratio, limit, precision_digits=4) > 0
        ]
        domain = Domain("id", "in", dear)
        return domain if True in value else ~domain

    def _assist_compare_prices(self, date):
        """Compare our prices with the cheapest evidence that holds on a day, in one query.

        :return: ``{product id: (evidence, our price per unit / its price per unit)}``;
            products without valid evidence are no keys
        """
        evidence_model = self.env["union.assist.price.evidence"].sudo()
        found = evidence_model.search(
            Domain("product_tmpl_id", "in", self._origin.ids)
            & Domain("price_unit", ">", 0)
            & Domain("active", "=", True)
            & evidence_model._get_valid_domain(date),
            order="price_unit, id",
        )
        cheapest = {}
        for evidence in found:
            cheapest.setdefault(evidence.product_tmpl_id.id, evidence)
        return {
            product.id: (
                cheapest[product.id],
                product.list_price / cheapest[product.id].price_unit,
            )
            for product in self._origin
            if product.id in cheapest
        }

    @api.constrains("uom_id")
    def _check_assist_evidence_unit(self):
        self.sudo().assist_price_evidence_ids._check_unit()

    @api.constrains("assist_supplier_id")
    def _check_assist_supplier(self):
        for product in self:
            supplier = product.assist_supplier_id
            if supplier and not supplier.assist_supplier_kind:
                raise ValidationError(
                    self.env._(
                        "%(partner)s is no supplier of the programme: set its supplier kind"
                        " before it makes %(product)s.",
                        partner=supplier.display_name,
                        product=product.display_name,
                    )
                )
        self.product_variant_ids._check_assist_gtin()

    @api.model_create_multi
    def create(self, vals_list):
        products = super().create([self._with_stock_statement_date(vals) for vals in vals_list])
        self.env["union.assist.catalogue"]._refresh(products.filtered("assist_supplier_id"))
        return products

    def write(self, vals):
        concerned = self._get_assist_catalogue_fields() & vals.keys()
        before = self.filtered("assist_supplier_id") if concerned else self.browse()
        result = super().write(self._with_stock_statement_date(vals))
        if concerned:
            self.env["union.assist.catalogue"]._refresh(
                before | self.filtered("assist_supplier_id")
            )
        return result

    def _with_stock_statement_date(self, vals):
        """Date a statement of stock today when no date comes with it."""
        if "assist_stock_statement" not in vals or "assist_stock_stated_on" in vals:
            return vals
        stated_on = vals["assist_stock_statement"] and self.env.company._assist_today()
        return {**vals, "assist_stock_stated_on": stated_on}

    @api.model
    def _get_assist_catalogue_fields(self):
        """Return the fields that the criteria of the recommended catalogue read."""
        return {
            "active",
            "sale_ok",
            "list_price",
            "uom_id",
            "company_id",
            "categ_id",
            "assist_goods_class_id",
            "assist_own_goods_class_id",
            "assist_supplier_id",
            "assist_origin_id",
            "assist_specification",
            "assist_season_from",
            "assist_season_to",
            "assist_stock_statement",
            "assist_stock_stated_on",
        }

    def _assist_in_season(self, date):
        """Tell whether the goods are in season on a day; ``None`` when they have no season."""
        self.ensure_one()
        if not self.assist_season_from:
            return None
        first, last = int(self.assist_season_from), int(self.assist_season_to)
        if first <= last:
            return first <= date.month <= last
        return date.month >= first or date.month <= last

    def _assist_get_unavailability(self, date):
        """Say why the goods are not to be had on a day.

        Goods are to be had when their supplier states so, or in their season unless the supplier
        says that there are none.

        :return: details for the criterion, ``None`` when the goods are to be had
        """
        self.ensure_one()
        stated_on = self.assist_stock_stated_on
        details = {"stated_on": stated_on and fields.Date.to_string(stated_on)}
        if self.assist_stock_statement == "out_of_stock":
            return {**details, "why": "out_of_stock"}
        in_season = self._assist_in_season(date)
        if in_season:
            return None
        days = int(self.env["union.assist.parameter"]._get_value("stock_statement_days", date))
        if self.assist_stock_statement and stated_on:
            if (date - stated_on).days <= days:
                return None
            if in_season is None:
                return {**details, "why": "stale", "days": days}
        if in_season is None:
            return {**details, "why": "unstated"}
        return {
            **details,
            "why": "season",
            "from": int(self.assist_season_from),
            "to": int(self.assist_season_to),
        }

    def action_view_assist_entries(self):
        """Open the entries of this product in the recommended catalogue."""
        self.ensure_one()
        self.env["union.assist.catalogue.entry"].check_access("read")
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "union_assist_catalog.action_catalogue_entry"
            ),
            "domain": [("product_tmpl_id", "=", self.id)],
            "context": {},
        }

    @api.depends("assist_own_goods_class_id", "categ_id.assist_effective_goods_class_id")
    def _compute_assist_goods_class_id(self):
        for product in self:
            product.assist_goods_class_id = (
                product.assist_own_goods_class_id
                or product.categ_id.assist_effective_goods_class_id
            )

    def _inverse_assist_goods_class_id(self):
        for product in self:
            inherited = product.categ_id.assist_effective_goods_class_id
            chosen = product.assist_goods_class_id
            product.assist_own_goods_class_id = chosen if chosen != inherited else False
        # Cleared, the field shows what it follows from again.
        self.env.add_to_compute(
            self._fields["assist_goods_class_id"],
            self.filtered(lambda product: not product.assist_goods_class_id),
        )

    @api.depends("assist_certificate_ids")
    def _compute_assist_certificate_count(self):
        documents = self.env["union.assist.certificate"]
        groups = documents._read_group(
            [("product_tmpl_ids", "in", self._origin.ids)], ["product_tmpl_ids"], ["__count"]
        )
        counts = {product.id: count for product, count in groups}
        for product in self:
            product.assist_certificate_count = counts.get(product._origin.id, 0)

    @api.depends(
        "assist_supplier_id",
        "assist_goods_class_id",
        "assist_certificate_ids.state",
        "assist_certificate_ids.date_end",
    )
    @api.depends_context("company", "lang")
    def _compute_assist_needs_html(self):
        needs = self._assist_get_needs(self.env.company._assist_today())
        render = self.env["ir.qweb"]._render
        for product in self:
            rows = needs.get(product._origin.id)
            product.assist_needs_html = rows and render(
                "union_assist_catalog.document_needs", {"needs": rows, "product": product}
            )

    def _assist_get_needs(self, date):
        """Say which documents each product needs on a day and which are in place.

        :return: ``{template id: list of DocumentNeed}`` with every product as a key; a product
            without supplier or goods class needs nothing. The number of queries does not
            depend on the number of products.
        """
        goods = [
            (product.sudo().assist_supplier_id, product.sudo())
            for product in self._origin
            if product.sudo().assist_supplier_id
        ]
        needs = self.env["union.assist.document.rule"]._get_needs(goods, date)
        found = {product.id: rows for (_seller, product), rows in needs.items()}
        return {product.id: found.get(product.id, []) for product in self._origin}

    def _assist_missing_documents(self, date):
        """Return the standing documents that keep products from being ordered on a day.

        Those of their supplier that goods of their class need are among them; what is asked
        for with each batch is not: see :meth:`_assist_batch_documents`.

        :return: ``{template id: union.assist.certificate.type records}``, every product a key
        """
        types = self.env["union.assist.certificate.type"].sudo()
        return {
            product_id: types.union(*(need.rule.type_ids for need in needs if need.is_blocking))
            for product_id, needs in self._assist_get_needs(date).items()
        }

    def _assist_batch_documents(self, date):
        """Return the documents to be handed over with each batch delivered on a day.

        :return: ``{template id: union.assist.certificate.type records}``, every product a key
        """
        types = self.env["union.assist.certificate.type"].sudo()
        return {
            product_id: types.union(
                *(need.rule.type_ids for need in needs if need.rule.is_per_batch)
            )
            for product_id, needs in self._assist_get_needs(date).items()
        }

    def action_view_assist_certificates(self):
        """Open the documents that name this product."""
        self.ensure_one()
        self.env["union.assist.certificate"].check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "union_assist_catalog.action_certificate"
        )
        return {
            **action,
            "domain": [("product_tmpl_ids", "in", self.ids)],
            "context": {
                "default_product_tmpl_ids": self.ids,
                "default_partner_id": self.assist_supplier_id.id,
            },
        }

    def _get_assist_public_address(self):
        """Return the address of the page that everybody sees; the same in every language."""
        self.ensure_one()
        return f"{self.get_base_url()}/assist/catalogue/{self._origin.id}"

    @api.depends("assist_listed")
    def _compute_assist_public_qr(self):
        for product in self:
            product.assist_public_qr = product.assist_listed and base64.b64encode(
                draw_qr(product._get_assist_public_address())
            )

    def action_open_public_page(self):
        """Open the page of this product that everybody sees, in the user's language."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/assist/catalogue/{self.id}?lang={self.env.lang}",
            "target": "new",
        }
