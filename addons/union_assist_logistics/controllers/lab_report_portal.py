import base64
from datetime import date

from werkzeug.exceptions import NotFound

from odoo import http
from odoo.fields import Command, Domain
from odoo.http import request

from odoo.addons.union_assist_catalog.controllers.supplier_portal import SupplierPortal

MODEL = "union.assist.lab.report"
PATH = "/my/assist/lab-reports"
LOT_LIMIT = 100
TEXT_LENGTH = 128

# All that a supplier enters of a report; everything else of the form is ignored.
TEXT_FIELDS = ("number", "laboratory_name", "batch")
DATE_FIELDS = ("sampled_on", "issued_on")
ITEM_FIELDS = ("result", "unit", "verdict")


class LabReportPortal(SupplierPortal):
    """A supplier's lab reports: those handed in, what became of them, and the upload of more."""

    def _get_lab_domain(self):
        self._get_supplier(MODEL)
        return self._get_own_domain(Domain("kind", "=", "supplier"))

    def _get_lab_products(self):
        """What the supplier makes or was ordered from it, in the programme."""
        supplier = self._get_supplier(MODEL)
        ordered = (
            request.env["purchase.order.line"]
            .sudo()
            ._search(
                [
                    ("order_id.partner_id.commercial_partner_id", "=", supplier.id),
                    ("order_id.state", "=", "purchase"),
                ]
            )
        )
        domain = Domain("tracking", "!=", "none") & (
            Domain("assist_supplier_id", "=", supplier.id)
            | Domain("id", "in", ordered.subselect("product_id"))
        )
        return request.env["product.product"].sudo().search(domain)

    def _get_lab_lots(self, product):
        """The lots of a product that the supplier delivered, the newest first."""
        supplier = self._get_supplier(MODEL)
        if product.assist_supplier_id == supplier:
            domain = Domain("product_id", "=", product.id)
        else:
            inspected = (
                request.env["union.assist.quality.inspection"]
                .sudo()
                ._search([("supplier_id", "=", supplier.id)])
            )
            domain = Domain("product_id", "=", product.id) & Domain(
                "id", "in", inspected.subselect("lot_id")
            )
        return request.env["stock.lot"].sudo().search(domain, order="id desc", limit=LOT_LIMIT)

    def _get_lab_items(self, product):
        """The items that the product's plans demand a report on."""
        company = request.env.company
        plans = request.env["union.assist.quality.plan"].sudo()
        days = [company._assist_today()]
        kinds = {self._get_supplier(MODEL).assist_supplier_kind}
        ids = plans._get_applicable_ids(product, company, days, kinds=kinds)
        return plans.browse(ids).item_ids.filtered("report_required")

    # ------------------------------------------------------------------
    # Routes
    # ------------------------------------------------------------------
    @http.route([PATH, f"{PATH}/page/<int:page>"], type="http", auth="user", website=True)
    def portal_my_lab_reports(self, page=1, submitted=None, **_kwargs):
        """List the supplier's reports, the newest first."""
        reports, pager = self._list_own(MODEL, self._get_lab_domain(), PATH, page, "id desc")
        return self._render_page(
            "union_assist_logistics.portal_my_lab_reports",
            "assist_lab_reports",
            reports=reports,
            pager=pager,
            submitted=submitted,
        )

    @http.route(f"{PATH}/<int:report_id>/file", type="http", auth="user")
    def portal_lab_report_file(self, report_id, **_kwargs):
        """Download the file of one of the supplier's own reports."""
        report = self._find_own(MODEL, self._get_lab_domain(), report_id)
        if not report.file:
            raise NotFound()
        stream = request.env["ir.binary"]._get_stream_from(
            report.sudo(), "file", filename_field="file_name"
        )
        return stream.get_response(as_attachment=True)

    @http.route(f"{PATH}/upload", type="http", auth="user", methods=["GET", "POST"], website=True)
    def portal_upload_lab_report(self, product=None, **_post):
        """Take a report on lots of one of the supplier's own products."""
        self._get_supplier(MODEL)
        products = self._get_lab_products()
        chosen = products.filtered(lambda record: str(record.id) == str(product or ""))
        page = {
            "page_name": "assist_lab_report_upload",
            "products": products,
            "product": chosen,
        }
        if not chosen:
            return self._render_page("union_assist_logistics.portal_choose_lab_product", **page)
        items = self._get_lab_items(chosen)
        laboratories = request.env["union.assist.laboratory"].sudo().search([])
        page |= {
            "items": items,
            "lots": self._get_lab_lots(chosen),
            "laboratories": laboratories,
            "limit": self._get_file_megabytes(),
            "entered": {},
            "errors": {},
            "kept": request.env["ir.attachment"],
        }
        if request.httprequest.method == "POST":
            entered, vals, errors, kept = self._read_lab_report(page)
            if not errors:
                error = self._create_lab_report(vals)
                if not error:
                    kept.unlink()
                    return request.redirect(f"{PATH}?submitted=1")
                errors["number"] = error
            page |= {"entered": entered, "errors": errors, "kept": kept}
        return self._render_page("union_assist_logistics.portal_upload_lab_report", **page)

    def _create_lab_report(self, vals):
        """Hand a report in; returns what keeps it from being taken, if anything."""
        reports = request.env[MODEL].sudo()
        same = reports.search_count(
            [
                ("number", "=ilike", "".join(vals["number"].split())),
                ("laboratory_id", "=", vals["laboratory_id"]),
                ("company_id", "=", request.env.company.id),
                ("state", "!=", "refused"),
            ]
        )
        if same and vals["laboratory_id"]:
            return request.env._(
                "A report of this laboratory with this number was handed in already."
            )
        return self._try_step(lambda: reports.create(vals).action_submit())

    def _read_lab_report(self, page):
        """Read a form as sent.

        :return: what was entered, the values to create, errors by field, and the file that is
            kept until the rest is right
        """
        env, form = request.env, request.httprequest.form
        entered = {
            name: form.get(name, "").strip()[:TEXT_LENGTH]
            for name in (*TEXT_FIELDS, *DATE_FIELDS, "laboratory")
        }
        lots = page["lots"].filtered(lambda lot: str(lot.id) in form.getlist("lot_ids"))
        laboratory = page["laboratories"].filtered(
            lambda record: str(record.id) == entered["laboratory"]
        )
        entered["lot_ids"] = lots.ids
        errors = {}
        vals = {
            "company_id": env.company.id,
            "kind": "supplier",
            "supplier_id": self._get_supplier(MODEL).id,
            "product_id": page["product"].id,
            "lot_ids": [Command.set(lots.ids)],
            "laboratory_id": laboratory.id,
            **{name: entered[name] or False for name in TEXT_FIELDS},
        }
        if not entered["number"]:
            errors["number"] = env._("Enter the number of the report.")
        if not (laboratory or entered["laboratory_name"]):
            errors["laboratory"] = env._("Choose the laboratory, or write its name.")
        if not (lots or entered["batch"]):
            errors["lot_ids"] = env._("Choose the lots that the report names, or enter the batch.")
        for name in DATE_FIELDS:
            try:
                vals[name] = entered[name] and date.fromisoformat(entered[name]) or False
            except ValueError:
                errors[name] = env._("Enter a day as year, month and day: 2026-06-30.")
        if not entered["issued_on"]:
            errors["issued_on"] = env._("Enter the day on which the report was issued.")
        elif not errors.keys() & set(DATE_FIELDS) and (
            vals["sampled_on"] and vals["issued_on"] < vals["sampled_on"]
        ):
            errors["issued_on"] = env._("A report is not issued before its sample was taken.")
        vals["line_ids"] = self._read_lab_items(page["items"], entered, errors)
        kept = self._read_file(errors)
        if kept:
            vals |= {"file": base64.b64encode(kept.raw), "file_name": kept.name}
        else:
            errors.setdefault("file", env._("Attach the report as PDF, JPEG or PNG."))
        return entered, vals, errors, kept

    def _read_lab_items(self, items, entered, errors):
        form, commands = request.httprequest.form, []
        for item in items:
            row = {
                name: form.get(f"{name}_{item.id}", "").strip()[:TEXT_LENGTH]
                for name in ITEM_FIELDS
            }
            entered |= {f"{name}_{item.id}": value for name, value in row.items()}
            if row["verdict"] not in ("pass", "fail"):
                row["verdict"] = False
            if not (row["result"] and row["verdict"]):
                errors[f"item_{item.id}"] = request.env._(
                    "Enter the result and the verdict as the report says."
                )
            commands.append(
                Command.create(
                    {"item": item.name, "item_id": item.id, "limit": item.criterion, **row}
                )
            )
        return commands
