import base64
import json
import re

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from ..models.delivery_receipt import ReceiptConflict
from ..tools.delivery_entry import is_key

#: What the address of a delivery ends in; anything else costs no query.
TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")

#: Bytes of one photograph (the page makes them smaller), and of an entry with its signature.
PHOTO_BYTES, ENTRY_BYTES = 12 * 1024**2, 512 * 1024

#: The address is the key: it must not reach other sites or shared caches, nor may anything
#: from elsewhere run or be loaded here.
HEADERS = {
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
        " img-src 'self' blob: data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    ),
}


def _route(path, **options):
    """Declare a route of the page: nobody logs in, and no session is kept.

    A form sent from another site cannot use anybody's session here, as there is none: who
    knows the address may use it, who does not, not. So there is nothing for CSRF to protect.
    """
    return http.route(
        f"/assist/delivery/<string:token>{path}",
        type="http",
        auth="public",
        sitemap=False,
        save_session=False,
        csrf=False,
        **options,
    )


class DeliveryController(http.Controller):
    """The page of a delivery that the QR code on its note leads to: see, sign, download."""

    @_route("", methods=["GET"], readonly=True)
    def delivery(self, token, lang=None):
        """Show a delivery to whoever holds its paper: note, goods and unit, to be signed for.

        No prices, no persons, no other delivery.
        """
        picking = self._find(token)
        if not picking:
            return self._gone()
        lang = self._choose_language(lang, picking)
        request.update_context(lang=lang)
        picking = picking.with_context(lang=lang)
        values = picking._assist_get_page_values()
        values["languages"] = self._get_languages(lang)
        return self._respond(
            request.render("union_assist_logistics.delivery_page", values), lang=lang
        )

    @_route("/state", methods=["GET"], readonly=True)
    def delivery_state(self, token, key=None):
        """Say which photographs have arrived, and whether the entry with this key has."""
        picking = self._find(token)
        if not picking:
            return self._refuse(404)
        photos = request.env["union.assist.delivery.photo"].sudo()
        receipt = picking.assist_receipt_ids
        return self._answer(
            {
                "photos": photos.search([("picking_id", "=", picking.id)]).mapped("key"),
                "signed": bool(receipt),
                "mine": bool(receipt) and receipt.key == key,
            }
        )

    @_route("/photo", methods=["POST"], max_content_length=PHOTO_BYTES)
    def delivery_photo(self, token, key=None, file=None, lang=None):
        """Keep one photograph; the same key once however often it comes."""
        picking = self._find(token)
        if not picking:
            return self._refuse(404)
        picking = self._speak(picking, lang)
        if not is_key(key) or not hasattr(file, "read"):
            return self._refuse(400)
        if not picking._assist_can_be_signed():
            return self._refuse(409)
        try:
            with request.env.cr.savepoint():
                photos = request.env["union.assist.delivery.photo"].sudo()
                photos.with_context(lang=picking.env.lang)._keep(picking, key, file.read())
        except UserError as error:
            return self._refuse(422, str(error))
        return self._answer({"key": key})

    @_route("/sign", methods=["POST"], max_content_length=ENTRY_BYTES)
    def delivery_sign(self, token, entry=None, lang=None):
        """Take in what the receiver entered and signed, once however often it comes."""
        picking = self._find(token)
        if not picking:
            return self._refuse(404)
        picking = self._speak(picking, lang)
        try:
            data = json.loads(entry)
        except (TypeError, ValueError, RecursionError):
            return self._refuse(400)
        receipts = request.env["union.assist.delivery.receipt"].sudo()
        try:
            with request.env.cr.savepoint():
                _receipt, is_new = receipts.with_context(lang=picking.env.lang)._sign(picking, data)
        except ReceiptConflict as error:
            return self._refuse(409, str(error))
        except UserError as error:
            return self._refuse(422, str(error))
        return self._answer({"signed": True, "new": is_new})

    @_route("/receipt", methods=["GET"], readonly=True)
    def delivery_receipt(self, token):
        """Give the signed receipt as a PDF."""
        picking = self._find(token)
        if not picking or not picking.assist_receipt_pdf:
            return self._gone()
        response = request.make_response(
            base64.b64decode(picking.assist_receipt_pdf),
            [
                ("Content-Type", "application/pdf"),
                (
                    "Content-Disposition",
                    http.content_disposition(f"{picking.assist_note_number}.pdf", "inline"),
                ),
            ],
        )
        return self._respond(response)

    # -- helpers ---------------------------------------------------------------------

    def _find(self, token):
        pickings = request.env["stock.picking"]
        if not TOKEN.fullmatch(token):
            return pickings
        return pickings._assist_find_by_token(token)

    def _speak(self, picking, lang):
        """Return the delivery in the language of the page that sent something."""
        lang = self._choose_language(lang, picking)
        request.update_context(lang=lang)
        return picking.with_context(lang=lang)

    def _choose_language(self, asked, picking=None):
        """Choose an installed language: the one asked for, the unit's, or the browser's."""
        installed = dict(request.env["res.lang"].get_installed())
        if asked in installed:
            return asked
        if picking:
            report = request.env["report.union_assist_logistics.report_delivery_note"].sudo()
            return report._get_lang(picking)
        wanted = request.httprequest.accept_languages.best_match(
            [code.replace("_", "-") for code in installed]
        )
        return wanted.replace("-", "_") if wanted else next(iter(installed))

    def _get_languages(self, current):
        """Return the other languages that the page can be read in: [(code, name)]."""
        names = {"zh_CN": "中文", "en_US": "English"}
        installed = dict(request.env["res.lang"].get_installed())
        return [(code, names[code]) for code in names if code in installed and code != current]

    def _gone(self):
        """Answer the same to whoever has no valid link: unknown, over and revoked look alike."""
        lang = self._choose_language(None)
        request.update_context(lang=lang)
        response = request.render(
            "union_assist_logistics.delivery_page_gone", {"html_lang": lang.replace("_", "-")}
        )
        response.status_code = 404
        return self._respond(response, lang=lang)

    def _answer(self, data, status=200):
        return self._respond(request.make_json_response(data, status=status))

    def _refuse(self, status, message=""):
        return self._answer({"error": message}, status)

    def _respond(self, response, lang=None):
        for name, value in HEADERS.items():
            response.headers[name] = value
        if lang:
            response.headers["Content-Language"] = lang.replace("_", "-")
        return response
