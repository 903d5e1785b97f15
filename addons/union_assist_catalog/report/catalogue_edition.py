from odoo import models
from odoo.exceptions import UserError

from ..tools.catalogue_layout import Catalogue, Item, render_catalogues


class CatalogueEditionReport(models.AbstractModel):
    """Gathers what a printed edition says, from its frozen lines alone.

    It is in the language of the edition, whoever prints it, and the same each time. A draft
    is printed as it would be now, marked as a draft on each page.
    """

    _name = "report.union_assist_catalog.report_catalogue_edition"
    _description = "Printed Catalogue Edition"

    def _render_pdf(self, docids, data=None):
        """Print editions, in the order given, as one PDF.

        :raise AccessError: when the user may not read one of them
        :raise UserError: when there is nothing to print, or no font is installed
        """
        editions = self.env["union.assist.catalogue.edition"].browse(docids)
        editions.check_access("read")
        if not editions:
            raise UserError(self.env._("Choose the editions to print."))
        fonts = self.env["ir.actions.report"]._assist_load_fonts()
        return render_catalogues([self._get_catalogue(edition) for edition in editions], fonts)

    def _get_catalogue(self, edition):
        report = self.with_context(lang=edition.lang)
        edition = edition.with_context(lang=edition.lang)
        rows = edition._get_rows()
        mark = "" if edition.state == "published" else report.env._("Draft")
        labels = report._get_labels()
        return Catalogue(
            title=edition.title,
            number=edition.number or mark,
            labels=labels,
            items=[report._get_item(row, labels) for row in rows],
            pictures=edition._get_print_pictures(rows),
            series=edition.series or edition.catalogue_id.name,
            date=edition._format_day(edition.date),
            publisher=edition.publisher,
            note=edition.note or "",
            checksum=report._group(edition.checksum),
            mark=mark,
            lang=edition.lang.replace("_", "-"),
        )

    def _get_labels(self):
        return {
            "contents": self.env._("Contents"),
            "page": self.env._("Page %(page)s of %(pages)s"),
            "count": self.env._("%(count)s products"),
            "code": self.env._("Ref."),
            "gtin": self.env._("GTIN"),
            "checksum": self.env._("Checksum"),
            "specification": self.env._("Spec."),
            "supplier": self.env._("Supplier"),
            "certificate": self.env._("Certificate"),
            "keeping": self.env._("Keeps"),
            "mechanism": self.env._("Lifts"),
            "other_category": self.env._("Other Goods"),
            "other_county": self.env._("Other Places"),
        }

    def _get_item(self, row, labels):
        facts = (
            ("specification", row["specification"]),
            ("supplier", self._describe_supplier(row)),
            ("certificate", self._describe_certificate(row)),
            ("keeping", self._describe_keeping(row)),
            ("mechanism", self._describe_mechanism(row)),
        )
        return Item(
            name=row["name"],
            category=row["category"] or labels["other_category"],
            county=row["county"] or labels["other_county"],
            county_code=row["county_code"] or "",
            code=row["code"] or "",
            gtin=row["gtin"] or "",
            price=row["price_text"] if row["price"] else "",
            unit=row["unit"] or "",
            facts=tuple((labels[name], text) for name, text in facts if text),
            picture=row["picture"] or None,
        )

    def _describe_supplier(self, row):
        if not row["supplier_kind"]:
            return row["supplier"]
        return self.env._(
            "%(supplier)s (%(kind)s)", supplier=row["supplier"], kind=row["supplier_kind"]
        )

    def _describe_certificate(self, row):
        certificate = " ".join(filter(None, (row["certificate_type"], row["certificate_number"])))
        if certificate and row["certificate_date_to"]:
            return self.env._(
                "%(certificate)s, valid until %(date)s",
                certificate=certificate,
                date=row["certificate_date_to"],
            )
        return certificate

    def _describe_keeping(self, row):
        days = row["shelf_life_days"]
        if not days:
            shelf_life = ""
        elif days % 365 == 0:
            shelf_life = self.env._("%s months", days // 365 * 12)
        elif days % 30 == 0:
            shelf_life = self.env._("%s months", days // 30)
        else:
            shelf_life = self.env._("%s days", days)
        return "; ".join(filter(None, (shelf_life, row["storage"])))

    def _describe_mechanism(self, row):
        households = row["household_count"]
        linked = self.env._("%s households linked", households) if households else ""
        return "; ".join(filter(None, (row["mechanism"], linked)))

    def _group(self, checksum):
        """Return the beginning of a checksum in groups of four, as people compare it."""
        digits = (checksum or "")[:16].upper()
        return "-".join(digits[index : index + 4] for index in range(0, len(digits), 4))
