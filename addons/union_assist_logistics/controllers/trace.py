from odoo import fields, http
from odoo.http import content_disposition, request

from odoo.addons.union_assist_catalog.tools.sheets import Column, render_sheet

WIDTHS = {"from": 36, "to": 36, "product": 28, "lot": 16}


class TraceController(http.Controller):
    @http.route(
        "/assist/trace/<string:model>/<int:res_id>.xlsx",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def trace_sheet(self, model, res_id):
        """Send every row of a trace as an Excel file; who may see the screen may have it."""
        view = request.env["union.assist.trace.view"]
        trace = view._trace(model, res_id)
        titles = view._get_columns()
        columns = [
            Column(title, "money" if name == "quantity" else "text", WIDTHS.get(name, 12))
            for name, title in titles.items()
        ]
        rows = [[row[name] or None for name in titles] for row in trace["rows"]]
        content = render_sheet(trace["title"], columns, rows, fields.Datetime.now())
        name = f"{trace['title']}.xlsx".replace("/", "-")
        return request.make_response(
            content,
            headers=[
                (
                    "Content-Type",
                    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                ),
                ("Content-Disposition", content_disposition(name)),
                ("Cache-Control", "private, no-store"),
            ],
        )
