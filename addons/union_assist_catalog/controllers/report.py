import json
import logging

from werkzeug.exceptions import InternalServerError
from werkzeug.urls import url_parse

from odoo import http
from odoo.exceptions import UserError
from odoo.http import content_disposition, request
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools.misc import html_escape
from odoo.tools.safe_eval import safe_eval, time

from odoo.addons.web.controllers.report import ReportController

_logger = logging.getLogger(__name__)


class ReportlabController(ReportController):
    # Printing may number documents: unlike the routes of QWeb reports this one writes.
    @http.route(
        [
            "/report/reportlab/<reportname>",
            "/report/reportlab/<reportname>/<docids>",
        ],
        type="http",
        auth="user",
        readonly=False,
    )
    def report_reportlab(self, reportname, docids=None, **data):
        """Answer with the PDF of a ReportLab report over the given records."""
        context = dict(request.env.context)
        if data.get("options"):
            data.update(json.loads(data.pop("options")))
        if data.get("context"):
            data["context"] = json.loads(data["context"])
            context.update(data["context"])
        pdf = (
            request.env["ir.actions.report"]
            .with_context(**context)
            ._render_reportlab(reportname, self._split_ids(docids), data=data)[0]
        )
        return request.make_response(
            pdf, headers=[("Content-Type", "application/pdf"), ("Content-Length", len(pdf))]
        )

    @http.route()
    def report_download(self, data, context=None, token=None, readonly=True):
        url, report_type = json.loads(data)[:2]
        if report_type != "reportlab":
            return super().report_download(data, context=context, token=token, readonly=readonly)
        try:
            return self._download_reportlab(url_parse(url), context)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            # Somebody drew a number at the same moment: Odoo repeats the request.
            raise
        except Exception as error:
            if isinstance(error, UserError):
                _logger.info("Report %s was not printed: %s", url, error)
            else:
                _logger.exception("Report %s was not printed", url)
            answer = {
                "code": 0,
                "message": "Odoo Server Error",
                "data": http.serialize_exception(error),
            }
            response = request.make_response(html_escape(json.dumps(answer)))
            raise InternalServerError(response=response) from error

    def _download_reportlab(self, url, context):
        reportname, _slash, docids = url.path.split("/report/reportlab/")[1].partition("/")
        options = url.decode_query(cls=dict)
        if "context" in options:
            merged = json.loads(context or "{}") | json.loads(options.pop("context"))
            context = json.dumps(merged)
        response = self.report_reportlab(reportname, docids, context=context, **options)
        report = request.env["ir.actions.report"]._get_report_from_name(reportname)
        records = request.env[report.model].browse(self._split_ids(docids))
        name = report.name
        if report.print_report_name and len(records) == 1:
            name = safe_eval(report.print_report_name, {"object": records, "time": time})
        response.headers.add("Content-Disposition", content_disposition(f"{name}.pdf"))
        return response

    @staticmethod
    def _split_ids(docids):
        return [int(docid) for docid in (docids or "").split(",") if docid.isdigit()]
