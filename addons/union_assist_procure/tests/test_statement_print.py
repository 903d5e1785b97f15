import io
from dataclasses import replace
from datetime import date

from pypdf import PdfReader
from reportlab.lib.pagesizes import A4

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.union_assist_catalog.tools.fonts import load_fonts

from ..tools.statement_layout import COLUMNS, StatementDocument, render_statements
from .settlement_common import MONTH
from .test_statement_dispute import DisputeCommon


def make_document(rows=3, **values):
    texts = [name for name, _part, _number in COLUMNS]
    return StatementDocument(
        **{
            "title": "对账单",
            "number": "DZ202600001",
            "parties": [
                ("供方", [("名称：", "紫阳县某某茶业有限公司")]),
                ("需方", [("名称：", "陕西粮农集团")]),
            ],
            "facts": [("编号：", "DZ202600001"), ("期间：", "2026-03-01 至 2026-03-31")],
            "headings": ["序号", "日期", "单据", "品名", "单位", *texts[5:]],
            "rows": [
                [
                    str(index),
                    "2026-03-05",
                    "P00001 WH/IN/00001",
                    f"紫阳绿茶{index}号",
                    "盒",
                    *["1.00"] * 12,
                ]
                for index in range(1, rows + 1)
            ],
            "sums": ["合计", *[""] * 16],
            "totals": [("期初余额", "0.00"), ("期末余额", "￥36,000.00")],
            "signatures": [("供方（盖章）", ["核对人："]), ("需方（盖章）", ["核对人："])],
            "capitals": "期末余额（大写）：叁万陆仟元整",
            "page_label": "第 %(page)s 页，共 %(pages)s 页",
            **values,
        }
    )


def read(pdf):
    reader = PdfReader(io.BytesIO(pdf))
    return reader, [page.extract_text().replace(" ", "").replace("\n", "") for page in reader.pages]


@tagged("post_install", "-at_install", "union_assist")
class TestStatementPrint(DisputeCommon):
    def test_one_page(self):
        reader, (text,) = read(render_statements([make_document()], load_fonts()))
        for part in (
            "对账单",
            "DZ202600001",
            "紫阳县某某茶业有限公司",
            "陕西粮农集团",
            "紫阳绿茶3号",
            "叁万陆仟元整",
            "供方（盖章）",
            "需方（盖章）",
            "第1页，共1页",
        ):
            self.assertIn(part, text)
        box = reader.pages[0].mediabox
        self.assertAlmostEqual(float(box.width), A4[1], delta=0.1)
        self.assertAlmostEqual(float(box.height), A4[0], delta=0.1)

    def test_many_lines(self):
        document = make_document(200)
        _reader, pages = read(render_statements([document, make_document()], load_fonts()))
        count = len(pages) - 1
        self.assertGreater(count, 4)
        for number, text in enumerate(pages[:-1], 1):
            if "紫阳绿茶" in text:
                self.assertIn("序号", text, "the heading is on each page")
            self.assertIn(f"第{number}页，共{count}页", text)
        self.assertIn("紫阳绿茶200号", "".join(pages))
        self.assertEqual(sum("供方（盖章）" in text for text in pages), 2)
        self.assertIn("第1页，共1页", pages[-1])

    def test_long_names_wrap(self):
        name = "陕西省安康市紫阳县高山富硒有机绿茶特级明前手工礼盒装" * 3
        rows = [["1", "2026-03-05", "P00001", name, "盒", *["1,234,567.89"] * 12]]
        _reader, (text,) = read(
            render_statements([replace(make_document(), rows=rows)], load_fonts())
        )
        self.assertIn(name, text)

    def test_fonts_are_embedded(self):
        pdf = render_statements([make_document()], load_fonts())
        for page in PdfReader(io.BytesIO(pdf)).pages:
            fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]
            used = [font for font in fonts if "/FontDescriptor" in font]
            self.assertTrue(used)
            for font in used:
                self.assertIn("/FontFile2", font["/FontDescriptor"])

    def test_what_it_says(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["res.lang"]._activate_lang("en_US")
        self.env.ref("base.module_union_assist_procure")._update_translations()
        self.env.ref("base.CNY").active = True
        self.supplier.write({"lang": "zh_CN", "company_registry": "91610000MA6TNP2U7Q"})
        order = self._order(100, 36, currency_id=self.env.ref("base.CNY").id)
        self._receive_on(order, date(2026, 3, 5))
        statement = self._generate(MONTH)
        report = self.env["ir.actions.report"].with_user(self.operator)
        name = "union_assist_procure.report_statement"
        _reader, (text,) = read(report._render(name, statement.ids)[0])
        for part in (
            "对账单（草稿）",
            "叁仟陆佰元整",
            "3,600.00",
            order.name,
            "第1页",
            "91610000MA6TNP2U7Q",
        ):
            self.assertIn(part, text)
        self.supplier.lang = "en_US"
        _reader, (text,) = read(report._render(name, statement.ids)[0])
        self.assertIn("StatementofAccount(Draft)", text)
        self.assertNotIn("对账单", text)

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_a_supplier_prints_its_own(self):
        statement = self._sent()
        theirs = self._sent(supplier=self.other)
        report = self.env["report.union_assist_procure.report_statement"].with_user(self.portal)
        self.assertTrue(report._render_pdf(statement.ids).startswith(b"%PDF"))
        for hidden in (theirs, self._generate(date(2026, 4, 1))):
            with self.assertRaises(AccessError):
                report._render_pdf(hidden.ids)
