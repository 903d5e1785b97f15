from datetime import timedelta

from odoo import models

from odoo.addons.union_assist_catalog.tools.amount import capital_amount

from ..tools.delivery_note import Line, Note, render_notes

#: Quantity and price of the invented goods, and how many a carton holds.
GOODS = ((120, 38.0, 24), (300, 12.5, 0), (60, 128.0, 12))


class NoteSampleReport(models.AbstractModel):
    """Prints samples of delivery note layouts: invented goods, no delivery, no number used."""

    _name = "report.union_assist_logistics.report_note_sample"
    _description = "Delivery Note Sample"

    def _render_pdf(self, docids, data=None):
        """Print one sample for each layout, as one PDF.

        :raise AccessError: when the user may not read one of the layouts
        :raise UserError: when no font is installed
        """
        layouts = self.env["union.assist.note.layout"].browse(docids)
        layouts.check_access("read")
        fonts = self.env["ir.actions.report"]._assist_load_fonts()
        notes = [self._get_note(layout) for layout in layouts]
        return render_notes(notes, fonts, self.env._("Delivery Note Sample"))

    def _get_note(self, layout):
        """Return the invented note that is printed in this layout."""
        report = self.env["report.union_assist_logistics.report_delivery_note"]
        company = layout.company_id or self.env.company
        today = company._assist_today()
        quantity = sum(quantity for quantity, _price, _carton in GOODS)
        total = sum(quantity * price for quantity, price, _carton in GOODS)
        unit = self.env._("pcs")
        sample = self.env._("Sample, not a delivery")
        return Note(
            title=self.env._("Delivery Note (Sample)"),
            company=company.name,
            # Code 128 has no Chinese characters.
            number="SAMPLE",
            labels=report._get_labels(),
            recipient=self.env._("Trade Union of a Sample Unit"),
            address=self.env._("1 Sample Street, Sample Town"),
            contact=self.env._("Sample Contact"),
            phone="000-00000000",
            date=today.isoformat(),
            order="S00000",
            vehicle=self.env._("Sample Plate"),
            url=report.get_base_url(),
            quantity_total=f"{report._format_quantity(quantity)} {unit}",
            totals=[
                (
                    report._format_total(total, company.currency_id),
                    capital_amount(total) if company.currency_id.name == "CNY" else "",
                )
            ],
            packages=str(len(GOODS)),
            prepared_by=self.env.user.name,
            notice=report._get_notice(),
            mark=sample,
            reprint=sample,
            paper=layout.paper,
            columns=layout._get_columns(),
            priced=layout.show_prices,
            copies=layout._get_copies(),
            lines=self._get_lines(report, unit, today),
        )

    def _get_lines(self, report, unit, today):
        long_name = self.env._(
            "[Sample] Goods with a name so long that it does not fit on one line of this note"
        )
        lines = []
        for index, (quantity, price, carton) in enumerate(GOODS, 1):
            name = self.env._("[Sample] Goods %(number)s", number=index)
            lines.append(
                Line(
                    index=str(index),
                    barcode="6900000000007",
                    product=long_name if index == 2 else name,
                    lot=f"{today:%y%m%d}",
                    produced=today.isoformat(),
                    shelf_life=self.env._("%(days)s days", days=365),
                    expires=(today + timedelta(days=365)).isoformat(),
                    ordered=report._format_quantity(quantity),
                    quantity=report._format_quantity(quantity),
                    unit=unit,
                    carton_price=report._format_money(price * carton) if carton else "",
                    price=report._format_money(price),
                    amount=report._format_money(quantity * price),
                    remark=f"PACK000000{index}",
                )
            )
        return lines
