import io
import re

from PIL import Image
from pypdf import PdfReader
from reportlab.pdfbase import pdfmetrics

from odoo.tests import BaseCase, tagged

from ..tools.barcodes import gtin_modules
from ..tools.catalogue_layout import LABELS, Catalogue, Item, render_catalogues
from ..tools.fonts import load_fonts
from ..tools.pictures import SIDE, to_print_jpeg

TEXTS = dict.fromkeys(LABELS, "") | {
    "contents": "目录",
    "page": "第%(page)s页共%(pages)s页",
    "count": "%(count)s种",
    "code": "编码",
    "gtin": "条码",
}
A4 = (595, 842)


def make_picture(color="green", size=(300, 200), kind="JPEG", mode="RGB"):
    output = io.BytesIO()
    Image.new(mode, size, color).save(output, kind)
    return output.getvalue()


def make_items(count=12, categories=3, counties=2, **values):
    """Goods in printing order, spread over categories and counties."""
    items = []
    for index in range(count):
        rank = index * categories * counties // count
        defaults = {
            "name": f"紫阳绿茶{index:04}号",
            "category": f"类别{rank // counties}",
            "county": f"甲乙丙丁戊己庚辛{rank % counties}县",
            "county_code": f"6109{rank % counties:02}",
            "code": f"T{index:04}",
            "gtin": "6901234567892",
            "price": "¥38.00",
            "unit": "盒",
            "facts": (("规格", "80克"), ("供应商", "示例茶业有限公司")),
        }
        items.append(Item(**(defaults | values)))
    return items


def make_catalogue(**values):
    defaults = {
        "title": "2026年推荐目录",
        "number": "2026-02",
        "labels": TEXTS,
        "items": make_items(),
        "series": "陕西省推荐目录",
        "date": "2026年9月10日",
        "publisher": "省总工会",
        "checksum": "3F2A-91BC",
    }
    return Catalogue(**(defaults | values))


def render(*catalogues):
    return render_catalogues(catalogues, load_fonts())


def read_pages(pdf):
    """Return the text of each page without blanks and line ends."""
    return [re.sub(r"\s", "", page.extract_text()) for page in PdfReader(io.BytesIO(pdf)).pages]


@tagged("post_install", "-at_install", "union_assist")
class TestCatalogueLayout(BaseCase):
    def test_cover_contents_and_goods(self):
        pages = read_pages(render(make_catalogue(note="价格为会员价。")))
        cover, contents, *goods = pages
        for part in ("2026年推荐目录", "2026-02", "2026年9月10日", "省总工会", "12种", "3F2A-91BC"):
            self.assertIn(part, cover)
        self.assertIn("价格为会员价。", contents)
        text = "".join(goods)
        for item in make_items():
            for part in (item.name, item.code, item.county_code):
                self.assertIn(part, text)
        for part in ("¥38.00", "盒", "规格", "80克", "示例茶业有限公司", "6901234567892"):
            self.assertIn(part, text)
        for number, page in enumerate(pages[1:], 2):
            self.assertIn(f"第{number}页共{len(pages)}页", page)
            self.assertIn("2026年推荐目录2026-02", page)

    def test_page_numbers_of_the_contents_are_true(self):
        for count, counties in ((7, 1), (60, 4), (400, 30)):
            with self.subTest(count=count):
                items = make_items(count, 4, counties)
                pages = read_pages(render(make_catalogue(items=items)))
                first = next(index for index, page in enumerate(pages) if items[0].name in page)
                contents = "".join(re.sub(r"第\d+页共\d+页", "|", page) for page in pages[1:first])
                rows = re.findall(r"(类别\d|甲乙丙丁戊己庚辛\d+县)(\d+)种", contents)
                self.assertEqual(
                    len(rows),
                    len({item.category for item in items})
                    + len({(item.category, item.county) for item in items}),
                )
                # Read in order, every category and county begins on the page that is named.
                starts = {}
                for number, page in enumerate(pages[first:], first + 1):
                    for item in items:
                        if item.name in page:
                            starts.setdefault(item.category, number)
                            starts.setdefault((item.category, item.county), number)
                reader = PdfReader(io.BytesIO(render(make_catalogue(items=items))))
                named = dict(self._outline(reader))
                self.assertEqual(named, starts)
                numbers = self._contents_numbers(reader, first)
                self.assertEqual(sorted(numbers), sorted(starts.values()))

    def _outline(self, reader):
        category = None
        for entry in self._flatten(reader.outline):
            title, page = entry.title, self._page_number(reader, entry.raw_get("/Page"))
            if title.startswith("类别"):
                category = title
                yield title, page
            elif title.endswith("县"):
                yield (category, title), page

    def _page_number(self, reader, reference):
        return [page.indirect_reference for page in reader.pages].index(reference) + 1

    def _flatten(self, outline):
        for entry in outline:
            if isinstance(entry, list):
                yield from self._flatten(entry)
            else:
                yield entry

    def _contents_numbers(self, reader, first):
        """Return the page numbers that stand in the contents, one for each row."""
        numbers = []
        for page in reader.pages[1:first]:
            texts = []
            page.extract_text(visitor_text=lambda text, *_args, texts=texts: texts.append(text))
            numbers += [int(text) for text in map(str.strip, texts) if text.isdigit()]
        return numbers

    def test_contents_lead_to_the_pages(self):
        reader = PdfReader(io.BytesIO(render(make_catalogue())))
        links = [annotation.get_object() for annotation in reader.pages[1]["/Annots"]]
        self.assertEqual(len(links), 9)
        targets = [self._page_number(reader, list.__getitem__(link["/Dest"], 0)) for link in links]
        self.assertEqual(targets, [page for _title, page in self._outline(reader)])

    def test_every_page_is_a4_and_every_font_embedded(self):
        catalogue = make_catalogue(items=make_items(40, gtin="20123451"))
        reader = PdfReader(io.BytesIO(render(catalogue)))
        fonts = {}
        for page in reader.pages:
            self.assertEqual(tuple(round(float(side)) for side in page.mediabox[2:]), A4)
            fonts |= {
                str(font.get_object()["/BaseFont"]): font.get_object()
                for font in page["/Resources"]["/Font"].values()
            }
        self.assertTrue(fonts)
        for name, font in fonts.items():
            self.assertRegex(name, r"^/[A-Z]{6}\+")
            self.assertIn("/FontFile2", font["/FontDescriptor"].get_object())

    def test_the_same_data_give_the_same_bytes(self):
        def make():
            return make_catalogue(items=make_items(30, picture="a"), pictures={"a": make_picture()})

        first = render(make())
        self.assertEqual(first, render(make()))
        self.assertNotEqual(first, render(make_catalogue(items=make_items(30, price="¥39.00"))))

    def test_long_texts_wrap_inside_their_column(self):
        name = "秦岭深处农家自种高山有机富硒无公害手工石磨小米礼盒装" * 3
        long = "https://example.com/" + "x" * 400
        item = make_items(1, name=name, facts=(("规格", long), ("储存", "阴凉" * 300)))[0]
        pdf = render(make_catalogue(items=[item], title="推荐目录" * 20, publisher="工会" * 60))
        right = A4[0] - 40
        for page in PdfReader(io.BytesIO(pdf)).pages:
            places = []
            page.extract_text(
                visitor_text=lambda text, _cm, tm, _font, size, places=places: places.append(
                    (text.strip(), tm[4], tm[5])
                )
            )
            for text, x, y in places:
                if text:
                    self.assertTrue(30 < x < right and 15 < y < A4[1], (text, x, y))
        self.assertIn(name[:60], read_pages(pdf)[2])

    def test_nothing_known_of_a_product(self):
        pages = read_pages(render(make_catalogue(items=[Item(name="茶")], pictures={})))
        self.assertIn("茶", pages[2])
        self.assertEqual(len(read_pages(render(make_catalogue(items=[])))), 2)

    def test_a_page_never_ends_with_the_name_of_a_county(self):
        """Some of many lengths would end so if nothing prevented it."""
        for count in range(1, 9):
            items = make_items(count * 2, 1, 2)
            for page in read_pages(render(make_catalogue(items=items)))[2:]:
                for county in re.finditer("甲乙丙丁戊己庚辛\\d县", page):
                    self.assertIn("号", page[county.end() :])

    def test_pictures_are_printed_once_for_many_goods(self):
        items = make_items(20, picture="a")
        pdf = render(make_catalogue(items=items, pictures={"a": make_picture()}))
        reader = PdfReader(io.BytesIO(pdf))
        found = {image.indirect_reference.idnum for page in reader.pages for image in page.images}
        self.assertEqual(len(found), 1)
        self.assertEqual(
            {image.image.size for page in reader.pages for image in page.images}, {(300, 200)}
        )

    def test_a_draft_says_so_on_every_page(self):
        pages = read_pages(render(make_catalogue(mark="草稿", number="草稿", checksum="")))
        for page in pages:
            self.assertIn("草稿", page)

    def test_several_catalogues_in_one_file(self):
        two = make_catalogue(title="第二本", items=make_items(3, 1, 1))
        pages = read_pages(render(make_catalogue(), two))
        second = next(number for number, page in enumerate(pages) if "第二本" in page)
        self.assertIn(f"第2页共{len(pages) - second}页", pages[second + 1])
        self.assertIn(f"第2页共{second}页", pages[1])

    def test_characters_that_the_chinese_font_lacks(self):
        """Where there is a second font it serves them; nothing falls back to another."""
        names = load_fonts()
        self.assertTrue(all(name in pdfmetrics.getRegisteredFontNames() for name in names))
        pages = read_pages(render(make_catalogue(items=make_items(1, name="Tea ½ é 4℃"))))
        self.assertRegex(pages[2], "Tea½é4(℃|°C)")


@tagged("post_install", "-at_install", "union_assist")
class TestBarcodes(BaseCase):
    def decode(self, modules):
        """Read the digits back from the widths of bars and spaces, as a scanner does."""
        odd = {
            "0001101": 0, "0011001": 1, "0010011": 2, "0111101": 3, "0100011": 4,
            "0110001": 5, "0101111": 6, "0111011": 7, "0110111": 8, "0001011": 9,
        }  # fmt: skip
        half = (len(modules) - 11) // 2
        left, right = modules[3 : 3 + half], modules[8 + half : -3]
        self.assertEqual((modules[:3], modules[-3:]), ("101", "101"))
        self.assertEqual(modules[3 + half : 8 + half], "01010")
        digits, parity = [], ""
        for index in range(0, half, 7):
            part = left[index : index + 7]
            parity += "O" if part in odd else "E"
            if part not in odd:
                part = part[::-1].translate(str.maketrans("01", "10"))
            digits.append(odd[part])
        for index in range(0, half, 7):
            part = right[index : index + 7].translate(str.maketrans("01", "10"))
            digits.append(odd[part])
        return parity, "".join(map(str, digits))

    def test_ean_13(self):
        # The first digit is in the choice of sets on the left (GB 12904).
        self.assertEqual(self.decode(gtin_modules("6901234567892")), ("OEEEOO", "901234567892"))
        self.assertEqual(self.decode(gtin_modules("4006381333931")), ("OEOOEE", "006381333931"))

    def test_upc_is_an_ean_13(self):
        self.assertEqual(self.decode(gtin_modules("036000291452")), ("OOOOOO", "036000291452"))

    def test_ean_8(self):
        self.assertEqual(self.decode(gtin_modules("73513537")), ("OOOO", "73513537"))

    def test_no_bars_for_what_is_no_gtin(self):
        for text in ("", "6901234567893", "SYN-1", "16901234567899", "690123456789"):
            self.assertEqual(gtin_modules(text), "")


@tagged("post_install", "-at_install", "union_assist")
class TestPictures(BaseCase):
    def open_image(self, content):
        return Image.open(io.BytesIO(content))

    def test_a_small_jpeg_is_kept_as_it_is(self):
        content = make_picture()
        self.assertIs(to_print_jpeg(content), content)

    def test_large_and_other_pictures_become_small_jpegs(self):
        for kind in ("JPEG", "PNG", "GIF", "WEBP"):
            image = self.open_image(to_print_jpeg(make_picture("red", (1920, 900), kind)))
            self.assertEqual((image.format, image.mode, image.width), ("JPEG", "RGB", SIDE))

    def test_what_shines_through_is_white(self):
        content = make_picture((0, 0, 0, 0), (50, 50), "PNG", "RGBA")
        self.assertEqual(self.open_image(to_print_jpeg(content)).getpixel((5, 5)), (255, 255, 255))

    def test_no_picture(self):
        for content in (b"", b"<svg/>", make_picture()[:200]):
            self.assertIsNone(to_print_jpeg(content))
