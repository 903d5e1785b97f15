import hashlib
import json
from collections import Counter
from datetime import date

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.misc import format_amount, format_date

from ..tools.catalogue_changes import compare_rows, count_kinds
from ..tools.pictures import to_print_jpeg
from ..tools.sheets import Column, render_sheet

#: SQLSTATE by which the guards of the database refuse: integrity_constraint_violation.
GUARD_ERROR = "23000"

#: What the guard of the table lets change on a published edition: who touched the record.
LOG_FIELDS = frozenset(("create_uid", "create_date", "write_uid", "write_date"))

#: Levels that certify assistance products; the higher the better.
CERTIFICATION_RANKS = {"county": 1, "prefecture": 2, "province": 3}

#: Set by publishing alone.
SYSTEM_FIELDS = frozenset(
    (
        "state",
        "series",
        "number",
        "year",
        "ordinal",
        "previous_id",
        "published_by_id",
        "published_on",
        "checksum",
        "entry_count",
        "category_count",
        "county_count",
        "supplier_count",
        "added_count",
        "removed_count",
        "changed_count",
    )
)

#: Columns of the table of an edition, with how they are written and their width.
SHEET_COLUMNS = {
    "name": ("text", 30),
    "code": ("text", 14),
    "gtin": ("text", 16),
    "specification": ("text", 22),
    "price": ("money", 11),
    "currency": ("text", 8),
    "unit": ("text", 8),
    "category": ("text", 14),
    "county": ("text", 12),
    "county_code": ("text", 10),
    "supplier": ("text", 28),
    "supplier_kind": ("text", 14),
    "certificate_type": ("text", 22),
    "certificate_number": ("text", 20),
    "certificate_date_to": ("date", 13),
    "shelf_life_days": ("integer", 11),
    "storage": ("text", 20),
    "mechanism": ("text", 16),
    "household_count": ("integer", 11),
}


class UnionAssistCatalogueEdition(models.Model):
    """A numbered issue of the recommended catalogue, as it was printed on a day.

    A draft shows what would be in. Publishing copies the listed products with their pictures
    into lines of the edition; from then on nothing of it changes: methods refuse, and so do
    triggers of the database, also to SQL. Whatever is printed or exported later is made from
    the copy alone.
    """

    _name = "union.assist.catalogue.edition"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Catalogue Edition"
    _order = "state, date desc, id desc"
    _rec_names_search = ["number", "title"]
    _assist_kept_fields = SYSTEM_FIELDS

    catalogue_id = fields.Many2one(
        "union.assist.catalogue",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env["union.assist.catalogue"].search([], limit=1),
        tracking=True,
    )
    company_id = fields.Many2one(related="catalogue_id.company_id")
    series = fields.Char(
        readonly=True, copy=False, help="Name of the catalogue when the edition was published."
    )
    title = fields.Char(required=True, tracking=True, help="As on the cover.")
    number = fields.Char(
        readonly=True,
        copy=False,
        index="trigram",
        help="Year and number in the year, without gaps; given when the edition is published.",
    )
    year = fields.Integer(readonly=True, copy=False, aggregator=None)
    ordinal = fields.Integer("Number in the Year", readonly=True, copy=False, aggregator=None)
    date = fields.Date(
        required=True,
        copy=False,
        default=lambda self: self.env.company._assist_today(),
        tracking=True,
        help="As on the cover. Certificates and households are those of this day.",
    )
    lang = fields.Selection(
        lambda self: self.env["res.lang"].get_installed(),
        "Language",
        required=True,
        default=lambda self: self._default_lang(),
        help="Names of goods, places and headings are printed in it.",
    )
    publisher = fields.Char(
        required=True,
        default=lambda self: self.env.company.name,
        help="As on the cover and at the foot of each page.",
    )
    note = fields.Text(help="Printed above the contents.")
    state = fields.Selection(
        [("draft", "Draft"), ("published", "Published")],
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        index=True,
        tracking=True,
    )
    published_by_id = fields.Many2one(
        "res.users", "Published by", readonly=True, copy=False, ondelete="restrict"
    )
    published_on = fields.Datetime("Published on", readonly=True, copy=False)
    previous_id = fields.Many2one(
        "union.assist.catalogue.edition",
        "Previous Edition",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    checksum = fields.Char(
        "Content Checksum",
        readonly=True,
        copy=False,
        help="Fingerprint of everything in the edition; printed on it, so that a copy on paper"
        " can be compared with this record.",
    )
    line_ids = fields.One2many(
        "union.assist.catalogue.edition.line", "edition_id", "Products", readonly=True, copy=False
    )
    entry_count = fields.Integer("Product Count", readonly=True, copy=False)
    category_count = fields.Integer("Categories", readonly=True, copy=False)
    county_count = fields.Integer("Counties", readonly=True, copy=False)
    supplier_count = fields.Integer("Suppliers", readonly=True, copy=False)
    added_count = fields.Integer("Added", readonly=True, copy=False)
    removed_count = fields.Integer("Removed", readonly=True, copy=False)
    changed_count = fields.Integer("Changed", readonly=True, copy=False)
    preview_count = fields.Integer(
        "Would be in",
        compute="_compute_preview_count",
        help="Products listed in the catalogue now.",
    )

    _number_unique = models.UniqueIndex(
        "(catalogue_id, year, ordinal) WHERE state = 'published'",
        "The catalogue has an edition with this number already.",
    )
    _published_complete = models.Constraint(
        "CHECK (state = 'draft' OR (number <> '' AND ordinal > 0 AND published_on IS NOT NULL"
        " AND checksum <> ''))",
        "A published edition has its number, its moment and its checksum.",
    )

    def init(self):
        """Guard published editions in the database, also against SQL of our own code."""
        log = ", ".join(f"'{name}'" for name in sorted(LOG_FIELDS))
        self.env.cr.execute(  # pylint: disable=sql-injection
            f"""
            CREATE OR REPLACE FUNCTION union_assist_catalogue_edition_guard() RETURNS trigger AS $$
            BEGIN
                IF TG_OP = 'TRUNCATE' THEN
                    PERFORM FROM union_assist_catalogue_edition WHERE state = 'published';
                    IF NOT FOUND THEN RETURN NULL; END IF;
                ELSIF TG_OP = 'INSERT' THEN
                    IF NEW.state = 'draft' THEN RETURN NEW; END IF;
                ELSIF OLD.state <> 'published' THEN
                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
                    RETURN NEW;
                ELSIF TG_OP = 'UPDATE' THEN
                    IF to_jsonb(NEW) - ARRAY[{log}] = to_jsonb(OLD) - ARRAY[{log}] THEN
                        RETURN NEW;
                    END IF;
                END IF;
                RAISE EXCEPTION 'A published catalogue edition never changes (% on %).',
                    TG_OP, TG_TABLE_NAME
                    USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;
            END $$ LANGUAGE plpgsql
        """
        )
        self._create_guard("INSERT OR UPDATE OR DELETE")

    def _create_guard(self, operations, table="union_assist_catalogue_edition"):
        """(Re)create the triggers of a table that call its guard function."""
        for suffix, events, each in (
            ("rows", operations, "ROW"),
            ("truncate", "TRUNCATE", "STATEMENT"),
        ):
            self.env.cr.execute(
                SQL(
                    "DROP TRIGGER IF EXISTS %(trigger)s ON %(table)s;"
                    " CREATE TRIGGER %(trigger)s BEFORE %(events)s ON %(table)s"
                    " FOR EACH %(each)s EXECUTE FUNCTION %(function)s()",
                    trigger=SQL.identifier(f"{table}_guard_{suffix}"),
                    table=SQL.identifier(table),
                    events=SQL(events),
                    each=SQL(each),
                    function=SQL.identifier(f"{table}_guard"),
                )
            )

    @api.model
    def _drop_guards(self):
        """Take the guards away, for uninstalling alone: the tables go too."""
        for name in ("edition", "edition_line", "edition_picture"):
            function = SQL.identifier(f"union_assist_catalogue_{name}_guard")
            self.env.cr.execute(SQL("DROP FUNCTION IF EXISTS %s() CASCADE", function))

    @api.model
    def _sql_error_to_message(self, exc):
        if exc.pgcode == GUARD_ERROR:
            return self._get_refusal()
        return super()._sql_error_to_message(exc)

    @api.model
    def _get_refusal(self):
        return self.env._(
            "A published edition never changes. Publish a new edition with what should be"
            " different; both can be compared."
        )

    @api.model
    def _default_lang(self):
        installed = [code for code, _name in self.env["res.lang"].get_installed()]
        return "zh_CN" if "zh_CN" in installed else self.env.lang or installed[0]

    @api.depends("number", "title", "state")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for edition in self:
            number = edition.number or self.env._("Draft")
            edition.display_name = f"{number} {edition.title or ''}".strip()

    @api.depends("catalogue_id")
    def _compute_preview_count(self):
        groups = self.env["union.assist.catalogue.entry"]._read_group(
            [("catalogue_id", "in", self.catalogue_id.ids), ("listed", "=", True)],
            ["catalogue_id"],
            ["__count"],
        )
        counts = {catalogue: count for catalogue, count in groups}
        for edition in self:
            edition.preview_count = counts.get(edition.catalogue_id, 0)

    # -- nothing of a published edition changes -----------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if any(vals.get(name) for name in SYSTEM_FIELDS - {"state"}) or (
                vals.get("state", "draft") != "draft"
            ):
                raise UserError(
                    self.env._("An edition begins as a draft; publishing gives it its number.")
                )
        return super().create(vals_list)

    def write(self, vals):
        stored = {name for name in vals if self._is_stored(name)}
        if stored and "published" in self.mapped("state"):
            raise UserError(self._get_refusal())
        if stored & SYSTEM_FIELDS or "line_ids" in vals:
            raise UserError(
                self.env._("Number, state and contents of an edition are set by publishing it.")
            )
        return super().write(vals)

    def _is_stored(self, name):
        field = self._fields.get(name)
        return field is not None and field.store and field.column_type and name not in LOG_FIELDS

    @api.ondelete(at_uninstall=False)
    def _unlink_except_published(self):
        if "published" in self.mapped("state"):
            raise UserError(
                self.env._(
                    "A published edition is kept for good: %s. Only drafts can be deleted.",
                    ", ".join(
                        self.filtered(lambda edition: edition.state == "published").mapped("number")
                    ),
                )
            )

    # -- publishing ---------------------------------------------------------------------

    def action_publish(self):
        """Ask for a last look before the edition is published."""
        self.ensure_one()
        self._check_publisher()
        self._check_draft()
        wizard = self.env["union.assist.catalogue.publish"].create({"edition_id": self.id})
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "union_assist_catalog.action_catalogue_publish"
            ),
            "res_id": wizard.id,
        }

    def _check_publisher(self):
        if not self.has_access("write"):
            raise AccessError(self.env._("Only the federation publishes the catalogue."))

    def _check_draft(self):
        for edition in self:
            if edition.state != "draft":
                raise UserError(
                    self.env._("Edition %s is published already.", edition.display_name)
                )

    def _get_last(self):
        """Return the latest published edition of the same catalogue, empty when there is none."""
        self.ensure_one()
        return self.search(
            [("catalogue_id", "=", self.catalogue_id.id), ("state", "=", "published")],
            order="date desc, id desc",
            limit=1,
        )

    def _check_date(self, last):
        today = self.catalogue_id._today()
        if self.date > today:
            raise ValidationError(
                self.env._(
                    "The edition is dated %(date)s, which is still to come: it carries the"
                    " certificates and figures of its day. Date it %(today)s or earlier.",
                    date=self.date,
                    today=today,
                )
            )
        if last and self.date < last.date:
            raise ValidationError(
                self.env._(
                    "The edition is dated %(date)s, before the last one: %(last)s of"
                    " %(last_date)s. Numbers follow the dates.",
                    date=self.date,
                    last=last.number,
                    last_date=last.date,
                )
            )

    def _publish(self):  # pylint: disable=missing-return
        """Freeze what is listed now under the next number, in one transaction.

        The number of queries does not grow with the number of products.

        :raise UserError: when it is published already, its date is wrong or nothing is listed
        """
        self.ensure_one()
        self._check_publisher()
        self._check_draft()
        # Two who publish at once both write here; the loser is repeated and gets the next number.
        catalogue = self.catalogue_id.sudo()
        catalogue.last_edition_id = self
        catalogue.flush_recordset()
        last = self._get_last()
        self._check_date(last)
        rows = self._collect_rows()
        if not rows:
            raise UserError(
                self.env._(
                    "No product is listed in “%s”: there is nothing to publish.", catalogue.name
                )
            )
        self.sudo().line_ids.unlink()
        pictures = self.sudo()._freeze_pictures(rows)
        line_model = self.env["union.assist.catalogue.edition.line"].sudo()
        line_model.create(
            [
                {
                    **{name: value for name, value in row.items() if name != "picture"},
                    "edition_id": self.id,
                    "sequence": sequence,
                    "picture_id": pictures.get(row["picture"]),
                }
                for sequence, row in enumerate(rows, 1)
            ]
        )
        self.env.flush_all()
        self.invalidate_recordset(["line_ids"])
        [(last_ordinal,)] = self._read_group(
            [
                ("catalogue_id", "=", catalogue.id),
                ("state", "=", "published"),
                ("year", "=", self.date.year),
            ],
            [],
            ["ordinal:max"],
        )
        ordinal = (last_ordinal or 0) + 1
        added, removed, changed = count_kinds(self._compare_with(last, rows)) if last else (0, 0, 0)
        # Past the refusals of write(), which are for everybody else.
        super().write(  # pylint: disable=super-method-mismatch
            {
                "state": "published",
                "series": catalogue.with_context(lang=self.lang).name,
                "year": self.date.year,
                "ordinal": ordinal,
                "number": f"{self.date.year}-{ordinal:02}",
                "previous_id": last.id,
                "published_by_id": self.env.uid,
                "published_on": fields.Datetime.now(),
                "checksum": self._compute_checksum(),
                **self._count_rows(rows),
                "added_count": added,
                "removed_count": removed,
                "changed_count": changed,
            }
        )
        self.flush_recordset()

    # -- what is in ---------------------------------------------------------------------

    def _get_rows(self):
        """Return what the edition says: frozen when published, as it would be for a draft.

        :return: list of dicts by the fields of its lines, in printing order; ``picture`` is
            the id of a frozen picture, or the checksum of a product's picture in a draft
        """
        self.ensure_one()
        if self.state == "draft":
            return self._collect_rows()
        return self._read_lines()

    def _read_lines(self):
        names = [*self.env["union.assist.catalogue.edition.line"]._get_printed_fields()]
        rows = self.line_ids.read([*names, "picture_id"], load=None)
        for row in rows:
            row["picture"] = row.pop("picture_id")
            row.pop("id")
        return rows

    def _collect_rows(self):
        """Copy the listed products as they are now; the same whoever looks, in constant queries."""
        self.ensure_one()
        edition = self.sudo().with_context(lang=self.lang, active_test=False)
        company = edition.catalogue_id.company_id or self.env.company
        entries = edition.env["union.assist.catalogue.entry"].search(
            [("catalogue_id", "=", self.catalogue_id.id), ("listed", "=", True)]
        )
        products = entries.product_tmpl_id.with_company(company)
        suppliers = products.assist_supplier_id
        households = suppliers._assist_published_households(self.date)
        certificates = edition._get_certificates(products)
        pictures = edition._get_picture_checksums(products)
        kinds = dict(suppliers._fields["assist_supplier_kind"]._description_selection(edition.env))
        rows = []
        for product in products:
            supplier, county = product.assist_supplier_id, product.assist_origin_id
            # Only what may be published by itself: the total beside it would tell the rest.
            published, _withheld = households[supplier.id]
            rows.append(
                {
                    "product_tmpl_id": product.id,
                    "name": product.name,
                    "code": product.default_code or False,
                    "gtin": product.barcode or False,
                    "specification": product.assist_specification or False,
                    "price": product.currency_id.round(product.list_price),
                    "currency_id": product.currency_id.id,
                    "currency": product.currency_id.name,
                    "price_text": format_amount(
                        edition.env, product.list_price, product.currency_id, lang_code=self.lang
                    ),
                    "unit": product.uom_id.name,
                    "category": product.categ_id.complete_name or False,
                    "county": county.name or False,
                    "county_code": county.code or False,
                    "supplier": supplier.name or False,
                    "supplier_kind": kinds.get(supplier.assist_supplier_kind, False),
                    "shelf_life_days": product.assist_shelf_life_days,
                    "storage": product.assist_storage or False,
                    "mechanism": product.assist_mechanism_id.name or False,
                    "household_count": sum(published.values()),
                    "picture": pictures.get(product.id, False),
                    **certificates.get(
                        product.id,
                        {
                            "certificate_type": False,
                            "certificate_number": False,
                            "certificate_date_to": False,
                        },
                    ),
                }
            )
        rows.sort(
            key=lambda row: (
                row["category"] or "",
                row["county_code"] or "~",
                row["county"] or "",
                row["name"],
                row["code"] or "",
                row["product_tmpl_id"],
            )
        )
        return rows

    def _count_rows(self, rows):
        """Return the counts that an edition keeps of its rows."""
        return {
            "entry_count": len(rows),
            "category_count": len({row["category"] for row in rows} - {False}),
            "county_count": len({row["county_code"] for row in rows} - {False}),
            "supplier_count": len({row["supplier"] for row in rows} - {False}),
        }

    def _get_certificates(self, products):
        """Return ``{product id: the values of a line that name its certificate}``.

        Of several in force on the day of the edition it is the assistance certification of the
        highest level, then the one whose type comes first.
        """
        certificate_model = self.env["union.assist.certificate"]
        certificates = certificate_model.search(
            certificate_model._get_in_force_domain(self.date)
            & Domain("scope", "=", "product")
            & Domain("is_per_batch", "=", False)
            & Domain("product_tmpl_ids", "in", products.ids)
        ).sorted(
            lambda certificate: (
                -CERTIFICATION_RANKS.get(certificate.type_id.level, 0),
                certificate.type_id.sequence,
                -(certificate.date_end or date.max).toordinal(),
                certificate.id,
            )
        )
        values = {}
        for certificate in certificates:
            named = {
                "certificate_type": certificate.type_id.name,
                "certificate_number": certificate.number or False,
                "certificate_date_to": certificate.date_to,
            }
            for product_id in certificate.product_tmpl_ids.ids:
                values.setdefault(product_id, named)
        return values

    def _get_picture_checksums(self, products):
        """Return ``{product id: checksum of its picture}``, without reading the pictures."""
        products.flush_recordset(["image_512"])
        attachments = self.env["ir.attachment"].search_fetch(
            [
                ("res_model", "=", "product.template"),
                ("res_field", "=", "image_512"),
                ("res_id", "in", products.ids),
            ],
            ["res_id", "checksum"],
        )
        return {attachment.res_id: attachment.checksum for attachment in attachments}

    def _freeze_pictures(self, rows):
        """Keep the pictures of rows, each once.

        :return: ``{checksum of the product's picture: id of the frozen one}``; pictures that
            cannot be printed are no keys
        """
        frozen, contents = self._find_pictures(rows)
        return frozen | self.env["union.assist.catalogue.edition.picture"]._freeze(contents)

    def _find_pictures(self, rows):
        """Find the pictures of rows that were collected from products.

        :return: (``{checksum: id of the frozen picture}``, ``{checksum: JPEG bytes}`` of those
            that are not frozen yet)
        """
        wanted = {row["picture"]: row["product_tmpl_id"] for row in rows if row["picture"]}
        known = self.env["union.assist.catalogue.edition.picture"].search_fetch(
            [("source_checksum", "in", list(wanted))], ["source_checksum"]
        )
        frozen = {picture.source_checksum: picture.id for picture in known}
        attachments = self.env["ir.attachment"].search(
            [
                ("res_model", "=", "product.template"),
                ("res_field", "=", "image_512"),
                ("res_id", "in", [wanted[key] for key in wanted if key not in frozen]),
            ]
        )
        contents = {
            attachment.checksum: to_print_jpeg(attachment.raw) for attachment in attachments
        }
        return frozen, {key: content for key, content in contents.items() if content}

    def _get_print_pictures(self, rows):
        """Return ``{key: JPEG bytes}`` of the pictures of rows, by what the rows call them."""
        edition = self.sudo()
        picture_model = edition.env["union.assist.catalogue.edition.picture"]
        if self.state == "published":
            ids = {row["picture"] for row in rows if row["picture"]}
            return picture_model.browse(ids)._get_contents()
        frozen, contents = edition._find_pictures(rows)
        kept = picture_model.browse(frozen.values())._get_contents()
        return contents | {key: kept[picture] for key, picture in frozen.items()}

    def _compute_checksum(self):
        """Return the fingerprint of the lines, pictures included."""
        checksums = {picture.id: picture.checksum for picture in self.line_ids.picture_id.sudo()}
        rows = [{**row, "picture": checksums.get(row["picture"])} for row in self._read_lines()]
        return fingerprint(rows)

    # -- comparing ----------------------------------------------------------------------

    def _compare_with(self, other, rows=None):
        """Return what changed from another edition to this one, as ``Change`` objects.

        :param rows: of this edition, where they were read already
        """
        self.ensure_one()
        rows = self._get_rows() if rows is None else rows
        old = {row["product_tmpl_id"]: row for row in other._get_rows()}
        new = {row["product_tmpl_id"]: row for row in rows}
        return compare_rows(old, new, same_language=self.lang == other.lang)

    def action_compare(self):
        """Show what changed between two editions chosen, or from the one before this one."""
        self.check_access("read")
        if len(self) == 2:
            old, new = self.sorted(
                lambda edition: (edition.state == "draft", edition.date, edition.id)
            )
        elif len(self) == 1:
            new, old = self, self.previous_id if self.state == "published" else self._get_last()
        else:
            raise UserError(
                self.env._("Choose two editions to compare, or one to compare with the last.")
            )
        if not old:
            raise UserError(
                self.env._(
                    "%s is the first edition: nothing was published before it.", new.display_name
                )
            )
        comparison = self.env["union.assist.catalogue.comparison"].create(
            {"old_edition_id": old.id, "new_edition_id": new.id}
        )
        return comparison.action_compare()

    # -- looking at it ------------------------------------------------------------------

    def action_view_lines(self):
        """Open the products of this edition, for a draft those that would be in."""
        self.ensure_one()
        self.check_access("read")
        if self.state == "draft":
            return {
                **self.env["ir.actions.act_window"]._for_xml_id(
                    "union_assist_catalog.action_catalogue_entry"
                ),
                "domain": [("catalogue_id", "=", self.catalogue_id.id), ("listed", "=", True)],
                "context": {},
            }
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "union_assist_catalog.action_catalogue_edition_line"
            ),
            "domain": [("edition_id", "=", self.id)],
            "context": {},
        }

    def action_export_xlsx(self):
        """Download the edition as an Excel file."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": f"/assist/edition/{self.id}/xlsx",
            "target": "download",
        }

    def _get_file_name(self):
        """Return the name of files of this edition, without its ending."""
        self.ensure_one()
        return self.display_name.replace("/", "-")

    def _render_xlsx(self):
        """Return the edition as an XLSX file."""
        self.ensure_one()
        self.check_access("read")
        edition = self.with_context(lang=self.lang)
        labels = edition.env["union.assist.catalogue.edition.line"]._get_printed_labels()
        columns = [
            Column(labels[name], kind, width) for name, (kind, width) in SHEET_COLUMNS.items()
        ]
        # A count or a shelf life of 0 is one that is not known.
        rows = [
            [
                row[name] or (None if kind == "integer" else row[name])
                for name, (kind, _width) in SHEET_COLUMNS.items()
            ]
            for row in self._get_rows()
        ]
        created = self.published_on or fields.Datetime.now()
        return render_sheet(edition.display_name, columns, rows, created)

    # -- what is missing ------------------------------------------------------------------

    def _get_gaps(self, rows):
        """Say what is missing from what would be printed.

        :return: list of (sentence, product ids)
        """
        checks = (
            (self.env._("Without a picture"), lambda row: not row["picture"]),
            (self.env._("Without a barcode (GTIN)"), lambda row: not row["gtin"]),
            (self.env._("Without a price"), lambda row: not row["price"]),
            (self.env._("Without a specification"), lambda row: not row["specification"]),
            (self.env._("Without a county of origin"), lambda row: not row["county"]),
            (self.env._("Without a certificate"), lambda row: not row["certificate_type"]),
            (self.env._("Without a shelf life"), lambda row: not row["shelf_life_days"]),
            (
                self.env._("Printed twice under the same name"),
                self._find_namesakes(rows),
            ),
        )
        gaps = []
        for sentence, is_missing in checks:
            products = [row["product_tmpl_id"] for row in rows if is_missing(row)]
            if products:
                gaps.append((sentence, products))
        return gaps

    def _find_namesakes(self, rows):
        names = Counter((row["name"], row["specification"], row["supplier"]) for row in rows)
        return lambda row: names[row["name"], row["specification"], row["supplier"]] > 1

    def _format_day(self, day):
        """Write a day out in the language of the edition."""
        return format_date(self.env, day, lang_code=self.lang, date_format="long")


def fingerprint(rows):
    """Return the SHA-256 of rows, independent of the order of their fields."""
    text = json.dumps(rows, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
