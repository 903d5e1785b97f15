from odoo import http
from odoo.http import content_disposition, request

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class CatalogueEditionController(http.Controller):
    @http.route("/assist/edition/<int:edition_id>/xlsx", type="http", auth="user", readonly=True)
    def edition_xlsx(self, edition_id):
        """Download an edition as an Excel file."""
        return self._download("union.assist.catalogue.edition", edition_id)

    @http.route(
        "/assist/comparison/<int:comparison_id>/xlsx", type="http", auth="user", readonly=True
    )
    def comparison_xlsx(self, comparison_id):
        """Download what changed between two editions as an Excel file."""
        return self._download("union.assist.catalogue.comparison", comparison_id)

    def _download(self, model, record_id):
        record_model = request.env[model]
        record_model.check_access("read")
        record = record_model.browse(record_id).exists()
        if not record:
            raise request.not_found()
        # Checks the rights to this record.
        content = record._render_xlsx()
        return request.make_response(
            content,
            headers=[
                ("Content-Type", XLSX),
                ("Content-Length", len(content)),
                ("Content-Disposition", content_disposition(f"{record._get_file_name()}.xlsx")),
            ],
        )
