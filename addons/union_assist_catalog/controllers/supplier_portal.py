from werkzeug.exceptions import NotFound

from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.addons.portal.controllers.portal import pager as portal_pager

PAGE_SIZE = 20


class SupplierPortal(CustomerPortal):
    """What the pages share on which a supplier sees, and answers, what is its own.

    Odoo merges all extensions of a controller into one class. So these methods are told the
    model and the domain, and a page's own methods carry its name.
    """

    # --------------------------------------------------
    # Whose records
    # --------------------------------------------------

    def _get_supplier(self, model):
        """Return the supplier that the user works for; other users find no such page.

        :param model: name of the model that the page is about
        """
        supplier = request.env.user.commercial_partner_id.sudo()
        if not supplier.assist_supplier_kind or not request.env[model].has_access("read"):
            raise NotFound()
        return supplier

    def _get_own_domain(self, *domains, field="supplier_id"):
        """Domain of the supplier's own, on top of what the record rules allow.

        Internal users may read those of every supplier: here too, only their own company's.
        """
        return Domain.AND([Domain(field, "=", request.env.user.commercial_partner_id.id), *domains])

    def _count_own(self, model, domain):
        """Return how many there are; none for users who may not read any."""
        records = request.env[model]
        return records.search_count(domain) if records.has_access("read") else 0

    def _find_own(self, model, domain, record_id):
        """Return one of the supplier's own, with the user's rights; others are not there."""
        records = request.env[model]
        if records.has_access("read"):
            records = records.search(Domain(domain) & Domain("id", "=", record_id))
        if not records:
            raise NotFound()
        return records

    def _list_own(self, model, domain, url, page, order=None, url_args=None):
        """Return a page of the supplier's own and the numbers of the pages.

        Found with the user's rights; shown with all, as the names of goods and people need.
        """
        pager = portal_pager(
            url=url,
            url_args=url_args,
            total=self._count_own(model, domain),
            page=page,
            step=PAGE_SIZE,
        )
        records = request.env[model]
        if records.has_access("read"):
            records = records.search(domain, order=order, limit=PAGE_SIZE, offset=pager["offset"])
        return records.sudo(), pager

    # --------------------------------------------------
    # Pages and forms
    # --------------------------------------------------

    def _render_page(self, template, page_name, **values):
        """Render a page within the portal's frame.

        :param page_name: by which the breadcrumbs know it
        """
        return request.render(
            template,
            {**self._prepare_portal_layout_values(), "page_name": page_name, **values},
        )

    def _try_step(self, step, *args):
        """Do what a form asks for, or nothing at all.

        :return: what keeps it from being done; empty when it is done
        """
        try:
            with request.env.cr.savepoint():
                step(*args)
        except UserError as error:
            return str(error)
        return ""

    def _get_file_megabytes(self):
        """Return how large a file may be, as pages say it."""
        limit = request.env["union.assist.certificate"].sudo()._get_file_limit()
        return limit // (1024 * 1024)

    def _keep_file(self, sent):
        """Keep a file while the rest of its form is mended.

        :return: the attachment, and what is wrong with the file, one of them empty
        """
        certificates = request.env["union.assist.certificate"].sudo()
        content = sent.read(certificates._get_file_limit() + 1)
        if error := certificates._get_file_error(content):
            return request.env["ir.attachment"].sudo(), error
        return certificates._keep_upload(sent.filename, content), ""

    def _read_file(self, errors, name="file", kept="kept"):
        """Return the file sent, or the one sent before with the same form.

        :param errors: what is wrong, by field of the form; is added to
        """
        sent = request.httprequest.files.get(name)
        if sent and sent.filename:
            file, error = self._keep_file(sent)
            if file:
                return file
            errors[name] = error
        certificates = request.env["union.assist.certificate"].sudo()
        return certificates._get_kept_upload(request.httprequest.form.get(kept))
