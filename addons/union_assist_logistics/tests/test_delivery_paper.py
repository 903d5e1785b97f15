import base64
import io

import qrcode
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .proof_common import ProofCommon, make_photo


@tagged("post_install", "-at_install", "union_assist")
class TestDeliveryPaper(ProofCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.picking, cls.other = cls._make_shipped(2)

    def _sheet(self, picking):
        """Return a scanned sheet with the code of a delivery's note on it."""
        code = qrcode.make(f"https://example.com/assist/delivery/{picking.assist_note_token}")
        sheet = Image.new("RGB", (1240, 1754), "white")
        sheet.paste(code.convert("RGB").resize((260, 260)), (900, 80))
        return sheet

    def _picture(self, picking):
        output = io.BytesIO()
        self._sheet(picking).save(output, "JPEG")
        return output.getvalue()

    def _pdf(self, picking):
        output = io.BytesIO()
        canvas = Canvas(output, pagesize=(595, 842))
        canvas.drawImage(ImageReader(self._sheet(picking)), 0, 0, 595, 842)
        canvas.save()
        return output.getvalue()

    def _take_in(self, files, pickings=None, user=None):
        env = self.env(user=user or self.keeper)
        attachments = env["ir.attachment"].create(
            [{"name": name, "raw": content} for name, content in files]
        )
        wizard = env["union.assist.delivery.paper"].create(
            {
                "file_ids": [(6, 0, attachments.ids)],
                "picking_ids": [(6, 0, (pickings or self.picking.browse()).ids)],
            }
        )
        return wizard

    def test_codes_name_the_deliveries(self):
        """A picture and a PDF in one go: each goes to its own delivery."""
        wizard = self._take_in(
            [("a.jpg", self._picture(self.picking)), ("b.pdf", self._pdf(self.other))]
        )
        self.assertEqual(
            [(line.file_id.name, line.picking_id.id, line.found_by) for line in wizard.line_ids],
            [("a.jpg", self.picking.id, "code"), ("b.pdf", self.other.id, "code")],
        )
        wizard.action_confirm()
        for picking, ending in ((self.picking, "jpg"), (self.other, "pdf")):
            self.assertEqual(picking.assist_proof_state, "returned")
            scan = picking.assist_scan_ids
            self.assertTrue(scan.name.endswith(ending))
            self.assertEqual(scan.user_id, self.keeper)
        self.assertFalse(wizard.file_ids)

    def test_name_and_choice(self):
        number = self.other.assist_note_number
        wizard = self._take_in(
            [("scan.png", make_photo(kind="PNG")), (f"回单{number}.jpg", make_photo())],
            self.picking,
        )
        self.assertEqual(wizard.line_ids.mapped("found_by"), ["chosen", "name"])
        self.assertEqual(wizard.line_ids.picking_id, self.picking | self.other)
        wizard.action_confirm()
        content = base64.b64decode(self.picking.assist_scan_ids.file)
        self.assertFalse(Image.open(io.BytesIO(content)).getexif())

    def test_the_same_file_is_kept_once(self):
        for _attempt in range(2):
            self._take_in([("a.jpg", self._picture(self.picking))]).action_confirm()
        self.assertEqual(len(self.picking.assist_scan_ids), 1)
        kinds = self.picking.assist_proof_event_ids.mapped("kind")
        self.assertEqual(kinds.count("returned"), 1)

    def test_what_cannot_be_taken_in(self):
        for files, message in (
            ([], "Choose the scans first"),
            ([("a.jpg", make_photo())], "No code could be read on a.jpg"),
        ):
            with self.subTest(message=message), self.assertRaisesRegex(UserError, message):
                self._take_in(files).action_confirm()
        with self.assertRaisesRegex(UserError, "neither a picture"):
            self._take_in([("a.exe", b"MZ.....")], self.picking).action_confirm()
        broken = b"%PDF-1.7 broken"
        with self.assertLogs("pypdf", "WARNING"):
            self._take_in([("a.pdf", broken)], self.picking).action_confirm()
        self.assertEqual(base64.b64decode(self.picking.assist_scan_ids.file), broken)

    def test_who_may(self):
        with self.assertRaises(AccessError):
            self._take_in([("a.jpg", make_photo())], self.picking, self.viewer)
        other = self.env["res.company"].create({"name": "Other"})
        stranger = new_test_user(
            self.env,
            "proof_stranger",
            "union_assist_logistics.group_warehouse",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        wizard = self._take_in([("a.jpg", self._picture(self.picking))], user=stranger)
        self.assertFalse(wizard.line_ids.picking_id, "deliveries of another company stay unknown")
        self._sign(self.other, (1, "short", 1))
        self._take_in([("a.jpg", self._picture(self.other))]).action_confirm()
        for name in ("receipt", "receipt.line", "event", "scan", "case"):
            records = self.env[f"union.assist.delivery.{name}"]
            self.assertTrue(records.search([("company_id", "=", self.company.id)]))
            with self.subTest(model=name):
                self.assertFalse(records.with_user(stranger).search([]))
