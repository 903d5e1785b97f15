import base64
from datetime import date

from werkzeug.exceptions import NotFound

from odoo import http
from odoo.http import request

from .supplier_portal import SupplierPortal

MODEL = "union.assist.certificate"

# All that a supplier enters of a document; everything else of the form is ignored.
TEXT_FIELDS = ("number", "authority", "batch")
DATE_FIELDS = ("date_from", "date_to", "review_due")


class DocumentPortal(SupplierPortal):
    """A supplier's own documents: what is needed, what is there, and the upload of more."""

    def _prepare_portal_layout_values(self):
        return {
            **super()._prepare_portal_layout_values(),
            "is_assist_supplier": bool(
                request.env.user.commercial_partner_id.sudo().assist_supplier_kind
            ),
        }

    def _find_document(self, document_id, **values):
        """Return one of the supplier's own documents, with all rights, or nothing."""
        try:
            document_id = int(document_id or 0)
        except ValueError:
            document_id = 0
        domain = [("id", "=", document_id), ("partner_id", "=", self._get_supplier(MODEL).id)]
        domain += [(name, "=", value) for name, value in values.items()]
        return request.env[MODEL].search(domain).sudo()

    @http.route(
        ["/my/assist/documents", "/my/assist/documents/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
    )
    def portal_my_documents(self, page=1, submitted=None):
        """Show which documents the supplier and its goods need, and those that it has."""
        supplier = self._get_supplier(MODEL)
        documents, pager = self._list_own(
            MODEL,
            self._get_own_domain(field="partner_id"),
            "/my/assist/documents",
            page,
            "id desc",
        )
        needs = supplier._assist_get_needs(request.env.company._assist_today())[supplier.id]
        needs.sort(key=lambda need: (need.rule.is_per_batch, need.is_met))
        return self._render_page(
            "union_assist_catalog.portal_my_documents",
            "assist_documents",
            supplier=supplier,
            documents=documents,
            needs=needs,
            pager=pager,
            submitted=submitted,
        )

    @http.route("/my/assist/documents/<int:document_id>/file", type="http", auth="user")
    def portal_document_file(self, document_id):
        """Download the file of one of the supplier's own documents."""
        document = self._find_document(document_id)
        if not document.has_file:
            raise NotFound()
        stream = request.env["ir.binary"]._get_stream_from(
            document, "file", filename_field="file_name"
        )
        return stream.get_response(as_attachment=True)

    @http.route(
        "/my/assist/documents/upload",
        type="http",
        auth="user",
        methods=["GET", "POST"],
        website=True,
    )
    def portal_upload_document(self, **post):
        """Take a new document, a renewal (``renew``) or a corrected one (``document``)."""
        supplier = self._get_supplier(MODEL)
        document = self._find_document(post.get("document"), state="draft")
        before = document.predecessor_id or self._find_document(post.get("renew"), state="verified")
        kind = document.type_id or before.type_id or self._find_type(post.get("type"))
        products = (
            request.env["product.template"]
            .sudo()
            .search([("assist_supplier_id", "=", supplier.id)])
        )
        page = {
            "page_name": "assist_document_upload",
            "supplier": supplier,
            "document": document,
            "before": before,
            "kind": kind,
            "products": products,
            "limit": self._get_file_megabytes(),
        }
        if not kind:
            page["kinds"] = request.env["union.assist.certificate.type"].sudo().search([])
            return self._render_page("union_assist_catalog.portal_choose_document_type", **page)
        if request.httprequest.method == "POST":
            entered, vals, errors, kept = self._read_upload(kind, products, document)
            if not errors:
                if not document:
                    vals |= {
                        "type_id": kind.id,
                        "partner_id": supplier.id,
                        "predecessor_id": before.id,
                    }
                handed_in, errors = request.env[MODEL].sudo()._submit_upload(vals, document)
                if handed_in:
                    kept.unlink()
                    return request.redirect("/my/assist/documents?submitted=1")
            page |= {"entered": entered, "errors": errors, "kept": kept}
        else:
            page |= {
                "entered": self._get_proposal(document, before, post),
                "errors": {},
                "kept": request.env["ir.attachment"],
            }
        return self._render_page("union_assist_catalog.portal_upload_document", **page)

    def _find_type(self, type_id):
        types = request.env["union.assist.certificate.type"].sudo()
        return types.search([("id", "=", type_id)]) if str(type_id or "").isdecimal() else types

    def _get_proposal(self, document, before, post):
        """Return what the empty form shows: what is known already."""
        source = document or before
        entered = {name: source[name] or "" for name in TEXT_FIELDS + DATE_FIELDS}
        entered["product_ids"] = source.product_tmpl_ids.ids
        if not source and str(post.get("product", "")).isdecimal():
            entered["product_ids"] = [int(post["product"])]
        if not document:
            entered |= dict.fromkeys(DATE_FIELDS, "")
            if before:
                proposal = before._prepare_renewal()
                entered |= {name: proposal.get(name, "") for name in DATE_FIELDS}
        return entered

    def _read_upload(self, kind, products, document):
        """Read a form as sent.

        :return: what was entered, the values to write, errors by field, and the file that is
            kept until the rest is right
        """
        form = request.httprequest.form
        entered = {name: form.get(name, "").strip() for name in TEXT_FIELDS + DATE_FIELDS}
        chosen = {int(value) for value in form.getlist("product_ids") if value.isdecimal()}
        own = products.filtered(lambda product: product.id in chosen)
        entered["product_ids"] = own.ids
        errors = {}
        vals = {name: entered[name] or False for name in TEXT_FIELDS}
        for name in DATE_FIELDS:
            try:
                vals[name] = entered[name] and date.fromisoformat(entered[name])
            except ValueError:
                errors[name] = request.env._("Enter a day as year, month and day: 2026-06-30.")
            vals[name] = vals.get(name) or False
        if vals["date_from"] and vals["date_to"] and vals["date_to"] < vals["date_from"]:
            errors["date_to"] = request.env._(
                "The last day of a document is not before its first day."
            )
        if kind.scope == "product":
            vals["product_tmpl_ids"] = [(6, 0, own.ids)]
        kept = self._read_file(errors)
        if kept:
            vals |= {"file": base64.b64encode(kept.raw), "file_name": kept.name}
        elif not document.has_file:
            errors.setdefault("file", request.env._("Attach the document as PDF, JPEG or PNG."))
        # What else is missing is found on handing in; here it would be said one after another.
        if errors:
            draft = (
                request.env[MODEL]
                .sudo()
                .new({**vals, "type_id": kind.id, "partner_id": self._get_supplier(MODEL).id})
            )
            errors = {**draft._get_errors(), **errors}
            if kept or document.has_file:
                errors.pop("file", None)
        return entered, vals, errors, kept
