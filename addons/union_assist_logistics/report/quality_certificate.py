from collections import defaultdict

import pytz

from odoo import models
from odoo.exceptions import AccessError, UserError

from ..tools.concession import Flow
from ..tools.quality_certificate import Certificate, LotPart, render_certificates

#: As many names are said in a refusal.
NAMED = 10


class QualityCertificateReport(models.AbstractModel):
    """Gathers what quality certificates (质量合格证明) say of lots.

    A lot is certified by the decisions that let it in: released, or by concession, which the
    certificate says. No certificate is printed of goods that are undecided, rejected or on
    hold. Household data is not in it; persons are those who inspected and decided.
    """

    _name = "report.union_assist_logistics.quality_certificate"
    _description = "Quality Certificate"

    def _check_reader(self, records):
        """Refuse outsiders; the records are read with the user's own rights."""
        if not (self.env.su or self.env.user._is_internal()):
            raise AccessError(self.env._("Only employees may print quality certificates."))
        if not records:
            raise UserError(self.env._("Choose what to print quality certificates of."))
        records.check_access("read")

    def _get_certifying(self, lots, pickings=None):
        """Return the inspections that certify lots.

        :param pickings: deliveries whose own inspections count too
        :return: ``{lot: inspections}``, the first one first
        :raise UserError: a lot is undecided, rejected or on hold
        """
        transfers = pickings.ids if pickings else []
        found = self.env["union.assist.quality.inspection"].search(
            [
                ("lot_id", "in", lots.ids),
                ("state", "!=", "cancel"),
                ("company_id", "in", self.env.companies.ids),
                "|",
                ("for_transfer", "=", False),
                ("picking_id", "in", transfers),
            ],
            order="id",
        )
        # Read together, however few of them a certificate is about.
        certifying = defaultdict(lambda: found.browse().with_prefetch(found._prefetch_ids))
        open_lots = set()
        for inspection in found:
            if inspection.released_qty or inspection.conceded_qty:
                known = certifying[inspection.lot_id]
                certifying[inspection.lot_id] = (known | inspection).with_prefetch(
                    found._prefetch_ids
                )
            elif inspection.state != "decided":
                open_lots.add(inspection.lot_id)
        rejected = found.filtered("rejected_qty").lot_id
        missing = lots.filtered(lambda lot: lot not in certifying)
        undecided = missing.filtered(lambda lot: lot in open_lots)
        rejected = (missing - undecided).filtered(lambda lot: lot in rejected)
        unseen = missing - undecided - rejected
        held = lots.filtered(lambda lot: lot.sudo().assist_is_held)
        problems = []
        if held:
            problems.append(self.env._("On hold: %(lots)s.", lots=self._name_some(held)))
        if undecided:
            problems.append(
                self.env._(
                    "Not decided yet: %(lots)s. Record the results and have them decided.",
                    lots=self._name_some(undecided),
                )
            )
        if rejected:
            problems.append(self.env._("Rejected: %(lots)s.", lots=self._name_some(rejected)))
        # A delivery may hold goods that no plan applies to: its certificate leaves them out.
        if unseen and not pickings:
            problems.append(
                self.env._(
                    "Never inspected: %(lots)s. No quality plan applied to them.",
                    lots=self._name_some(unseen),
                )
            )
        if problems:
            raise UserError(
                " ".join([self.env._("No quality certificate can be printed."), *problems])
            )
        return certifying

    def _name_some(self, lots):
        names = ", ".join(f"{lot.product_id.display_name} {lot.name}" for lot in lots[:NAMED])
        return f"{names} …" if len(lots) > NAMED else names

    def _get_lang(self, company, partner=None):
        return (partner and partner.lang) or company.partner_id.lang or self.env.lang

    # -- gathering -------------------------------------------------------------------

    def _get_parts(self, lot, inspections, quantity=None):
        """What is certified of one lot, a part for each of its inspections.

        :param quantity: what of it is delivered, as text
        """
        return [self._get_part(lot, inspection, quantity) for inspection in inspections]

    def _get_part(self, lot, inspection, quantity):
        # Who reads the lot and its inspection may see what the certificate says about both.
        lot, inspection = lot.sudo(), inspection.sudo()
        zone = inspection.company_id._assist_get_zone()
        lines = inspection.line_ids
        admitted = inspection.decision_ids.filtered(lambda decision: decision.kind != "rejected")
        conceded = admitted.filtered(lambda decision: decision.kind == "conceded")
        goods = lot.product_id
        facts = [
            (self.env._("Product"), goods.display_name),
            (self.env._("Specification"), goods.assist_specification or "–"),
            (self.env._("Lot"), lot.name),
            (
                self.env._("Quantity"),
                quantity or self._say_quantity(sum(admitted.mapped("quantity")), inspection.uom_id),
            ),
            (self.env._("Production Date"), self._say_day(lot.assist_production_date)),
            (self.env._("Use by"), self._say_day(lot.expiration_date, zone)),
            (self.env._("Supplier"), inspection.supplier_id.name or "–"),
            (self.env._("Origin"), goods.assist_origin_id.display_name or "–"),
            (
                self.env._("Inspected by Plan"),
                "; ".join(
                    self.env._(
                        "%(plan)s (version %(version)s)", plan=plan.name, version=plan.version
                    )
                    for plan in inspection.plan_ids
                ),
            ),
            (self.env._("Inspection"), inspection.name),
        ]
        reports = inspection.lab_report_ids.filtered(
            lambda report: report.state == "checked" and report.company_id == inspection.company_id
        )
        if reports:
            facts.append(
                (
                    self.env._("Lab Reports"),
                    "; ".join(
                        self.env._(
                            "No. %(number)s, %(laboratory)s, %(date)s",
                            number=report.number,
                            laboratory=report.laboratory_id.name,
                            date=report.issued_on.isoformat(),
                        )
                        for report in reports
                    ),
                )
            )
        decision = [
            (
                self.env._("Inspected by"),
                ", ".join(inspection._get_inspectors().mapped("name")) or "–",
            ),
            (self.env._("Inspected on"), self._say_day(inspection.recorded_on, zone)),
            (self.env._("Decided by"), ", ".join(admitted.decided_by_id.mapped("name"))),
            (self.env._("Decided on"), self._say_day(max(admitted.mapped("decided_on")), zone)),
        ]
        for part in conceded:
            decision += [
                (
                    self.env._("Concession"),
                    self._say_quantity(part.quantity, inspection.uom_id),
                ),
                (self.env._("Until"), self._say_day(part.date_until)),
                (
                    self.env._("Only for"),
                    self._say_customers(part) or self.env._("anybody"),
                ),
                (self.env._("Reason"), part.reason or ""),
                (
                    self.env._("Use"),
                    part.use or self.env._("no other than usual"),
                ),
            ]
        return LotPart(
            facts=facts,
            headings=[
                self.env._("No."),
                self.env._("Item"),
                self.env._("Requirement"),
                self.env._("Result"),
                self.env._("Verdict"),
                self.env._("Standard"),
            ],
            rows=[self._get_row(number, line) for number, line in enumerate(lines, 1)],
            failed=frozenset(number for number, line in enumerate(lines) if line.verdict == "fail"),
            conclusion=self._conclude(inspection, admitted, conceded),
            conceded=bool(conceded),
            decision=decision,
            url=lot._assist_get_public_url(),
            url_label=self.env._("Where this lot comes from"),
        )

    def _get_row(self, number, line):
        verdicts = dict(line._fields["verdict"]._description_selection(self.env))
        return (
            str(number),
            line.name,
            line.criterion,
            line._say_result(),
            verdicts.get(line.verdict, ""),
            line.standard or "",
        )

    def _conclude(self, inspection, admitted, conceded):
        """Say in a sentence or two what was decided, with all that restricts it today."""
        if not conceded:
            return self.env._("Conclusion: conforms to the quality plan, released.")
        today = inspection.company_id._assist_today()
        ended = conceded.filtered(lambda part: part.date_until and part.date_until < today)
        if conceded == ended == admitted:
            texts = [self.env._("Conclusion: does not conform to the quality plan in full.")]
        elif conceded == admitted:
            texts = [
                self.env._(
                    "Conclusion: does not conform to the quality plan in full; released by"
                    " concession."
                )
            ]
        else:
            texts = [
                self.env._(
                    "Conclusion: released, of it %(quantity)s by concession.",
                    quantity=self._say_quantity(
                        sum(conceded.mapped("quantity")), inspection.uom_id
                    ),
                )
            ]
        for part in conceded.filtered("partner_ids"):
            texts.append(
                self.env._(
                    "%(quantity)s were conceded for %(customers)s alone.",
                    quantity=self._say_quantity(part.quantity, inspection.uom_id),
                    customers=self._say_customers(part),
                )
            )
        for part in ended:
            texts.append(
                self.env._(
                    "The concession of %(quantity)s ended on %(day)s: what had not left by then"
                    " is not released.",
                    quantity=self._say_quantity(part.quantity, inspection.uom_id),
                    day=self._say_day(part.date_until),
                )
            )
        return " ".join(texts)

    def _say_customers(self, decision):
        """Name the units a concession is for; persons are no business of who reads it."""
        return ", ".join(
            partner.name if partner.is_company else "–" for partner in decision.partner_ids
        )

    def _say_quantity(self, quantity, unit):
        return f"{quantity:.10g} {unit.name}"

    def _say_day(self, value, zone=None):
        if not value:
            return "–"
        return (value.astimezone(zone).date() if zone else value).isoformat()

    def _get_common(self, company, lots):
        """What every certificate of a company says."""
        return {
            "company": company.name,
            "statement": self.env._(
                "The lots named above were inspected by %(company)s by the items listed. Results of"
                " laboratories are those of the report of the lot. This certificate is for these"
                " lots alone.",
                company=company.name,
            ),
            "signatures": [self.env._("Inspecting company (seal):"), self.env._("Date:")],
            # The layout fills in the numbers when it knows how many pages there are.
            "page_label": self.env._(
                "Page %(page)s of %(pages)s", page="%(page)s", pages="%(pages)s"
            ),
            "lots": lots,
        }

    def _render(self, certificates):
        fonts = self.env["ir.actions.report"]._assist_load_fonts()
        title = self.env._("Quality Certificate")
        return render_certificates(certificates, fonts, title)


class LotCertificateReport(models.AbstractModel):
    """The quality certificates of lots."""

    _name = "report.union_assist_logistics.report_lot_certificate"
    _inherit = ["report.union_assist_logistics.quality_certificate"]
    _description = "Quality Certificate of a Lot"

    def _render_pdf(self, docids, data=None):
        """Print the certificates of these lots, in the order given, as one PDF.

        :raise AccessError: when the user may not read one of them
        :raise UserError: one is undecided, rejected, on hold or was never inspected
        """
        lots = self.env["stock.lot"].browse(docids)
        self._check_reader(lots)
        certifying = self._get_certifying(lots)
        certificates = []
        for lot in lots:
            company = certifying[lot][0].sudo().company_id
            lang = self._get_lang(company)
            report, inspections = self.with_context(lang=lang), certifying[lot]
            parts = report._get_parts(
                lot.with_context(lang=lang), inspections.with_context(lang=lang)
            )
            certificates.append(report._get_certificate(company, lot, inspections, parts))
        return self._render(certificates)

    def _get_certificate(self, company, lot, inspections, parts):
        return Certificate(
            title=self.env._("Quality Certificate"),
            facts=[
                (self.env._("Certificate No."), inspections[-1:].name),
                (self.env._("Printed on"), company._assist_today().isoformat()),
            ],
            **self._get_common(company, parts),
        )


class DeliveryCertificateReport(models.AbstractModel):
    """The quality certificates that go along with deliveries: of all their lots."""

    _name = "report.union_assist_logistics.report_delivery_certificate"
    _inherit = ["report.union_assist_logistics.quality_certificate"]
    _description = "Quality Certificate of a Delivery"

    def _render_pdf(self, docids, data=None):
        """Print the certificates of these deliveries, in the order given, as one PDF.

        :raise AccessError: when the user may not read one of them
        :raise UserError: one is no delivery, or a lot of it is undecided, rejected, on hold
            or was never inspected
        """
        pickings = self.env["stock.picking"].browse(docids)
        self._check_reader(pickings)
        others = pickings.filtered(lambda picking: picking.picking_type_code != "outgoing")
        if others:
            raise UserError(
                self.env._(
                    "Certificates of deliveries are printed for deliveries only; these are other"
                    " transfers: %(names)s.",
                    names=", ".join(others[:NAMED].mapped("name")),
                )
            )
        quantities = {picking: self._get_quantities(picking) for picking in pickings}
        without = [picking for picking in pickings if not quantities[picking]]
        if without:
            raise UserError(
                self.env._(
                    "These deliveries hold no goods with a lot yet: %(names)s.",
                    names=", ".join(picking.name for picking in without[:NAMED]),
                )
            )
        lots = self.env["stock.lot"].union(*(lot for held in quantities.values() for lot in held))
        certifying = self._get_certifying(lots, pickings)
        bare = [
            picking for picking in pickings if certifying.keys().isdisjoint(quantities[picking])
        ]
        if bare:
            raise UserError(
                self.env._(
                    "No quality plan applied to the goods of these deliveries: %(names)s.",
                    names=", ".join(picking.name for picking in bare[:NAMED]),
                )
            )
        self._check_concessions(quantities)
        certificates = []
        for picking in pickings:
            lang = self._get_lang(picking.company_id, picking.partner_id)
            report = self.with_context(lang=lang)
            certificates.append(
                report._get_certificate(
                    picking.with_context(lang=lang), quantities[picking], certifying
                )
            )
        return self._render(certificates)

    def _check_concessions(self, quantities):
        """Refuse deliveries of goods that were conceded for a time gone by, or for others.

        :param quantities: ``{delivery: {lot: quantity}}``
        """
        lots = self.env["stock.lot"].union(*(lot for held in quantities.values() for lot in held))
        flows = lots._assist_get_concession_flows()
        for picking, held in quantities.items():
            company = picking.company_id
            day = company._assist_today()
            if picking.date_done:
                day = pytz.utc.localize(picking.date_done).astimezone(company._assist_get_zone())
                day = day.date()
            receivers, partner = set(), picking.partner_id
            while partner:
                receivers.add(partner.id)
                partner = partner.parent_id
            refused = lots.browse()
            for lot, quantity in held.items():
                grants = flows.get(lot, ((), ()))[0]
                flow = Flow(quantity, day, frozenset(receivers))
                if grants and not any(grant.covers(flow) for grant in grants):
                    refused |= lot
            if refused:
                raise UserError(
                    self.env._(
                        "No quality certificate can be printed. These lots of %(delivery)s were"
                        " released by concession only, which has ended or is for other customers:"
                        " %(lots)s.",
                        delivery=picking.name,
                        lots=self._name_some(refused),
                    )
                )

    def _get_quantities(self, picking):
        """Return ``{lot: quantity in the product's unit}`` of what a delivery takes along."""
        quantities = defaultdict(float)
        for line in picking.move_line_ids:
            if line.lot_id and line.quantity and not line.location_dest_id.assist_is_reject:
                quantities[line.lot_id] += line.quantity_product_uom
        return quantities

    def _get_certificate(self, picking, quantities, certifying):
        lang = self.env.lang
        zone = picking.company_id._assist_get_zone()
        goods = [
            [
                self.env._("No."),
                self.env._("Product"),
                self.env._("Lot"),
                self.env._("Production Date"),
                self.env._("Use by"),
                self.env._("Quantity"),
            ]
        ]
        parts = []
        covered = {lot: quantity for lot, quantity in quantities.items() if lot in certifying}
        for number, (lot, quantity) in enumerate(covered.items(), 1):
            lot = lot.with_context(lang=lang)
            said = self._say_quantity(quantity, lot.product_uom_id)
            goods.append(
                [
                    str(number),
                    lot.product_id.display_name,
                    lot.name,
                    self._say_day(lot.assist_production_date),
                    self._say_day(lot.expiration_date, zone),
                    said,
                ]
            )
            inspections = certifying[lot].filtered(
                lambda inspection: (
                    not inspection.for_transfer or inspection.sudo().picking_id == picking
                )
            )
            inspections = inspections.with_prefetch(certifying[lot]._prefetch_ids)
            parts += self._get_parts(lot, inspections.with_context(lang=lang), said)
        unit = picking.partner_id.commercial_partner_id
        common = self._get_common(picking.company_id, parts)
        left_out = [lot.with_context(lang=lang) for lot in quantities if lot not in covered]
        if left_out:
            common["statement"] += " " + self.env._(
                "Not covered by this certificate: %(lots)s.", lots=self._name_some(left_out)
            )
        return Certificate(
            title=self.env._("Quality Certificate"),
            facts=[
                (self.env._("Delivery"), picking.assist_note_number or picking.name),
                (self.env._("Printed on"), picking.company_id._assist_today().isoformat()),
                (self.env._("Recipient"), unit.name if unit.is_company else "–"),
                (self.env._("Order"), picking.sale_id.name or picking.origin or "–"),
            ],
            goods=goods,
            **common,
        )
