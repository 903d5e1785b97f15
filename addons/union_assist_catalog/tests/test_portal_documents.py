import base64
import io

from odoo import http
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .test_certificate import CertificateCommon

LIST = "/my/assist/documents"
UPLOAD = "/my/assist/documents/upload"
PDF = b"%PDF-1.4\n% an upload\n%%EOF\n"


@tagged("post_install", "-at_install", "union_assist")
class TestPortalDocuments(HttpCase, CertificateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        stranger = cls.env["res.partner"].create({"name": "Nobody's"})
        for login, supplier in (
            ("assist_tea", cls.tea_maker),
            ("assist_orchard", cls.orchard),
            ("assist_stranger", stranger),
        ):
            contact = cls.env["res.partner"].create(
                {"name": login, "parent_id": supplier.id, "lang": "en_US"}
            )
            new_test_user(
                cls.env, login, "base.group_portal", password=login, partner_id=contact.id
            )
        new_test_user(cls.env, "assist_plain", "base.group_user", password="assist_plain")
        cls.document = cls.make(file_name="licence.pdf", note="Between us")
        cls.foreign = cls.make(supplier=cls.orchard, number="SC11333019700024")

    def setUp(self):
        super().setUp()
        self.authenticate("assist_tea", "assist_tea")

    def send(self, content=PDF, name="licence.pdf", csrf=True, **values):
        """Send the form; values are those of a food production licence unless told otherwise."""
        data = {
            "type": self.kind("food_licence").id,
            "number": "SC11333019700024",
            "date_from": "2026-07-01",
            "date_to": "2031-06-30",
            **values,
        }
        if csrf:
            data["csrf_token"] = http.Request.csrf_token(self)
        files = {"file": (name, io.BytesIO(content))} if content is not None else None
        return self.url_open(UPLOAD, data=data, files=files)

    def newest(self, supplier=None):
        return self.env["union.assist.certificate"].search(
            [("partner_id", "=", (supplier or self.tea_maker).id)], order="id desc", limit=1
        )

    def test_the_page_shows_the_supplier_s_own(self):
        page = self.url_open(LIST).text
        self.assertIn("SC11464010500015", page)
        self.assertNotIn("SC11333019700024", page)
        self.assertNotIn("Between us", page)
        for words in ("Business Licence", "Missing", "For Tea", "With each batch"):
            self.assertIn(words, page)
        self.assertIn(LIST, self.url_open("/my/home").text)

    def test_a_new_document_waits_for_verification(self):
        response = self.send()
        self.assertIn("the document was handed in", response.text)
        document = self.newest()
        self.assertEqual((document.state, document.number), ("submitted", "SC11333019700024"))
        self.assertEqual(base64.b64decode(document.file), PDF)
        self.assertEqual(document.file_name, "licence.pdf")
        self.assertEqual(document.create_uid.login, "assist_tea")
        self.assertFalse(document.verified_by_id)
        self.assertFalse(
            self.env["ir.attachment"].search(
                [("res_model", "=", document._name), ("res_id", "=", 0)]
            )
        )

    def test_only_what_a_supplier_enters_is_taken(self):
        self.send(
            state="verified",
            partner_id=self.orchard.id,
            user_id=2,
            note="Forged",
            active="0",
            last_reminder=7,
        )
        document = self.newest()
        self.assertEqual((document.state, document.partner_id), ("submitted", self.tea_maker))
        self.assertFalse(document.user_id or document.note or document.last_reminder)
        organic = {"type": self.kind("organic").id, "number": "1"}
        page = self.send(**organic, product_ids=self.apple.id)
        self.assertIn("Choose the products that it names.", page.text, "not another's product")
        self.send(**organic, product_ids=self.tea.id)
        self.assertEqual(self.newest().product_tmpl_ids, self.tea)

    def test_errors_stand_beside_their_field_and_nothing_is_lost(self):
        before = self.newest()
        page = self.send(number="SC11333019700025", authority="市场监督管理局", date_to="")
        self.assertEqual(self.newest(), before)
        self.assertIn('value="SC11333019700025"', page.text)
        self.assertIn('value="市场监督管理局"', page.text)
        self.assertIn('value="2026-07-01"', page.text)
        self.assertIn('id="number_error"', page.text)
        self.assertIn('id="date_to_error"', page.text)
        self.assertIn("licence.pdf was received", " ".join(page.text.split()).replace("</i> ", ""))
        token = page.text.split('name="kept" value="')[1].split('"')[0]
        self.send(content=None, kept=token)
        document = self.newest()
        self.assertEqual(document.state, "submitted")
        self.assertEqual(base64.b64decode(document.file), PDF, "the file sent the first time")

    def test_a_kept_file_is_its_user_s_alone(self):
        page = self.send(number="wrong")
        token = page.text.split('name="kept" value="')[1].split('"')[0]
        self.authenticate("assist_orchard", "assist_orchard")
        before = self.newest(self.orchard)
        page = self.send(content=None, kept=token)
        self.assertIn("Attach the document", page.text)
        self.assertEqual(self.newest(self.orchard), before)

    def test_files_are_known_by_their_content(self):
        before = self.newest()
        for content, words in (
            (b"<html><script>alert(1)</script>", "no PDF, JPEG or PNG"),
            (b"", "no PDF, JPEG or PNG"),
            (b"%PDF-" + b"0" * (10 * 1024 * 1024), "larger than 10 MB"),
        ):
            page = self.send(content=content)
            self.assertIn(words, page.text)
        self.assertIn("Attach the document", self.send(content=None).text)
        self.assertEqual(self.newest(), before)
        self.send(content=b"\x89PNG\r\n\x1a\n" + b"0" * 100, name="photo.exe")
        self.assertEqual(self.newest().state, "submitted")

    def test_dates_are_read_or_asked_for_again(self):
        page = self.send(date_from="yesterday")
        self.assertIn('id="date_from_error"', page.text)
        self.assertIn('value="yesterday"', page.text)
        page = self.send(date_to="2020-01-01")
        self.assertIn("not before its first day", page.text)

    def test_a_renewal_follows_its_document(self):
        form = self.url_open(f"{UPLOAD}?renew={self.document.id}").text
        self.assertIn('value="SC11464010500015"', form)
        self.assertIn('value="2026-07-01"', form)
        self.assertIn('value="2031-06-30"', form)
        self.send(renew=self.document.id, number="SC11464010500015")
        renewal = self.newest()
        self.assertEqual(renewal.predecessor_id, self.document)
        self.assertTrue(self.document.is_renewed)
        # That of another supplier is not even named.
        form = self.url_open(f"{UPLOAD}?renew={self.foreign.id}").text
        self.assertIn("Which document is it?", form)
        self.send(renew=self.foreign.id)
        self.assertFalse(self.newest().predecessor_id)

    def test_a_refused_document_is_corrected(self):
        self.document.state = "submitted"
        self.document._refuse("The scan cannot be read.")
        self.assertIn("The scan cannot be read.", self.url_open(LIST).text)
        form = self.url_open(f"{UPLOAD}?document={self.document.id}").text
        self.assertIn("The scan cannot be read.", form)
        self.send(content=None, document=self.document.id, number="SC11464010500015")
        self.assertEqual((self.document.state, self.document.reason), ("submitted", False))
        self.assertTrue(self.document.has_file)
        # Once handed in or verified it is no longer the supplier's to change.
        self.document.action_verify()
        self.send(document=self.document.id, number="SC11432010400101")
        self.assertEqual(self.document.number, "SC11464010500015")
        self.assertNotEqual(self.newest(), self.document)

    def test_documents_of_others_cannot_be_corrected(self):
        self.foreign.state = "draft"
        self.send(document=self.foreign.id, number="SC11432010400101")
        self.assertEqual(self.foreign.number, "SC11333019700024")
        self.assertEqual(self.foreign.state, "draft")

    def test_downloads_of_own_files_only(self):
        response = self.url_open(f"{LIST}/{self.document.id}/file")
        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.content, base64.b64decode(self.document.file))
        self.assertIn("attachment", response.headers["Content-Disposition"])
        self.assertIn("licence.pdf", response.headers["Content-Disposition"])
        self.assertEqual(self.url_open(f"{LIST}/{self.foreign.id}/file").status_code, 404)

    def test_core_s_doors_to_the_file_are_closed_too(self):
        attachment = self.env["ir.attachment"].search(
            [
                ("res_model", "=", "union.assist.certificate"),
                ("res_field", "=", "file"),
                ("res_id", "=", self.foreign.id),
            ]
        )
        secret = base64.b64decode(self.foreign.file)
        paths = [
            f"/web/content/union.assist.certificate/{self.foreign.id}/file",
            f"/web/content?model=union.assist.certificate&id={self.foreign.id}&field=file",
            f"/web/image/union.assist.certificate/{self.foreign.id}/file",
            f"/web/content/{attachment.id}",
            f"{LIST}/{self.foreign.id}/file",
        ]
        for login in ("assist_tea", "assist_stranger", "assist_plain", None):
            self.authenticate(login, login)
            for path in paths:
                with self.subTest(login=login, path=path):
                    response = self.url_open(path)
                    self.assertNotIn(secret, response.content)
                    if not path.startswith("/web/image"):
                        self.assertIn(response.status_code, (403, 404, 200))
                        self.assertTrue(response.status_code != 200 or "/web/login" in response.url)

    def test_each_role_on_the_pages(self):
        for login, status in (
            ("assist_orchard", 200),
            ("assist_stranger", 404),
            ("assist_plain", 404),
        ):
            self.authenticate(login, login)
            for path in (LIST, UPLOAD):
                with self.subTest(login=login, path=path):
                    self.assertEqual(self.url_open(path).status_code, status)
            self.assertEqual(LIST in self.url_open("/my/home").text, login == "assist_orchard")
        self.authenticate(None, None)
        for path in (LIST, UPLOAD, f"{LIST}/{self.document.id}/file"):
            self.assertIn("/web/login", self.url_open(path).url)

    def test_a_form_without_its_token_is_refused(self):
        before = self.newest()
        with mute_logger("odoo.http"):
            self.assertEqual(self.send(csrf=False).status_code, 400)
        self.assertEqual(self.newest(), before)
        self.assertEqual(
            self.url_open(f"{UPLOAD}?type={self.kind('food_licence').id}").status_code, 200
        )

    def test_forgotten_uploads_are_removed(self):
        kept = self.env["union.assist.certificate"]._keep_upload("old.pdf", PDF)
        self.env["union.assist.certificate"]._gc_kept_uploads()
        self.assertTrue(kept.exists(), "not before a day has passed")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE ir_attachment SET create_date = create_date - interval '2 days' WHERE id = %s",
            [kept.id],
        )
        self.env["union.assist.certificate"]._gc_kept_uploads()
        self.assertFalse(kept.exists())
