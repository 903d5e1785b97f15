from werkzeug.exceptions import NotFound

from odoo import http
from odoo.http import request


class DeliveryController(http.Controller):
    @http.route(
        "/assist/delivery/<string:token>",
        type="http",
        auth="public",
        methods=["GET"],
        sitemap=False,
        readonly=True,
    )
    def delivery(self, token):
        """Show what a delivery note's QR code stands for, to whoever holds the paper.

        Nobody logs in here: the page shows the note, the goods and the receiving unit,
        no prices, no persons and no other delivery.
        """
        picking = (
            request.env["stock.picking"].sudo().search([("assist_note_token", "=", token)], limit=1)
        )
        if not picking:
            raise NotFound()
        report = request.env["report.union_assist_logistics.report_delivery_note"].sudo()
        lang = report._get_lang(picking)
        values = report.with_context(lang=lang)._get_public_values(picking.with_context(lang=lang))
        request.update_context(lang=lang)
        response = request.render("union_assist_logistics.delivery_page", values)
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        # The address is the key: it must not reach other sites or shared caches.
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "private, no-store"
        return response
