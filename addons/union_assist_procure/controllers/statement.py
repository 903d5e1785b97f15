import math

from werkzeug.exceptions import NotFound

from odoo import http
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import content_disposition, request

from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.addons.portal.controllers.portal import pager as portal_pager

MODEL = "union.assist.statement"
PAGE_SIZE = 20
REASON_LENGTH = 2000
MESSAGES = ("confirmed", "disputed")


class StatementPortal(CustomerPortal):
    """A supplier's statements of account: to read, print, confirm, or dispute line by line."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "assist_statement_count" in counters:
            values["assist_statement_count"] = request.env[MODEL].search_count(
                self._get_statement_domain()
            )
        return values

    def _get_statement_domain(self):
        """Domain of the supplier's own statements, on top of what the record rules allow."""
        if not request.env[MODEL].has_access("read"):
            return Domain.FALSE
        # Internal users may read those of every supplier: here too, only their own company's.
        supplier = request.env.user.commercial_partner_id
        return Domain("supplier_id", "=", supplier.id) & Domain("state", "!=", "draft")

    def _find_statement(self, statement_id):
        """Return one of the supplier's own statements; others are not there."""
        statement = request.env[MODEL]
        if statement.has_access("read"):
            statement = statement.search(
                self._get_statement_domain() & Domain("id", "=", statement_id)
            )
        if not statement:
            raise NotFound()
        return statement

    # --------------------------------------------------
    # Routes
    # --------------------------------------------------

    @http.route(
        ["/my/assist/statements", "/my/assist/statements/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
    )
    def portal_my_statements(self, page=1, **_kwargs):
        """List the supplier's statements, those that wait for it first."""
        model = request.env[MODEL]
        domain = self._get_statement_domain()
        readable = model.has_access("read")
        pager = portal_pager(
            url="/my/assist/statements",
            total=model.search_count(domain) if readable else 0,
            page=page,
            step=PAGE_SIZE,
        )
        statements = model
        if readable:
            statements = model.search(domain, limit=PAGE_SIZE, offset=pager["offset"])
        return request.render(
            "union_assist_procure.portal_my_statements",
            {
                **self._prepare_portal_layout_values(),
                "page_name": "assist_statements",
                # Found with the supplier's own rights.
                "statements": statements.sudo(),
                "pager": pager,
            },
        )

    @http.route(
        "/my/assist/statements/<int:statement_id>",
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

    @http.route("/my/assist/statements/<int:statement_id>/pdf", type="http", auth="user")
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
        "/my/assist/statements/<int:statement_id>/confirm",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def portal_confirm_statement(self, statement_id, **_post):
        """Confirm a statement as a whole."""
        statement = self._find_statement(statement_id)
        try:
            statement._confirm()
        except UserError as error:
            return self._render_statement(statement, error=str(error))
        return request.redirect(f"/my/assist/statements/{statement.id}?message=confirmed")

    @http.route(
        "/my/assist/statements/<int:statement_id>/dispute",
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
        if not errors:
            try:
                with request.env.cr.savepoint():
                    statement._dispute_lines(claims)
                return request.redirect(f"/my/assist/statements/{statement.id}?message=disputed")
            except UserError as error:
                return self._render_statement(statement, error=str(error), entered=entered)
        return self._render_statement(
            statement,
            error=request.env._("Nothing was handed in yet: please mend what is marked."),
            entered=entered,
            errors=errors,
        )

    # --------------------------------------------------
    # Helpers
    # --------------------------------------------------

    def _render_statement(self, statement, message=None, error=None, entered=None, errors=None):
        readable = statement.sudo()
        certificates = request.env["union.assist.certificate"].sudo()
        return request.render(
            "union_assist_procure.portal_my_statement",
            {
                **self._prepare_portal_layout_values(),
                "page_name": "assist_statement",
                "statement": readable,
                "lines": readable.line_ids.sorted(
                    lambda line: (line.date or line.date_to, line.id)
                ),
                "may_confirm": readable.state == "sent",
                "may_dispute": readable.state in ("sent", "disputed"),
                "limit": certificates._get_file_limit() // (1024 * 1024),
                "message": message,
                "error": error,
                "entered": entered or {},
                "errors": errors or {},
            },
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
            kept = self._read_dispute_file(names, errors)
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

    def _read_dispute_file(self, names, errors):
        """Return the file sent with a line, or the one sent before with the same form."""
        certificates = request.env["union.assist.certificate"].sudo()
        sent = request.httprequest.files.get(names["file"])
        if sent and sent.filename:
            content = sent.read(certificates._get_file_limit() + 1)
            if error := certificates._get_file_error(content):
                errors[names["file"]] = error
            else:
                return certificates._keep_upload(sent.filename, content)
        return certificates._get_kept_upload(request.httprequest.form.get(names["kept"]))
