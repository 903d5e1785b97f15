import io
import re
from unittest.mock import patch

from pypdf import PdfReader
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from odoo.tests import BaseCase, tagged

from odoo.addons.union_assist_catalog.tools.fonts import load_fonts
from odoo.addons.union_assist_catalog.tools.typesetting import Pen

from ..tools import delivery_note
from ..tools.delivery_note import LABELS, PAPERS, Line, Note, render_notes

TEXTS = dict.fromkeys(LABELS, "") | {
    "product": "品名规格",
    "blank_below": "（以下空白）",
    "continued": "（接下页）",
    "in_capitals": "合计金额（大写）：",
    "in_figures": "（小写）：",
    "page": "第%(page)s页共%(pages)s页",
}


def make_note(count=3, **values):
    lines = [
        Line(
            index=str(index),
            product=f"紫阳绿茶{index}号",
            lot=f"L{index:04}",
            quantity="12",
            unit="箱",
            price="128.00",
            amount="1,536.00",
        )
        for index in range(1, count + 1)
    ]
    defaults = {
        "title": "送货单",
        "company": "陕西粮农",
        "number": "SH2026-00001",
        "labels": TEXTS,
        "recipient": "某市总工会",
        "url": "https://example.com/assist/delivery/x",
        "totals": [("￥4,608.00", "肆仟陆佰零捌元整")],
        "notice": "收货时请当面清点。",
        "lines": lines,
    }
    return Note(**(defaults | values))


def read_pages(pdf):
    """Return the text of each page without blanks and line ends."""
    return [re.sub(r"\s", "", page.extract_text()) for page in PdfReader(io.BytesIO(pdf)).pages]


@tagged("post_install", "-at_install", "union_assist")
class TestNoteLayout(BaseCase):
    def test_one_page(self):
        (text,) = read_pages(render_notes([make_note()], load_fonts()))
        for part in (
            "送货单",
            "陕西粮农",
            "SH2026-00001",
            "某市总工会",
            "紫阳绿茶3号",
            "L0003",
            "1,536.00",
            "（以下空白）",
            "合计金额（大写）：肆仟陆佰零捌元整",
            "（小写）：￥4,608.00",
            "收货时请当面清点。",
            "第1页共1页",
        ):
            self.assertIn(part, text)
        self.assertNotIn("（接下页）", text)

    def test_papers(self):
        for name, paper in PAPERS.items():
            with self.subTest(paper=name):
                reader = PdfReader(io.BytesIO(render_notes([make_note(paper=name)], load_fonts())))
                self.assertEqual(len(reader.pages), 1)
                box = reader.pages[0].mediabox
                self.assertAlmostEqual(float(box.width), paper.width * mm, delta=0.01)
                self.assertAlmostEqual(float(box.height), paper.height * mm, delta=0.01)

    def test_fonts_are_embedded_subsets(self):
        pdf = render_notes([make_note()], load_fonts())
        fonts = {
            font.get_object()["/BaseFont"]: font.get_object()
            for page in PdfReader(io.BytesIO(pdf)).pages
            for font in page["/Resources"]["/Font"].values()
        }
        self.assertTrue(fonts)
        for name, font in fonts.items():
            self.assertIn("/FontFile2", font["/FontDescriptor"], f"{name} is not embedded")
            self.assertRegex(name, r"^/[A-Z]{6}\+", f"{name} is not a subset")
        self.assertLess(len(pdf), 200_000)

    def test_many_lines(self):
        """Hundreds of lines: heading on every page, totals on the last one only."""
        for name in PAPERS:
            with self.subTest(paper=name):
                pages = read_pages(render_notes([make_note(300, paper=name)], load_fonts()))
                self.assertGreater(len(pages), 5)
                for number, text in enumerate(pages, 1):
                    last = number == len(pages)
                    self.assertIn("送货单", text)
                    self.assertIn("品名规格", text)
                    self.assertIn(f"第{number}页共{len(pages)}页", text)
                    self.assertEqual("合计金额（大写）" in text, last)
                    self.assertEqual("（接下页）" in text, not last)
                found = re.findall(r"L(\d{4})", "".join(pages))
                self.assertEqual(found, [f"{index:04}" for index in range(1, 301)])
                self.assertRegex(pages[-1], "L0300", "totals never stand on a page alone")

    def test_every_count_of_lines_around_the_page_end(self):
        """Whatever fills the page: each line is dealt out once, and fits with the closing."""
        pen = Pen(None, load_fonts())
        for name in PAPERS:
            for count in range(1, 60):
                with self.subTest(paper=name, count=count):
                    form = delivery_note._Form(make_note(count, paper=name), pen)
                    rows = form._rows()
                    pages = form._pages(rows)
                    self.assertEqual([row for page in pages for row in page], rows)
                    self.assertTrue(all(pages))

    def _lowest(self, note):
        """Return the lowest edge, in points, that boxes and texts of the body reach."""
        lowest = []
        box = delivery_note._Form._box

        def record(form, left, top, right, bottom, **kwargs):
            lowest.append(form.height - bottom)
            return box(form, left, top, right, bottom, **kwargs)

        with patch.object(delivery_note._Form, "_box", record):
            render_notes([note], load_fonts())
        return min(lowest)

    def test_nothing_below_the_page_number(self):
        for name, paper in PAPERS.items():
            for count in range(1, 34):
                with self.subTest(paper=name, count=count):
                    lowest = self._lowest(make_note(count, paper=name, notice="注意事项。" * 60))
                    self.assertGreater(lowest, paper.bottom * mm)

    def test_long_names_wrap(self):
        name = "陕南高山富硒有机手工采摘特级绿茶礼盒装" * 4
        long = make_note(lines=[Line(index="1", product=name, lot="2026-" * 12, quantity="1")])
        (text,) = read_pages(render_notes([long], load_fonts()))
        self.assertIn("2026-" * 12, text)
        self.assertGreater(len(re.findall("特级绿茶", text)), 3)
        font = pdfmetrics.getFont(load_fonts()[0])
        form = delivery_note._Form(long, Pen(None, load_fonts()))
        for (left, right), column in zip(form.columns.values(), form.columns, strict=True):
            for line in form._rows()[0][1][column]:
                width = font.stringWidth(line, delivery_note._TEXT)
                self.assertLessEqual(width, right - left, f"{column}: {line}")

    def test_endless_text_is_cut(self):
        """A text of thousands of characters still leaves a form that fits its page."""
        lines = [Line(index="1", product="无尽" * 3000, remark="x" * 5000)]
        for name in PAPERS:
            with self.subTest(paper=name):
                (text,) = read_pages(
                    render_notes([make_note(lines=lines, paper=name)], load_fonts())
                )
                self.assertIn("…", text)
                self.assertIn("合计金额（大写）", text)

    def test_wrap(self):
        pen = Pen(None, load_fonts())
        self.assertEqual(pen.wrap("", 100), [""])
        self.assertEqual(pen.wrap("中文 ab", 1000), ["中文 ab"])
        self.assertEqual(pen.wrap("一\n二", 1000), ["一", "二"])
        narrow = pen.width("中文中文")
        self.assertEqual(pen.wrap("中文中文中文", narrow), ["中文中文", "中文"])
        self.assertEqual("".join(pen.wrap("ABCDEFGHIJKLMNOP", narrow)), "ABCDEFGHIJKLMNOP")
        self.assertEqual(pen.wrap("green tea", pen.width("green t")), ["green", "tea"])
        for line in pen.wrap("中文中文，中文中文。", narrow + pen.width("，")):
            self.assertNotIn(line[0], "，。")

    def test_many_notes(self):
        """Each note counts its own pages; papers may differ."""
        notes = [
            make_note(2, number="SH2026-00001"),
            make_note(60, number="SH2026-00002"),
            make_note(1, number="SH2026-00003", paper="a5"),
        ]
        pages = read_pages(render_notes(notes, load_fonts()))
        marks = [re.search(r"第\d+页共\d+页", text).group() for text in pages]
        self.assertEqual(marks, ["第1页共1页", "第1页共2页", "第2页共2页", "第1页共1页"])
        self.assertIn("SH2026-00002", pages[2])
        self.assertIn("SH2026-00003", pages[3])

    def test_characters_the_chinese_font_lacks(self):
        """Letters that the Chinese font does not have come from a second one."""
        chinese = load_fonts()[0]
        pdfmetrics.registerFont(TTFont("NoteTestLatin", "Vera.ttf"))
        output = io.BytesIO()
        canvas = Canvas(output, initialFontName=chinese)
        pen = Pen(canvas, (chinese, "NoteTestLatin"))
        # Like Droid Sans Fallback, which has no Latin.
        pen.glyphs = {code for code in pen.glyphs if code >= 0x2E80}
        runs = [(font.fontName, part) for font, part in pen._runs("茶A1叶")]
        self.assertEqual(runs, [(chinese, "茶"), ("NoteTestLatin", "A1"), (chinese, "叶")])
        pen.text(100, 100, "茶A1叶")
        canvas.save()
        self.assertEqual(read_pages(output.getvalue()), ["茶A1叶"])
