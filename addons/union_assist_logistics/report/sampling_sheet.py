from odoo import api, models

from ..tools.sampling_sheet import draw_sheets


class ReportSamplingSheet(models.AbstractModel):
    """Sampling sheets of inspections: the drawn units and room for what is found."""

    _name = "report.union_assist_logistics.report_sampling_sheet"
    _description = "Sampling Sheet"

    @api.model
    def _render_pdf(self, docids, data=None):
        inspections = self.env["union.assist.quality.inspection"].browse(docids)
        inspections.check_access("read")
        # Who may read an inspection may read what it is about.
        sheets = [self._prepare_sheet(inspection) for inspection in inspections.sudo()]
        return draw_sheets(sheets, self.env["ir.actions.report"]._assist_load_fonts())

    def _prepare_sheet(self, inspection):
        severities = dict(inspection.line_ids._fields["severity"]._description_selection(self.env))
        modes = dict(inspection._fields["inspection_mode"]._description_selection(self.env))
        facts = [
            (self.env._("Product"), inspection.product_id.display_name),
            (self.env._("Lot"), inspection.lot_id.name),
            (self.env._("Supplier"), inspection.supplier_id.name or "–"),
            (self.env._("Quantity"), f"{inspection.quantity:g} {inspection.uom_id.name}"),
            (
                self.env._("Units"),
                f"{inspection.unit_count} {inspection.sampling_uom_id.name or ''}".strip(),
            ),
        ]
        if inspection.inspection_mode:
            reason = inspection._say_mode_reason()
            reason = f" ({reason})" if reason else ""
            facts.append((self.env._("Inspection"), modes[inspection.inspection_mode] + reason))
        units = inspection.sample_units
        return {
            "title": self.env._("Sampling Sheet"),
            "number": inspection.name,
            "facts": facts,
            "sentences": (inspection.sampling_summary or "").splitlines(),
            "columns": (
                self.env._("Item"),
                self.env._("Severity"),
                self.env._("Units"),
                "Ac",
                "Re",
                self.env._("Nonconforming"),
            ),
            "items": [
                (
                    line.name,
                    severities[line.severity],
                    str(line.sample_size),
                    str(line.accept_number),
                    str(line.reject_number),
                    "",
                )
                for line in inspection.line_ids.filtered("sample_size")
            ],
            "units_title": self.env._("Units drawn (counted as unloaded or stacked)")
            if units
            else self.env._("Every unit is inspected."),
            "units": units.split(", ") if units else [],
            "signatures": (self.env._("Inspector"), self.env._("Date")),
        }
