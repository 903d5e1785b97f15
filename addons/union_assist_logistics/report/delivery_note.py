from collections import defaultdict

import pytz

from odoo import models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Datetime
from odoo.tools import format_amount

from odoo.addons.union_assist_catalog.tools.amount import capital_amount

from ..tools.delivery_note import Line, Note, render_notes

#: So many deliveries are named in a message.
NAMED = 10


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

    def _name_some(self, pickings):
        names = ", ".join(pickings[:NAMED].mapped("name"))
        return f"{names} …" if len(pickings) > NAMED else names

    def _get_lang(self, picking):
        company = picking.company_id.partner_id
        return picking.partner_id.lang or company.lang or self.env.lang

    # -- gathering -------------------------------------------------------------------

    def _get_notes(self, pickings):
        """Return ``{picking id: Note}`` in the language of the context."""
        labels, notice = self._get_labels(), self._get_notice()
        base_url = self.env["ir.config_parameter"].sudo().get_param("web.base.url")
        tokens = {picking.id: picking.assist_note_token for picking in pickings.sudo()}
        layouts = self._get_layouts(pickings)
        copies = {layout: layout._get_copies() for layout in set(layouts.values())}
        columns = {layout: layout._get_columns() for layout in copies}
        kits = self._get_kit_parts(pickings)
        user = self.env.user
        notes, moment = {}, Datetime.now()
        zones = {company: company._assist_get_zone() for company in pickings.company_id}
        memo = {}
        for picking in pickings:
            tz, layout = zones[picking.company_id], layouts[picking]
            move_lines = self._get_move_lines(picking)
            address = picking.partner_id
            unit = address.commercial_partner_id
            # What a private person paid, or somebody paid for them, is on no paper.
            priced = layout.show_prices and unit.is_company
            lines, units, totals = self._get_lines(move_lines, kits, tz, priced, memo)
            now = self._local(moment, tz)
            packages = len(move_lines.result_package_id)
            notes[picking.id] = Note(
                title=self._get_title(picking),
                company=picking.company_id.name,
                number=picking.assist_note_number,
                labels=labels,
                recipient=unit.name or "",
                address=self._get_address(address),
                contact=self._get_contact(address),
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
                reprint=self._get_reprint(picking),
                paper=layout.paper,
                columns=columns[layout],
                priced=priced,
                copies=copies[layout],
                lines=lines,
            )
        return notes

    def _get_layouts(self, pickings):
        """Return ``{picking: layout}``: the customer's own, else the operation type's.

        :raise UserError: when no layout is left to print with
        """
        Layout = self.env["union.assist.note.layout"].sudo()
        layouts, default = {}, None
        for picking in pickings:
            partner = picking.partner_id
            layout = (
                partner.assist_note_layout_id
                or partner.commercial_partner_id.assist_note_layout_id
                or picking.picking_type_id.assist_note_layout_id
            ).sudo()
            if layout.company_id and layout.company_id != picking.company_id:
                layout = Layout
            if not layout:
                if default is None:
                    default = Layout.search([("company_id", "=", False)], limit=1)
                layout = default
            if not layout:
                raise UserError(
                    self.env._(
                        "There is no delivery note layout. Create or unarchive one under"
                        " Configuration → Delivery Note Layouts."
                    )
                )
            layouts[picking] = layout
        return layouts

    def _get_public_values(self, picking):
        """Return what the public page of a note shows: goods and receiving unit only."""
        tz = picking.company_id._assist_get_zone()
        lines, _units, _totals = self._get_lines(
            self._get_move_lines(picking), self._get_kit_parts(picking), tz, priced=False
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

    def _get_reprint(self, picking):
        if picking.assist_note_prints <= 1:
            return ""
        return self.env._("Reprint (print %(count)s)", count=picking.assist_note_prints)

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

    def _get_contact(self, partner):
        """Return the contact at a company's address; nothing of a private person."""
        unit = partner.commercial_partner_id
        return partner.name or "" if unit.is_company and partner != unit else ""

    def _get_phone(self, partner):
        """Return the telephone of a company's address; nothing of a private person."""
        unit = partner.commercial_partner_id
        return partner.phone or unit.phone or "" if unit.is_company else ""

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

    def _get_lines(self, move_lines, kits, tz, priced=True, memo=None):
        """Build the rows of one note.

        :param move_lines: the goods, in printing order
        :param kits: what ``_get_kit_parts`` returned
        :param priced: whether prices and amounts are gathered
        :param memo: dictionary that notes of one language share
        :return: (rows, ``{unit: quantity}``, ``{currency: amount}``); amounts include
            taxes, and only goods of sale orders have them
        """
        memo = {} if memo is None else memo
        groups = defaultdict(list)
        for line in move_lines:
            groups[line.move_id.sale_line_id or line.product_id].append(line)
        rows, index = [], 0
        units, totals = defaultdict(float), defaultdict(float)
        for key, lines in groups.items():
            order_line = key if key._name == "sale.order.line" else None
            is_kit = order_line and all(line.product_id != key.product_id for line in lines)
            if is_kit:
                sets = self._get_sets(order_line, lines, kits)
                packages = self.env["stock.package"].union(
                    *(line.result_package_id for line in lines)
                )
                goods = [(order_line.product_id, None, order_line.product_uom_id, sets, packages)]
            else:
                goods = self._get_goods(order_line, lines)
            amounts = self._get_amounts(
                order_line if priced else None, [good[2:4] for good in goods]
            )
            ordered = self._get_ordered(order_line, lines, goods[0][2])
            for (product, lot, uom, quantity, packages), amount in zip(goods, amounts, strict=True):
                index += 1
                units[uom] += quantity
                values = {}
                if amount is not None and (quantity or not is_kit):
                    totals[order_line.currency_id] += amount
                    values = self._get_prices(order_line, product, uom)
                    values["amount"] = self._format_money(amount)
                rows.append(
                    Line(
                        index=str(index),
                        ordered=ordered,
                        quantity=self._format_quantity(quantity),
                        remark=self._get_remark(packages),
                        unit=uom.name,
                        **values,
                        **self._describe(product, lot, tz, memo),
                    )
                )
                ordered = ""
            if is_kit:
                for product, lot, uom, quantity, _packages in self._get_goods(None, lines):
                    described = self._describe(product, lot, tz, memo)
                    rows.append(
                        Line(
                            quantity=self._format_quantity(quantity),
                            unit=uom.name,
                            **{**described, "product": f"· {described['product']}"},
                        )
                    )
        return rows, units, totals

    def _get_ordered(self, order_line, lines, uom):
        """Return what was ordered of these goods, as text in a unit."""
        if order_line:
            pairs = [(order_line.product_uom_id, order_line.product_uom_qty)]
        else:
            moves = {line.move_id for line in lines}
            pairs = [(move.product_uom, move.product_uom_qty) for move in moves]
        return self._format_quantity(
            sum(
                quantity if unit == uom else unit._compute_quantity(quantity, uom, round=False)
                for unit, quantity in pairs
            )
        )

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
            sums[key] += self._convert(line.quantity, line.product_uom_id, product.uom_id)
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
                self._convert(quantity, product.uom_id, unit_of[product]),
                packages[product, lot],
            )
            for (product, lot), quantity in sums.items()
        ]

    def _convert(self, quantity, uom, target):
        return quantity if uom == target else uom._compute_quantity(quantity, target, round=False)

    def _comes_out_even(self, quantity, uom, ordered):
        if uom == ordered:
            return True
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
            done += self._convert(quantity, uom, unit)
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

    def _get_prices(self, order_line, product, uom):
        """Return the texts of the price columns; goods sold by carton have both prices."""
        if uom != product.uom_id and uom in product.uom_ids:
            return {
                "carton_price": self._get_price(order_line, uom),
                "price": self._get_price(order_line, product.uom_id),
            }
        return {"price": self._get_price(order_line, uom)}

    def _get_price(self, order_line, uom):
        """Return the price of one unit as text: with more digits where two are not exact."""
        ordered = self._convert(1, uom, order_line.product_uom_id)
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

    def _describe(self, product, lot, tz, memo):
        """Return the fields of a row that say which goods they are."""
        key = (product, lot, tz)
        if key not in memo:
            expires = lot and lot.expiration_date
            days = product.assist_shelf_life_days or (
                product.use_expiration_date and product.expiration_time
            )
            memo[key] = {
                "product": product.with_context(display_default_code=False).display_name,
                "barcode": product.barcode or "",
                "lot": (lot and lot.name) or "",
                "produced": str((lot and lot.assist_production_date) or ""),
                "shelf_life": self.env._("%(days)s days", days=days) if days else "",
                "expires": self._local(expires, tz).date().isoformat() if expires else "",
            }
        return memo[key]

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
            "contact": self.env._("Contact: "),
            "phone": self.env._("Phone: "),
            "number": self.env._("No.: "),
            "date": self.env._("Delivery Date: "),
            "order": self.env._("Order: "),
            "vehicle": self.env._("Vehicle: "),
            "index": self.env._("Line"),
            "product": self.env._("Product, Specification"),
            "barcode": self.env._("Barcode"),
            "lot": self.env._("Lot"),
            "produced": self.env._("Produced"),
            "shelf_life": self.env._("Shelf Life"),
            "expires": self.env._("Expires"),
            "ordered": self.env._("Ordered"),
            "quantity": self.env._("Quantity"),
            "unit": self.env._("Unit"),
            "received": self.env._("Received"),
            "carton_price": self.env._("Carton Price"),
            "price": self.env._("Unit Price"),
            "amount": self.env._("Amount"),
            "remark": self.env._("Remarks"),
            "blank_below": self.env._("(blank below)"),
            "continued": self.env._("(continued on next page)"),
            "total": self.env._("Total"),
            "in_capitals": self.env._("Total in capitals: "),
            "in_figures": self.env._("In figures: "),
            "packages": self.env._("Packages: "),
            "sender_stamp": self.env._("Sender, handled by (stamp): "),
            "receiver_stamp": self.env._("Recipient, handled by (stamp): "),
            "prepared_by": self.env._("Prepared by: "),
            "delivered_by": self.env._("Delivered by: "),
            "received_by": self.env._("Received by: "),
            "signed_on": self.env._("Date: "),
            "scan": self.env._("Scan to verify"),
            # Filled in page by page.
            "page": self.env._("Page %(page)s of %(pages)s"),
        }
