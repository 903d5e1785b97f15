"""Layout of the delivery note (送货单): plain data in, PDF out.

One set of data serves every paper; what does not fit goes on to further pages, each with
the heading again. Nothing here knows of the database: the report model fills in
:class:`Note`, with every text already in the reader's language.
"""

import io
from dataclasses import dataclass, field

import qrcode
from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from odoo.addons.union_assist_catalog.tools.typesetting import Pen, is_wide

#: Keys of the texts that :attr:`Note.labels` must hold.
LABELS = (
    "recipient",
    "address",
    "phone",
    "number",
    "date",
    "order",
    "vehicle",
    "index",
    "product",
    "lot",
    "produced",
    "expires",
    "quantity",
    "unit",
    "price",
    "amount",
    "remark",
    "blank_below",
    "continued",
    "total",
    "in_capitals",
    "in_figures",
    "packages",
    "sender_stamp",
    "receiver_stamp",
    "prepared_by",
    "delivered_by",
    "received_by",
    "signed_on",
    "copies",
    "scan",
    "page",
)


@dataclass(frozen=True)
class Line:
    """One row of the note; texts as they are printed, empty where nothing is known."""

    index: str = ""
    product: str = ""
    lot: str = ""
    produced: str = ""
    expires: str = ""
    quantity: str = ""
    unit: str = ""
    price: str = ""
    amount: str = ""
    remark: str = ""


@dataclass(frozen=True)
class Note:
    """What one delivery note says.

    ``labels`` has a text for each of :data:`LABELS`; ``page`` in it takes ``%(page)s``
    and ``%(pages)s``. ``url`` goes into the QR code. ``totals`` holds a pair (amount in
    figures, amount in capitals or an empty text) for each currency.
    """

    title: str
    company: str
    number: str
    labels: dict
    recipient: str = ""
    address: str = ""
    phone: str = ""
    date: str = ""
    order: str = ""
    reference: str = ""
    vehicle: str = ""
    driver: str = ""
    url: str = ""
    quantity_total: str = ""
    totals: list = field(default_factory=list)
    packages: str = ""
    prepared_by: str = ""
    notice: str = ""
    mark: str = ""
    paper: str = "a4"
    lines: list = field(default_factory=list)


@dataclass(frozen=True)
class Paper:
    """A sheet and where it is printed on; all in millimetres."""

    width: float
    height: float
    side: float
    top: float
    bottom: float
    stamp: float
    #: A note with fewer lines is filled up with empty ones.
    min_rows: int


#: The papers that Chinese warehouses print on. Continuous paper is 241 mm wide with the
#: tractor strips, of which printers reach about 210 mm; 139.7 mm is half a form.
PAPERS = {
    "a4": Paper(210, 297, side=10, top=10, bottom=9, stamp=30, min_rows=12),
    "a5": Paper(210, 148, side=10, top=6, bottom=5, stamp=18, min_rows=5),
    "continuous": Paper(241, 139.7, side=18, top=5, bottom=4, stamp=16, min_rows=5),
}

#: Width of the columns in millimetres; the product takes what is left.
_COLUMNS = {
    "index": 7,
    "product": 0,
    "lot": 22,
    "produced": 17,
    "expires": 17,
    "quantity": 13,
    "unit": 10,
    "price": 15,
    "amount": 19,
    "remark": 22,
}
_CENTERED = {"index", "lot", "produced", "expires", "unit"}
_RIGHT = {"quantity", "price", "amount"}

_TEXT = 8
_LEADING = 3.7 * mm
_ROW = 5.6 * mm
_PADDING = 0.9 * mm
#: The copies' legend stands upright on the right of the form.
_LEGEND = 5 * mm


def render_notes(notes, fonts, title=""):
    """Print notes, one after another, into one PDF.

    Pages are counted within each note.

    :param notes: iterable of :class:`Note`
    :param fonts: names of fonts registered with ReportLab, the one with Chinese glyphs first
    :param title: title of the document
    :return: the PDF as bytes
    """
    output = io.BytesIO()
    canvas = Canvas(output, pageCompression=1, lang="zh-CN", initialFontName=fonts[0])
    canvas.setTitle(title)
    canvas.setCreator("Union Assist")
    pen = Pen(canvas, fonts)
    for note in notes:
        _Form(note, pen).draw()
    canvas.save()
    return output.getvalue()


class _Form:
    """One note on its paper. Heights are measured downwards from the top edge."""

    def __init__(self, note, pen):
        self.note, self.pen, self.canvas = note, pen, pen.canvas
        paper = PAPERS[note.paper]
        self.paper = paper
        self.height = paper.height * mm
        self.left = paper.side * mm
        self.right = (paper.width - paper.side) * mm - _LEGEND
        self.columns = self._columns()
        # Text leaves the ruled box a little room at the foot for the page number.
        self.floor = paper.bottom * mm + 4.5 * mm
        self.notice = pen.wrap(note.notice, self.right - self.left - 2 * _PADDING, 7)
        self.totals = note.totals or [("", "")]

    def _columns(self):
        """Return {column: (left, right)}."""
        free = self.right - self.left - sum(_COLUMNS.values()) * mm
        columns, x = {}, self.left
        for name, width in _COLUMNS.items():
            end = x + (width * mm or free)
            columns[name] = (x, end)
            x = end
        return columns

    # -- measuring -------------------------------------------------------------------

    @property
    def _closing_height(self):
        """Height of totals, notice, signatures and stamps."""
        return (
            _ROW * (1 + len(self.totals))
            + len(self.notice) * _LEADING
            + 2 * _PADDING
            + self.paper.stamp * mm
        )

    def _rows(self):
        """Return (height, {column: wrapped lines}) for each line of the note."""
        rows = []
        for line in self.note.lines:
            cells = {}
            for name, (left, right) in self.columns.items():
                text = getattr(line, name)
                cells[name] = self.pen.wrap(text, right - left - 2 * _PADDING) if text else []
            count = max(1, *map(len, cells.values()))
            rows.append((_ROW + (count - 1) * _LEADING, cells))
        return rows

    def _pages(self, rows):
        """Deal the rows out to pages so that the closing block fits on the last one."""
        top = self.paper.top * mm + self._head_height + _ROW
        room = self.height - top - self.floor
        # Pages that go on end with a row that says so.
        full, last = room - _ROW, room - self._closing_height
        pages, page, used = [], [], 0
        for row in rows:
            if page and used + row[0] > full:
                pages.append(page)
                page, used = [], 0
            page.append(row)
            used += row[0]
        if used > last:
            # Totals and signatures never stand alone: the last row goes over with them.
            pages.append(page)
            page = [page.pop()]
        pages.append(page)
        return pages

    # -- drawing ---------------------------------------------------------------------

    _head_height = 21 * mm + 3 * 4.8 * mm + 1.5 * mm

    def draw(self):
        pages = self._pages(self._rows())
        for number, rows in enumerate(pages, 1):
            self.canvas.setPageSize((self.paper.width * mm, self.height))
            self.canvas.setLineWidth(0.5)
            self._draw_head()
            y = self._draw_table(rows, last=number == len(pages))
            if number == len(pages):
                self._draw_closing(y)
            self._draw_foot(number, len(pages))
            self.canvas.showPage()

    def _label(self, name):
        return self.note.labels[name]

    def _box(self, left, top, right, bottom, fill=0):
        """Rule a box; top and bottom measured from the paper's top edge."""
        if fill:
            self.canvas.setFillGray(0.92)
        self.canvas.rect(
            left, self.height - bottom, right - left, bottom - top, stroke=1, fill=fill
        )
        self.canvas.setFillGray(0)

    def _text(self, x, y, text, size=_TEXT, align="left", width=None, **options):
        if width is None:
            self.pen.text(x, self.height - y, text, size, align, **options)
        else:
            self.pen.fitted(x, self.height - y, text, width, size, align, **options)

    def _draw_head(self):
        note, top = self.note, self.paper.top * mm
        middle = (self.left + self.right) / 2
        side = 46 * mm
        room = self.right - self.left - 2 * side
        self._text(middle, top + 5.5 * mm, note.company, 12, "center", width=room)
        spacing = 6 if is_wide(note.title) else 1
        self._text(middle, top + 14.5 * mm, note.title, 19, "center", spacing=spacing, bold=True)
        self.canvas.setLineWidth(0.5)
        for gap in (17.2, 18):
            self.canvas.line(
                middle - 24 * mm,
                self.height - top - gap * mm,
                middle + 24 * mm,
                self.height - top - gap * mm,
            )
        if note.number:
            code = Code128(note.number, barWidth=0.26 * mm, barHeight=8.5 * mm, quiet=0)
            code.drawOn(self.canvas, self.left, self.height - top - 11.5 * mm)
            self._text(self.left, top + 15.2 * mm, note.number, 9)
        if note.url:
            size = 19 * mm
            self._draw_qr(note.url, self.right - size, top, size)
            x = self.right - size - 1.5 * mm
            self._text(x, top + 18.2 * mm, self._label("scan"), 6.5, "right", width=side - size)
        y = top + 21 * mm + 3.4 * mm
        split = self.left + (self.right - self.left) * 0.62
        pairs = (
            (("recipient", note.recipient), ("number", note.number)),
            (("address", note.address), ("date", note.date)),
        )
        for left, right in pairs:
            self._draw_pair(self.left, y, split - 2 * mm, *left)
            self._draw_pair(split, y, self.right, *right)
            y += 4.8 * mm
        parts = [
            ("phone", note.phone, 0),
            ("vehicle", note.vehicle, 0.45),
            ("order", note.order, 0.62),
        ]
        if note.reference:
            parts[-1] = ("order", f"{note.order} / {note.reference}", 0.62)
        width = self.right - self.left
        ends = [part[2] for part in parts[1:]] + [1]
        for (name, text, start), end in zip(parts, ends, strict=True):
            room = self.left + width * end - (2 * mm if end < 1 else 0)
            self._draw_pair(self.left + width * start, y, room, name, text)

    def _draw_pair(self, left, y, right, name, text):
        label = self._label(name)
        self._text(left, y, label, 8.5)
        left += self.pen.width(label, 8.5)
        self._text(left, y, text, 8.5, width=right - left)

    def _draw_qr(self, url, left, top, size):
        # With a given mask the code is made ten times quicker, and reads as well.
        code = qrcode.QRCode(
            error_correction=qrcode.constants.ERROR_CORRECT_M, border=0, mask_pattern=3
        )
        code.add_data(url, optimize=0)
        code.make()
        step = size / code.modules_count
        path = self.canvas.beginPath()
        for row, modules in enumerate(code.modules):
            column = 0
            while column < len(modules):
                start = column
                while column < len(modules) and modules[column]:
                    column += 1
                if column > start:
                    path.rect(
                        left + start * step,
                        self.height - top - (row + 1) * step,
                        (column - start) * step,
                        step,
                    )
                column += 1
        self.canvas.drawPath(path, stroke=0, fill=1)

    def _draw_table(self, rows, last):
        """Draw heading, rows and filler; return where the table ends."""
        y = start = self.paper.top * mm + self._head_height
        self._box(self.left, y, self.right, y + _ROW, fill=1)
        for name, (left, right) in self.columns.items():
            self._text(
                (left + right) / 2,
                y + 3.9 * mm,
                self._label(name),
                _TEXT,
                "center",
                width=right - left - _PADDING,
            )
        y += _ROW
        for height, cells in rows:
            for name, lines in cells.items():
                self._draw_cell(name, y, height, lines)
            y += height
            self._rule(y)
        if last:
            y = self._draw_filler(y, len(rows))
        self._box(self.left, start, self.right, y)
        for left, _right in list(self.columns.values())[1:]:
            self.canvas.line(left, self.height - start, left, self.height - y)
        if not last:
            self._text(self.right, y + 4 * mm, self._label("continued"), 7.5, "right")
        return y

    def _rule(self, y):
        self.canvas.line(self.left, self.height - y, self.right, self.height - y)

    def _draw_cell(self, name, y, height, lines):
        left, right = self.columns[name]
        if name in _CENTERED:
            x, align = (left + right) / 2, "center"
        elif name in _RIGHT:
            x, align = right - _PADDING, "right"
        else:
            x, align = left + _PADDING, "left"
        y += (height - (len(lines) - 1) * _LEADING) / 2 + 1.0 * mm
        for line in lines:
            self._text(x, y, line, _TEXT, align)
            y += _LEADING

    def _draw_filler(self, y, count):
        """Rule empty lines; the first says that nothing follows."""
        room = self.height - self.floor - self._closing_height - y
        empty = min(int(room / _ROW), max(self.paper.min_rows - count, 1))
        for index in range(empty):
            if not index:
                left, right = self.columns["product"]
                self._text(
                    (left + right) / 2, y + 3.9 * mm, self._label("blank_below"), align="center"
                )
            y += _ROW
            self._rule(y)
        return y

    def _draw_closing(self, y):
        note = self.note
        self._box(self.left, y, self.right, y + _ROW)
        left, right = self.columns["product"]
        self._text((left + right) / 2, y + 3.9 * mm, self._label("total"), align="center")
        end = self.columns["price"][0] - _PADDING
        self._text(
            end, y + 3.9 * mm, note.quantity_total, 8, "right", width=end - self.columns["lot"][0]
        )
        figures = " + ".join(amount for amount, _capitals in self.totals)
        end = self.columns["amount"][1] - _PADDING
        self._text(end, y + 3.9 * mm, figures, 8, "right", width=end - self.columns["price"][0])
        if note.packages:
            left, right = self.columns["remark"]
            self._text(
                left + _PADDING,
                y + 3.9 * mm,
                f"{self._label('packages')}{note.packages}",
                width=right - left - 2 * _PADDING,
            )
        y += _ROW
        split = self.columns["price"][0]
        for amount, capitals in self.totals:
            self._box(self.left, y, self.right, y + _ROW)
            self._text(
                self.left + _PADDING,
                y + 3.9 * mm,
                f"{self._label('in_capitals')}{capitals}",
                9,
                width=split - self.left - 2 * _PADDING,
            )
            self._text(
                split,
                y + 3.9 * mm,
                f"{self._label('in_figures')}{amount}",
                9,
                width=self.right - split - _PADDING,
            )
            y += _ROW
        height = len(self.notice) * _LEADING + 2 * _PADDING
        self._box(self.left, y, self.right, y + height)
        for index, line in enumerate(self.notice):
            self._text(self.left + _PADDING, y + 3.4 * mm + index * _LEADING, line, 7)
        self._draw_signatures(y + height)

    def _draw_signatures(self, y):
        note = self.note
        bottom = y + self.paper.stamp * mm
        middle = (self.left + self.right) / 2
        boxes = (
            (
                self.left,
                middle,
                f"{self._label('sender_stamp')}{note.company}",
                (
                    f"{self._label('prepared_by')}{note.prepared_by}",
                    f"{self._label('delivered_by')}{note.driver}",
                ),
            ),
            (
                middle,
                self.right,
                f"{self._label('receiver_stamp')}{note.recipient}",
                (self._label("received_by"),),
            ),
        )
        for left, right, stamp, hands in boxes:
            self._box(left, y, right, bottom)
            width = right - left - 2 * _PADDING
            self._text(left + _PADDING, y + 4.2 * mm, stamp, 8.5, width=width)
            hands = (*hands, self._label("signed_on"))
            step = width / len(hands)
            for index, hand in enumerate(hands):
                x = left + _PADDING + index * step
                self._text(x, bottom - 2.2 * mm, hand, 8.5, width=step - 1 * mm)

    def _draw_foot(self, number, count):
        y = self.height - self.paper.bottom * mm
        page = self._label("page") % {"page": number, "pages": count}
        self._text((self.left + self.right) / 2, y, page, 7.5, "center")
        self._text(self.left, y, self.note.mark, 7.5)
        self._text(self.right, y, self.note.number, 7.5, "right")
        self._draw_legend()

    def _draw_legend(self):
        """Write the copies' legend upright along the right edge."""
        text = self._label("copies")
        x = self.right + _LEGEND / 2 + 0.6 * mm
        y = self.paper.top * mm + 21 * mm
        if is_wide(text):
            step = min(3.3 * mm, (self.height - self.floor - y) / max(len(text), 1))
            for index, char in enumerate(text):
                self._text(x, y + (index + 1) * step, char, 7.5, "center")
            return
        self.canvas.saveState()
        self.canvas.translate(x - 0.8 * mm, self.height - y)
        self.canvas.rotate(-90)
        self.pen.text(0, 0, text, 7.5)
        self.canvas.restoreState()
