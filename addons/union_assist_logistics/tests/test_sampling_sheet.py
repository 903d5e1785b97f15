from io import BytesIO

from pypdf import PdfReader

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .test_sampling import SamplingCommon


@tagged("post_install", "-at_install", "union_assist")
class TestSamplingSheet(SamplingCommon):
    def print_sheets(self, inspections, user=None):
        content, kind = (
            self.env["ir.actions.report"]
            .with_user(user or self.inspector)
            ._render("union_assist_logistics.report_sampling_sheet", inspections.ids)
        )
        self.assertEqual(kind, "pdf")
        return PdfReader(BytesIO(content))

    def test_sheet(self):
        inspection = self.inspect()
        self.tea.name = "汉中毛尖"
        reader = self.print_sheets(inspection)
        [page] = reader.pages
        self.assertEqual([round(float(x)) for x in page.mediabox[2:]], [595, 842])
        text = page.extract_text()
        for part in (inspection.name, "汉中毛尖", "T-1", "1200 Units", "Packing whole", "AQL 2.5"):
            self.assertIn(part, text)
        words = set(text.split())
        self.assertLessEqual(set(inspection.sample_units.split(", ")), words)
        fonts = page["/Resources"]["/Font"]
        descriptors = [fonts[name].get_object().get("/FontDescriptor") for name in fonts]
        self.assertTrue(any("/FontFile2" in (found or {}) for found in descriptors))

    def test_long_list_goes_on(self):
        inspection = self.inspect(quantity=200000)
        self.assertEqual(inspection.sample_size, 500)
        reader = self.print_sheets(inspection)
        self.assertGreater(len(reader.pages), 1)
        words = set(" ".join(page.extract_text() for page in reader.pages).split())
        self.assertLessEqual(set(inspection.sample_units.split(", ")), words)

    def test_several_and_every_unit(self):
        first, second = self.inspect("T-1"), self.inspect("T-2", 4)
        reader = self.print_sheets(first | second)
        self.assertEqual(len(reader.pages), 2)
        self.assertIn("Every unit is inspected.", reader.pages[1].extract_text())

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_who_prints(self):
        inspection = self.inspect()
        stranger = new_test_user(self.env, "sheet_stranger", "base.group_user")
        with self.assertRaises(AccessError):
            self.print_sheets(inspection, stranger)
