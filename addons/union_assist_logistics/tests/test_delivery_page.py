import base64
import io
import uuid

from PIL import Image

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .proof_common import STROKES, ProofCommon, make_photo


@tagged("post_install", "-at_install", "union_assist")
class TestDeliveryPage(ProofCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.picking, cls.other = cls._make_shipped(2)
        cls.address = f"/assist/delivery/{cls.picking.assist_note_token}"

    def test_page_asks_for_what_was_sent(self):
        response = self.url_open(self.address)
        self.assertEqual(response.status_code, 200)
        for part in ("紫阳毛尖", "TEA-01", 'id="signature"', 'data-sent="10.0"', "短少", "临期"):
            self.assertIn(part, response.text)
        for secret in ("雁塔路", "029-8888", "144.64", self.picking.sale_id.name):
            self.assertNotIn(secret, response.text)
        policy = response.headers["Content-Security-Policy"]
        self.assertIn("default-src 'none'", policy)
        self.assertIn("no-store", response.headers["Cache-Control"])
        self.assertNotIn("session_id", response.headers.get("Set-Cookie", ""))
        english = self.url_open(f"{self.address}?lang=en_US").text
        self.assertIn("Sign here with your finger", english)
        self.assertIn('lang="en-US"', english)

    def test_sign_with_a_shortage(self):
        key = str(uuid.uuid4())
        for _attempt in range(2):
            response = self._post_photo(self.picking, key, make_photo())
            self.assertEqual((response.status_code, response.json()), (200, {"key": key}))
        photo = self.env["union.assist.delivery.photo"].search([("key", "=", key)])
        self.assertEqual(len(photo), 1)
        image = Image.open(io.BytesIO(base64.b64decode(photo.image)))
        self.assertFalse(image.getexif(), "neither place nor telephone")
        self.assertNotIn(b"Zhang San", base64.b64decode(photo.image))

        entry = self._entry(self.picking, (1, "short", 2, key))
        response = self._post_sign(self.picking, entry)
        self.assertEqual(response.json(), {"signed": True, "new": True})
        response = self._post_sign(self.picking, entry)
        self.assertEqual(response.json(), {"signed": True, "new": False}, "the answer was lost")
        receipt = self.picking.assist_receipt_ids
        self.assertEqual(receipt.line_ids.photo_ids, photo)
        self.assertTrue(receipt.is_unchanged)

        state = self.url_open(f"{self.address}/state?key={entry['key']}").json()
        self.assertEqual(state, {"photos": [key], "signed": True, "mine": True})
        page = self.url_open(self.address).text
        for part in ("已签收", "短少", "short!", receipt.digest, f"{self.address}/receipt"):
            self.assertIn(part, page)
        for secret in ("王收货", "库管", 'id="signature"', entry["key"]):
            self.assertNotIn(secret, page)
        pdf = self.url_open(f"{self.address}/receipt")
        self.assertEqual(pdf.headers["Content-Type"], "application/pdf")
        self.assertIn("no-store", pdf.headers["Cache-Control"])
        self.assertIn("签收回单", "".join(self._read(pdf.content)))

    def test_the_second_receiver_is_told(self):
        self._post_sign(self.picking, self._entry(self.picking))
        response = self._post_sign(self.picking, self._entry(self.picking, (1, "short", 3)))
        self.assertEqual(response.status_code, 409)
        self.assertIn("签收", response.json()["error"])
        self.assertFalse(self.picking.assist_case_ids)
        self.assertEqual(self._post_photo(self.picking, str(uuid.uuid4()), b"").status_code, 409)

    def test_links_that_lead_nowhere_look_alike(self):
        cancelled = self._make_deliveries(1)
        self._print(cancelled)
        revoked = cancelled.assist_note_token
        cancelled.action_cancel()
        bodies = set()
        for token in (
            "unknown",
            revoked,
            "%25",
            "%00",
            "x" * 3000,
            self.picking.assist_note_number,
        ):
            for path in ("", "/receipt"):
                response = self.url_open(f"/assist/delivery/{token}{path}")
                self.assertEqual(response.status_code, 404)
                self.assertIn("no-store", response.headers["Cache-Control"])
                bodies.add(response.text)
        self.assertEqual(len(bodies), 1)
        self.assertEqual(self.url_open(f"{self.address}/receipt").status_code, 404)
        for path, data in (("sign", {"entry": "{}"}), ("photo", {"key": "x"})):
            response = self.url_open(f"/assist/delivery/{revoked}/{path}", data=data)
            self.assertEqual((response.status_code, response.json()), (404, {"error": ""}))
        self.assertEqual(self.url_open(f"/assist/delivery/{revoked}/state").status_code, 404)

    def test_abuse(self):
        """Whatever is posted: a plain refusal, no trace, no server error."""
        for entry, status in (
            ("", 400),
            ("{", 400),
            ("[" * 100_000, 400),
            ("[]", 422),
            ('{"key": 1}', 422),
        ):
            response = self.url_open(f"{self.address}/sign", data={"entry": entry})
            self.assertEqual(response.status_code, status, entry[:20])
        # JSON knows whole numbers of any length, and what is no number.
        endless = int("9" * 400)
        for number in (endless, -endless, float("nan"), float("inf"), "１", True):
            for entry in (
                self._entry(self.picking, (1, "short", number)),
                self._entry(self.picking, strokes=[[number, 0.1, 0.9, 0.9]]),
            ):
                self.assertEqual(self._post_sign(self.picking, entry).status_code, 422)
        unsigned = self._entry(self.picking, strokes=[])
        response = self._post_sign(self.picking, unsigned)
        self.assertEqual(response.status_code, 422)
        self.assertIn("签名", response.json()["error"])
        response = self._post_sign(self.picking, {**unsigned, "remark": "x" * 700_000})
        self.assertEqual(response.status_code, 413)
        for key, content, status in (
            ("../../etc/passwd", make_photo(), 400),
            (str(uuid.uuid4()), b"<svg onload=alert(1)>", 422),
            (str(uuid.uuid4()), b"%PDF-1.4", 422),
            (str(uuid.uuid4()), b"", 422),
            (str(uuid.uuid4()), make_photo()[:300], 422),
            (str(uuid.uuid4()), b"\xff\xd8" + b"x" * 13 * 1024**2, 413),
        ):
            response = self._post_photo(self.picking, key, content)
            self.assertEqual(response.status_code, status, content[:20])
        self.assertFalse(
            self.env["union.assist.delivery.photo"].search_count(
                [("picking_id", "=", self.picking.id)]
            )
        )
        self.assertEqual(self.url_open(f"{self.address}/sign").status_code, 405)
        self.assertFalse(self.picking.assist_receipt_ids)

    def test_picture_that_unpacks_to_gigabytes(self):
        """A small file may claim a size that would take up the server's memory."""
        for kind, size in (("PNG", (8000, 8000)), ("WEBP", (5000, 5000))):
            output = io.BytesIO()
            Image.new("L" if kind == "PNG" else "RGB", size).save(output, kind)
            self.assertLess(len(output.getvalue()), 200_000)
            response = self._post_photo(self.picking, str(uuid.uuid4()), output.getvalue())
            self.assertEqual(response.status_code, 422)

    def test_time_of_a_telephone_that_is_none(self):
        entry = self._entry(self.picking, moment=int("9" * 400))
        self.assertEqual(self._post_sign(self.picking, entry).status_code, 200)
        self.assertFalse(self.picking.assist_receipt_ids.phone_time)

    def test_photographs_are_limited_and_of_one_delivery(self):
        keys = [str(uuid.uuid4()) for _index in range(31)]
        for key in keys[:30]:
            self.env["union.assist.delivery.photo"]._keep(self.picking, key, make_photo())
        self.assertEqual(self._post_photo(self.picking, keys[30], make_photo()).status_code, 422)
        self.assertEqual(self._post_photo(self.other, keys[0], make_photo()).status_code, 422)
        entry = self._entry(self.other, (1, "damaged", 1, keys[0]))
        self.assertEqual(self._post_sign(self.other, entry).status_code, 422)

    def test_what_was_typed_does_no_harm(self):
        entry = self._entry(self.picking, remark="<script>alert(1)</script>\x00‮", name="<b>x")
        self.assertEqual(self._post_sign(self.picking, entry).status_code, 200)
        page = self.url_open(self.address).text
        self.assertNotIn("<script>alert", page)
        self.assertIn("&lt;script&gt;", page)

    @mute_logger("odoo.http")
    def test_queries_do_not_grow_with_the_goods(self):
        def queries(count):
            products = [self._make_product(f"Goods {n}", 3.0) for n in range(count)]
            for product in products:
                self._make_stock(product, f"L-{product.id}")
            picking = self._make_order(dict.fromkeys(products, 3)).picking_ids
            self._print(picking)
            picking.button_validate()
            picking = picking.with_context(lang="zh_CN").sudo()
            return self.record_queries(lambda: picking._assist_get_page_values())

        queries(2)
        self.assert_same_queries(queries(5), queries(25))

    def test_strokes_reach_the_page_of_nobody(self):
        self._post_sign(self.picking, self._entry(self.picking))
        self.assertNotIn(str(STROKES[0][0:4])[1:-1], self.url_open(self.address).text)
