import io

from pypdf import PdfReader, PdfWriter

from odoo import models
from odoo.exceptions import AccessError
from odoo.tools import format_amount

from ..tools.tender_record import Record, Section, render_record


class TenderRecordReport(models.AbstractModel):
    """What the printed records of opening and award have in common: drawn once, then kept."""

    _name = "report.union_assist_procure.tender_record"
    _description = "Printed Record of a Tender"

    _record_model = ""

    def _render_pdf(self, docids, data=None):
        """Print the kept records as one PDF, in the order given.

        :raise AccessError: when the user may not read one of them
        """
        if not (self.env.su or self.env.user._is_internal()):
            raise AccessError(self.env._("Only employees may print the records of tenders."))
        records = self.env[self._record_model].browse(docids)
        records.check_access("read")
        parts = [record.sudo().report_id.raw for record in records]
        if len(parts) == 1:
            return parts[0]
        writer = PdfWriter()
        for part in parts:
            writer.append(PdfReader(io.BytesIO(part)))
        buffer = io.BytesIO()
        writer.write(buffer)
        return buffer.getvalue()

    def _draw(self, record):
        return render_record(
            self._gather(record.sudo()), self.env["ir.actions.report"]._assist_load_fonts()
        )

    def _gather(self, record):
        raise NotImplementedError

    def _say_moment(self, value):
        zone = self.env.company._assist_get_zone()
        return value.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S") if value else ""

    def _say_price(self, price):
        return f"{price:.2f}" if round(price, 2) == price else f"{price:.4f}".rstrip("0")

    def _get_facts(self, tender):
        return [
            (self.env._("Tender"), tender.name),
            (self.env._("Subject"), tender.subject),
            (self.env._("Called on"), self._say_moment(tender.called_on)),
            (self.env._("Deadline"), self._say_moment(tender.deadline)),
            (self.env._("Invited"), str(tender.invited_count)),
            (self.env._("Responsible"), tender.user_id.name),
        ]

    def _make_record(self, tender, title, facts, sections, people, notes=()):
        return Record(
            title=title,
            company=tender.company_id.name,
            facts=self._get_facts(tender) + facts,
            sections=sections,
            notes=list(notes),
            signatures=[
                *(f"{role} {name}:" for role, name in people),
                *(
                    f"{user.name}:"
                    for user in tender.signer_ids
                    if user.name not in [name for _role, name in people]
                ),
                self.env._("Date:"),
            ],
            page_label=self.env._("Page %(page)s of %(pages)s", page="%(page)s", pages="%(pages)s"),
        )


class TenderOpeningReport(models.AbstractModel):
    """Protocol of an opening: who bid when, receipts, prices, and what was late or invalid."""

    _name = "report.union_assist_procure.report_tender_opening"
    _inherit = "report.union_assist_procure.tender_record"
    _description = "Opening Record of a Tender"

    _record_model = "union.assist.tender.opening"

    def _gather(self, record):
        tender = record.tender_id
        states = dict(tender.bid_ids._fields["state"]._description_selection(self.env))
        late = tender.event_ids.filtered(lambda event: event.kind == "late")
        bids = [
            (
                str(place),
                bid.supplier_id.name,
                self._say_moment(bid.submitted_on),
                bid.digest,
                self.env._("agrees") if bid.state == "opened" else "",
                " ".join(filter(None, (states[bid.state], bid.invalid_reason))),
                format_amount(self.env, bid.amount_total, bid.currency_id)
                if bid.state == "opened"
                else "",
            )
            for place, bid in enumerate(tender.bid_ids, 1)
        ]
        silent = tender.invitation_ids.filtered(lambda row: row.state == "invited")
        prices = [
            (
                line.lot_id.product_id.display_name,
                f"{line.lot_id.quantity:g} {line.uom_id.name}",
                line.supplier_id.name,
                self._say_price(line.price_unit),
                f"{line.quantity:g}",
                format_amount(self.env, line.amount, line.currency_id),
                str(line.days or ""),
                line.note or "",
            )
            for line in tender.bid_line_ids.sorted(
                lambda line: (line.lot_id.sequence, line.lot_id.id, line.bid_id.id)
            )
        ]
        notes = []
        if silent:
            notes.append(
                self.env._("No bid from: %s", ", ".join(silent.supplier_id.mapped("name")))
            )
        for event in late:
            notes.append(
                self.env._(
                    "Refused as too late: %(supplier)s, %(time)s",
                    supplier=event.supplier_id.name,
                    time=self._say_moment(event.date),
                )
            )
        return self._make_record(
            tender,
            self.env._("Record of the Opening of Bids"),
            [
                (self.env._("Opened on"), self._say_moment(record.date)),
                (
                    self.env._("Opened by"),
                    self.env._(
                        "%(opener)s, before the witness %(witness)s",
                        opener=record.opener_id.name,
                        witness=record.witness_id.name,
                    ),
                ),
            ],
            [
                Section(
                    self.env._("Bids"),
                    [
                        self.env._("No."),
                        self.env._("Supplier"),
                        self.env._("Handed in"),
                        self.env._("Receipt (SHA-256)"),
                        self.env._("Checked"),
                        self.env._("Status"),
                        self.env._("Total"),
                    ],
                    [8, 46, 34, 84, 16, 34, 28],
                    bids,
                    right=(6,),
                    empty=self.env._("No bid was handed in."),
                ),
                Section(
                    self.env._("Prices by Lot"),
                    [
                        self.env._("Lot"),
                        self.env._("Wanted"),
                        self.env._("Supplier"),
                        self.env._("Unit Price"),
                        self.env._("Offered"),
                        self.env._("Amount"),
                        self.env._("Days to Deliver"),
                        self.env._("Note"),
                    ],
                    [48, 24, 48, 22, 20, 28, 16, 44],
                    prices,
                    right=(3, 4, 5, 6),
                    empty=self.env._("No bid was opened."),
                ),
            ],
            [
                (self.env._("Opened by"), record.opener_id.name),
                (self.env._("Witness"), record.witness_id.name),
            ],
            notes,
        )


class TenderAwardReport(models.AbstractModel):
    """Award record: ranking of each lot, what was awarded to whom, and the reasons."""

    _name = "report.union_assist_procure.report_tender_award"
    _inherit = "report.union_assist_procure.tender_record"
    _description = "Award Record of a Tender"

    _record_model = "union.assist.tender.award"

    def _gather(self, record):
        tender = record.tender_id
        weights = ", ".join(
            f"{row.criterion_id.name} {row.weight:g}" for row in tender.weight_ids if row.weight
        )
        sections = [
            Section(
                f"{row.lot_id.product_id.display_name} · {row.lot_id.quantity:g}"
                f" {row.lot_id.uom_id.name}",
                [
                    self.env._("Rank"),
                    self.env._("Supplier"),
                    self.env._("Score"),
                    self.env._("Unit Price"),
                    self.env._("Offered"),
                    self.env._("Awarded Quantity"),
                    self.env._("Amount"),
                    self.env._("Reason"),
                ],
                [12, 56, 18, 22, 22, 22, 28, 70],
                [
                    (
                        str(line.rank),
                        line.supplier_id.name,
                        f"{line.score:.2f}",
                        self._say_price(line.price_unit),
                        f"{line.offered:g}",
                        f"{line.awarded:g}",
                        format_amount(self.env, line.amount, line.currency_id),
                        line.reason or "",
                    )
                    for line in record.line_ids
                    if line.lot_id == row.lot_id
                ],
                right=(2, 3, 4, 5, 6),
                empty=self.env._("No valid bid."),
            )
            for row in record.lot_ids
        ]
        notes = [
            self.env._(
                "%(lot)s: %(count)s valid bids. %(reason)s",
                lot=row.lot_id.product_id.display_name,
                count=row.bid_count,
                reason=row.reason or "",
            )
            for row in record.lot_ids
        ]
        return self._make_record(
            tender,
            self.env._("Award Record"),
            [
                (self.env._("Awarded on"), self._say_moment(record.date)),
                (self.env._("Awarded by"), record.user_id.name),
                (self.env._("Weights"), weights),
                (
                    self.env._("Awarded Total"),
                    format_amount(self.env, record.amount_total, record.currency_id),
                ),
            ],
            sections,
            [(self.env._("Awarded by"), record.user_id.name)],
            [*notes, *([record.note] if record.note else [])],
        )
