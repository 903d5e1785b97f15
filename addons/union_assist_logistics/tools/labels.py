"""Layout of carton labels (箱唛), pack lists (装箱单) and labels of gift packs: data in, PDF out.

Nothing here knows of the database: the report models fill in plain data, with every text in
the reader's language.
"""

from dataclasses import dataclass, field

from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.units import mm

from odoo.addons.union_assist_catalog.tools.typesetting import print_documents

from .gs1 import element_string, readable
from .symbols import barcode_bits, draw_bits, qr_bits

#: Sizes of carton labels in millimetres.
CARTON_SIZES = {"100x150": (100, 150), "100x100": (100, 100)}

#: Narrowest bar in millimetres that scanners of a warehouse read at a distance (GS1 asks for
#: 0.495 on cartons), and the narrowest that may be printed at all.
_BAR_WIDTH, _MIN_BAR_WIDTH = 0.495, 0.25


@dataclass(frozen=True)
class Content:
    """One kind of goods in a carton; texts as they are printed."""

    product: str
    specification: str = ""
    lot: str = ""
    produced: str = ""
    expires: str = ""
    quantity: str = ""
    unit: str = ""


@dataclass(frozen=True)
class _Carton:
    """What is said of one carton.

    ``labels`` holds the texts of the form. ``sscc`` or, where there is none, ``name`` is the
    number of the carton.
    """

    company: str
    labels: dict
    name: str
    sscc: str = ""
    recipient: str = ""
    order: str = ""
    packed_on: str = ""
    number: int = 0
    count: int = 0
    gross: str = ""
    contents: tuple = ()


@dataclass(frozen=True)
class CartonLabel(_Carton):
    """What the label on one carton says.

    ``elements`` are pairs (application identifier, value) that describe the contents of a
    carton of one product and lot.
    """

    net: str = ""
    dimensions: str = ""
    storage: str = ""
    elements: tuple = ()
    size: str = "100x150"


@dataclass(frozen=True)
class PackList(_Carton):
    """What the pack list in one carton says: goods and lots, never prices."""

    packed_by: str = ""
    total: str = ""


@dataclass(frozen=True)
class PackLabel:
    """What the label on one gift pack says; ``url`` is the lot's public page."""

    company: str
    labels: dict
    product: str
    specification: str = ""
    lot: str = ""
    produced: str = ""
    expires: str = ""
    storage: str = ""
    parts: str = ""
    url: str = ""
    copies: int = field(default=1)


def render_carton_labels(labels, fonts, title=""):
    """Print carton labels, each on a page of its own size, into one PDF (bytes)."""
    return _render(labels, fonts, title, _CartonSheet)


def render_pack_lists(lists, fonts, title=""):
    """Print pack lists on A5, pages counted within each, into one PDF (bytes)."""
    return _render(lists, fonts, title, _ListSheet)


def render_pack_labels(labels, fonts, title=""):
    """Print labels of gift packs of 80 × 50 mm into one PDF (bytes)."""
    return _render(labels, fonts, title, _PackSheet)


def _render(documents, fonts, title, sheet):
    return print_documents(documents, lambda data, pen: sheet(data, pen).draw(), fonts, title)


# -- symbols -------------------------------------------------------------------------


def split_symbols(elements, width):
    """Share elements out over symbols that are not too narrow to read.

    :param elements: pairs (application identifier, value)
    :param width: room in millimetres, without quiet zones
    :return: list of lists of elements
    """
    symbols, current = [], []
    for element in elements:
        longer = [*current, element]
        if current and len(barcode_bits(element_string(longer), Code128)) * _MIN_BAR_WIDTH > width:
            symbols.append(current)
            longer = [element]
        current = longer
    return [*symbols, current] if current else symbols


class _Sheet:
    """A page; heights are measured downwards from its top edge, in points."""

    margin = 4 * mm

    def __init__(self, data, pen, width, height):
        self.data, self.pen, self.canvas = data, pen, pen.canvas
        self.width, self.height = width * mm, height * mm
        self.left, self.right = self.margin, self.width - self.margin

    def _label(self, name):
        return self.data.labels[name]

    def _open(self):
        self.canvas.setPageSize((self.width, self.height))
        self.canvas.setLineWidth(0.6)

    def _text(self, x, y, text, size=8, align="left", width=None, **options):
        if width is None:
            self.pen.text(x, self.height - y, text, size, align, **options)
        else:
            self.pen.fitted(x, self.height - y, text, width, size, align, **options)

    def _lines(self, x, y, text, width, size, leading, count, **options):
        """Set a text over so many lines at most; return where it ends."""
        for line in self.pen.wrap(text, width, size, count):
            self._text(x, y, line, size, **options)
            y += leading
        return y

    def _rule(self, y, left=None, right=None):
        self.canvas.line(
            self.left if left is None else left,
            self.height - y,
            self.right if right is None else right,
            self.height - y,
        )

    def _pair(self, x, y, name, text, width, size=8):
        label = self._label(name)
        self._text(x, y, label, size)
        used = self.pen.width(label, size)
        self._text(x + used, y, text, size, width=width - used)

    def _draw_bars(self, content, y, height, text, size=8):
        """Draw a symbol in the middle of the page, and what it says below it."""
        bits = barcode_bits(content, Code128)
        # Ten modules on each side stay white.
        step = min(_BAR_WIDTH * mm, (self.width - 2 * mm) / (len(bits) + 20))
        room = len(bits) * step
        left = (self.width - room) / 2
        draw_bits(self.canvas, [bits], left, self.height - y - height, room, height)
        self._text(
            self.width / 2,
            y + height + size + 0.5,
            text,
            size,
            "center",
            width=self.right - self.left,
        )
        return y + height + size + 4

    def _draw_qr(self, text, left, top, size):
        draw_bits(self.canvas, qr_bits(text), left, self.height - top - size, size, size)


class _CartonSheet(_Sheet):
    """A carton's label: recipient and number on top, contents, codes at the foot."""

    def __init__(self, data, pen):
        super().__init__(data, pen, *CARTON_SIZES[data.size])
        self.tall = self.height > self.width

    def draw(self):
        self._open()
        y = self._draw_head()
        bottom = self._draw_codes()
        self._draw_contents(y, bottom)
        self.canvas.showPage()

    def _draw_head(self):
        data = self.data
        box = 24 * mm
        split = self.right - box
        top = self.margin
        bottom = top + (25 if self.tall else 20) * mm
        self.canvas.rect(
            self.left, self.height - bottom, self.right - self.left, bottom - top, fill=0
        )
        self.canvas.line(split, self.height - top, split, self.height - bottom)
        room = split - self.left - 3 * mm
        x = self.left + 1.5 * mm
        self._text(x, top + 4.2 * mm, data.company, 8, width=room)
        size = 14 if self.tall else 12
        if data.recipient:
            self._text(x, top + 8.4 * mm, self._label("recipient"), 6.5)
            self._lines(x, top + 13.6 * mm, data.recipient, room, size, size * 1.15, 2, bold=True)
        middle = (split + self.right) / 2
        self._text(middle, top + 4.2 * mm, self._label("carton"), 7, "center")
        if data.number:
            self._text(
                middle,
                top + 14.5 * mm,
                f"{data.number}/{data.count}",
                24,
                "center",
                width=box - 2 * mm,
                bold=True,
            )
        self._text(middle, bottom - 1.6 * mm, data.packed_on, 7, "center", width=box - 2 * mm)
        return bottom

    def _draw_codes(self):
        """Draw the symbols from the foot upwards; return where they begin."""
        data = self.data
        main, second = (32, 15) if self.tall else (20, 11)
        bottom = self.height - 2.5 * mm
        y = bottom - main * mm - 12
        if data.sscc:
            elements = [("00", data.sscc)]
            self._draw_bars(element_string(elements), y, main * mm, readable(elements), 10)
        elif data.name.isascii():
            self._draw_bars(data.name, y, main * mm, data.name, 10)
        else:
            self._text(self.width / 2, y + main * mm / 2, data.name, 16, "center", width=80 * mm)
        room = self.width / mm - 2 - 20 * _MIN_BAR_WIDTH
        for elements in reversed(split_symbols(data.elements, room)):
            y -= second * mm + 11
            self._draw_bars(element_string(elements), y, second * mm, readable(elements), 7)
        return y - 1 * mm

    def _draw_contents(self, y, bottom):
        data = self.data
        width = self.right - self.left
        half = width / 2
        y += 4.6 * mm
        self._pair(self.left, y, "order", data.order, half - 2 * mm)
        if data.dimensions:
            self._pair(self.left + half, y, "dimensions", data.dimensions, half)
        foot = bottom
        lines = [
            line
            for line in (
                (("gross", data.gross), ("net", data.net)) if data.gross else None,
                (("storage", data.storage),) if data.storage else None,
                (("marks", self._label("mark_texts")),) if self.tall else None,
            )
            if line
        ]
        foot -= len(lines) * 4.2 * mm
        at = foot
        for line in lines:
            at += 3.6 * mm
            for index, (name, text) in enumerate(line):
                self._pair(
                    self.left + index * half,
                    at,
                    name,
                    text,
                    half - 2 * mm if len(line) > 1 else width,
                )
        self._rule(bottom)
        self._rule(foot)
        y += 1.6 * mm
        self._rule(y)
        if len(data.contents) == 1:
            self._draw_single(data.contents[0], y, foot)
        else:
            self._draw_list(y, foot)

    def _draw_single(self, content, y, foot):
        width = self.right - self.left
        size = 13 if self.tall else 10
        y += size + 1
        y = self._lines(
            self.left, y, content.product, width, size, size * 1.2, 2 if self.tall else 1, bold=True
        )
        rows = [
            [("specification", content.specification)],
            [("quantity", f"{content.quantity} {content.unit}"), ("lot", content.lot)],
            [("produced", content.produced), ("expires", content.expires)],
        ]
        for row in rows:
            row = [(name, text) for name, text in row if text.strip()]
            if not row or y > foot:
                continue
            step = width / 2 if len(row) > 1 else width
            for index, (name, text) in enumerate(row):
                self._pair(self.left + index * step, y, name, text, step - 2 * mm, 8.5)
            y += 4.4 * mm if self.tall else 3.9 * mm

    def _draw_list(self, y, foot):
        """List what is inside, as far as there is room; the pack list has it all."""
        size, step = 7.5, 3.6 * mm
        room = int((foot - y - 1 * mm) / step)
        contents = self.data.contents
        shown = contents if len(contents) <= room else contents[: max(room - 1, 0)]
        width = self.right - self.left
        y += 3 * mm
        for content in shown:
            amount = f"{content.quantity} {content.unit}"
            text = " · ".join(filter(None, [content.product, content.lot, content.expires]))
            self._text(self.left, y, text, size, width=width - 20 * mm)
            self._text(self.right, y, amount, size, "right", width=19 * mm)
            y += step
        if len(shown) < len(contents):
            more = self._label("more") % {"count": len(contents) - len(shown)}
            self._text(self.left, y, more, size, width=width)


class _ListSheet(_Sheet):
    """A pack list on A5."""

    margin = 9 * mm
    _columns = (
        ("index", 7),
        ("product", 0),
        ("lot", 24),
        ("produced", 19),
        ("expires", 19),
        ("quantity", 17),
    )
    _row = 6 * mm
    _leading = 3.7 * mm

    def __init__(self, data, pen):
        super().__init__(data, pen, 148, 210)
        free = (self.right - self.left) / mm - sum(width for _name, width in self._columns)
        self.edges, x = {}, self.left
        for name, width in self._columns:
            end = x + (width or free) * mm
            self.edges[name] = (x, end)
            x = end

    def draw(self):
        rows = self._rows()
        top, floor = 45 * mm, self.height - 34 * mm
        pages, page, used = [], [], top + self._row
        for row in rows:
            if page and used + row[0] > floor:
                pages.append(page)
                page, used = [], top + self._row
            page.append(row)
            used += row[0]
        pages.append(page)
        for number, rows_of_page in enumerate(pages, 1):
            self._open()
            self._draw_head()
            y = self._draw_table(rows_of_page, top)
            if number == len(pages):
                self._draw_closing(y)
            page_text = self._label("page") % {"page": number, "pages": len(pages)}
            self._text(self.width / 2, self.height - 5 * mm, page_text, 7.5, "center")
            self.canvas.showPage()

    def _rows(self):
        rows = []
        for index, content in enumerate(self.data.contents, 1):
            product = " ".join(filter(None, [content.product, content.specification]))
            texts = {
                "index": str(index),
                "product": product,
                "lot": content.lot,
                "produced": content.produced,
                "expires": content.expires,
                "quantity": f"{content.quantity} {content.unit}",
            }
            cells = {
                name: self.pen.wrap(text, self.edges[name][1] - self.edges[name][0] - 2 * mm)
                for name, text in texts.items()
            }
            lines = max(map(len, cells.values()))
            rows.append((self._row + (lines - 1) * self._leading, cells))
        return rows

    def _draw_head(self):
        data = self.data
        middle = self.width / 2
        self._text(middle, 13 * mm, data.company, 10, "center", width=80 * mm)
        self._text(middle, 21 * mm, self._label("title"), 17, "center", spacing=5, bold=True)
        if data.number:
            self._text(self.right, 13 * mm, f"{data.number}/{data.count}", 16, "right", bold=True)
            self._text(self.right, 18 * mm, self._label("carton"), 7.5, "right")
        half = (self.right - self.left) / 2
        y = 29 * mm
        self._pair(self.left, y, "recipient", data.recipient, half * 2, 9)
        y += 5 * mm
        self._pair(self.left, y, "order", data.order, half - 2 * mm)
        self._pair(self.left + half, y, "number", data.sscc or data.name, half)
        y += 5 * mm
        self._pair(self.left, y, "packed_on", data.packed_on, half - 2 * mm)
        self._pair(self.left + half, y, "packed_by", data.packed_by, half)

    def _draw_table(self, rows, y):
        start = y
        self.canvas.setFillGray(0.92)
        self.canvas.rect(
            self.left, self.height - y - self._row, self.right - self.left, self._row, fill=1
        )
        self.canvas.setFillGray(0)
        for name, (left, right) in self.edges.items():
            self._text(
                (left + right) / 2,
                y + 4.1 * mm,
                self._label(f"head_{name}"),
                8,
                "center",
                width=right - left - 1 * mm,
            )
        y += self._row
        for height, cells in rows:
            for name, lines in cells.items():
                left, right = self.edges[name]
                at = y + (height - (len(lines) - 1) * self._leading) / 2 + 1 * mm
                for line in lines:
                    if name == "product":
                        self._text(left + 1 * mm, at, line)
                    elif name == "quantity":
                        self._text(right - 1 * mm, at, line, align="right")
                    else:
                        self._text((left + right) / 2, at, line, align="center")
                    at += self._leading
            y += height
            self._rule(y)
        for left, _right in list(self.edges.values())[1:]:
            self.canvas.line(left, self.height - start, left, self.height - y)
        self.canvas.rect(self.left, self.height - y, self.right - self.left, y - start)
        return y

    def _draw_closing(self, y):
        data = self.data
        width = self.right - self.left
        y += 5 * mm
        self._pair(self.left, y, "total", data.total, width * 0.6)
        if data.gross:
            self._pair(self.left + width * 0.62, y, "gross", data.gross, width * 0.38)
        y += 5 * mm
        self._lines(self.left, y, self._label("notice"), width, 7.5, 3.6 * mm, 3)


class _PackSheet(_Sheet):
    """The label of a gift pack: what it is, how long it keeps, where it comes from."""

    margin = 3 * mm

    def __init__(self, data, pen):
        super().__init__(data, pen, 80, 50)

    def draw(self):
        for _copy in range(self.data.copies):
            self._open()
            self._draw()
            self.canvas.showPage()

    def _draw(self):
        data = self.data
        size = 22 * mm
        if data.url:
            self._draw_qr(data.url, self.right - size, 14 * mm, size)
            self._text(
                self.right - size / 2, 39.5 * mm, self._label("scan"), 6.5, "center", width=size
            )
        self._lines(
            self.left, 6.5 * mm, data.product, self.right - self.left, 12, 5 * mm, 1, bold=True
        )
        room = self.right - self.left - (size + 2 * mm if data.url else 0)
        y = 12.5 * mm
        for name, text in (
            ("specification", data.specification),
            ("lot", data.lot),
            ("produced", data.produced),
            ("expires", data.expires),
            ("storage", data.storage),
        ):
            if text:
                self._pair(self.left, y, name, text, room, 7.5)
                y += 4.2 * mm
        if data.parts:
            y = self._lines(self.left, y, self._label("parts") + data.parts, room, 6.5, 3 * mm, 3)
        self._rule(44 * mm)
        self._text(self.left, 47.4 * mm, data.company, 7, width=self.right - self.left)
