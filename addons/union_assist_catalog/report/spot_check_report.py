import io

from pypdf import PdfReader, PdfWriter

from odoo import models
from odoo.exceptions import AccessError

from ..tools.spot_check_report import SpotCheckReport, render_report


class SpotCheckReportModel(models.AbstractModel):
    """Prints spot checks: a sheet to fill in before the closing, the kept report after it.

    Households appear by their code alone.
    """

    _name = "report.union_assist_catalog.report_spot_check"
    _description = "Report of a Spot Check"

    def _render_pdf(self, docids, data=None):
        """Print these spot checks as one PDF, in the order given.

        :raise AccessError: when the user may not read one of them
        :raise UserError: when no font is installed
        """
        if not (self.env.su or self.env.user._is_internal()):
            raise AccessError(self.env._("Only employees may print spot checks."))
        checks = self.env["union.assist.spot.check"].browse(docids)
        checks.check_access("read")
        parts = [check.sudo().report_id.raw or self._draw(check) for check in checks]
        if len(parts) == 1:
            return parts[0]
        writer = PdfWriter()
        for part in parts:
            writer.append(PdfReader(io.BytesIO(part)))
        buffer = io.BytesIO()
        writer.write(buffer)
        return buffer.getvalue()

    def _draw(self, check):
        fonts = self.env["ir.actions.report"]._assist_load_fonts()
        return render_report(self._gather(check), fonts)

    def _gather(self, check):
        """Return what the report of a check says, in the language of the context."""
        check.ensure_one()
        closed = check.state == "closed"
        results = dict(check.line_ids._fields["result"]._description_selection(self.env))
        methods = dict(check.line_ids._fields["method"]._description_selection(self.env))
        zone = self.env.company._assist_get_zone()

        def moment(value):
            return value.astimezone(zone).strftime("%Y-%m-%d %H:%M") if value else ""

        facts = [
            (self.env._("Number"), check.name),
            (self.env._("Counted on"), check.date.isoformat()),
            (self.env._("Supplier"), check.supplier_id.name or self.env._("All suppliers")),
            (self.env._("Place"), check.region_id.display_name or self.env._("All places")),
            (
                self.env._("Population"),
                self.env._(
                    "%(households)s households, %(persons)s persons",
                    households=check.population_count,
                    persons=f"{check.population_persons:g}",
                ),
            ),
            (self.env._("Sample"), str(len(check.line_ids))),
            (self.env._("Drawn by"), check.sudo().drawn_by_id.name or ""),
            (self.env._("Drawn on"), moment(check.drawn_on)),
            (self.env._("Seed"), check.seed or ""),
            (self.env._("Fingerprint of the Population"), check.population_digest or ""),
        ]
        figures = []
        if closed:
            facts += [
                (self.env._("Closed by"), check.sudo().closed_by_id.name or ""),
                (self.env._("Closed on"), moment(check.closed_on)),
            ]
            figures = [
                (self.env._("Confirmed"), str(check.confirmed_count)),
                (self.env._("Failed"), str(check.failed_count)),
                (self.env._("Not Reached"), str(check.not_reached_count)),
                (
                    self.env._("Deducted"),
                    self._say(check.households_deducted, check.persons_deducted),
                ),
                (self.env._("Before"), self._say(check.households_before, check.persons_before)),
                (self.env._("After"), self._say(check.households_after, check.persons_after)),
            ]
        rows = [
            (
                str(index),
                line.household_id.code,
                line.region_id.display_name,
                line.supplier_id.display_name,
                f"{line.persons:g}",
                results.get(line.result, ""),
                " ".join(
                    filter(
                        None,
                        [
                            methods.get(line.method, "") if line.result else "",
                            moment(line.checked_on)[:10],
                        ],
                    )
                ),
            )
            for index, line in enumerate(check.sudo().line_ids, 1)
        ]
        return SpotCheckReport(
            title=self.env._("Report of a Spot Check")
            if closed
            else self.env._("Sheet of a Spot Check"),
            company=self.env.company.name,
            facts=facts,
            headings=[
                self.env._("No."),
                self.env._("Household"),
                self.env._("Place"),
                self.env._("Supplier"),
                self.env._("Persons"),
                self.env._("Result"),
                self.env._("How and when"),
            ],
            rows=rows,
            figures=figures,
            signatures=[
                self.env._("Checked by:"),
                self.env._("Reviewed by:"),
                self.env._("Date:"),
            ],
            # The layout fills in the numbers when it knows how many pages there are.
            page_label=self.env._("Page %(page)s of %(pages)s", page="%(page)s", pages="%(pages)s"),
        )

    def _say(self, households, persons):
        return self.env._(
            "%(households)s households, %(persons)s persons",
            households=f"{households:g}",
            persons=f"{persons:g}",
        )
