"""Layout of the delivery note (送货单): plain data in, PDF out.

One set of data serves every paper; what does not fit goes on to further pages, each with
the heading again. Nothing here knows of the database: the report model fills in
:class:`Note`, with every text already in the reader's language.
"""

import itertools
from dataclasses import dataclass, field

from reportlab.lib.units import mm

from odoo.addons.union_assist_catalog.tools.typesetting import is_wide, print_documents

from .symbols import barcode_bits, draw_bits, qr_bits

#: Keys of the texts that :attr:`Note.labels` must hold.
LABELS = (
    "recipient",
    "address",
    "contact",
    "phone",
    "number",
    "date",
    "order",
    "vehicle",
    "index",
    "barcode",
    "product",
    "lot",
    "produced",
    "shelf_life",
    "expires",
    "ordered",
    "quantity",
    "unit",
    "received",
    "carton_price",
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
    "scan",
    "page",
)


@dataclass(frozen=True)
class Line:
    """One row of the note; texts as they are printed, empty where nothing is known."""

    index: str = ""
    barcode: str = ""
    product: str = ""
    lot: str = ""
    produced: str = ""
    shelf_life: str = ""
    expires: str = ""
    ordered: str = ""
    quantity: str = ""
    unit: str = ""
    #: Blank: the receiver writes what really arrived.
    received: str = ""
    carton_price: str = ""
    price: str = ""
    amount: str = ""
    remark: str = ""


@dataclass(frozen=True)
class Note:
    """What one delivery note says.

    ``labels`` has a text for each of :data:`LABELS`; ``page`` in it takes ``%(page)s``
    and ``%(pages)s``. ``url`` goes into the QR code. ``totals`` holds a pair (amount in
    figures, amount in capitals or an empty text) for each currency.

    ``columns`` are the optional columns (:data:`OPTIONAL`) that are printed; without
    ``priced`` no price, amount or total is. ``copies`` are the legends of the copies: a sheet
    of single pages is printed once for each of them, continuous paper once with all.
    """

    title: str
    company: str
    number: str
    labels: dict
    recipient: str = ""
    address: str = ""
    contact: str = ""
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
    #: Says that this is not the first print, beside the number.
    reprint: str = ""
    paper: str = "a4"
    columns: tuple = ("lot", "produced", "expires", "remark")
    priced: bool = True
    copies: tuple = ()
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
    #: Carbon copies come out of one print.
    multipart: bool = False


#: The papers that Chinese warehouses print on. Continuous paper is 241 mm wide with the
#: tractor strips, of which printers reach about 210 mm; 139.7 mm is half a form.
PAPERS = {
    "a4": Paper(210, 297, side=10, top=10, bottom=9, stamp=30, min_rows=12),
    "a5": Paper(210, 148, side=10, top=6, bottom=5, stamp=18, min_rows=5),
    "continuous": Paper(241, 139.7, side=18, top=5, bottom=4, stamp=16, min_rows=5, multipart=True),
}

#: Columns that a note may have or not.
OPTIONAL = (
    "barcode",
    "lot",
    "produced",
    "shelf_life",
    "expires",
    "ordered",
    "received",
    "carton_price",
    "remark",
)
#: Columns that are printed only where a line has something in them.
_WHERE_USED = {"barcode", "carton_price"}
_PRICES = {"carton_price", "price", "amount"}

#: Width of the columns in millimetres; the product takes what is left.
_COLUMNS = {
    "index": 6,
    "barcode": 24.5,
    "product": 0,
    "lot": 17,
    "produced": 17,
    "shelf_life": 11,
    "expires": 17,
    "ordered": 12,
    "quantity": 11,
    "unit": 8,
    "received": 13,
    "carton_price": 13,
    "price": 13,
    "amount": 17,
    "remark": 17.5,
}
#: The product gets at least so many millimetres; the other columns shrink for it.
_MIN_PRODUCT = 30
#: These grow with what is in them, up to so many millimetres: figures and lots read badly on
#: two lines.
_GROWING = {
    "lot": 30,
    "ordered": 18,
    "quantity": 18,
    "carton_price": 22,
    "price": 22,
    "amount": 26,
    "remark": 24,
}
#: Where the room is short these give way first, in this order, down to so many millimetres:
#: their texts may be broken, dates and figures may not.
_YIELDING = {"remark": 12, "received": 12, "lot": 14}
_CENTERED = {"index", "barcode", "lot", "produced", "shelf_life", "expires", "unit"}
_RIGHT = {"ordered", "quantity", "carton_price", "price", "amount"}

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
    serials = itertools.count()
    return print_documents(
        notes, lambda note, pen: _Form(note, pen, next(serials)).draw(), fonts, title
    )


class _Form:
    """One note on its paper. Heights are measured downwards from the top edge."""

    def __init__(self, note, pen, serial=0):
        self.note, self.pen, self.canvas, self.serial = note, pen, pen.canvas, serial
        paper = PAPERS[note.paper]
        self.paper = paper
        self.height = paper.height * mm
        self.left = paper.side * mm
        self.right = (paper.width - paper.side) * mm - _LEGEND
        self.columns = self._columns()
        # Text leaves the ruled box a little room at the foot for the page number.
        self.floor = paper.bottom * mm + 4.5 * mm
        self.notice = pen.wrap(note.notice, self.right - self.left - 2 * _PADDING, 7)
        self.totals = (note.totals or [("", "")]) if note.priced else []

    def _names(self):
        """Return the columns of this note, from left to right."""
        note = self.note
        for name in _COLUMNS:
            if name in OPTIONAL and name not in note.columns:
                continue
            if name in _PRICES and not note.priced:
                continue
            if name in _WHERE_USED and not any(getattr(line, name) for line in note.lines):
                continue
            yield name

    def _columns(self):
        """Return {column: (left, right)}."""
        widths = {name: self._width(name) for name in self._names()}
        whole, others = self.right - self.left, sum(widths.values())
        for name, least in _YIELDING.items():
            missing = others - (whole - _MIN_PRODUCT * mm)
            if missing > 0 and name in widths:
                width = max(widths[name] - missing, min(widths[name], least * mm))
                others -= widths[name] - width
                widths[name] = width
        shrink = min(1, (whole - _MIN_PRODUCT * mm) / others)
        columns, x = {}, self.left
        for name, width in widths.items():
            end = x + (width * shrink or whole - others * shrink)
            columns[name] = (x, end)
            x = end
        return columns

    def _width(self, name):
        """Return the width that a column would like to have; 0 for what takes the rest."""
        width = _COLUMNS[name] * mm
        if name not in _GROWING:
            return width
        texts = {getattr(line, name) for line in self.note.lines}
        widest = max((self.pen.width(text, _TEXT) for text in texts), default=0)
        # A little more than the text: what just fits is wrapped by rounding.
        return min(max(width, widest + 2 * _PADDING + 0.1 * mm), _GROWING[name] * mm)

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
        """Print every copy of the note, page by page."""
        pages = self._pages(self._rows())
        copies = self.note.copies
        size = (self.paper.width * mm, self.height)
        if self.paper.multipart or len(copies) < 2:
            for number in range(1, len(pages) + 1):
                self.canvas.setPageSize(size)
                self._draw_page(pages, number)
                self._draw_legend("　".join(copies))
                self.canvas.showPage()
            return
        # What the copies share is drawn once, and the file holds it once.
        names = []
        for number in range(1, len(pages) + 1):
            names.append(f"note-{self.serial}-{number}")
            self.canvas.beginForm(names[-1], 0, 0, *size)
            self._draw_page(pages, number)
            self.canvas.endForm()
        for legend in copies:
            for name in names:
                self.canvas.setPageSize(size)
                self.canvas.doForm(name)
                self._draw_legend(legend)
                self.canvas.showPage()

    def _draw_page(self, pages, number):
        rows, last = pages[number - 1], number == len(pages)
        self.canvas.setLineWidth(0.5)
        self._draw_head()
        y = self._draw_table(rows, last)
        if last:
            self._draw_closing(y)
        self._draw_foot(number, len(pages))

    def _label(self, name):
        return self.note.labels[name]

    def _box(self, left, top, right, bottom, fill=0):
        """Rule a box; top and bottom measured from the paper's top edge."""
        box = f"{left:.2f} {self.height - bottom:.2f} {right - left:.2f} {bottom - top:.2f} re"
        self.canvas._code.append(f"0.92 g {box} B 0 g" if fill else f"{box} S")

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
            bits = barcode_bits(note.number)
            width = min(0.26 * mm, side / len(bits)) * len(bits)
            self._draw_bits([bits], self.left, top + 3 * mm, width, 8.5 * mm)
            self._text(self.left, top + 15.2 * mm, note.number, 9)
        if note.reprint:
            self._text(self.left, top + 19.4 * mm, note.reprint, 8.5, width=side, bold=True)
        if note.url:
            size = 19 * mm
            self._draw_bits(qr_bits(note.url), self.right - size, top, size, size)
            x = self.right - size - 1.5 * mm
            self._text(x, top + 18.2 * mm, self._label("scan"), 6.5, "right", width=side - size)
        order = f"{note.order} / {note.reference}" if note.reference else note.order
        rows = (
            (("recipient", note.recipient, 0), ("number", note.number, 0.7)),
            (("address", note.address, 0), ("date", note.date, 0.7)),
            (
                ("contact", note.contact, 0),
                ("phone", note.phone, 0.28),
                ("vehicle", note.vehicle, 0.49),
                ("order", order, 0.7),
            ),
        )
        y = top + 21 * mm + 3.4 * mm
        width = self.right - self.left
        for row in rows:
            ends = [part[2] for part in row[1:]] + [1]
            for (name, text, start), end in zip(row, ends, strict=True):
                room = self.left + width * end - (2 * mm if end < 1 else 0)
                self._draw_pair(self.left + width * start, y, room, name, text)
            y += 4.8 * mm

    def _draw_pair(self, left, y, right, name, text):
        label = self._label(name)
        self._text(left, y, label, 8.5)
        left += self.pen.width(label, 8.5)
        self._text(left, y, text, 8.5, width=right - left)

    def _draw_bits(self, rows, left, top, width, height):
        draw_bits(self.canvas, rows, left, self.height - top - height, width, height)

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
                if lines:
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
        y = self.height - y
        self.canvas._code.append(f"{self.left:.2f} {y:.2f} m {self.right:.2f} {y:.2f} l S")

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
        money = self.columns["price"][0] if note.priced else self.right
        # Quantities by unit stand before the money, right of the word.
        end = money - _PADDING
        if note.packages:
            text = f"{self._label('packages')}{note.packages}"
            room = min(26 * mm, end - right)
            self._text(end, y + 3.9 * mm, text, 8, "right", width=room)
            end -= self.pen.width(text) + 3 * mm
        self._text(end, y + 3.9 * mm, note.quantity_total, 8, "right", width=end - right)
        if note.priced:
            figures = " + ".join(amount for amount, _capitals in self.totals)
            end = self.columns["amount"][1] - _PADDING
            self._text(end, y + 3.9 * mm, figures, 8, "right", width=end - money)
        y += _ROW
        split = self.left + (self.right - self.left) * 0.64
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

    def _draw_legend(self, text):
        """Write the legend of a copy, or of all, upright along the right edge."""
        if not text:
            return
        x = self.right + _LEGEND / 2 + 0.6 * mm
        y = self.paper.top * mm + 21 * mm
        if is_wide(text):
            step = min(3.6 * mm, (self.height - self.floor - y) / len(text))
            size = min(8, step * 0.9)
            for index, char in enumerate(text):
                self._text(x, y + (index + 1) * step, char, size, "center")
            return
        self.canvas.saveState()
        self.canvas.translate(x - 0.8 * mm, self.height - y)
        self.canvas.rotate(-90)
        self.pen.fitted(0, 0, text, self.height - self.floor - y, 7.5)
        self.canvas.restoreState()
