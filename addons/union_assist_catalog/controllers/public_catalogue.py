import base64
import re

from odoo import http
from odoo.http import request
from odoo.tools import config

from ..tools.catalogue_query import SORTS, CatalogueQuery, page_numbers, read_query
from ..tools.qr import draw_qr

PATH = "/assist/catalogue"

# Seconds that browsers and shared caches may keep a page: what leaves the catalogue is gone soon.
PAGE_AGE = 300
MISSING_AGE = 60

# The pages run no script and load nothing from elsewhere.
CONTENT_POLICY = (
    "default-src 'none'; img-src 'self' data:; style-src 'self' 'unsafe-inline';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)


class PublicCatalogueController(http.Controller):
    """The recommended catalogue for everybody: no login, no session, no script.

    A page depends on its address and on the languages that the browser asks for alone, never
    on who looks: so that shared caches may keep it.
    """

    @http.route(
        PATH,
        type="http",
        auth="public",
        methods=["GET"],
        readonly=True,
        save_session=False,
        sitemap=True,
    )
    def catalogue(self, **parameters):
        """Show one page of the goods that the visitor asks for."""
        query = read_query(parameters)
        goods = self._open_catalogue(query)
        result = goods._find(query)
        values = self._get_values(query)
        values.update(
            result,
            numbers=page_numbers(result["page"], result["pages"]),
            sorts=SORTS,
            canonical=values["base"] + query.url(PATH, page=result["page"]),
        )
        return self._respond("union_assist_catalog.public_catalogue", values)

    @http.route(
        f"{PATH}/<string:slug>",
        type="http",
        auth="public",
        methods=["GET"],
        readonly=True,
        save_session=False,
        sitemap=False,
    )
    def product(self, slug, **parameters):
        """Show a listed product; say of one that has left the catalogue that it has."""
        query = CatalogueQuery(lang=read_query(parameters).lang)
        goods = self._open_catalogue(query)
        number = re.fullmatch(r"(?:.*-)?([0-9]{1,9})", slug)
        product_id = int(number[1]) if number else 0
        values = self._get_values(query)
        product = goods._get_product(product_id)
        if product is None:
            left = goods._get_standing(product_id) == "left"
            values["left"] = left
            return self._respond(
                "union_assist_catalog.public_missing", values, status=410 if left else 404
            )
        # What a note of paper points to names no language: the reader's browser does.
        address = f"{values['base']}{PATH}/{product_id}"
        values.update(
            product=product,
            product_path=f"{PATH}/{product_id}",
            address=address,
            canonical=query.url(address),
            qr="data:image/png;base64," + base64.b64encode(draw_qr(address)).decode(),
        )
        return self._respond("union_assist_catalog.public_product", values)

    @http.route(
        f"{PATH}/picture/<int:product_id>/<int:number>/<int:size>/<string:checksum>",
        type="http",
        auth="public",
        methods=["GET"],
        readonly=True,
        save_session=False,
        sitemap=False,
    )
    def picture(self, product_id, number, size, checksum):
        """Send a picture of a listed product in one of the sizes kept, and no other file."""
        largest = 2**31 - 1
        stream = None
        if max(product_id, number) <= largest:
            goods = request.env["union.assist.catalogue.public"]
            stream = goods._get_picture(product_id, number, size)
        if stream is None:
            return request.make_response(
                "", headers=[("Cache-Control", f"public, max-age={MISSING_AGE}")], status=404
            )
        stream.public = True
        # The address holds the checksum: another picture has another address.
        if stream.etag == checksum:
            return stream.get_response(immutable=True)
        stream.max_age = MISSING_AGE
        return stream.get_response()

    @http.route(
        f"{PATH}/sitemap.xml",
        type="http",
        auth="public",
        methods=["GET"],
        readonly=True,
        save_session=False,
        sitemap=False,
    )
    def sitemap(self):
        """List the pages of all goods for search engines."""
        base = self._get_base_url()
        goods = request.env["union.assist.catalogue.public"]
        paths = [PATH, *(f"{PATH}/{product_id}" for product_id in goods._get_listed_ids())]
        urls = "".join(f"<url><loc>{base}{path}</loc></url>" for path in paths)
        body = (
            '<?xml version="1.0" encoding="UTF-8"?>'
            f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'
        )
        return request.make_response(
            body,
            headers=[
                ("Content-Type", "application/xml; charset=utf-8"),
                ("Cache-Control", "public, max-age=3600"),
            ],
        )

    # ------------------------------------------------------------------------------------------

    def _open_catalogue(self, query):
        """Return the catalogue in the language of the address, else of the browser."""
        request.update_context(lang=self._choose_language(query.lang))
        return request.env["union.assist.catalogue.public"]

    def _choose_language(self, asked):
        """Choose an installed language; Chinese when the browser wants none of them."""
        codes = list(self._get_languages())
        if asked in codes:
            return asked
        accepted = request.httprequest.accept_languages
        for wanted in accepted.values():
            wanted = wanted.replace("-", "_").lower()
            for code in codes:
                if code.lower() == wanted or code.lower().split("_")[0] == wanted.split("_")[0]:
                    return code
        return codes[0]

    def _get_languages(self):
        """Return the installed languages, Chinese first."""
        installed = request.env["res.lang"].get_installed()
        labels = {
            code: name.split(" / ")[-1].partition(" (")[0].strip() for code, name in installed
        }
        return dict(sorted(labels.items(), key=lambda item: not item[0].startswith("zh")))

    def _get_base_url(self):
        return request.env["ir.config_parameter"].sudo().get_param("web.base.url", "").rstrip("/")

    def _get_values(self, query):
        lang = request.env.lang
        path = request.httprequest.path
        return {
            "path": PATH,
            "query": query,
            "url": lambda **changes: query.url(PATH, **changes),
            "base": self._get_base_url(),
            "company_name": request.env.company.sudo().name,
            "html_lang": lang.replace("_", "-"),
            "current_lang": lang,
            "languages": [
                (code, label, query.url(path, lang=code))
                for code, label in self._get_languages().items()
            ],
            "can_script": config["test_enable"],
        }

    def _respond(self, template, values, status=200):
        response = request.render(template, values, status=status)
        response.flatten()
        age = PAGE_AGE if status == 200 else MISSING_AGE
        response.headers["Cache-Control"] = f"public, max-age={age}"
        response.headers["Vary"] = "Accept-Language"
        response.headers["Content-Language"] = values["html_lang"]
        response.headers["X-Content-Type-Options"] = "nosniff"
        if not values["can_script"]:
            response.headers["Content-Security-Policy"] = CONTENT_POLICY
        if status != 200:
            response.headers["X-Robots-Tag"] = "noindex"
            return response
        response.add_etag()
        return response.make_conditional(request.httprequest)
