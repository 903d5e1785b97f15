from collections import defaultdict

import pytz

from odoo import models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Datetime
from odoo.tools import format_amount

from odoo.addons.union_assist_catalog.tools.amount import capital_amount

from ..tools.delivery_note import Line, Note, render_notes


class DeliveryNoteReport(models.AbstractModel):
    """Gathers what delivery notes (送货单) say, for all deliveries at once.

    A note is written in the language of its recipient. It never shows household data:
    persons appear only as a company's contact or as the addressee of a delivery.
    """

    _name = "report.union_assist_logistics.report_delivery_note"
    _description = "Delivery Note"

    def _render_pdf(self, docids, data=None):
        """Print the notes of these deliveries, in the order given, as one PDF.

        :raise AccessError: when the user may not read one of the deliveries
        :raise UserError: when one is no delivery or not ready, or no font is installed
        """
        if not (self.env.su or self.env.user._is_internal()):
            raise AccessError(self.env._("Only employees may print delivery notes."))
        pickings = self.env["stock.picking"].browse(docids)
        pickings.check_access("read")
        self._check_printable(pickings)
        pickings._assist_register_prints()
        notes = {}
        for lang, group in pickings.grouped(self._get_lang).items():
            report = self.with_context(lang=lang)
            notes.update(report._get_notes(group.with_context(lang=lang)))
        numbers = [notes[picking.id].number for picking in pickings]
        title = numbers[0] if len(numbers) == 1 else self.env._("Delivery Notes")
        fonts = self.env["ir.actions.report"]._assist_load_fonts()
        return render_notes((notes[picking.id] for picking in pickings), fonts, title)

    def _check_printable(self, pickings):
        if not pickings:
            raise UserError(self.env._("Choose the deliveries whose notes to print."))
        others = pickings.filtered(lambda picking: picking.picking_type_code != "outgoing")
        if others:
            raise UserError(
                self.env._(
                    "Delivery notes are printed for deliveries only; these are other transfers:"
                    " %(names)s.",
                    names=self._name_some(others),
                )
            )
        unready = pickings.filtered(lambda picking: picking.state not in ("assigned", "done"))
        if unready:
            raise UserError(
                self.env._(
                    "These deliveries have no goods ready yet, or are cancelled: %(names)s."
                    " Check their availability first.",
                    names=self._name_some(unready),
                )
            )

    def _name_some(self, pickings, limit=10):
        names = ", ".join(pickings[:limit].mapped("name"))
        return f"{names} …" if len(pickings) > limit else names

    def _get_lang(self, picking):
        company = picking.company_id.partner_id
        return picking.partner_id.lang or company.lang or self.env.lang

    # -- gathering -------------------------------------------------------------------

    def _get_notes(self, pickings):
        """Return ``{picking id: Note}`` in the language of the context."""
        labels, notice = self._get_labels(), self._get_notice()
        base_url = self.env["ir.config_parameter"].sudo().get_param("web.base.url")
        tokens = {picking.id: picking.assist_note_token for picking in pickings.sudo()}
        kits = self._get_kit_parts(pickings)
        user = self.env.user
        notes = {}
        for picking in pickings:
            tz = picking.company_id._assist_get_zone()
            move_lines = self._get_move_lines(picking)
            lines, units, totals = self._get_lines(move_lines, kits, tz)
            address = picking.partner_id
            unit = address.commercial_partner_id
            now = self._local(Datetime.now(), tz)
            packages = len(move_lines.result_package_id)
            notes[picking.id] = Note(
                title=self._get_title(picking),
                company=picking.company_id.name,
                number=picking.assist_note_number,
                labels=labels,
                recipient=unit.name or "",
                address=self._get_address(address),
                phone=self._get_phone(address),
                date=self._get_date(picking, tz),
                order=picking.sale_id.name or picking.origin or "",
                reference=picking.sale_id.client_order_ref or "",
                vehicle=picking.assist_vehicle or "",
                driver=picking.assist_driver or "",
                url=f"{base_url}/assist/delivery/{tokens[picking.id]}",
                quantity_total=" / ".join(
                    f"{self._format_quantity(quantity)} {uom.name}"
                    for uom, quantity in units.items()
                ),
                totals=[
                    (
                        self._format_total(amount, currency),
                        capital_amount(amount) if currency.name == "CNY" else "",
                    )
                    for currency, amount in totals.items()
                ],
                packages=str(packages) if packages else "",
                prepared_by=picking.user_id.name or (user.name if user._is_internal() else ""),
                notice=notice,
                mark=self._get_mark(picking, now),
                paper=picking.picking_type_id.assist_note_paper,
                lines=lines,
            )
        return notes

    def _get_public_values(self, picking):
        """Return what the public page of a note shows: goods and receiving unit only."""
        tz = picking.company_id._assist_get_zone()
        lines, _units, _totals = self._get_lines(
            self._get_move_lines(picking), self._get_kit_parts(picking), tz
        )
        state, badge = {
            "assigned": (self.env._("Ready to ship"), "info"),
            "done": (self.env._("Shipped"), "success"),
            "cancel": (self.env._("Cancelled"), "danger"),
        }.get(picking.state, (self.env._("In preparation"), "secondary"))
        unit = picking.partner_id.commercial_partner_id
        return {
            "note": {
                "title": self._get_title(picking),
                "company": picking.company_id.name,
                "number": picking.assist_note_number,
                "state": state,
                "badge": badge,
                "date": self._get_date(picking, tz),
                "unit": unit.name if unit.is_company else "",
                "lines": lines,
                "lang": (self.env.lang or "en_US").replace("_", "-"),
            }
        }

    def _get_date(self, picking, tz):
        moment = picking.date_done if picking.state == "done" else picking.scheduled_date
        return self._local(moment, tz).date().isoformat()

    def _get_title(self, picking):
        if picking.location_dest_id.usage == "supplier":
            return self.env._("Return Note")
        return self.env._("Delivery Note")

    def _get_mark(self, picking, now):
        moment = now.strftime("%Y-%m-%d %H:%M")
        if picking.assist_note_prints == 1:
            return self.env._("Printed %(moment)s", moment=moment)
        return self.env._(
            "Print %(count)s, %(moment)s", count=picking.assist_note_prints, moment=moment
        )

    def _get_address(self, partner):
        parts = [partner.state_id.name, partner.city, partner.street, partner.street2]
        parts = [part for part in parts if part]
        if (self.env.lang or "").startswith("zh"):
            # From the large to the small, and nothing twice: streets are often written
            # with their province and city.
            return "".join(
                part
                for index, part in enumerate(parts)
                if not any(part in smaller for smaller in parts[index + 1 :])
            )
        return ", ".join(reversed(parts))

    def _get_phone(self, partner):
        """Return contact and telephone of a company's address; nothing of a private person."""
        unit = partner.commercial_partner_id
        if not unit.is_company:
            return ""
        contact = partner.name if partner != unit else ""
        return " ".join(filter(None, [contact, partner.phone or unit.phone]))

    def _get_move_lines(self, picking):
        """Return what the delivery takes along: delivered, picked, or else reserved goods."""
        lines = picking.move_line_ids.filtered(
            lambda line: (
                not line.product_uom_id.is_zero(line.quantity)
                and line.location_dest_id.usage != "inventory"
            )
        )
        if picking.state != "done":
            lines = lines.filtered("picked") or lines
        return lines.sorted(
            lambda line: (line.move_id.sequence, line.move_id.id, line.lot_id.name or "", line.id)
        )

    def _get_lines(self, move_lines, kits, tz):
        """Build the rows of one note.

        :param move_lines: the goods, in printing order
        :param kits: what ``_get_kit_parts`` returned
        :return: (rows, ``{unit: quantity}``, ``{currency: amount}``); amounts include
            taxes, and only goods of sale orders have them
        """
        groups = defaultdict(lambda: self.env["stock.move.line"])
        for line in move_lines:
            groups[line.move_id.sale_line_id or line.product_id] |= line
        rows, index = [], 0
        units, totals = defaultdict(float), defaultdict(float)
        for key, lines in groups.items():
            order_line = key if key._name == "sale.order.line" else None
            is_kit = order_line and order_line.product_id not in lines.product_id
            if is_kit:
                sets = self._get_sets(order_line, lines, kits)
                uom = order_line.product_uom_id
                goods = [(order_line.product_id, None, uom, sets, lines.result_package_id)]
            else:
                goods = self._get_goods(order_line, lines)
            amounts = self._get_amounts(order_line, [good[2:4] for good in goods])
            for (product, lot, uom, quantity, packages), amount in zip(goods, amounts, strict=True):
                index += 1
                units[uom] += quantity
                priced = amount is not None and (quantity or not is_kit)
                if priced:
                    totals[order_line.currency_id] += amount
                rows.append(
                    Line(
                        index=str(index),
                        quantity=self._format_quantity(quantity),
                        price=self._get_price(order_line, uom) if priced else "",
                        amount=self._format_money(amount) if priced else "",
                        remark=self._get_remark(packages),
                        unit=uom.name,
                        **self._describe(product, lot, tz),
                    )
                )
            if is_kit:
                rows += [
                    Line(
                        quantity=self._format_quantity(quantity),
                        unit=uom.name,
                        **self._describe(product, lot, tz, prefix="· "),
                    )
                    for product, lot, uom, quantity, _packages in self._get_goods(None, lines)
                ]
        return rows, units, totals

    def _get_goods(self, order_line, lines):
        """Sum goods up by lot: [(product, lot, unit, quantity, packages)].

        Quantities are in the unit of the order where they come out even in it, and in
        the product's unit otherwise.
        """
        sums = defaultdict(float)
        packages = defaultdict(lambda: self.env["stock.package"])
        for line in lines:
            product = line.product_id
            key = (product, line.lot_id)
            sums[key] += line.product_uom_id._compute_quantity(
                line.quantity, product.uom_id, round=False
            )
            packages[key] |= line.result_package_id
        ordered = order_line and order_line.product_uom_id
        if ordered and all(
            self._comes_out_even(quantity, product.uom_id, ordered)
            for (product, _lot), quantity in sums.items()
        ):
            unit_of = {product: ordered for product, _lot in sums}
        else:
            unit_of = {product: product.uom_id for product, _lot in sums}
        return [
            (
                product,
                lot,
                unit_of[product],
                product.uom_id._compute_quantity(quantity, unit_of[product], round=False),
                packages[product, lot],
            )
            for (product, lot), quantity in sums.items()
        ]

    def _comes_out_even(self, quantity, uom, ordered):
        if not uom._has_common_reference(ordered):
            return False
        rounded = ordered.round(uom._compute_quantity(quantity, ordered, round=False))
        return uom.compare(ordered._compute_quantity(rounded, uom, round=False), quantity) == 0

    def _get_amounts(self, order_line, quantities):
        """Share the order line's amount out to its rows, so that the cents add up.

        :param quantities: [(unit, quantity)] of the rows
        :return: amounts including taxes and discount; ``None`` without an order line
        """
        if order_line is None:
            return [None] * len(quantities)
        currency, unit = order_line.currency_id, order_line.product_uom_id
        amounts, done, spent = [], 0.0, 0.0
        for uom, quantity in quantities:
            done += uom._compute_quantity(quantity, unit, round=False)
            until_here = currency.round(self._get_price_total(order_line, done))
            amounts.append(currency.round(until_here - spent))
            spent = until_here
        return amounts

    def _get_price_total(self, order_line, quantity):
        """Return what a quantity of an order line costs, taxes and discount included."""
        if order_line.product_uom_qty:
            return order_line.price_total * (quantity / order_line.product_uom_qty)
        # A line that the delivery added has nothing ordered to take the share of.
        taxes = order_line.tax_ids.compute_all(
            order_line.price_unit * (1 - order_line.discount / 100),
            currency=order_line.currency_id,
            quantity=quantity,
            product=order_line.product_id,
            partner=order_line.order_id.partner_shipping_id,
        )
        return taxes["total_included"]

    def _get_price(self, order_line, uom):
        """Return the price of one unit as text: with more digits where two are not exact."""
        ordered = uom._compute_quantity(1, order_line.product_uom_id, round=False)
        text = f"{self._get_price_total(order_line, ordered):,.4f}"
        return text.removesuffix("0").removesuffix("0")

    # -- kits ------------------------------------------------------------------------

    def _get_kit_parts(self, pickings):
        """Return ``{sale order line: (bill, [(bill line, part's quantity per set)])}``.

        Only for lines whose product is delivered as its parts. Each bill of materials is
        exploded once, however many deliveries it is in.
        """
        Bom = self.env["mrp.bom"].sudo()
        kit_moves = pickings.sudo().move_ids.filtered(
            lambda move: move.sale_line_id and move.sale_line_id.product_id != move.product_id
        )
        exploded, kits = {}, {}
        for order_line, moves in kit_moves.grouped("sale_line_id").items():
            product = order_line.product_id
            bom = moves.bom_line_id.bom_id.filtered(
                lambda bom, product=product: (
                    bom.type == "phantom"
                    and (
                        bom.product_id == product
                        or (not bom.product_id and bom.product_tmpl_id == product.product_tmpl_id)
                    )
                )
            )[:1]
            # The parts of a kit made of kits alone name the inner bills only.
            bom = bom or exploded.get((product, order_line.company_id), (Bom,))[0]
            bom = (
                bom
                or Bom._bom_find(product, company_id=order_line.company_id.id, bom_type="phantom")[
                    product
                ]
            )
            if not bom:
                continue
            key = (product, order_line.company_id)
            if exploded.get(key, (Bom,))[0] != bom:
                parts = [
                    (
                        bom_line,
                        bom_line.product_uom_id._compute_quantity(
                            values["qty"] / values["original_qty"] / bom.product_qty,
                            bom_line.product_id.uom_id,
                            round=False,
                        ),
                    )
                    for bom_line, values in bom.explode(product, 1)[1]
                    if bom_line.product_id.type != "service" and values["qty"]
                ]
                exploded[key] = (bom, parts)
            kits[order_line.id] = exploded[key]
        return kits

    def _get_sets(self, order_line, lines, kits):
        """Return how many complete sets of a kit the goods make, in the order's unit."""
        bom, parts = kits.get(order_line.id, (None, []))
        quantities = defaultdict(float)
        for line in lines:
            quantities[line.move_id.sudo().bom_line_id] += line.product_uom_id._compute_quantity(
                line.quantity, line.product_id.uom_id, round=False
            )
        sets = min(
            (
                bom_line.product_id.uom_id.round(quantities[bom_line] / per_set)
                for bom_line, per_set in parts
            ),
            default=0,
        )
        if not sets:
            return 0
        return bom.product_uom_id._compute_quantity(
            sets // 1, order_line.product_uom_id, round=False
        )

    # -- texts -----------------------------------------------------------------------

    def _describe(self, product, lot, tz, prefix=""):
        """Return the fields of a row that say which goods they are."""
        name = product.with_context(display_default_code=False).display_name
        expires = lot and lot.expiration_date
        return {
            "product": prefix + name,
            "lot": (lot and lot.name) or "",
            "produced": str((lot and lot.assist_production_date) or ""),
            "expires": self._local(expires, tz).date().isoformat() if expires else "",
        }

    def _get_remark(self, packages):
        if len(packages) <= 2:
            return ", ".join(packages.mapped("name"))
        return self.env._("%(count)s packages", count=len(packages))

    def _local(self, moment, tz):
        return pytz.utc.localize(moment).astimezone(tz)

    def _format_quantity(self, quantity):
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        text = f"{quantity:,.{digits}f}"
        return text.rstrip("0").rstrip(".") if "." in text else text

    def _format_money(self, amount):
        return f"{amount:,.2f}"

    def _format_total(self, amount, currency):
        if currency.name == "CNY":
            return f"￥{self._format_money(amount)}"
        return format_amount(self.env, amount, currency)

    def _get_notice(self):
        return self.env._(
            "Please count the goods and check the packaging on receipt. Raise quality issues in"
            " writing within 3 days of receipt. The sender declares that all goods listed have"
            " passed inspection and that their certificates are complete."
        )

    def _get_labels(self):
        return {
            "recipient": self.env._("Recipient: "),
            "address": self.env._("Address: "),
            "phone": self.env._("Contact: "),
            "number": self.env._("No.: "),
            "date": self.env._("Delivery Date: "),
            "order": self.env._("Order: "),
            "vehicle": self.env._("Vehicle: "),
            "index": self.env._("Line"),
            "product": self.env._("Product, Specification"),
            "lot": self.env._("Lot"),
            "produced": self.env._("Produced"),
            "expires": self.env._("Expires"),
            "quantity": self.env._("Quantity"),
            "unit": self.env._("Unit"),
            "price": self.env._("Unit Price"),
            "amount": self.env._("Amount"),
            "remark": self.env._("Remarks"),
            "blank_below": self.env._("(blank below)"),
            "continued": self.env._("(continued on next page)"),
            "total": self.env._("Total"),
            "in_capitals": self.env._("Total in capitals: "),
            "in_figures": self.env._("In figures: "),
            "packages": self.env._("Packages: "),
            "sender_stamp": self.env._("Sender (stamp): "),
            "receiver_stamp": self.env._("Recipient (stamp): "),
            "prepared_by": self.env._("Prepared by: "),
            "delivered_by": self.env._("Delivered by: "),
            "received_by": self.env._("Received by: "),
            "signed_on": self.env._("Date: "),
            "copies": self.env._("White: file   Red: customer   Yellow: return"),
            "scan": self.env._("Scan to verify"),
            # Filled in page by page.
            "page": self.env._("Page %(page)s of %(pages)s"),
        }
