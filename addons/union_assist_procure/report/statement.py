from odoo import models
from odoo.exceptions import UserError
from odoo.tools import format_amount, format_date, formatLang

from odoo.addons.union_assist_catalog.tools.amount import capital_amount

from ..tools.statement_layout import COLUMNS, StatementDocument, render_statements


class StatementReport(models.AbstractModel):
    """Prints statements of account, each in the language of its supplier."""

    _name = "report.union_assist_procure.report_statement"
    _description = "Printed Statement of Account"

    def _render_pdf(self, docids, data=None):
        """Print statements, in the order given, as one PDF.

        :raise AccessError: when the user may not read one of them
        :raise UserError: when there is nothing to print, or no font is installed
        """
        statements = self.env["union.assist.statement"].browse(docids)
        statements.check_access("read")
        if not statements:
            raise UserError(self.env._("Choose the statements to print."))
        fonts = self.env["ir.actions.report"]._assist_load_fonts()
        return render_statements(
            [
                self.with_context(lang=statement.supplier_id.lang or self.env.lang)._gather(
                    statement.with_context(lang=statement.supplier_id.lang or self.env.lang)
                )
                for statement in statements.sudo()
            ],
            fonts,
        )

    def _gather(self, statement):
        """Return what a statement says, in the language of the context."""
        currency = statement.currency_id

        def money(value):
            return formatLang(self.env, value, digits=currency.decimal_places)

        lines = statement.line_ids.sorted(lambda line: (line.date or line.date_to, line.id))
        sums = dict.fromkeys((name for name, _part, _number in COLUMNS), "")
        sums["index"] = self.env._("Total")
        for name, source in (
            ("opening", "opening"),
            ("amount", "amount"),
            ("difference", "price_difference"),
            ("billed", "billed"),
            ("paid", "paid"),
            ("open", "open"),
        ):
            sums[name] = money(sum(lines.mapped(source)))
        capitals = ""
        if currency.name == "CNY":
            capitals = self.env._("Closing balance in words: %s", capital_amount(statement.closing))
        return StatementDocument(
            title=self.env._("Statement of Account"),
            number=statement.name,
            mark=self.env._("(Draft)") if statement.state == "draft" else "",
            facts=[
                (self.env._("Number: "), statement.name),
                (
                    self.env._("Period: "),
                    self.env._(
                        "%(start)s to %(end)s",
                        start=format_date(self.env, statement.date_from),
                        end=format_date(self.env, statement.date_to),
                    ),
                ),
                (self.env._("Currency: "), currency.name),
            ],
            parties=[
                (self.env._("Supplier"), self._get_party(statement.supplier_id)),
                (self.env._("Buyer"), self._get_party(statement.company_id.partner_id)),
            ],
            headings=self._get_headings(),
            rows=[self._get_row(index, line, money) for index, line in enumerate(lines, 1)],
            sums=list(sums.values()),
            empty=self.env._("Nothing was received, billed or paid for goods in the period."),
            totals=[
                (self.env._("Opening Balance"), money(statement.opening)),
                (self.env._("+ Accepted"), money(statement.amount)),
                (self.env._("+ Price Difference"), money(statement.price_difference)),
                (self.env._("– Paid"), money(statement.paid)),
                (
                    self.env._("= Closing Balance"),
                    format_amount(self.env, statement.closing, currency).replace("\ufeff", ""),
                ),
                (self.env._("Of which Advances"), money(statement.advance)),
            ],
            capitals=capitals,
            legend=self.env._(
                "Amounts with taxes. Goods count once accepted; “adjustment” corrects earlier"
                " statements, “carried over” was owed before."
            ),
            note=statement.note or "",
            signatures=[
                (
                    self.env._("Supplier (stamp)"),
                    [self.env._("Checked by: ____________    Date: ____________")],
                ),
                (
                    self.env._("Buyer (stamp)"),
                    [self.env._("Checked by: ____________    Date: ____________")],
                ),
            ],
            # The layout fills in the numbers when it knows how many pages there are.
            page_label=self.env._("Page %(page)s of %(pages)s", page="%(page)s", pages="%(pages)s"),
        )

    def _get_party(self, partner):
        return [
            (self.env._("Name: "), partner.name or ""),
            (self.env._("Credit code: "), partner.company_registry or partner.vat or ""),
            (self.env._("Address: "), partner._display_address(True).replace("\n", " ").strip()),
            (self.env._("Phone: "), partner.phone or ""),
        ]

    def _get_headings(self):
        return [
            self.env._("No."),
            self.env._("Date"),
            self.env._("Order / Receipt"),
            self.env._("Product"),
            self.env._("Unit"),
            self.env._("Received"),
            self.env._("Rejected"),
            self.env._("Returned"),
            self.env._("Accepted"),
            self.env._("Price"),
            self.env._("Owed Before"),
            self.env._("Amount"),
            self.env._("Price Diff."),
            self.env._("Billed"),
            self.env._("Paid"),
            self.env._("Owed"),
            self.env._("Age"),
        ]

    def _get_row(self, index, line, money):
        def quantity(value):
            return f"{value:,.6f}".rstrip("0").rstrip(".") if value else ""

        def amount(value):
            return money(value) if not line.currency_id.is_zero(value) else ""

        kinds = dict(line._fields["kind"]._description_selection(self.env))
        product = line.product_id.display_name
        if line.kind != "movement":
            product = f"{product} ({kinds[line.kind]})"
        if line.pending:
            product = self.env._(
                "%(product)s; %(quantity)s wait for a decision",
                product=product,
                quantity=quantity(line.pending),
            )
        return [
            str(index),
            line.date.isoformat() if line.date else "",
            " ".join(filter(None, (line.order_name, line.receipt_name))),
            product,
            line.product_uom_id.name or "",
            quantity(line.received),
            quantity(line.rejected),
            quantity(line.returned),
            quantity(line.accepted),
            formatLang(self.env, line.price_unit, dp="Product Price"),
            amount(line.opening),
            amount(line.amount),
            amount(line.price_difference),
            amount(line.billed),
            amount(line.paid),
            amount(line.open),
            str(line.age) if line.age else "",
        ]
