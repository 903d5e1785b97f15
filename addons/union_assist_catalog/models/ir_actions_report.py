from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.fonts import FONT_DIR_VARIABLE, FONT_PACKAGES, FontNotFoundError, load_fonts


class IrActionsReport(models.Model):
    """Reports that ReportLab draws.

    Such a report needs a model ``report.<report_name>`` with ``_render_pdf(docids, data)``
    that returns the PDF of all the records as bytes.
    """

    _inherit = "ir.actions.report"

    report_type = fields.Selection(
        selection_add=[("reportlab", "PDF (ReportLab)")], ondelete={"reportlab": "cascade"}
    )

    @api.model
    def _render_reportlab(self, report_ref, res_ids, data=None):
        """Render a ReportLab report; called by ``_render`` for this report type."""
        report = self._get_report(report_ref)
        model = self._get_rendering_context_model(report)
        if model is None:
            raise UserError(
                self.env._(
                    "The report “%(report)s” cannot be printed: the model"
                    " report.%(name)s that draws it is not installed.",
                    report=report.name,
                    name=report.report_name,
                )
            )
        docids = [res_ids] if isinstance(res_ids, int) else list(res_ids or [])
        return model._render_pdf(docids, data), "pdf"

    @api.model
    def _render_qweb_pdf(self, report_ref, res_ids=None, data=None):
        # The portal, mail templates and signatures call this by name for any PDF.
        if self._get_report(report_ref).report_type == "reportlab":
            return self._render_reportlab(report_ref, res_ids, data=data)
        return super()._render_qweb_pdf(report_ref, res_ids=res_ids, data=data)

    @api.model
    def _render_qweb_html(self, report_ref, docids, data=None):
        self._assist_check_template(report_ref)
        return super()._render_qweb_html(report_ref, docids, data=data)

    @api.model
    def _render_qweb_text(self, report_ref, docids, data=None):
        self._assist_check_template(report_ref)
        return super()._render_qweb_text(report_ref, docids, data=data)

    @api.model
    def _assist_check_template(self, report_ref):
        """What ReportLab draws has no template to show on a page: say so to who asks for it."""
        report = self._get_report(report_ref)
        if report.report_type == "reportlab":
            raise UserError(
                self.env._("“%(report)s” is printed as a PDF only.", report=report.name)
            )

    @api.model
    def _assist_load_fonts(self):
        """Return the names of the fonts that printed documents embed, the Chinese one first.

        :raise UserError: when the server has no usable font
        """
        try:
            return load_fonts()
        except FontNotFoundError as error:
            raise UserError(
                self.env._(
                    "Documents cannot be printed: the server has no Chinese TrueType font."
                    " Install one of the packages %(packages)s, or set %(variable)s to a folder"
                    " that holds one, and restart Odoo. Searched: %(folders)s.",
                    packages=", ".join(FONT_PACKAGES),
                    variable=FONT_DIR_VARIABLE,
                    folders=", ".join(error.folders),
                )
            ) from error
