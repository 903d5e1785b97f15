from werkzeug.exceptions import NotFound

from odoo import http
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.addons.portal.controllers.portal import pager as portal_pager

MODEL = "union.assist.nonconformity"
PAGE_SIZE = 20
TEXT_LENGTH = 4000
FILE_COUNT = 5


class NonconformityPortal(CustomerPortal):
    """A supplier's nonconformities: to read and to answer, with files."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "assist_nonconformity_count" in counters:
            values["assist_nonconformity_count"] = request.env[MODEL].search_count(
                self._get_nonconformity_domain()
            )
        return values

    def _get_nonconformity_domain(self):
        """Domain of the supplier's own, on top of what the record rules allow."""
        if not request.env[MODEL].has_access("read"):
            return Domain.FALSE
        # Internal users may read those of every supplier: here too, only their own company's.
        supplier = request.env.user.commercial_partner_id
        return Domain("supplier_id", "=", supplier.id) & Domain("sent_on", "!=", False)

    def _find_nonconformity(self, nonconformity_id):
        """Return one of the supplier's own; others are not there."""
        found = request.env[MODEL]
        if found.has_access("read"):
            found = found.search(
                self._get_nonconformity_domain() & Domain("id", "=", nonconformity_id)
            )
        if not found:
            raise NotFound()
        return found

    @http.route(
        ["/my/assist/nonconformities", "/my/assist/nonconformities/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
    )
    def portal_my_nonconformities(self, page=1, **_kwargs):
        """List the supplier's nonconformities, the newest first."""
        model = request.env[MODEL]
        domain = self._get_nonconformity_domain()
        readable = model.has_access("read")
        pager = portal_pager(
            url="/my/assist/nonconformities",
            total=model.search_count(domain) if readable else 0,
            page=page,
            step=PAGE_SIZE,
        )
        found = model
        if readable:
            found = model.search(domain, limit=PAGE_SIZE, offset=pager["offset"])
        return request.render(
            "union_assist_logistics.portal_my_nonconformities",
            {
                **self._prepare_portal_layout_values(),
                "page_name": "assist_nonconformities",
                # Found with the supplier's own rights.
                "nonconformities": found.sudo(),
                "pager": pager,
            },
        )

    @http.route(
        "/my/assist/nonconformities/<int:nonconformity_id>",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def portal_my_nonconformity(self, nonconformity_id, message=None, **_kwargs):
        """Show a nonconformity and the answers so far."""
        return self._render_nonconformity(
            self._find_nonconformity(nonconformity_id),
            message=message if message == "answered" else None,
        )

    @http.route(
        "/my/assist/nonconformities/<int:nonconformity_id>/file/<int:file_id>",
        type="http",
        auth="user",
    )
    def portal_nonconformity_file(self, nonconformity_id, file_id, **_kwargs):
        """Download a photo of a nonconformity, or a file of an answer to it."""
        record = self._find_nonconformity(nonconformity_id).sudo()
        files = record.photo_ids | record.answer_ids.attachment_ids
        file = files.filtered(lambda attachment: attachment.id == file_id)
        if not file:
            raise NotFound()
        stream = request.env["ir.binary"]._get_stream_from(file)
        return stream.get_response(as_attachment=True)

    @http.route(
        "/my/assist/nonconformities/<int:nonconformity_id>/answer",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def portal_answer_nonconformity(self, nonconformity_id, **_post):
        """Take an answer: of the form only text and files count."""
        record = self._find_nonconformity(nonconformity_id)
        text = request.httprequest.form.get("text", "").strip()
        errors = {}
        if not text:
            errors["text"] = request.env._("Say what the cause was and what you do about it.")
        elif len(text) > TEXT_LENGTH:
            errors["text"] = request.env._("At most %s characters, please.", TEXT_LENGTH)
        kept = self._read_answer_files(errors)
        if not errors:
            try:
                with request.env.cr.savepoint():
                    record._answer(text, kept)
                return request.redirect(f"/my/assist/nonconformities/{record.id}?message=answered")
            except UserError as error:
                return self._render_nonconformity(record, error=str(error), text=text, kept=kept)
        return self._render_nonconformity(
            record,
            error=request.env._("Nothing was handed in yet: please mend what is marked."),
            text=text,
            errors=errors,
            kept=kept,
        )

    def _read_answer_files(self, errors):
        """Return the files sent, and those sent before with the same form."""
        certificates = request.env["union.assist.certificate"].sudo()
        kept = request.env["ir.attachment"].sudo()
        for token in request.httprequest.form.getlist("kept")[:FILE_COUNT]:
            kept |= certificates._get_kept_upload(token)
        for sent in request.httprequest.files.getlist("files"):
            if not sent.filename:
                continue
            if len(kept) >= FILE_COUNT:
                errors["files"] = request.env._("At most %s files, please.", FILE_COUNT)
                break
            content = sent.read(certificates._get_file_limit() + 1)
            if error := certificates._get_file_error(content):
                errors["files"] = f"{sent.filename}: {error}"
            else:
                kept |= certificates._keep_upload(sent.filename, content)
        return kept

    def _render_nonconformity(
        self, record, message=None, error=None, text="", errors=None, kept=None
    ):
        certificates = request.env["union.assist.certificate"].sudo()
        readable = record.sudo()
        return request.render(
            "union_assist_logistics.portal_my_nonconformity",
            {
                **self._prepare_portal_layout_values(),
                "page_name": "assist_nonconformity",
                "nonconformity": readable,
                "answers": readable.answer_ids,
                "may_answer": readable.state == "sent",
                "limit": certificates._get_file_limit() // (1024 * 1024),
                "file_count": FILE_COUNT,
                "message": message,
                "error": error,
                "errors": errors or {},
                "text": text,
                "kept": kept or request.env["ir.attachment"],
            },
        )
