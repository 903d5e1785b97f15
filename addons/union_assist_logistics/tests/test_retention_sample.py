from datetime import date, datetime, timedelta
from io import BytesIO

import pypdfium2
import zxingcpp
from freezegun import freeze_time
from pypdf import PdfReader

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .lab_common import LabCommon

MM = 72 / 25.4


@tagged("post_install", "-at_install", "union_assist")
class TestRetentionSample(LabCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.partner_id.tz = "Asia/Shanghai"
        cls.today = cls.env.company._assist_today()

    def setUp(self):
        super().setUp()
        self.inspection = self.receive({"S-1": 10}).assist_inspection_ids
        self.lot_1 = self.lot("S-1")

    def take(self, **values):
        return (
            self.env["union.assist.retention.sample"]
            .with_user(self.inspector)
            .create({"lot_id": self.lot_1.id, "place": "Cabinet A, shelf 2", **values})
        )

    def test_keep_until_follows_the_lot_and_the_rule(self):
        sample = self.take()
        self.assertEqual(sample.keep_until, self.today + timedelta(180))
        self.assertEqual((sample.taken_by_id, sample.uom_id), (self.inspector, self.tea.uom_id))
        # 17:00 of one day in the world is 01:00 of the next in China.
        self.lot_1.expiration_date = datetime(2040, 5, 1, 17)
        self.assertEqual(self.take().keep_until, date(2040, 5, 2))
        self.lot_1.expiration_date = datetime.now()
        self.assertEqual(self.take().keep_until, self.today + timedelta(180))
        self.env.ref("union_assist_logistics.parameter_retention_days").value = 30
        self.assertEqual(self.take().keep_until, self.today + timedelta(30))

    def test_form_from_the_inspection(self):
        action = self.inspection.with_user(self.inspector).action_view_samples()
        form = Form(
            self.env["union.assist.retention.sample"]
            .with_user(self.inspector)
            .with_context(**action["context"])
        )
        form.place = "Cabinet B"
        sample = form.save()
        self.assertEqual((sample.lot_id, sample.inspection_id), (self.lot_1, self.inspection))
        self.assertEqual(self.inspection.sample_count, 1)
        self.assertEqual(self.lot_1.assist_sample_count, 1)
        self.assertTrue(sample.name.startswith("RS"))

    def test_discarding(self):
        sample = self.take()
        with self.assertRaisesRegex(UserError, "is kept until"):
            sample.action_discard()
        # The day is the company's: at 16:30 UTC it is tomorrow in China.
        last = sample.keep_until
        with freeze_time(datetime.combine(last, datetime.min.time()) + timedelta(hours=15)):
            sample.invalidate_recordset(["is_due"])
            self.assertFalse(sample.is_due)
        with freeze_time(datetime.combine(last, datetime.min.time()) + timedelta(hours=16.5)):
            sample.invalidate_recordset(["is_due"])
            self.assertTrue(sample.is_due)
            self.assertIn(sample, sample.search([("is_due", "=", True)]))
            sample.action_discard()
            self.assertEqual(sample.discarded_on, last + timedelta(1))
        self.assertEqual((sample.state, sample.discarded_by_id), ("discarded", self.inspector))
        for change in (
            lambda: sample.write({"place": "Elsewhere"}),
            sample.action_discard,
        ):
            with self.assertRaisesRegex(UserError, "was discarded"):
                change()
        with self.assertRaisesRegex(UserError, "never deleted"):
            sample.sudo().unlink()

    def test_reminders_come_once_and_go_with_the_sample(self):
        samples = self.take() + self.take()
        self.env["union.assist.retention.sample"]._remind()
        self.assertFalse(samples.activity_ids)
        samples.sudo().write(
            {
                "taken_on": self.today - timedelta(9),
                "keep_until": self.today - timedelta(1),
            }
        )
        for _run in range(2):
            self.env["union.assist.retention.sample"]._remind()
            self.assertEqual(len(samples.activity_ids), 2)
        self.assertEqual(samples.activity_ids.user_id, self.inspector)
        samples[0].action_discard()
        self.assertFalse(samples[0].activity_ids)
        self.assertTrue(samples[1].activity_ids)

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_rights(self):
        sample = self.take()
        for user in (self.viewer, self.keeper, self.operator):
            with self.subTest(user=user.login):
                self.assertEqual(sample.with_user(user).place, "Cabinet A, shelf 2")
                with self.assertRaises(AccessError):
                    sample.with_user(user).action_discard()
        with self.assertRaisesRegex(AccessError, "set by its steps"):
            sample.write({"state": "discarded"})

    # -- the label -------------------------------------------------------------------

    def render(self, samples, lang="zh_CN"):
        pdf, kind = (
            self.env["ir.actions.report"]
            .with_user(self.inspector)
            .with_context(lang=lang)
            ._render("union_assist_logistics.report_retention_label", samples.ids)
        )
        self.assertEqual(kind, "pdf")
        return pdf

    def test_labels_have_the_size_of_a_label_and_can_be_scanned(self):
        self.tea.with_context(
            lang="zh_CN"
        ).name = "紫阳富硒绿茶（特级，礼盒装，每盒两罐，每罐一百二十五克）"
        samples = self.take() + self.take(place="二号库 甲柜 三层") + self.take()
        pdf = self.render(samples)
        pages = PdfReader(BytesIO(pdf)).pages
        self.assertEqual(len(pages), 3)
        for page, sample in zip(pages, samples, strict=True):
            self.assertAlmostEqual(float(page.mediabox.width), 60 * MM, places=2)
            self.assertAlmostEqual(float(page.mediabox.height), 40 * MM, places=2)
            text = page.extract_text()
            for expected in (sample.name, "S-1", "绿茶"):
                self.assertIn(expected, text)
            fonts = page["/Resources"]["/Font"].get_object()
            used = [fonts[name].get_object() for name in fonts]
            embedded = [font for font in used if "/FontDescriptor" in font]
            self.assertTrue(embedded)
            for font in embedded:
                self.assertIn("/FontFile2", font["/FontDescriptor"].get_object())
        self.assertIn("二号库甲柜三层", pages[1].extract_text().replace(" ", ""))
        # Read back by a library that did not write it, at the resolution of label printers.
        document = pypdfium2.PdfDocument(pdf)
        for index, sample in enumerate(samples):
            picture = document[index].render(scale=203 / 72).to_pil()
            codes = zxingcpp.read_barcodes(picture)
            self.assertEqual([code.text for code in codes], [sample.name])

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_who_may_print(self):
        sample = self.take()
        report = self.env["report.union_assist_logistics.report_retention_label"]
        with self.assertRaisesRegex(UserError, "Choose the samples"):
            report._render_pdf([])
        portal = self.env.ref("base.public_user")
        with self.assertRaises(AccessError):
            report.with_user(portal)._render_pdf(sample.ids)
