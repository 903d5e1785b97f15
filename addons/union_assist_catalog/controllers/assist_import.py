from werkzeug.exceptions import NotFound

from odoo import http
from odoo.http import content_disposition, request

from ..importers import PARTS

_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class ImportController(http.Controller):
    """Templates and error files of imports. What is personal in them is logged."""

    @http.route(
        "/assist/import/template/<string:kind>.<string:extension>", type="http", auth="user"
    )
    def template(self, kind, extension):
        """Answer with the template for a kind of import, empty but for examples."""
        jobs = request.env["union.assist.import"]
        if kind not in PARTS or extension not in _TYPES:
            raise NotFound()
        for name in jobs._get_model_names(kind):
            request.env[name].check_access("create")
        return self._answer(
            jobs._make_template(kind, extension),
            f"{jobs._get_template_name(kind)}.{extension}",
        )

    @http.route("/assist/import/<int:import_id>/errors", type="http", auth="user", readonly=False)
    def errors(self, import_id):
        """Answer with the faulty rows of an import and what is wrong with them."""
        job = request.env["union.assist.import"].browse(import_id).exists()
        if not job or not job.has_access("read"):
            raise NotFound()
        job._check_kind()
        job._log_error_file()
        return self._answer(job._make_error_file(), job._get_error_file_name())

    def _answer(self, content, name):
        return request.make_response(
            content,
            headers=[
                ("Content-Type", _TYPES[name.rpartition(".")[2]]),
                ("Content-Length", len(content)),
                ("Content-Disposition", content_disposition(name)),
                ("Cache-Control", "no-store"),
            ],
        )
