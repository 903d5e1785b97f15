import re

from markupsafe import Markup

from odoo import api, models, tools
from odoo.fields import Domain
from odoo.tools import SQL, format_date, formatLang

from ..tools.catalogue_query import PAGE_SIZE

#: Widths in pixels in which pictures are served: those that ``image.mixin`` keeps.
PICTURE_SIZES = (256, 512, 1024)
#: As many pages as one sitemap may name (sitemaps.org, protocol 0.9).
SITEMAP_PAGES = 50_000

_PICTURE_PATH = "/assist/catalogue/picture"


class UnionAssistCataloguePublic(models.AbstractModel):
    """What everybody may see of the recommended catalogue.

    Visitors have rights on no record. The methods here read with all rights and return plain
    values: what is not written into a dictionary here is not public. Households are counted,
    never read. No method's number of queries depends on how many goods there are.
    """

    _name = "union.assist.catalogue.public"
    _description = "Public Catalogue"

    # ------------------------------------------------------------------------------------------
    # Which goods
    # ------------------------------------------------------------------------------------------

    @api.model
    def _get_entry_domain(self):
        """Domain of the entries of the recommended catalogue, listed or not."""
        catalogue = self.env.ref("union_assist_catalog.catalogue_recommended", False)
        return Domain("catalogue_id", "=", catalogue.id if catalogue else 0)

    @api.model
    def _get_listed_domain(self):
        return self._get_entry_domain() & Domain("listed", "=", True)

    @api.model
    def _get_standing(self, product_id):
        """Tell whether a product is ``listed``, has ``left`` the catalogue, or ``None``."""
        entry = self._get_entry(product_id)
        if entry.listed:
            return "listed"
        return "left" if entry.delisted_on else None

    @api.model
    def _get_entry(self, product_id):
        entries = self.env["union.assist.catalogue.entry"].sudo()
        return entries.search(
            self._get_entry_domain() & Domain("product_tmpl_id", "=", product_id), limit=1
        )

    @api.model
    def _has_goods(self):
        """Tell whether the public catalogue has anything to show."""
        entries = self.env["union.assist.catalogue.entry"].sudo()
        return bool(entries.search_count(self._get_listed_domain(), limit=1))

    @api.model
    def _get_listed_ids(self):
        """Return the ids of listed products, for the sitemap."""
        entries = self.env["union.assist.catalogue.entry"].sudo()
        found = entries._search(self._get_listed_domain(), limit=SITEMAP_PAGES, order="id")
        alias = found.table
        rows = self.env.execute_query(found.select(SQL.identifier(alias, "product_tmpl_id")))
        return [product_id for (product_id,) in rows]

    # ------------------------------------------------------------------------------------------
    # The list
    # ------------------------------------------------------------------------------------------

    @api.model
    def _find(self, query):
        """Answer a visitor's question with one page of goods and the counts of every filter.

        A filter's counts take account of the text and of the other filters: they say how many
        goods there are after choosing it instead.

        :param query: a ``CatalogueQuery``
        :return: ``total``, ``page`` (the last one when the address asks for a later one),
            ``pages``, ``products`` as :meth:`_describe` gives them, and ``facets``
        """
        counts, entry_ids = self._count(query)
        total = counts["total"].get("all", 0)
        pages = max(1, -(-total // PAGE_SIZE))
        page = min(query.page, pages)
        # Before the goods are read: their counties and categories are among these.
        facets = {
            "category": self._label_categories(counts["category"], query),
            "county": self._label_counties(counts["county"], query),
            "certificate": self._label_certificates(counts["certificate"], query),
            "kind": self._label_kinds(counts["kind"], query),
        }
        entries = self.env["union.assist.catalogue.entry"].sudo().browse(entry_ids)
        return {
            "total": total,
            "page": page,
            "pages": pages,
            "sentences": self._say_total(total, page, counts),
            "products": self._describe(entries),
            "facets": facets,
        }

    @api.model
    def _say_total(self, total, page, counts):
        """Put what was found into sentences, with the numbers in bold."""
        bold = Markup("<b>%s</b>")
        return {
            "all": self.env._(
                "%(goods)s goods from %(counties)s counties, each with its origin, its supplier"
                " and its documents.",
                goods=bold % total,
                counties=bold % len(counts["county"]),
            ),
            "found": self.env._("%(goods)s found", goods=bold % total),
            "range": self.env._(
                "%(first)s–%(last)s of %(total)s",
                first=(page - 1) * PAGE_SIZE + 1,
                last=min(page * PAGE_SIZE, total),
                total=total,
            ),
        }

    @api.model
    def _count(self, query):
        """Count and page the goods in one statement, so that the text is searched once.

        The goods are counted once for each combination of what they can be filtered by; the
        counts of the filters are sums of these.

        :return: ``{filter: {value: goods}}`` and the ids of the page's entries in order
        """
        categories = self._get_category_ids(query)
        counties = self._get_county_ids(query)
        certificate = query.certificate and self._get_certificate_type(query.certificate).id
        rows = self.env.execute_query(
            SQL(
                """
                WITH matched AS MATERIALIZED (%(matched)s),
                     held AS MATERIALIZED (%(held)s),
                     chosen AS MATERIALIZED (
                         SELECT id, sort_key FROM matched
                          WHERE %(certified)s AND %(category)s AND %(county)s AND %(kind)s
                     ),
                     page AS (
                         SELECT id, sort_key FROM chosen ORDER BY sort_key %(direction)s, id DESC
                          LIMIT %(size)s OFFSET (
                              SELECT LEAST(
                                  %(skip)s, GREATEST(count(*) - 1, 0) / %(size)s * %(size)s
                              ) FROM chosen)
                     )
                SELECT category_id, origin_id, kind, NULL::int, count(*), NULL::int[]
                  FROM matched WHERE %(certified)s GROUP BY category_id, origin_id, kind
                 UNION ALL
                SELECT category_id, origin_id, kind, type_id, count(*), NULL
                  FROM held GROUP BY category_id, origin_id, kind, type_id
                 UNION ALL
                SELECT NULL, NULL, NULL, NULL, 0,
                       array_agg(id ORDER BY sort_key %(direction)s, id DESC) FROM page
                """,
                matched=self._get_matched(query),
                held=self._get_held_certificates(),
                certified=SQL(
                    "id IN (SELECT held.id FROM held WHERE held.type_id = %s)", certificate or 0
                )
                if query.certificate
                else SQL("TRUE"),
                category=self._in_ids("category_id", categories),
                county=self._in_ids("origin_id", counties),
                kind=SQL("kind = %s", query.kind) if query.kind else SQL("TRUE"),
                direction=SQL("DESC" if query.sort in ("newest", "price_desc") else "ASC"),
                size=PAGE_SIZE,
                skip=(query.page - 1) * PAGE_SIZE,
            )
        )
        *rows, (*_nothing, entry_ids) = rows
        counts = {name: {} for name in ("total", "category", "county", "kind", "certificate")}

        def add(name, value, number):
            if value:
                counts[name][value] = counts[name].get(value, 0) + number

        for category, county, kind, document, number, _ids in rows:
            in_category = categories is None or category in categories
            in_county = counties is None or county in counties
            of_kind = not query.kind or kind == query.kind
            if document:
                if in_category and in_county and of_kind:
                    add("certificate", document, number)
                continue
            if in_county and of_kind:
                add("category", category, number)
            if in_category and of_kind:
                add("county", county, number)
            if in_category and in_county:
                add("kind", kind, number)
            if in_category and in_county and of_kind:
                add("total", "all", number)
        return counts, entry_ids or []

    @api.model
    def _get_matched(self, query):
        """Statement of the entries that have the words, with what they are filtered by."""
        entries = self.env["union.assist.catalogue.entry"].sudo()
        found = entries._search(self._get_listed_domain() & self._get_text_domain(query.words))
        entry = found.table
        supplier = found.left_join(entry, "supplier_id", "res_partner", "id", "supplier")
        sort_key = SQL.identifier(entry, "listed_since")
        if query.sort != "newest":
            products = self.env["product.template"].sudo()
            product = found.join(entry, "product_tmpl_id", "product_template", "id", "product")
            name = products._field_to_sql(product, "name", found)
            sort_key = (
                SQL("%s%s", name, self._get_collation())
                if query.sort == "name"
                else SQL.identifier(product, "list_price")
            )
        return found.select(
            SQL.identifier(entry, "id"),
            SQL.identifier(entry, "product_tmpl_id"),
            SQL.identifier(entry, "supplier_id"),
            SQL.identifier(entry, "category_id"),
            SQL.identifier(entry, "origin_id"),
            SQL("%s AS kind", SQL.identifier(supplier, "assist_supplier_kind")),
            SQL("%s AS sort_key", sort_key),
        )

    @api.model
    def _get_text_domain(self, words):
        """Domain of the entries that have every word in their names, in any language.

        Looked at are the product, its specification, its supplier and its county.
        """
        domain = Domain.TRUE
        for word in words:
            # What a visitor types is text, no pattern.
            word = re.sub(r"([\\%_])", r"\\\1", word)
            found = {
                "product_tmpl_id": self._search_translated(
                    "product.template", ("name", "assist_specification"), word
                ),
                "supplier_id": self._search_translated("res.partner", ("name",), word),
                "origin_id": self._search_translated("union.assist.region", ("name",), word),
            }
            domain &= Domain.OR(Domain(name, "in", query) for name, query in found.items())
        return domain

    @api.model
    def _search_translated(self, model_name, names, word):
        model = self.env[model_name].sudo().with_context(active_test=False)
        domains = []
        for name in names:
            if not model._fields[name].translate:
                domains.append(Domain(name, "ilike", word))
                continue
            for lang, _label in self.env["res.lang"].get_installed():
                query = model.with_context(lang=lang)._search(Domain(name, "ilike", word))
                domains.append(Domain("id", "in", query))
        if model_name == "res.partner":
            return model._search(Domain("assist_supplier_kind", "!=", False) & Domain.OR(domains))
        return model._search(Domain.OR(domains))

    @api.model
    def _get_held_certificates(self, domain=Domain.TRUE):
        """Statement of the types of document that each of the ``matched`` holds, each once.

        :param domain: of the documents that are asked for
        """
        documents = self.env["union.assist.certificate"].sudo()
        domain &= self._get_certificate_domain()
        own = documents._search(domain & Domain("scope", "=", "product"))
        goods = own.join(
            own.table, "id", "union_assist_certificate_product_rel", "certificate_id", "goods"
        )
        general = documents._search(domain & Domain("scope", "=", "supplier"))
        return SQL(
            """
            SELECT matched.id, category_id, origin_id, kind, document.type_id
              FROM matched JOIN (%s) document ON document.partner_id = matched.supplier_id
             UNION ALL
            SELECT matched.id, category_id, origin_id, kind, document.type_id
              FROM matched JOIN (%s) document
                ON document.product_tmpl_id = matched.product_tmpl_id
               AND document.partner_id = matched.supplier_id
            """,
            general.select(
                SQL("DISTINCT %s", SQL.identifier(general.table, "partner_id")),
                SQL.identifier(general.table, "type_id"),
            ),
            own.select(
                SQL("DISTINCT %s", SQL.identifier(goods, "product_tmpl_id")),
                SQL.identifier(own.table, "partner_id"),
                SQL.identifier(own.table, "type_id"),
            ),
        )

    @api.model
    def _get_certificate_domain(self):
        """Domain of the documents that are shown: of public types, verified, in force today."""
        today = self.env.company._assist_today()
        return (
            Domain("state", "=", "verified")
            & Domain("type_id.is_public", "=", True)
            & (Domain("date_from", "=", False) | Domain("date_from", "<=", today))
            & (Domain("date_end", "=", False) | Domain("date_end", ">=", today))
        )

    @api.model
    def _get_category_ids(self, query):
        if not query.category:
            return None
        categories = self.env["product.category"].sudo()
        return categories.search([("id", "child_of", query.category)]).ids

    @api.model
    def _get_county_ids(self, query):
        if not query.county:
            return None
        regions = self.env["union.assist.region"].sudo().with_context(active_test=False)
        place = regions.search([("code", "=", query.county)])
        return regions.search([("id", "child_of", place.ids)]).ids if place else []

    @api.model
    def _get_certificate_type(self, code):
        types = self.env["union.assist.certificate.type"].sudo().with_context(active_test=False)
        return types.search([("code", "=", code)], limit=1)

    @api.model
    def _in_ids(self, column, ids):
        if ids is None:
            return SQL("TRUE")
        return SQL("COALESCE(%s = ANY(%s), FALSE)", SQL.identifier(column), list(ids))

    @api.model
    def _get_collation(self):
        """Order Chinese names by their pinyin where the database knows it, by code elsewhere."""
        if (self.env.lang or "").startswith("zh") and self._knows_pinyin():
            return SQL(' COLLATE "zh-x-icu"')
        return SQL()

    @api.model
    @tools.ormcache()
    def _knows_pinyin(self):
        return bool(
            self.env.execute_query(
                SQL(
                    "SELECT 1 FROM pg_collation WHERE collname = 'zh-x-icu'"
                    " AND collnamespace = 'pg_catalog'::regnamespace"
                )
            )
        )

    # ------------------------------------------------------------------------------------------
    # Filters in words
    # ------------------------------------------------------------------------------------------

    @api.model
    def _label_categories(self, counts, query):
        categories = self.env["product.category"].sudo()
        asked = categories.browse(query.category).exists() if query.category else categories
        choices = [
            self._make_choice("category", category.id, category.name, counts.get(category.id, 0))
            for category in categories.browse(counts) | asked
        ]
        return self._make_facet(choices, query.category)

    @api.model
    def _label_counties(self, counts, query):
        """Counties by prefecture, in the order of their official codes."""
        regions = self.env["union.assist.region"].sudo().with_context(active_test=False)
        asked = regions.search([("code", "=", query.county)]) if query.county else regions
        counties = (regions.browse(counts) | asked).filtered("code").sorted("code")
        choices = []
        for county in counties:
            choice = self._make_choice("county", county.code, county.name, counts.get(county.id, 0))
            choice["group"] = self._get_prefecture(county)
            choices.append(choice)
        facet = self._make_facet(choices, query.county)
        by_group = {}
        for choice in facet["choices"]:
            by_group.setdefault(choice["group"], []).append(choice)
        facet["groups"] = list(by_group.items())
        return facet

    @api.model
    def _label_certificates(self, counts, query):
        types = self.env["union.assist.certificate.type"].sudo().with_context(active_test=False)
        asked = self._get_certificate_type(query.certificate) if query.certificate else types
        choices = [
            self._make_choice("certificate", kind.code, kind.name, counts.get(kind.id, 0))
            for kind in (types.browse(counts) | asked).sorted()
        ]
        return self._make_facet(choices, query.certificate, by_count=False)

    @api.model
    def _label_kinds(self, counts, query):
        labels = self._get_kind_labels()
        choices = [
            self._make_choice("kind", kind, label, counts.get(kind, 0))
            for kind, label in labels.items()
            if counts.get(kind) or kind == query.kind
        ]
        return self._make_facet(choices, query.kind)

    @api.model
    def _make_choice(self, name, value, label, count):
        return {"name": name, "value": value, "label": label, "count": count}

    @api.model
    def _make_facet(self, choices, asked, by_count=True):
        """Arrange the choices of a filter; ``chosen`` is the one that the visitor made."""
        if by_count:
            choices = sorted(choices, key=lambda choice: -choice["count"])
        return {
            "choices": choices,
            "chosen": next((choice for choice in choices if choice["value"] == asked), None),
        }

    @api.model
    def _get_kind_labels(self):
        field = self.env["res.partner"]._fields["assist_supplier_kind"]
        return dict(field._description_selection(self.env))

    @api.model
    def _get_prefecture(self, county):
        """Name what a county is part of, unless that is the province itself."""
        parent = county.parent_id
        return parent.name if parent.level == "prefecture" else ""

    # ------------------------------------------------------------------------------------------
    # Products in words
    # ------------------------------------------------------------------------------------------

    @api.model
    def _describe(self, entries):
        """Describe listed products in short, for a list: plain values, in the entries' order."""
        products = entries.product_tmpl_id
        products.fetch(["name", "assist_specification", "list_price", "uom_id", "company_id"])
        entries.supplier_id.fetch(["name", "assist_supplier_kind"])
        pictures = self._get_pictures(products)
        certificates = self._get_certification_names(entries)
        return [
            {
                **self._describe_one(entry),
                "picture": pictures.get(entry.product_tmpl_id.id),
                "certificates": certificates.get(entry.id, []),
            }
            for entry in entries
        ]

    @api.model
    def _describe_one(self, entry):
        product = entry.product_tmpl_id
        supplier = entry.supplier_id
        return {
            "id": product.id,
            "name": product.name,
            "specification": product.assist_specification or "",
            "price": self._format_price(product),
            "unit": product.uom_id.name,
            "county": entry.origin_id.name or "",
            "supplier": supplier.name,
            "supplier_kind": self._get_kind_labels().get(supplier.assist_supplier_kind, ""),
        }

    @api.model
    def _format_date(self, date):
        return format_date(self.env, date, date_format="long") if date else ""

    @api.model
    def _format_place(self, county):
        """Name a county with its prefecture, in the order of the reader's language."""
        prefecture = self._get_prefecture(county)
        if not prefecture:
            return county.name or ""
        return self.env._("%(county)s, %(prefecture)s", county=county.name, prefecture=prefecture)

    @api.model
    def _format_price(self, product):
        company = product.company_id or self.env.company
        return formatLang(self.env, product.list_price, currency_obj=company.sudo().currency_id)

    @api.model
    def _get_certification_names(self, entries):
        """Name who certified each entry as assistance goods, if anybody did.

        :return: ``{entry id: [names of document types]}``
        """
        if not entries:
            return {}
        domain = Domain("type_id.level", "!=", False) & Domain(
            "partner_id", "in", entries.supplier_id.ids
        )
        rows = self.env.execute_query(
            SQL(
                """
                WITH matched AS (
                    SELECT *, NULL AS kind FROM union_assist_catalogue_entry WHERE id IN %s
                )
                SELECT id, array_agg(type_id) FROM (%s) held GROUP BY id
                """,
                tuple(entries.ids),
                self._get_held_certificates(domain),
            )
        )
        types = self.env["union.assist.certificate.type"].sudo()
        types.browse({type_id for _entry, type_ids in rows for type_id in type_ids}).fetch(["name"])
        return {
            entry_id: types.browse(type_ids).sorted().mapped("name") for entry_id, type_ids in rows
        }

    @api.model
    def _get_product(self, product_id):
        """Describe one listed product in full; ``None`` when it is not listed."""
        entry = self._get_entry(product_id)
        if not entry.listed:
            return None
        product = entry.product_tmpl_id
        supplier = entry.supplier_id
        today = self.env.company._assist_today()
        return {
            **self._describe_one(entry),
            "pictures": self._get_gallery(product),
            "shelf_life": self.env._("%s days", product.assist_shelf_life_days)
            if product.assist_shelf_life_days
            else "",
            "storage": product.assist_storage or "",
            "mechanism": product.assist_mechanism_id.name or "",
            "story": product.assist_origin_story or "",
            "category": product.categ_id.name,
            "category_id": product.categ_id.id,
            "origin": self._format_place(entry.origin_id),
            "county_code": entry.origin_id.code or "",
            "supplier_place": self._format_place(supplier.assist_region_id),
            "certificates": self._get_certificates(entry),
            "impact": self._say_impact(self._get_impact(supplier, today), today),
            "since": self._format_date(entry.listed_since),
        }

    @api.model
    def _get_certificates(self, entry):
        """List the documents that vouch for a product or its supplier, the product's first."""
        documents = self.env["union.assist.certificate"].sudo()
        found = documents.search(
            self._get_certificate_domain()
            & Domain("partner_id", "=", entry.supplier_id.id)
            & (
                Domain("scope", "=", "supplier")
                | Domain("product_tmpl_ids", "in", entry.product_tmpl_id.ids)
            )
        )
        return [
            {
                "type": document.type_id.name,
                "number": self.env._("No. %s", document.number) if document.number else "",
                "until": self.env._("Valid until %s", self._format_date(document.date_end))
                if document.date_end
                else self.env._("Without end date"),
            }
            for document in found.sorted(
                lambda document: (document.scope, document.type_id.sequence, document.id)
            )
        ]

    @api.model
    def _get_impact(self, supplier, date):
        """Count the households that a supplier verifiably lifts, by county.

        :return: ``cells``: ``[{"county", "households"}]``, the largest first, ``withheld``:
            whether there are households beside them; ``None`` when there are none at all
        """
        published, withheld = supplier._assist_published_households(date)[supplier.id]
        if not published and not withheld:
            return None
        counties = self.env["union.assist.region"].sudo().browse(published)
        return {
            "cells": [
                {"county": county.name, "households": published[county.id]} for county in counties
            ],
            "withheld": withheld,
        }

    @api.model
    def _say_impact(self, impact, date):
        """Put the households that a supplier lifts into sentences; none when there are none."""
        if not impact:
            return []
        bold = Markup('<b class="ua-households">%s</b>')
        sentences = [
            self.env._(
                "Linked to %(households)s households in %(county)s",
                households=bold % cell["households"],
                county=cell["county"],
            )
            for cell in impact["cells"]
        ]
        if not sentences:
            sentences = [
                self.env._(
                    "Linked to rural households; they are too few in one county to publish"
                    " their number."
                )
            ]
        elif impact["withheld"]:
            sentences.append(
                self.env._(
                    "There are more in other counties, too few in one to publish their number."
                )
            )
        day = self._format_date(date)
        return [*sentences, self.env._("Verified linkages of the supplier, as of %s", day)]

    # ------------------------------------------------------------------------------------------
    # Pictures
    # ------------------------------------------------------------------------------------------

    @api.model
    def _get_pictures(self, products):
        """Return the addresses of the main pictures: ``{product id: {size: address}}``."""
        return self._get_picture_addresses("product.template", {p.id: (p.id, 0) for p in products})

    @api.model
    def _get_gallery(self, product):
        """Return the addresses of all pictures of a product, the main one first."""
        main = self._get_pictures(product)
        further = product.assist_image_ids
        others = self._get_picture_addresses(
            further._name, {picture.id: (product.id, picture.id) for picture in further}
        )
        gallery = [{"sizes": main[product.id], "name": ""}] if product.id in main else []
        gallery += [
            {"sizes": others[picture.id], "name": picture.name or ""}
            for picture in further
            if picture.id in others
        ]
        return gallery

    @api.model
    def _get_picture_addresses(self, model_name, owners):
        """Build addresses that change with the picture, so that they can be kept for ever.

        :param owners: ``{record id: (product id, picture number)}``
        """
        if not owners:
            return {}
        attachments = self.env["ir.attachment"].sudo()
        found = attachments.search_fetch(
            [
                ("res_model", "=", model_name),
                ("res_field", "in", [f"image_{size}" for size in PICTURE_SIZES]),
                ("res_id", "in", list(owners)),
            ],
            ["res_id", "res_field", "checksum"],
        )
        addresses = {}
        for attachment in found:
            size = int(attachment.res_field.removeprefix("image_"))
            product_id, number = owners[attachment.res_id]
            addresses.setdefault(attachment.res_id, {})[size] = (
                f"{_PICTURE_PATH}/{product_id}/{number}/{size}/{attachment.checksum}"
            )
        return {key: sizes for key, sizes in addresses.items() if len(sizes) == len(PICTURE_SIZES)}

    @api.model
    def _get_picture(self, product_id, number, size):
        """Return a picture of a listed product as a stream, ``None`` when there is none.

        :param number: 0 for the main picture, else the id of a further one
        """
        if size not in PICTURE_SIZES or self._get_standing(product_id) != "listed":
            return None
        record = self._get_entry(product_id).product_tmpl_id
        if number:
            record = record.assist_image_ids.filtered(lambda picture: picture.id == number)
        field = f"image_{size}"
        if not record or not record.with_context(bin_size=True)[field]:
            return None
        return self.env["ir.binary"].sudo()._get_stream_from(record, field)
