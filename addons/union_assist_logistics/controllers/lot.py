import re

from odoo import http
from odoo.http import request

from odoo.addons.union_assist_catalog.controllers.public_catalogue import (
    PublicCatalogueController,
)

TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")


class LotController(http.Controller):
    @http.route(
        "/assist/lot/<string:token>",
        type="http",
        auth="public",
        methods=["GET"],
        sitemap=False,
        readonly=True,
        save_session=False,
    )
    def lot_page(self, token, lang=""):
        """Show where a lot comes from and what its inspection found, to whoever holds the goods.

        Nobody logs in here. The address is on the label, and it alone leads here.
        """
        catalogue = PublicCatalogueController()
        request.update_context(lang=catalogue._choose_language(lang))
        pages = request.env["union.assist.lot.public"].sudo()
        # What is no token at all is not looked up.
        lot = pages._find_lot(token) if TOKEN.fullmatch(token) else None
        values = {
            "html_lang": request.env.lang.replace("_", "-"),
            "languages": [
                (code, label, code == request.env.lang)
                for code, label in catalogue._get_languages().items()
            ],
        }
        if lot:
            values["page"] = pages._get_page(lot)
            response = request.render("union_assist_logistics.lot_page", values)
        else:
            response = request.render("union_assist_logistics.lot_page_unknown", values)
            response.status_code = 404
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        response.headers["Referrer-Policy"] = "no-referrer"
        # A recall must be seen at once: nobody keeps the page.
        response.headers["Cache-Control"] = "private, no-store"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response
