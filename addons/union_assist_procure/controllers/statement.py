import math

from odoo import http
from odoo.fields import Domain
from odoo.http import content_disposition, request

from odoo.addons.union_assist_catalog.controllers.supplier_portal import SupplierPortal

MODEL = "union.assist.statement"
PATH = "/my/assist/statements"
REASON_LENGTH = 2000
MESSAGES = ("confirmed", "disputed")


class StatementPortal(SupplierPortal):
    """A supplier's statements of account: to read, print, confirm, or dispute line by line."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "assist_statement_count" in counters:
            values["assist_statement_count"] = self._count_own(MODEL, self._get_statement_domain())
        return values

    def _get_statement_domain(self):
        return self._get_own_domain(Domain("state", "!=", "draft"))

    def _find_statement(self, statement_id):
        return self._find_own(MODEL, self._get_statement_domain(), statement_id)

    # --------------------------------------------------
    # Routes
    # --------------------------------------------------

    @http.route(
        [PATH, f"{PATH}/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
    )
    def portal_my_statements(self, page=1, **_kwargs):
        """List the supplier's statements, those that wait for it first."""
        statements, pager = self._list_own(MODEL, self._get_statement_domain(), PATH, page)
        return self._render_page(
            "union_assist_procure.portal_my_statements",
            "assist_statements",
            statements=statements,
            pager=pager,
        )

    @http.route(
        f"{PATH}/<int:statement_id>",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def portal_my_statement(self, statement_id, message=None, **_kwargs):
        """Show a statement with its lines and what may be done."""
        return self._render_statement(
            self._find_statement(statement_id),
            message=message if message in MESSAGES else None,
        )

    @http.route(f"{PATH}/<int:statement_id>/pdf", type="http", auth="user")
    def portal_statement_pdf(self, statement_id):
        """Download the printed statement."""
        statement = self._find_statement(statement_id)
        report = request.env["report.union_assist_procure.report_statement"]
        pdf = report._render_pdf(statement.ids)
        name = f"{statement.sudo()._get_file_name()}.pdf"
        return request.make_response(
            pdf,
            headers=[
                ("Content-Type", "application/pdf"),
                ("Content-Length", len(pdf)),
                ("Content-Disposition", content_disposition(name)),
            ],
        )

    @http.route(
        f"{PATH}/<int:statement_id>/confirm",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def portal_confirm_statement(self, statement_id, **_post):
        """Confirm a statement as a whole."""
        statement = self._find_statement(statement_id)
        if error := self._try_step(statement._confirm):
            return self._render_statement(statement, error=error)
        return request.redirect(f"{PATH}/{statement.id}?message=confirmed")

    @http.route(
        f"{PATH}/<int:statement_id>/dispute",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def portal_dispute_statement(self, statement_id, **post):
        """Dispute lines: of the form only what is read here counts.

        The fields of a line carry its id: ``dispute_<id>``, ``reason_<id>``,
        ``quantity_<id>``, ``price_<id>`` and ``file_<id>``.
        """
        statement = self._find_statement(statement_id)
        claims, entered, errors = self._read_claims(statement)
        if not claims and not errors:
            return self._render_statement(
                statement,
                error=request.env._("Mark the lines that you dispute, and say why."),
                entered=entered,
            )
        error = request.env._("Nothing was handed in yet: please mend what is marked.")
        if not errors:
            error = self._try_step(statement._dispute_lines, claims)
            if not error:
                return request.redirect(f"{PATH}/{statement.id}?message=disputed")
        return self._render_statement(statement, error=error, entered=entered, errors=errors)

    # --------------------------------------------------
    # Helpers
    # --------------------------------------------------

    def _render_statement(self, statement, message=None, error=None, entered=None, errors=None):
        readable = statement.sudo()
        return self._render_page(
            "union_assist_procure.portal_my_statement",
            "assist_statement",
            statement=readable,
            lines=readable.line_ids.sorted(lambda line: (line.date or line.date_to, line.id)),
            may_confirm=readable.state == "sent",
            may_dispute=readable.state in ("sent", "disputed"),
            limit=self._get_file_megabytes(),
            message=message,
            error=error,
            entered=entered or {},
            errors=errors or {},
        )

    def _read_claims(self, statement):
        """Read the form of disputed lines.

        :return: the claims by line, what was entered and errors, both by the form's names
        """
        form = request.httprequest.form
        claims, entered, errors = [], {}, {}
        for line in statement.sudo().line_ids.filtered(lambda line: not line.dispute_state):
            names = {
                name: f"{name}_{line.id}"
                for name in ("dispute", "reason", "quantity", "price", "file", "kept")
            }
            if not form.get(names["dispute"]):
                continue
            entered[names["dispute"]] = True
            for name in ("reason", "quantity", "price"):
                entered[names[name]] = form.get(names[name], "").strip()
            reason = entered[names["reason"]]
            if not reason:
                errors[names["reason"]] = request.env._("Say what is wrong.")
            elif len(reason) > REASON_LENGTH:
                errors[names["reason"]] = request.env._(
                    "At most %s characters, please.", REASON_LENGTH
                )
            figures = {}
            for name in ("quantity", "price"):
                try:
                    figures[name] = self._read_number(entered[names[name]])
                except ValueError:
                    errors[names[name]] = request.env._(
                        "Enter a number that is not below zero, like 1250 or 26.50."
                    )
            kept = self._read_file(errors, names["file"], names["kept"])
            entered[names["kept"]] = kept
            claims.append((line, reason, figures.get("quantity"), figures.get("price"), kept))
        return claims, entered, errors

    def _read_number(self, text):
        """Return a number as people type it, ``None`` for none."""
        if not text:
            return None
        number = float(text.replace(",", "").replace("，", ""))
        if not math.isfinite(number) or not 0 <= number < 1e12:
            raise ValueError(text)
        return number
