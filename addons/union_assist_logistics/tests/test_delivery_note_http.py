import json
from urllib.parse import unquote

from odoo.http import Request
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .delivery_note_common import DeliveryNoteCommon

REPORT_NAME = "union_assist_logistics.report_delivery_note"


@tagged("post_install", "-at_install", "union_assist")
class TestDeliveryNoteHttp(DeliveryNoteCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.picking, cls.other = cls._make_deliveries(2)

    def _url(self, pickings):
        return f"/report/reportlab/{REPORT_NAME}/{','.join(map(str, pickings.ids))}"

    def _download(self, pickings):
        return self.url_open(
            "/report/download",
            data={
                "data": json.dumps([self._url(pickings), "reportlab"]),
                "context": "{}",
                "csrf_token": Request.csrf_token(self),
            },
        )

    # -- report ------------------------------------------------------------------------

    def test_open_report(self):
        self.authenticate("note_warehouse", "note_warehouse")
        response = self.url_open(self._url(self.picking + self.other))
        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.headers["Content-Type"], "application/pdf")
        texts = self._read(response.content)
        self.assertEqual(len(texts), 2)
        for picking, text in zip(self.picking + self.other, texts, strict=True):
            self.assertTrue(picking.assist_note_number)
            self.assertIn(picking.assist_note_number, text)

    def test_download(self):
        self.authenticate("note_warehouse", "note_warehouse")
        response = self._download(self.picking)
        self.assertEqual(response.status_code, 200)
        disposition = unquote(response.headers["Content-Disposition"])
        self.assertIn(f"{self.picking.assist_note_number}.pdf", disposition)
        self.assertTrue(response.content.startswith(b"%PDF"))
        several = unquote(self._download(self.picking + self.other).headers["Content-Disposition"])
        self.assertNotIn(self.picking.assist_note_number, several)

    @mute_logger("odoo.http")
    def test_download_tells_what_is_wrong(self):
        self.authenticate("note_warehouse", "note_warehouse")
        self.picking.action_cancel()
        response = self._download(self.picking)
        self.assertNotIn("Content-Disposition", response.headers)
        self.assertIn(self.picking.name, response.text)
        self.assertIn("UserError", response.text)

    def test_other_report_types_are_downloaded_as_before(self):
        self.authenticate("admin", "admin")
        response = self.url_open(
            "/report/download",
            data={
                "data": json.dumps(
                    [
                        f"/report/pdf/stock.report_deliveryslip/{self.picking.id}",
                        "qweb-pdf",
                    ]
                ),
                "csrf_token": Request.csrf_token(self),
            },
        )
        self.assertEqual(response.status_code, 200)
        disposition = unquote(response.headers["Content-Disposition"])
        self.assertIn(self.picking.name.replace("/", "_"), disposition.replace("/", "_"))
        self.assertFalse(self.picking.assist_note_number)

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_rule")
    def test_portal_user_gets_no_report(self):
        self.env["res.users"].create(
            {
                "name": "note_portal",
                "login": "note_portal",
                "password": "note_portal",
                "group_ids": [(6, 0, [self.ref("base.group_portal")])],
            }
        )
        self.authenticate("note_portal", "note_portal")
        response = self.url_open(self._url(self.picking))
        self.assertNotEqual(response.status_code, 200)
        self.assertFalse(self.picking.assist_note_number)

    def test_nobody_gets_no_report(self):
        response = self.url_open(self._url(self.picking), allow_redirects=False)
        self.assertEqual(response.status_code, 303)
        self.assertIn("/web/login", response.headers["Location"])

    # -- page behind the QR code ---------------------------------------------------------

    def _page(self, token):
        return self.url_open(f"/assist/delivery/{token}")

    def test_page(self):
        self.unit.email = "office@example.com"
        contact = self.env["res.partner"].create(
            {"name": "李四", "parent_id": self.unit.id, "phone": "13900000000", "lang": "zh_CN"}
        )
        self.picking.partner_id = contact
        self.picking.assist_driver = "王师傅"
        self._print(self.picking)
        response = self._page(self.picking.assist_note_token)
        self.assertEqual(response.status_code, 200)
        for part in (
            self.picking.assist_note_number,
            "某市教育工会",
            "紫阳毛尖",
            "TEA-01",
            "2026-03-01",
            "送货单",
            "待发货",
        ):
            self.assertIn(part, response.text)
        order = self.picking.sale_id
        for secret in (
            "李四",
            "王师傅",
            "13900000000",
            "029-8888",
            "雁塔路",
            "office@example.com",
            order.name,
            f"{order.amount_total:,.2f}",
            "144.64",
        ):
            self.assertNotIn(secret, response.text)
        self.assertIn("noindex", response.headers["X-Robots-Tag"])
        self.assertIn("no-store", response.headers["Cache-Control"])
        self.assertEqual(response.headers["Referrer-Policy"], "no-referrer")

    def test_page_follows_the_delivery(self):
        self._print(self.picking)
        self.picking.button_validate()
        self.assertIn("已发货", self._page(self.picking.assist_note_token).text)

    def test_page_of_a_private_person(self):
        """The page of a delivery to a person does not say to whom."""
        self.unit.write({"is_company": False, "name": "张三"})
        self._print(self.picking)
        response = self._page(self.picking.assist_note_token)
        self.assertIn(self.picking.assist_note_number, response.text)
        self.assertNotIn("张三", response.text)

    def test_page_with_a_wrong_token(self):
        self._print(self.picking)
        token = self.picking.assist_note_token
        wrong = token[:-1] + ("A" if token[-1] != "A" else "B")
        for address in (wrong, "False", "0", "%25", self.picking.assist_note_number, "None"):
            with self.subTest(address=address):
                self.assertEqual(self._page(address).status_code, 404)

    def test_page_is_of_one_delivery(self):
        self._print(self.picking + self.other)
        self.assertNotEqual(self.picking.assist_note_token, self.other.assist_note_token)
        page = self._page(self.other.assist_note_token).text
        self.assertIn(self.other.assist_note_number, page)
        self.assertNotIn(self.picking.assist_note_number, page)
