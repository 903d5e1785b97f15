import base64
import io

from odoo import http
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .lab_common import PDF, LabCommon

LIST = "/my/assist/lab-reports"
UPLOAD = f"{LIST}/upload"


@tagged("post_install", "-at_install", "union_assist")
class TestLabReportPortal(HttpCase, LabCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_supplier = cls.env["res.partner"].create(
            {"name": "Rice Mill", "is_company": True, "assist_supplier_kind": "sme"}
        )
        stranger = cls.env["res.partner"].create({"name": "Nobody's"})
        for login, supplier in (
            ("lab_tea", cls.supplier),
            ("lab_rice", cls.other_supplier),
            ("lab_stranger", stranger),
        ):
            contact = cls.env["res.partner"].create(
                {"name": login, "parent_id": supplier.id, "lang": "en_US"}
            )
            new_test_user(
                cls.env, login, "base.group_portal", password=login, partner_id=contact.id
            )
        cls.tea.assist_supplier_id = cls.supplier
        cls.rice.assist_supplier_id = cls.other_supplier
        cls.receive({"P-1": 10, "P-2": 5})
        cls.receive({"R-1": 5}, product=cls.rice)
        cls.lot_1, cls.rice_lot = cls.lot("P-1"), cls.lot("R-1")

    def setUp(self):
        super().setUp()
        self.authenticate("lab_tea", "lab_tea")

    def send(self, content=PDF, csrf=True, **values):
        item = self.lead_item.id
        data = {
            "product": self.tea.id,
            "number": "WT-2026-1",
            "laboratory": self.laboratory.id,
            "lot_ids": self.lot_1.id,
            "sampled_on": str(self.today),
            "issued_on": str(self.today),
            f"result_{item}": "0.12",
            f"unit_{item}": "mg/kg",
            f"verdict_{item}": "pass",
            **values,
        }
        if csrf:
            data["csrf_token"] = http.Request.csrf_token(self)
        files = {"file": ("report.pdf", io.BytesIO(content))} if content is not None else None
        return self.url_open(UPLOAD, data=data, files=files)

    @property
    def reports(self):
        return self.env["union.assist.lab.report"].search([])

    def test_a_supplier_hands_in_a_report(self):
        self.assertIn(LIST, self.url_open("/my/home").text)
        self.assertIn("Green Tea", self.url_open(UPLOAD).text)
        self.assertNotIn("Rice", self.url_open(UPLOAD).text)
        form = self.url_open(f"{UPLOAD}?product={self.tea.id}").text
        for words in ("P-1", "P-2", "Provincial Institute", "Lead", "≤ 5 mg/kg"):
            self.assertIn(words, form)
        self.assertNotIn("R-1", form)
        before = self.reports
        page = self.send()
        self.assertIn("the report was handed in", page.text)
        report = self.reports - before
        self.assertEqual((report.state, report.kind), ("submitted", "supplier"))
        self.assertEqual((report.supplier_id, report.lot_ids), (self.supplier, self.lot_1))
        self.assertEqual(report.line_ids.item_id, self.lead_item)
        self.assertEqual(base64.b64decode(report.file), PDF)
        self.assertFalse(report.problems)
        report.with_user(self.inspector).action_check()
        self.assertIn("Reviewed", self.url_open(LIST).text)
        self.assertEqual(self.url_open(f"{LIST}/{report.id}/file").content, PDF)

    def test_only_what_a_supplier_enters_is_taken(self):
        before = self.reports
        self.send(
            state="checked",
            kind="own",
            supplier_id=self.other_supplier.id,
            checked_by_id=2,
            note="Forged",
            company_id=7,
            lot_ids=[self.lot_1.id, self.rice_lot.id],
        )
        report = self.reports - before
        self.assertEqual((report.state, report.kind), ("submitted", "supplier"))
        self.assertEqual((report.supplier_id, report.lot_ids), (self.supplier, self.lot_1))
        self.assertFalse(report.checked_by_id or report.note)

    def test_others_goods_and_lots_are_refused(self):
        before = self.reports
        page = self.send(product=self.rice.id)
        self.assertIn("Which goods does the report test?", page.text)
        page = self.send(lot_ids=self.rice_lot.id)
        self.assertIn("Choose the lots that the report names", page.text)
        self.assertEqual(self.reports, before)

    def test_errors_stand_beside_their_field_and_nothing_is_lost(self):
        before = self.reports
        page = self.send(number="", issued_on="soon", **{f"result_{self.lead_item.id}": ""})
        for words in (
            "Enter the number of the report.",
            "Enter a day as year, month and day",
            "Enter the result and the verdict",
            "report.pdf",
        ):
            self.assertIn(words, page.text)
        self.assertEqual(self.reports, before)
        token = page.text.split('name="kept" value="')[1].split('"')[0]
        self.send(content=None, kept=token)
        self.assertEqual(base64.b64decode((self.reports - before).file), PDF)
        page = self.send()
        self.assertIn("was handed in already", page.text)
        self.assertEqual(len(self.reports - before), 1)

    def test_files_are_known_by_their_content_and_size(self):
        before = self.reports
        for content, words in (
            (b"<html><script>alert(1)</script>", "no PDF, JPEG or PNG"),
            (None, "Attach the report"),
        ):
            self.assertIn(words, self.send(content=content).text)
        self.env.ref("union_assist_catalog.parameter_document_file_size").value = 1
        page = self.send(content=PDF + b"0" * (1024 * 1024))
        self.assertIn("larger than 1 MB", page.text)
        self.assertEqual(self.reports, before)

    @mute_logger("odoo.http")
    def test_without_a_token_nothing_is_taken(self):
        before = self.reports
        self.assertEqual(self.send(csrf=False).status_code, 400)
        self.assertEqual(self.reports, before)

    def test_a_report_is_its_supplier_s_alone(self):
        self.send()
        report = self.reports.filtered(lambda record: record.number == "WT-2026-1")
        own = self.make_report(self.lot_1, number="OURS", kind="own")
        self.assertNotIn("OURS", self.url_open(LIST).text)
        self.assertEqual(self.url_open(f"{LIST}/{own.id}/file").status_code, 404)
        self.authenticate("lab_rice", "lab_rice")
        self.assertNotIn("WT-2026-1", self.url_open(LIST).text)
        self.assertEqual(self.url_open(f"{LIST}/{report.id}/file").status_code, 404)
        rice_user = self.env["res.users"].search([("login", "=", "lab_rice")])
        records = self.env["union.assist.lab.report"].with_user(rice_user)
        self.assertFalse(records.search([("id", "=", report.id)]))
        self.authenticate("lab_stranger", "lab_stranger")
        self.assertEqual(self.url_open(LIST).status_code, 404)
        self.assertEqual(self.url_open(UPLOAD).status_code, 404)
        self.authenticate(None, None)
        self.assertIn("/web/login", self.url_open(LIST).url)
