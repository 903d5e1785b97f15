import functools
import io

import pypdfium2
import zxingcpp
from pypdf import PdfReader

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..tools.labels import Content, PackList, render_pack_lists, split_symbols
from .packing_common import UnionAssistPackScreenCommon

MM = 72 / 25.4
REPORTS = "union_assist_logistics.action_report_"


@tagged("post_install", "-at_install", "union_assist")
class TestCartonLabel(UnionAssistPackScreenCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        cls.union.write({"lang": "zh_CN", "name": "某市教育工会"})
        cls.rice.assist_storage = "阴凉干燥处存放"

    def pack_all(self):
        """One carton of tea alone and one of rice and tea."""
        self.put(self.tea, 10)
        mixed = self.put(self.tea, 2)["carton"]
        self.put(self.rice, 8, mixed)
        return self.picking.assist_carton_ids.sorted("assist_carton_number")

    def render(self, name, records, user=None):
        report = self.env["ir.actions.report"].with_user(user or self.keeper)
        content, kind = report._render(REPORTS + name, records.ids)
        self.assertEqual(kind, "pdf")
        return content

    def read_pages(self, pdf):
        return [
            page.extract_text().replace(" ", "").replace("\n", "")
            for page in PdfReader(io.BytesIO(pdf)).pages
        ]

    def decode(self, pdf):
        """Read the codes of each page at the resolution of label printers."""
        document = pypdfium2.PdfDocument(pdf)
        return [zxingcpp.read_barcodes(page.render(scale=203 / 72).to_pil()) for page in document]

    def check_pages(self, pdf, width, height):
        for page in PdfReader(io.BytesIO(pdf)).pages:
            self.assertAlmostEqual(float(page.mediabox.width), width * MM, places=2)
            self.assertAlmostEqual(float(page.mediabox.height), height * MM, places=2)
            fonts = page["/Resources"]["/Font"].get_object()
            used = [fonts[name].get_object() for name in fonts]
            embedded = [font for font in used if "/FontDescriptor" in font]
            self.assertTrue(embedded)
            for font in embedded:
                self.assertIn("/FontFile2", font["/FontDescriptor"].get_object())

    def test_labels(self):
        cartons = self.pack_all()
        lot = self.tea_lot
        lot.assist_production_date = "2026-03-01"
        expires = lot.expiration_date.astimezone(self.env.company._assist_get_zone())
        for report, size in (("carton_label", 150), ("carton_label_square", 100)):
            with self.subTest(report=report):
                pdf = self.render(report, cartons)
                self.check_pages(pdf, 100, size)
                texts, codes = self.read_pages(pdf), self.decode(pdf)
                self.assertEqual(len(texts), 2)
                for text, found, carton, number in zip(texts, codes, cartons, (1, 2), strict=True):
                    self.assertIn("某市教育工会", text)
                    self.assertIn(f"{number}/2", text)
                    self.assertIn(f"(00){carton.assist_sscc}", text)
                    self.assertIn(f"00{carton.assist_sscc}", self.contents(found))
                    for code in found:
                        self.assertEqual(code.symbology_identifier, "]C1")
                described = f"02069012345678921126030115{expires:%y%m%d}"
                self.assertTrue(
                    any(text.startswith(described) for text in self.contents(codes[0])),
                    self.contents(codes[0]),
                )
                joined = "\x1d".join(self.contents(codes[0]))
                self.assertIn("3710", joined)
                self.assertIn("10T-1", joined)
                # A carton of several goods does not say that it holds one.
                self.assertEqual(len(codes[1]), 1)

    def contents(self, codes):
        return [code.bytes.decode() for code in codes]

    def test_without_sscc(self):
        self.env.company.assist_gs1_prefix = False
        cartons = self.pack_all()
        codes = self.decode(self.render("carton_label", cartons))
        self.assertEqual([self.contents(found) for found in codes], [[c.name] for c in cartons])

    def test_no_person_is_named(self):
        contact = self.env["res.partner"].create(
            {
                "name": "王小明",
                "parent_id": self.union.id,
                "type": "delivery",
                "phone": "13900000000",
                "street": "雁塔路1号",
            }
        )
        self.picking.partner_id = contact
        cartons = self.pack_all()
        for report in ("carton_label", "carton_label_square", "pack_list"):
            for text in self.read_pages(self.render(report, cartons)):
                self.assertIn("某市教育工会", text)
                for private in ("王小明", "13900000000", "雁塔路"):
                    self.assertNotIn(private, text)
        person = self.env["res.partner"].create({"name": "李大红", "lang": "zh_CN"})
        self.picking.partner_id = person
        self.assertNotIn("李大红", "".join(self.read_pages(self.render("carton_label", cartons))))

    def test_pack_list(self):
        cartons = self.pack_all()
        pdf = self.render("pack_list", cartons)
        self.check_pages(pdf, 148, 210)
        first, second = self.read_pages(pdf)
        self.assertIn("T-1", first)
        self.assertNotIn("R-1", first)
        for part in ("T-1", "R-1", "2/2", self.picking.sale_id.name, cartons[1].assist_sscc):
            self.assertIn(part, second)
        # Never prices.
        for text in (first, second):
            for price in ("60.00", "30.00", "￥", "¥"):
                self.assertNotIn(price, text)

    def test_long_pack_list_goes_on(self):
        report = self.env["report.union_assist_logistics.report_pack_list"]
        fonts = self.env["ir.actions.report"]._assist_load_fonts()
        contents = tuple(
            Content(product=f"很长的商品名称{'长' * 30}{index}", lot=f"L{index}", quantity="1")
            for index in range(40)
        )
        document = PackList("公司", report._get_labels(), "P1", contents=contents, total="40")
        texts = self.read_pages(render_pack_lists([document], fonts))
        self.assertGreater(len(texts), 1)
        for text in texts:
            self.assertIn(report._get_labels()["head_lot"], text)
        for index in range(40):
            self.assertTrue(any(f"L{index}" in text for text in texts))

    def test_long_lot_is_split_over_symbols(self):
        elements = [("02", "06901234567892"), ("37", "10"), ("11", "260301"), ("15", "270301")]
        symbols = split_symbols([*elements, ("10", "LOT-ABCDEFGHIJKLMNOP")], 90)
        self.assertEqual(len(symbols), 2)
        self.assertEqual(symbols[1], [("10", "LOT-ABCDEFGHIJKLMNOP")])

    def test_run_of_labels_takes_as_many_queries(self):
        counts = []
        packages = self.env["stock.package"]
        for index in range(50):
            packages |= self.make_transfer(1, 1).move_line_ids._put_in_pack(
                package_name=f"RUN-{index}"
            )
        report = self.env["report.union_assist_logistics.report_carton_label"]
        for some in (packages[:5], packages):
            some = some.browse(some.ids)
            self.assertEqual(len(report._get_documents(some)), len(some))
            counts.append(self.record_queries(functools.partial(report._get_documents, some)))
        self.assert_same_queries(*counts)
        pdf = self.render("carton_label", packages)
        self.assertEqual(len(PdfReader(io.BytesIO(pdf)).pages), 50)

    def test_who_may_print(self):
        cartons = self.pack_all()
        report = self.env["report.union_assist_logistics.report_carton_label"]
        with self.assertRaisesRegex(UserError, "Choose the cartons"):
            report._render_pdf([])
        with self.assertRaisesRegex(UserError, "Nothing is packed"):
            report._render_pdf(self.env["stock.package"].create({}).ids)
        portal = new_test_user(self.env, "label_portal", "base.group_portal")
        with self.assertRaises(AccessError):
            report.with_user(portal)._render_pdf(cartons.ids)

    def test_gift_pack_labels(self):
        self.make_recipe()
        self.stock_up(self.box, None, 10)
        order = self.make_order(3)
        self.finish(order)
        lot = order.lot_producing_ids
        pdf = self.render("packing_order_label", order)
        self.check_pages(pdf, 80, 50)
        codes = self.decode(pdf)
        self.assertEqual(len(codes), 3)
        for found, text in zip(codes, self.read_pages(pdf), strict=True):
            self.assertEqual(self.contents(found), [lot._assist_get_public_url()])
            self.assertIn(lot.name, text)
        self.assertEqual(len(self.read_pages(self.render("pack_label", lot))), 1)
