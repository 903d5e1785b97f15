from odoo import models
from odoo.exceptions import AccessError, UserError

from ..tools.gs1 import gtin14, is_text, six_digits
from ..tools.labels import (
    CartonLabel,
    Content,
    PackLabel,
    PackList,
    render_carton_labels,
    render_pack_labels,
    render_pack_lists,
)


class CartonReport(models.AbstractModel):
    """Gathers what labels and pack lists say of cartons, for all cartons at once.

    They show the receiving unit and nothing of a person but who packed.
    """

    _name = "report.union_assist_logistics.report_carton_label"
    _description = "Carton Label"

    _size = "100x150"

    def _render_pdf(self, docids, data=None):
        """Print the labels of these cartons, in the order given, as one PDF.

        :raise AccessError: when the user may not read one of the cartons
        :raise UserError: when none is given or one is empty, or no font is installed
        """
        documents = self._get_documents(self._get_packages(docids))
        fonts = self.env["ir.actions.report"]._assist_load_fonts()
        return self._draw(documents, fonts)

    def _draw(self, documents, fonts):
        return render_carton_labels(documents, fonts, self.env._("Carton Labels"))

    def _get_packages(self, docids):
        if not (self.env.su or self.env.user._is_internal()):
            raise AccessError(self.env._("Only employees may print what goes on cartons."))
        packages = self.env["stock.package"].browse(docids)
        packages.check_access("read")
        if not packages:
            raise UserError(self.env._("Choose the cartons to print for."))
        return packages

    def _get_documents(self, packages):
        """Return what is printed for each package, in the language of its recipient."""
        contents = packages._assist_get_contents()
        empty = packages.filtered(lambda package: not contents.get(package))
        if empty:
            raise UserError(
                self.env._(
                    "Nothing is packed in %(names)s: put goods in before printing.",
                    names=", ".join(empty[:10].mapped("name")),
                )
            )
        positions = packages._assist_get_positions()
        documents = {}
        for lang, group in packages.grouped(self._get_lang).items():
            report = self.with_context(lang=lang)
            labels = report._get_labels()
            # Asked for once: looking it up takes a query.
            labels["kilos"] = report.env[
                "product.template"
            ]._get_weight_uom_name_from_ir_config_parameter()
            for package in group.with_context(lang=lang):
                rows = contents[package]
                documents[package.id] = report._get_document(
                    package, rows, positions.get(package, (0, 0)), labels
                )
        return [documents[package.id] for package in packages]

    def _get_lang(self, package):
        company = package._assist_get_company()
        picking = package.assist_picking_id
        partner = picking.partner_id or picking.sale_id.partner_shipping_id
        return partner.lang or company.partner_id.lang or self.env.lang

    def _get_labels(self):
        return {
            "recipient": self.env._("To"),
            "carton": self.env._("Carton"),
            "order": self.env._("Order: "),
            "dimensions": self.env._("Size: "),
            "gross": self.env._("Gross: "),
            "net": self.env._("Net: "),
            "storage": self.env._("Storage: "),
            "marks": self.env._("Marks: "),
            # The handling marks of GB/T 191 that food in cartons needs.
            "mark_texts": self.env._("Handle with care · This way up · Keep dry"),
            "specification": self.env._("Specification: "),
            "quantity": self.env._("Quantity: "),
            "lot": self.env._("Lot: "),
            "produced": self.env._("Produced: "),
            "expires": self.env._("Best before: "),
            "more": self.env._("… and %(count)s more, see the pack list inside"),
        }

    def _get_document(self, package, rows, position, labels):
        company = package._assist_get_company()
        sscc, elements = package.assist_sscc or "", ()
        if len(rows) == 1:
            elements = self._get_elements(rows[0], bool(sscc), company)
        net, gross = package._assist_get_weights(rows)
        kind = package.package_type_id
        sizes = (kind.packaging_length, kind.width, kind.height)
        unit = kind.length_uom_name or ""
        storages = dict.fromkeys(row["product"].assist_storage or "" for row in rows)
        return CartonLabel(
            labels=labels,
            name=package.name,
            sscc=sscc,
            number=position[0],
            count=position[1],
            gross=f"{gross:.2f} {labels['kilos']}" if gross else "",
            net=f"{net:.2f} {labels['kilos']}" if net else "",
            dimensions=f"{'×'.join(f'{size:g}' for size in sizes)} {unit}" if all(sizes) else "",
            storage="；".join(filter(None, storages)),
            contents=tuple(self._get_content(row, company) for row in rows),
            elements=elements,
            size=self._size,
            **self._get_head(package, company),
        )

    def _get_head(self, package, company):
        picking = package.assist_picking_id
        packed = package.assist_packed_on or package.create_date
        return {
            "company": company.name,
            "recipient": package._assist_get_recipient_name(),
            "order": picking.sale_id.name or picking.origin or picking.name or "",
            "packed_on": self._get_day(packed, company),
        }

    def _get_day(self, moment, company):
        if not moment:
            return ""
        return moment.astimezone(company._assist_get_zone()).date().isoformat()

    def _get_content(self, row, company):
        product = row["product"].with_context(display_default_code=False)
        lot = row["lot"]
        return Content(
            product=product.display_name,
            specification=product.assist_specification or "",
            lot=lot.name or "",
            produced=(lot.assist_production_date and lot.assist_production_date.isoformat()) or "",
            expires=self._get_day(lot.expiration_date, company),
            quantity=f"{row['quantity']:g}",
            unit=product.uom_id.name,
        )

    def _get_elements(self, row, has_sscc, company):
        """Describe the contents of a carton of one lot by GS1's application identifiers.

        With an SSCC these are the GTIN of the contents (02) and their count (37); without
        one the GTIN of the packing unit itself (01), where the product has such a unit.
        """
        product, lot, quantity = row["product"], row["lot"], row["quantity"]
        if quantity != int(quantity) or quantity >= 10**8:
            return ()
        if has_sscc:
            gtin = gtin14(product.barcode or "")
            elements = [("02", gtin), ("37", str(int(quantity)))]
        else:
            units = product.product_uom_ids.filtered(
                lambda unit: unit.uom_id._compute_quantity(1.0, product.uom_id) == quantity
            )
            gtin = next(filter(None, (gtin14(unit.barcode or "") for unit in units)), "")
            elements = [("01", gtin)]
        if not gtin:
            return ()
        if lot.assist_production_date:
            elements.append(("11", six_digits(lot.assist_production_date)))
        if lot.expiration_date:
            day = lot.expiration_date.astimezone(company._assist_get_zone())
            elements.append(("15", six_digits(day)))
        if lot and is_text(lot.name):
            elements.append(("10", lot.name))
        return tuple(elements)


class CartonSquareReport(models.AbstractModel):
    """The carton's label on 100 × 100 mm."""

    _name = "report.union_assist_logistics.report_carton_label_square"
    _inherit = "report.union_assist_logistics.report_carton_label"
    _description = "Carton Label, Square"

    _size = "100x100"


class PackListReport(models.AbstractModel):
    """The list that lies in the carton: what is in it, of which lots, without prices."""

    _name = "report.union_assist_logistics.report_pack_list"
    _inherit = "report.union_assist_logistics.report_carton_label"
    _description = "Pack List"

    def _draw(self, documents, fonts):
        return render_pack_lists(documents, fonts, self.env._("Pack Lists"))

    def _get_labels(self):
        return {
            "title": self.env._("Pack List"),
            "carton": self.env._("Carton"),
            "recipient": self.env._("Recipient: "),
            "order": self.env._("Order: "),
            "number": self.env._("Carton No.: "),
            "packed_on": self.env._("Packed on: "),
            "packed_by": self.env._("Packed by: "),
            "total": self.env._("Total: "),
            "gross": self.env._("Gross: "),
            "notice": self.env._(
                "Please compare the goods with this list when you open the carton. If something"
                " is missing or damaged, keep the carton and its label and tell us within three"
                " days."
            ),
            "page": self.env._("Page %(page)s of %(pages)s"),
            "head_index": self.env._("No."),
            "head_product": self.env._("Product / Specification"),
            "head_lot": self.env._("Lot"),
            "head_produced": self.env._("Produced"),
            "head_expires": self.env._("Best Before"),
            "head_quantity": self.env._("Quantity"),
        }

    def _get_document(self, package, rows, position, labels):
        company = package._assist_get_company()
        _net, gross = package._assist_get_weights(rows)
        sums = {}
        for row in rows:
            unit = row["product"].uom_id
            sums[unit] = sums.get(unit, 0.0) + row["quantity"]
        return PackList(
            labels=labels,
            name=package.name,
            sscc=package.assist_sscc or "",
            packed_by=package.assist_packed_by_id.sudo().name or "",
            number=position[0],
            count=position[1],
            gross=f"{gross:.2f} {labels['kilos']}" if gross else "",
            total=" / ".join(
                f"{quantity:g} {unit.with_env(self.env).name}" for unit, quantity in sums.items()
            ),
            contents=tuple(self._get_content(row, company) for row in rows),
            **self._get_head(package, company),
        )


class PackLabelReport(models.AbstractModel):
    """The label on a gift pack: one for each lot."""

    _name = "report.union_assist_logistics.report_pack_label"
    _description = "Gift Pack Label"

    def _render_pdf(self, docids, data=None):
        """Print labels of gift packs as one PDF.

        :raise AccessError: when the user may not read one of the records
        :raise UserError: when there is no lot to print labels of, or no font is installed
        """
        if not (self.env.su or self.env.user._is_internal()):
            raise AccessError(self.env._("Only employees may print labels of gift packs."))
        copies = self._get_copies(docids)
        if not copies:
            raise UserError(
                self.env._("There is no lot of gift packs yet: pack first, then print labels.")
            )
        labels = self._get_labels()
        documents = [self._get_document(lot, count, labels) for lot, count in copies.items()]
        fonts = self.env["ir.actions.report"]._assist_load_fonts()
        return render_pack_labels(documents, fonts, self.env._("Gift Pack Labels"))

    def _get_copies(self, docids):
        """Return ``{lot: number of labels}``."""
        lots = self.env["stock.lot"].browse(docids)
        lots.check_access("read")
        return dict.fromkeys(lots, 1)

    def _get_labels(self):
        return {
            "specification": self.env._("Specification: "),
            "lot": self.env._("Lot: "),
            "produced": self.env._("Packed: "),
            "expires": self.env._("Best before: "),
            "storage": self.env._("Storage: "),
            "parts": self.env._("Contains: "),
            "scan": self.env._("Scan for origin"),
        }

    def _get_document(self, lot, copies, labels):
        product = lot.product_id.with_context(display_default_code=False)
        company = lot.company_id or self.env.company
        zone = company._assist_get_zone()
        expiry = lot.expiration_date
        parts = lot.assist_component_lot_ids.product_id.filtered(
            lambda part: not part.assist_is_packaging
        )
        return PackLabel(
            company=company.name,
            labels=labels,
            product=product.display_name,
            specification=product.assist_specification or "",
            lot=lot.name,
            produced=(lot.assist_production_date and lot.assist_production_date.isoformat()) or "",
            expires=expiry.astimezone(zone).date().isoformat() if expiry else "",
            storage=product.assist_storage or "",
            parts="、".join(
                parts.with_context(display_default_code=False, lang=self.env.lang).mapped(
                    "display_name"
                )
            ),
            url=lot._assist_get_public_url(),
            copies=copies,
        )


class PackingOrderLabelReport(models.AbstractModel):
    """The labels of all gift packs of packing orders: one for each pack."""

    _name = "report.union_assist_logistics.report_packing_order_label"
    _inherit = "report.union_assist_logistics.report_pack_label"
    _description = "Gift Pack Labels of Packing Orders"

    def _get_copies(self, docids):
        orders = self.env["mrp.production"].browse(docids)
        orders.check_access("read")
        copies = {}
        for order in orders.filtered("assist_is_gift_pack"):
            quantity = order.qty_produced or order.qty_producing or order.product_qty
            for lot in order.lot_producing_ids[:1]:
                copies[lot] = copies.get(lot, 0) + int(quantity)
        return {lot: count for lot, count in copies.items() if count > 0}
