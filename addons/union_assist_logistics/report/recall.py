from odoo import models
from odoo.exceptions import AccessError

from ..tools.recall_papers import Grid, Paper, render_papers


class RecallPapers(models.AbstractModel):
    """What notices and reports of recalls have in common."""

    _name = "report.union_assist_logistics.recall_papers"
    _description = "Papers of Recalls"

    def _render(self, papers):
        fonts = self.env["ir.actions.report"]._assist_load_fonts()
        # The layout fills in the numbers when it knows how many pages there are.
        label = self.env._("Page %(page)s of %(pages)s", page="%(page)s", pages="%(pages)s")
        return render_papers(papers, fonts, label)

    def _check_reader(self):
        if not (self.env.su or self.env.user._is_internal()):
            raise AccessError(self.env._("Only employees may print papers of recalls."))

    def _moment(self, value, company):
        if not value:
            return ""
        return value.astimezone(company._assist_get_zone()).strftime("%Y-%m-%d %H:%M")

    def _say(self, quantity, uom):
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        text = f"{quantity:,.{digits}f}"
        return f"{text.rstrip('0').rstrip('.') if '.' in text else text} {uom.name}"


class RecallReport(models.AbstractModel):
    """The report of a recall or mock recall: as it stands, or as it was closed."""

    _name = "report.union_assist_logistics.report_recall"
    _inherit = "report.union_assist_logistics.recall_papers"
    _description = "Report of a Recall"

    def _render_pdf(self, docids, data=None):
        """Print these recalls; of one that is closed the report kept at its closing.

        :raise AccessError: when the user may not read one of them
        """
        self._check_reader()
        recalls = self.env["union.assist.recall"].browse(docids)
        recalls.check_access("read")
        if len(recalls) == 1 and recalls.sudo().report_id:
            return recalls.sudo().report_id.raw
        return self._draw(recalls)

    def _draw(self, recalls):
        return self._render([self._gather(recall) for recall in recalls.sudo()])

    def _gather(self, recall):
        company = recall.company_id
        levels = dict(recall._fields["level"]._description_selection(self.env))
        kinds = dict(recall.recipient_ids._fields["state"]._description_selection(self.env))
        facts = [
            (self.env._("Number"), recall.name),
            (
                self.env._("Kind"),
                self.env._("Mock recall") if recall.is_mock else self.env._("Recall"),
            ),
            (self.env._("Hold"), recall.hold_id.name or "–"),
            (self.env._("Level"), levels.get(recall.level, "–")),
            (self.env._("Started"), self._moment(recall.started_on, company)),
            (self.env._("Started by"), recall.started_by_id.name or ""),
            (self.env._("Closed"), self._moment(recall.closed_on, company) or "–"),
            (self.env._("Closed by"), recall.closed_by_id.name or "–"),
            (
                self.env._("Recipients found in"),
                self.env._("%(seconds)s seconds", seconds=f"{recall.search_seconds:.3f}"),
            ),
            (
                self.env._("Duration"),
                self.env._("%(hours)s hours", hours=f"{recall.duration_hours:.1f}")
                if recall.closed_on
                else "–",
            ),
            (self.env._("Units"), str(recall.recipient_count)),
            (self.env._("Deliveries"), str(recall.delivery_count)),
        ]
        if not recall.is_mock:
            facts += [
                (
                    self.env._("Notified / answered"),
                    f"{recall.notified_count} / {recall.answered_count}",
                ),
                (self.env._("Recovered"), f"{recall.recovery_rate:.1f} %"),
            ]
        balanced = (
            self.env._("Every quantity is accounted for.")
            if recall.is_balanced
            else self.env._("Quantities are not accounted for: see the differences.")
        )
        lines = recall.line_ids.sorted(lambda line: (line.recipient_id.id, line.id))
        return Paper(
            title=self.env._("Report of a Mock Recall")
            if recall.is_mock
            else self.env._("Report of a Recall"),
            company=company.name,
            facts=facts,
            before=[recall.reason, balanced],
            grids=[
                Grid(
                    title=self.env._("Mass Balance"),
                    headings=[
                        self.env._("Lot"),
                        self.env._("Came in"),
                        self.env._("Used"),
                        self.env._("Delivered"),
                        self.env._("Back to vendor, scrapped"),
                        self.env._("In stock"),
                        self.env._("Difference"),
                    ],
                    widths=[34, 18, 16, 18, 20, 18, 16],
                    rows=[
                        (
                            f"{line.product_id.with_context(display_default_code=False).display_name}"
                            f"\n{line.lot_id.name}",
                            self._say(
                                line.received + line.produced + line.returned + line.found,
                                line.uom_id,
                            ),
                            self._say(line.consumed, line.uom_id),
                            self._say(line.delivered, line.uom_id),
                            self._say(line.sent_back + line.lost, line.uom_id),
                            self._say(line.in_stock, line.uom_id),
                            self._say(line.difference, line.uom_id),
                        )
                        for line in recall.balance_ids
                    ],
                ),
                Grid(
                    title=self.env._("Recipients"),
                    headings=[
                        self.env._("Unit"),
                        self.env._("Status"),
                        self.env._("Delivery"),
                        self.env._("Goods"),
                        self.env._("Delivered"),
                        self.env._("Still there"),
                        self.env._("Returned, destroyed"),
                    ],
                    widths=[32, 14, 26, 32, 18, 16, 20],
                    empty=self.env._("Nobody received any of it."),
                    rows=[
                        (
                            line.partner_id.name or self.env._("(no recipient named)"),
                            "–" if recall.is_mock else kinds.get(line.recipient_id.state, ""),
                            f"{line.number or ''}\n{self._moment(line.date, company)[:10]}",
                            f"{line.product_id.with_context(display_default_code=False).display_name}"
                            f"\n{line.lot_id.name}",
                            self._say(line.quantity, line.uom_id),
                            "–" if recall.is_mock else self._say(line.answered_qty, line.uom_id),
                            self._say(line.returned_qty + line.destroyed_qty, line.uom_id),
                        )
                        for line in lines
                    ],
                ),
            ],
            after=[recall.conclusion] if recall.conclusion else [],
            signatures=[self.env._("Responsible:"), self.env._("Date:")],
        )


class RecallNotice(models.AbstractModel):
    """Notices to recipients, a page for each in its language; they name no person."""

    _name = "report.union_assist_logistics.report_recall_notice"
    _inherit = "report.union_assist_logistics.recall_papers"
    _description = "Notice of a Recall"

    def _render_pdf(self, docids, data=None):
        """Print the notices of these recipients as one PDF, in the order given.

        :raise AccessError: when the user may not read one of them
        """
        self._check_reader()
        recipients = self.env["union.assist.recall.recipient"].browse(docids)
        recipients.check_access("read")
        return self._render(
            [
                self.with_context(lang=recipient.lang)._gather(
                    recipient.sudo().with_context(lang=recipient.lang)
                )
                for recipient in recipients
            ]
        )

    def _gather(self, recipient):
        recall = recipient.recall_id
        company = recall.company_id
        contact = company.partner_id
        return Paper(
            title=self.env._("Recall of Goods"),
            company=company.name,
            addressee=self.env._("To: %(unit)s", unit=recipient.partner_id.name or ""),
            before=[
                self.env._("We recall the goods named below, which we delivered to you."),
                self.env._("Reason: %(reason)s", reason=recall.reason),
                recall.notice or "",
            ],
            grids=[
                Grid(
                    title=self.env._("Goods delivered to you"),
                    headings=[
                        self.env._("Product"),
                        self.env._("Lot"),
                        self.env._("Produced"),
                        self.env._("Best before"),
                        self.env._("Delivery note"),
                        self.env._("Date"),
                        self.env._("Quantity"),
                    ],
                    widths=[36, 22, 18, 18, 24, 18, 18],
                    rows=[
                        (
                            line.product_id.with_context(display_default_code=False).display_name,
                            line.lot_id.name,
                            str(line.lot_id.assist_production_date or ""),
                            self._moment(line.lot_id.expiration_date, company)[:10],
                            line.number or "",
                            self._moment(line.date, company)[:10],
                            self._say(line.quantity, line.uom_id),
                        )
                        for line in recipient.line_ids
                    ],
                )
            ],
            after=[
                self.env._(
                    "Recall %(number)s of %(date)s. Please answer to %(company)s: %(phone)s"
                    " %(email)s",
                    number=recall.name,
                    date=self._moment(recall.started_on, company)[:10],
                    company=company.name,
                    phone=contact.phone or "",
                    email=contact.email or "",
                ),
                self.env._(
                    "Still there: __________   Destroyed: __________   Stamp: __________   Date:"
                    " __________"
                ),
            ],
        )
