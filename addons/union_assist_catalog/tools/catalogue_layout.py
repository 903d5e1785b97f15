"""Layout of a printed catalogue (推荐目录): plain data in, PDF out.

A cover, the contents by category and county, then the goods: each with its picture, what is
said of it, its price and its barcode. Nothing here knows of the database, and the same data
always give the same bytes.
"""

# Tools know nothing of Odoo, nor of its groupby.
# pylint: disable=bad-builtin-groupby
import io
import math
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from .barcodes import gtin_modules
from .typesetting import Pen, is_wide

#: Keys of the texts that :attr:`Catalogue.labels` must hold.
LABELS = ("contents", "page", "count", "code", "gtin", "checksum")

RED = HexColor(0xA3191D)
INK = HexColor(0x26211E)
GREY = HexColor(0x7A726B)
PALE = HexColor(0xB9AFA4)
HAIR = HexColor(0xDDD5CB)
TINT = HexColor(0xFAF6F0)
GOLD = HexColor(0xD9B36C)
WHITE = HexColor(0xFFFFFF)
MARK = HexColor(0xF5E3E1)
#: The hills of the cover, from the farthest to the nearest.
_HILLS = (HexColor(0xB12A2A), HexColor(0xBE3E34), HexColor(0xCB5941), HexColor(0xD97F55))

_WIDTH, _HEIGHT = A4
_SIDE = 16 * mm
_LEFT, _RIGHT = _SIDE, _WIDTH - _SIDE
_TOP, _FLOOR = _HEIGHT - 24 * mm, 19 * mm
#: Of an entry: the picture on the left, price and barcode on the right, words between them.
_PICTURE = 31 * mm
_ASIDE = 40 * mm
_GAP = 6 * mm
_PADDING = 3.5 * mm
_NAME, _NAME_LEADING = 11.5, 5.2 * mm
_FACT, _FACT_LEADING = 8, 3.9 * mm
_LABEL = 17 * mm
_BARCODE = 15 * mm
#: Width of the thinnest bar, 88 % of the nominal 0.33 mm: it may be 80 % to 200 %.
_MODULE = 0.29 * mm
_COUNTY = 13 * mm
_CATEGORY = 27 * mm
_ROW = 5.6 * mm
_COLUMN_GAP = 12 * mm


@dataclass(frozen=True)
class Item:
    """One product as it is printed; texts are empty where nothing is known.

    ``facts`` are pairs (label, text); ``picture`` is a key of :attr:`Catalogue.pictures`.
    """

    name: str
    category: str = ""
    county: str = ""
    county_code: str = ""
    code: str = ""
    gtin: str = ""
    price: str = ""
    unit: str = ""
    facts: tuple = ()
    picture: object = None


@dataclass(frozen=True)
class Catalogue:
    """What a catalogue says.

    Items of a category follow each other, and in it those of a county. ``labels`` has a
    text for each of :data:`LABELS`: ``page`` takes ``%(page)s`` and ``%(pages)s``,
    ``count`` takes ``%(count)s``. ``pictures`` maps keys to JPEG files. ``mark`` is
    written across the pages, for what is not published yet.
    """

    title: str
    number: str
    labels: dict
    items: list = field(default_factory=list)
    pictures: dict = field(default_factory=dict)
    series: str = ""
    date: str = ""
    publisher: str = ""
    note: str = ""
    checksum: str = ""
    mark: str = ""
    lang: str = "zh-CN"


def render_catalogues(catalogues, fonts):
    """Print catalogues, one after another, into one PDF.

    Pages are counted within each catalogue.

    :param catalogues: list of :class:`Catalogue`
    :param fonts: names of fonts registered with ReportLab, the one with Chinese glyphs first
    :return: the PDF as bytes, the same for the same data
    """
    output = io.BytesIO()
    first = catalogues[0]
    canvas = Canvas(
        output,
        pagesize=A4,
        pageCompression=1,
        invariant=1,
        lang=first.lang,
        initialFontName=fonts[0],
    )
    canvas.setTitle(" ".join(filter(None, (first.title, first.number))))
    canvas.setAuthor(first.publisher)
    canvas.setCreator("Union Assist")
    for catalogue in catalogues:
        _Book(catalogue, canvas, fonts).draw()
    canvas.showOutline()
    canvas.save()
    return output.getvalue()


class _Jpeg(ImageReader):
    """A JPEG file that goes into the PDF as it is.

    ReportLab tells pictures apart by their pixels, which it would decode for nothing else.
    """

    _dataA = None

    def __init__(self, content):
        super().__init__(io.BytesIO(content))
        self._content = content

    def getRGBData(self):
        return self._content


@dataclass
class _Section:
    """A category, or a county in it: how many goods, and the page that it begins on."""

    name: str
    key: str
    code: str = ""
    count: int = 0
    page: int = 0
    parts: list = field(default_factory=list)


class _Book:
    """A catalogue on its pages. Where everything stands is settled before anything is drawn."""

    def __init__(self, catalogue, canvas, fonts):
        self.catalogue, self.canvas = catalogue, canvas
        self.pen = Pen(canvas, fonts)
        # Pages that other catalogues take before this one.
        self.before = canvas.getPageNumber() - 1
        self.text_left = _LEFT + _PICTURE + _GAP
        self.text_right = _RIGHT - _ASIDE - _GAP
        self.readers = {}
        self.sections, self.pages = self._lay_out()
        self.contents = self._lay_out_contents()
        # The cover comes first.
        first = 2 + len(self.contents)
        for section in self.sections:
            section.page += first
            for part in section.parts:
                part.page += first
        self.page_count = first - 1 + len(self.pages)

    @property
    def _key(self):
        """Prefix of the bookmarks, which are the whole file's."""
        return f"p{self.before}"

    # -- settling where things stand ---------------------------------------------------

    def _lay_out(self):
        """Deal the goods out to pages.

        :return: (sections with pages counted from 0, pages); a page is a list of
            (drawing function, top, arguments)
        """
        sections, pages, y = [], [], 0
        for category, goods in groupby(self.catalogue.items, attrgetter("category")):
            section = _Section(category, f"{self._key}-{len(sections)}", page=len(pages))
            sections.append(section)
            pages.append((section, [(self._draw_category, _TOP, (section,))]))
            y = _TOP - _CATEGORY
            for (county, code), entries in groupby(goods, attrgetter("county", "county_code")):
                part = _Section(county, f"{section.key}-{len(section.parts)}", code)
                section.parts.append(part)
                for item in entries:
                    measured = self._measure(item)
                    # A county's name never stands alone at the foot of a page.
                    above = 0 if part.count else _COUNTY
                    if y - above - measured[0] < _FLOOR:
                        pages.append((section, []))
                        y = _TOP
                    if above:
                        part.page = len(pages) - 1
                        pages[-1][1].append((self._draw_county, y, (part,)))
                        y -= above
                    pages[-1][1].append((self._draw_item, y, (item, *measured)))
                    y -= measured[0]
                    part.count += 1
                section.count += part.count
        return sections, pages

    def _measure(self, item):
        """Return (height, lines of the name, [(label, lines)]) of an entry."""
        width = self.text_right - self.text_left
        name = self.pen.wrap(item.name, width, _NAME, 4)
        facts = [
            (label, self.pen.wrap(text, width - _LABEL, _FACT, 4)) for label, text in item.facts
        ]
        lines = sum(len(lines) for _label, lines in facts)
        words = len(name) * _NAME_LEADING + 1 * mm + lines * _FACT_LEADING
        return max(_PICTURE, words) + 2 * _PADDING, name, facts

    def _lay_out_contents(self):
        """Deal the contents out to pages of two columns of (section, level) each."""
        rows = []
        for section in self.sections:
            rows.append((section, 0))
            rows += [(part, 1) for part in section.parts]
        intro = self._note_lines()
        room = _TOP - _FLOOR - 20 * mm
        first = room - (len(intro) * 4.6 * mm + 6 * mm if intro else 0)
        rest = sum(self._row_height(level) for _section, level in rows)

        def column_height():
            full = room if pages else first
            # Columns of the last page are of one length.
            return min(full, rest / 2 + 2 * _ROW) if rest <= 2 * full else full

        pages, columns, column = [], [], []
        limit = left = column_height()
        for index, (section, level) in enumerate(rows):
            height = self._row_height(level)
            # A category's name stays with its first county.
            needed = height + (_ROW if level == 0 and index + 1 < len(rows) else 0)
            if needed > left:
                columns.append(column)
                column = []
                if len(columns) == 2:
                    pages.append(columns)
                    columns = []
                    limit = column_height()
                left = limit
            column.append((section, level))
            left -= height
            rest -= height
        columns.append(column)
        pages.append(columns)
        return pages

    def _row_height(self, level):
        return _ROW if level else _ROW + 4.5 * mm

    def _note_lines(self):
        note = self.catalogue.note.strip()
        return self.pen.wrap(note, _RIGHT - _LEFT, 9.5, 24) if note else []

    # -- drawing -----------------------------------------------------------------------

    def draw(self):
        canvas = self.canvas
        canvas.bookmarkPage(f"{self._key}-cover")
        canvas.addOutlineEntry(self.catalogue.title, f"{self._key}-cover", 0)
        self._draw_cover()
        canvas.showPage()
        for number, columns in enumerate(self.contents):
            if number == 0:
                canvas.bookmarkPage(f"{self._key}-contents")
                canvas.addOutlineEntry(self._label("contents"), f"{self._key}-contents", 0)
            self._draw_head("")
            self._draw_contents(columns, first=number == 0)
            self._draw_foot()
            canvas.showPage()
        for section, parts in self.pages:
            self._draw_head(section.name)
            for draw, y, arguments in parts:
                draw(y, *arguments)
            self._draw_foot()
            canvas.showPage()

    def _label(self, name, **values):
        text = self.catalogue.labels[name]
        return text % values if values else text

    def _text(self, x, y, text, size, color=INK, align="left", width=None, **options):
        self.canvas.setFillColor(color)
        # Bold letters are filled and stroked.
        self.canvas.setStrokeColor(color)
        if width is None:
            self.pen.text(x, y, text, size, align, **options)
        else:
            self.pen.fitted(x, y, text, width, size, align, **options)

    def _rule(self, y, color=HAIR, width=0.4, left=_LEFT, right=_RIGHT):
        self.canvas.setStrokeColor(color)
        self.canvas.setLineWidth(width)
        self.canvas.line(left, y, right, y)

    def _fill(self, color, left, bottom, width, height):
        self.canvas.setFillColor(color)
        self.canvas.rect(left, bottom, width, height, stroke=0, fill=1)

    def _draw_mark(self):
        """Write the mark below what will stand on the page."""
        canvas = self.canvas
        canvas.saveState()
        canvas.translate(_WIDTH / 2, _HEIGHT / 2)
        canvas.rotate(52)
        width = _HEIGHT * 0.75
        self._text(0, -40, self.catalogue.mark, 150, MARK, "center", width, bold=True)
        canvas.restoreState()

    def _draw_head(self, section):
        if self.catalogue.mark:
            self._draw_mark()
        y = _HEIGHT - 14 * mm
        book = self.catalogue
        running = "  ".join(filter(None, (book.title, book.number)))
        half = (_RIGHT - _LEFT) / 2
        self._text(_LEFT, y, running, 8, GREY, width=half)
        self._text(_RIGHT, y, section, 8, RED, "right", width=half - 4 * mm)
        self._rule(y - 2.4 * mm, HAIR)

    def _draw_foot(self):
        y = 10 * mm
        book, third = self.catalogue, (_RIGHT - _LEFT) / 3 - 4 * mm
        number = self.canvas.getPageNumber() - self.before
        page = self._label("page", page=number, pages=self.page_count)
        self._rule(y + 4 * mm, HAIR)
        self._text(_LEFT, y, book.publisher, 7.5, GREY, width=third)
        self._text(_WIDTH / 2, y, page, 8, INK, "center")
        if book.checksum:
            mark = f"{self._label('checksum')} {book.checksum}"
            self._text(_RIGHT, y, mark, 6.5, PALE, "right", width=third)

    # The cover -------------------------------------------------------------------------

    def _draw_cover(self):
        book, canvas = self.catalogue, self.canvas
        self._fill(TINT, 0, 0, _WIDTH, _HEIGHT)
        foot = 0.42 * _HEIGHT
        self._fill(RED, 0, foot, _WIDTH, _HEIGHT - foot)
        self._draw_hills(foot)
        canvas.setStrokeColor(GOLD)
        canvas.setLineWidth(1.2)
        canvas.line(24 * mm, _HEIGHT - 36 * mm, 24 * mm + 18 * mm, _HEIGHT - 36 * mm)
        width = _WIDTH - 48 * mm
        self._text(24 * mm, _HEIGHT - 31 * mm, book.series, 13, GOLD, width=width, spacing=1)
        size = 40
        lines = self.pen.wrap(book.title, width, size, 3)
        while size > 22 and len(lines) > 2:
            size -= 3
            lines = self.pen.wrap(book.title, width, size, 3)
        y = _HEIGHT - 40 * mm - size
        for line in lines:
            self._text(24 * mm, y, line, size, WHITE, spacing=1 if is_wide(line) else 0, bold=True)
            y -= size * 1.32
        self._text(24 * mm, y + size * 0.2, book.number, 24, GOLD, width=width)
        self._draw_mosaic(foot)
        y = 30 * mm
        self._text(24 * mm, y, book.publisher, 15, INK, width=width - 55 * mm, bold=True)
        self._text(_WIDTH - 24 * mm, y, book.date, 12, GREY, "right", width=50 * mm)
        self._rule(y + 10 * mm, RED, 1.2, 24 * mm, _WIDTH - 24 * mm)
        count = self._label("count", count=len(book.items))
        self._text(24 * mm, y - 8 * mm, count, 10, GREY)
        if book.checksum:
            mark = f"{self._label('checksum')} {book.checksum}"
            self._text(_WIDTH - 24 * mm, y - 8 * mm, mark, 7, PALE, "right", width=90 * mm)

    def _draw_hills(self, foot):
        """Draw the loess hills, one range before the other."""
        canvas, steps = self.canvas, 60
        for rank, color in enumerate(_HILLS):
            path = canvas.beginPath()
            path.moveTo(0, foot)
            base = foot + (50 - rank * 13) * mm
            for step in range(steps + 1):
                x = step / steps
                swing = math.sin(2.1 * math.pi * x + 1.9 * rank) * 9
                swing += math.sin(5.3 * math.pi * x + 0.8 * rank) * 3.5
                path.lineTo(x * _WIDTH, max(base + swing * mm, foot))
            path.lineTo(_WIDTH, foot)
            path.close()
            canvas.setFillColor(color)
            canvas.drawPath(path, stroke=0, fill=1)

    def _draw_mosaic(self, foot):
        """Show some of the goods, of as many categories as there are."""
        shown = []
        categories = [
            [item.picture for item in goods if item.picture in self.catalogue.pictures]
            for _name, goods in groupby(self.catalogue.items, attrgetter("category"))
        ]
        for rank in range(4):
            shown += [
                goods[rank]
                for goods in categories
                if rank < len(goods) and goods[rank] not in shown
            ]
        size, gap = 36 * mm, 6 * mm
        shown = shown[:4]
        x = 24 * mm
        for key in shown:
            y = foot - size / 2
            self._fill(WHITE, x - 1.2 * mm, y - 1.2 * mm, size + 2.4 * mm, size + 2.4 * mm)
            self._draw_picture(key, x, y, size, cover=True)
            x += size + gap

    # The contents ----------------------------------------------------------------------

    def _draw_contents(self, columns, first):
        y = _TOP - 8 * mm
        self._text(_LEFT, y, self._label("contents"), 22, RED, bold=True)
        self._rule(y - 4.5 * mm, RED, 1.2)
        top = y - 12 * mm
        if first:
            for line in self._note_lines():
                self._text(_LEFT, top, line, 9.5, INK)
                top -= 4.6 * mm
            if self._note_lines():
                top -= 6 * mm
        width = (_RIGHT - _LEFT - _COLUMN_GAP) / 2
        for index, rows in enumerate(columns):
            left = _LEFT + index * (width + _COLUMN_GAP)
            y = top
            for section, level in rows:
                y -= self._row_height(level)
                self._draw_contents_row(left, y, width, section, level)

    def _draw_contents_row(self, left, y, width, section, level):
        right = left + width
        size, color = (9, INK) if level else (11.5, RED)
        indent = 5 * mm if level else 0
        page = str(section.page)
        self._text(right, y, page, size, color, "right")
        count = self._label("count", count=section.count)
        room = width - indent - 12 * mm - self.pen.width(count, 7.5)
        name = self.pen.wrap(section.name, room, size, 1)[0]
        self._text(left + indent, y, name, size, color, bold=not level)
        start = left + indent + self.pen.width(name, size) + 2 * mm
        self._text(start, y, count, 7.5, GREY)
        start += self.pen.width(count, 7.5) + 2 * mm
        end = right - self.pen.width(page, size) - 1.5 * mm
        if level and end > start:
            self.canvas.setStrokeColor(PALE)
            self.canvas.setLineWidth(0.5)
            self.canvas.setDash(0.5, 2)
            self.canvas.line(start, y + 0.6 * mm, end, y + 0.6 * mm)
            self.canvas.setDash()
        elif not level:
            self._rule(y - 1.6 * mm, HAIR, 0.4, left, right)
        self.canvas.linkRect("", section.key, (left, y - 1.5 * mm, right, y + size))

    # The goods -------------------------------------------------------------------------

    def _draw_category(self, y, section):
        self.canvas.bookmarkHorizontal(section.key, 0, y)
        self.canvas.addOutlineEntry(section.name, section.key, 0, closed=True)
        bottom = y - _CATEGORY + 7 * mm
        self._fill(RED, _LEFT, bottom, _RIGHT - _LEFT, _CATEGORY - 7 * mm)
        self._fill(GOLD, _LEFT, bottom, 2 * mm, _CATEGORY - 7 * mm)
        base = bottom + 7 * mm
        count = self._label("count", count=section.count)
        room = _RIGHT - _LEFT - 50 * mm
        self._text(_LEFT + 9 * mm, base, section.name, 20, WHITE, width=room, bold=True)
        self._text(_RIGHT - 7 * mm, base, count, 10, GOLD, "right")

    def _draw_county(self, y, part):
        self.canvas.bookmarkHorizontal(part.key, 0, y)
        self.canvas.addOutlineEntry(part.name, part.key, 1)
        base = y - 8.5 * mm
        self._fill(RED, _LEFT, base - 0.5 * mm, 1.3 * mm, 4.6 * mm)
        room = _RIGHT - _LEFT - 40 * mm
        name = self.pen.wrap(part.name, room, 13, 1)[0]
        self._text(_LEFT + 4 * mm, base, name, 13, INK, bold=True)
        self._text(_LEFT + 6.5 * mm + self.pen.width(name, 13), base, part.code, 8, PALE)
        count = self._label("count", count=part.count)
        self._text(_RIGHT, base, count, 8, GREY, "right")
        self._rule(y - _COUNTY + 1 * mm, PALE, 0.6)

    def _draw_item(self, y, item, height, name, facts):
        top = y - _PADDING
        self._draw_picture(item.picture, _LEFT, top - _PICTURE, _PICTURE, name=item.name)
        base = top - 3.9 * mm
        for line in name:
            self._text(self.text_left, base, line, _NAME, INK, bold=True)
            base -= _NAME_LEADING
        base -= 1 * mm
        for label, lines in facts:
            width = _LABEL - 1.5 * mm
            self._text(self.text_left, base, label, 7.5, GREY, width=width)
            for line in lines:
                self._text(self.text_left + _LABEL, base, line, _FACT, INK)
                base -= _FACT_LEADING
        self._draw_aside(top, item)
        self._rule(y - height, HAIR)

    def _draw_aside(self, top, item):
        """Draw price, unit, code and barcode."""
        base = top - 4.6 * mm
        unit = f" / {item.unit}" if item.unit else ""
        room = _ASIDE - self.pen.width(unit, 8)
        if item.price:
            self._text(_RIGHT, base, unit, 8, GREY, "right", width=_ASIDE / 2)
            end = _RIGHT - min(self.pen.width(unit, 8), _ASIDE / 2)
            self._text(end, base, item.price, 15, RED, "right", width=room, bold=True)
        base -= 5 * mm
        if item.code:
            code = f"{self._label('code')} {item.code}"
            self._text(_RIGHT, base, code, 7, GREY, "right", width=_ASIDE)
        if not item.gtin:
            return
        modules = gtin_modules(item.gtin)
        bottom = top - _PICTURE
        if modules:
            self._draw_bars(item.gtin, modules, bottom + 1 * mm)
        else:
            text = f"{self._label('gtin')} {item.gtin}"
            self._text(_RIGHT, bottom + 2 * mm, text, 7, GREY, "right", width=_ASIDE)

    def _draw_bars(self, gtin, modules, bottom):
        """Draw a GTIN with its digits below."""
        canvas, width = self.canvas, len(modules) * _MODULE
        left = _RIGHT - width
        canvas.setFillColor(INK)
        path = canvas.beginPath()
        x = left
        for bit, run in groupby(modules):
            run_width = len(list(run)) * _MODULE
            if bit == "1":
                path.rect(x, bottom + 3 * mm, run_width, _BARCODE - 3 * mm)
            x += run_width
        canvas.drawPath(path, stroke=0, fill=1)
        self._text(left + width / 2, bottom, gtin, 8, INK, "center", spacing=1.6)

    def _draw_picture(self, key, x, y, size, name="", cover=False):
        """Draw a picture whole in its square (or filling it), a letter where there is none."""
        canvas = self.canvas
        content = self.catalogue.pictures.get(key) if key is not None else None
        if content is None:
            self._fill(TINT, x, y, size, size)
            self._text(x + size / 2, y + size / 2 - 11, name[:1], 32, HAIR, "center")
            return
        reader = self.readers.get(key)
        if reader is None:
            reader = self.readers[key] = _Jpeg(content)
        width, height = reader.getSize()
        scale = size / (min(width, height) if cover else max(width, height))
        width, height = width * scale, height * scale
        canvas.saveState()
        if cover:
            path = canvas.beginPath()
            path.rect(x, y, size, size)
            canvas.clipPath(path, stroke=0)
        canvas.drawImage(reader, x + (size - width) / 2, y + (size - height) / 2, width, height)
        canvas.restoreState()
        if not cover:
            canvas.setStrokeColor(HAIR)
            canvas.setLineWidth(0.4)
            canvas.rect(x, y, size, size, stroke=1, fill=0)
