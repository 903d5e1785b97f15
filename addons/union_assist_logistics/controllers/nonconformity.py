from werkzeug.exceptions import NotFound

from odoo import http
from odoo.fields import Domain
from odoo.http import request

from odoo.addons.union_assist_catalog.controllers.supplier_portal import SupplierPortal

MODEL = "union.assist.nonconformity"
PATH = "/my/assist/nonconformities"
TEXT_LENGTH = 4000
FILE_COUNT = 5


class NonconformityPortal(SupplierPortal):
    """A supplier's nonconformities: to read and to answer, with files."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "assist_nonconformity_count" in counters:
            values["assist_nonconformity_count"] = self._count_own(
                MODEL, self._get_nonconformity_domain()
            )
        return values

    def _get_nonconformity_domain(self):
        return self._get_own_domain(Domain("sent_on", "!=", False))

    def _find_nonconformity(self, nonconformity_id):
        return self._find_own(MODEL, self._get_nonconformity_domain(), nonconformity_id)

    @http.route(
        [PATH, f"{PATH}/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
    )
    def portal_my_nonconformities(self, page=1, **_kwargs):
        """List the supplier's nonconformities, the newest first."""
        found, pager = self._list_own(MODEL, self._get_nonconformity_domain(), PATH, page)
        return self._render_page(
            "union_assist_logistics.portal_my_nonconformities",
            "assist_nonconformities",
            nonconformities=found,
            pager=pager,
        )

    @http.route(
        f"{PATH}/<int:nonconformity_id>",
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
        f"{PATH}/<int:nonconformity_id>/file/<int:file_id>",
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
        f"{PATH}/<int:nonconformity_id>/answer",
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
        error = request.env._("Nothing was handed in yet: please mend what is marked.")
        if not errors:
            error = self._try_step(record._answer, text, kept)
            if not error:
                return request.redirect(f"{PATH}/{record.id}?message=answered")
        return self._render_nonconformity(record, error=error, text=text, errors=errors, kept=kept)

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
            file, error = self._keep_file(sent)
            if error:
                errors["files"] = f"{sent.filename}: {error}"
            kept |= file
        return kept

    def _render_nonconformity(
        self, record, message=None, error=None, text="", errors=None, kept=None
    ):
        readable = record.sudo()
        return self._render_page(
            "union_assist_logistics.portal_my_nonconformity",
            "assist_nonconformity",
            nonconformity=readable,
            answers=readable.answer_ids,
            may_answer=readable.state == "sent",
            limit=self._get_file_megabytes(),
            file_count=FILE_COUNT,
            message=message,
            error=error,
            errors=errors or {},
            text=text,
            kept=kept or request.env["ir.attachment"],
        )
