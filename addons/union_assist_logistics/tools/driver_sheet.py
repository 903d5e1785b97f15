"""Layout of the driver's sheet (司机派送单): plain data in, PDF out.

The stops of one vehicle in their order, each with a box for the receiver's signature. Texts
come in the reader's language; nothing here knows of the database.
"""

from dataclasses import dataclass, field

from reportlab.lib.units import mm

from odoo.addons.union_assist_catalog.tools.typesetting import is_wide, print_documents

from .symbols import barcode_bits, draw_bits

#: Keys of the texts that :attr:`Sheet.labels` must hold.
LABELS = (
    "date",
    "vehicle",
    "driver",
    "phone",
    "carrier",
    "waybill",
    "departed",
    "stop",
    "receiver",
    "deliveries",
    "load",
    "window",
    "temperature",
    "signature",
    "total",
    "continued",
    "loader",
    "driver_sign",
    "page",
)

#: A sheet of A4, in millimetres.
WIDTH, HEIGHT, MARGIN = 210, 297, 12
_COLUMNS = {
    "stop": 10,
    "receiver": 0,
    "deliveries": 31,
    "load": 25,
    "window": 21,
    "signature": 36,
}
_LEADING = 4 * mm
_PADDING = 1.2 * mm
#: Room for a signature and a stamp.
_MIN_ROW = 21 * mm
_HEAD_ROW = 7 * mm


@dataclass(frozen=True)
class Stop:
    """One drop: texts as they are printed, several lines where they are lists."""

    number: str
    unit: str
    address: str
    contact: str = ""
    deliveries: list = field(default_factory=list)
    load: list = field(default_factory=list)
    window: str = ""
    #: Limits for goods that must be kept cool; the driver writes what was measured.
    temperature: str = ""


@dataclass(frozen=True)
class Sheet:
    """What one driver's sheet says; ``page`` in the labels takes ``page`` and ``pages``."""

    title: str
    company: str
    number: str
    labels: dict
    date: str = ""
    vehicle: str = ""
    driver: str = ""
    phone: str = ""
    carrier: str = ""
    waybill: str = ""
    departed: str = ""
    total: str = ""
    warning: str = ""
    mark: str = ""
    stops: list = field(default_factory=list)


def render_sheets(sheets, fonts, title=""):
    """Print driver's sheets, one after another, into one PDF of A4 pages.

    :param sheets: iterable of :class:`Sheet`
    :param fonts: names of fonts registered with ReportLab, the one with Chinese glyphs first
    :param title: title of the document
    :return: the PDF as bytes
    """
    return print_documents(sheets, lambda sheet, pen: _SheetForm(sheet, pen).draw(), fonts, title)


class _SheetForm:
    """One sheet. Heights are measured downwards from the top edge."""

    def __init__(self, sheet, pen):
        self.sheet, self.pen, self.canvas = sheet, pen, pen.canvas
        self.left, self.right = MARGIN * mm, (WIDTH - MARGIN) * mm
        self.height = HEIGHT * mm
        free = self.right - self.left - sum(_COLUMNS.values()) * mm
        self.columns, x = {}, self.left
        for name, width in _COLUMNS.items():
            end = x + (width * mm or free)
            self.columns[name] = (x, end)
            x = end
        self.top = MARGIN * mm + 34 * mm
        self.floor = self.height - MARGIN * mm - 6 * mm

    def _wrap(self, texts, column, size=8.5):
        left, right = self.columns[column]
        lines = []
        for text in texts:
            if text:
                lines += self.pen.wrap(text, right - left - 2 * _PADDING, size)
        return lines

    def _rows(self):
        """Return (height, {column: [(text, size)]}) for each stop."""
        rows = []
        for stop in self.sheet.stops:
            receiver = [(text, 10) for text in self._wrap([stop.unit], "receiver", 10)]
            receiver += [
                (text, 8.5) for text in self._wrap([stop.address, stop.contact], "receiver")
            ]
            window = [stop.window]
            if stop.temperature:
                window += [stop.temperature, f"{self.sheet.labels['temperature']}______"]
            cells = {
                "stop": [(stop.number, 15)],
                "receiver": receiver,
                "deliveries": [(text, 8.5) for text in self._wrap(stop.deliveries, "deliveries")],
                "load": [(text, 8.5) for text in self._wrap(stop.load, "load")],
                "window": [(text, 8.5) for text in self._wrap(window, "window")],
            }
            count = max(map(len, cells.values()))
            rows.append((max(_MIN_ROW, count * _LEADING + 4 * mm), cells))
        return rows

    def _pages(self, rows):
        closing = 24 * mm
        room = self.floor - self.top - _HEAD_ROW
        pages, page, used = [], [], 0
        for row in rows:
            if page and used + row[0] > room:
                pages.append(page)
                page, used = [], 0
            page.append(row)
            used += row[0]
        if page and used > room - closing and len(page) > 1:
            pages.append(page[:-1])
            page = page[-1:]
        pages.append(page)
        return pages

    def draw(self):
        pages = self._pages(self._rows())
        for number, rows in enumerate(pages, 1):
            self.canvas.setPageSize((WIDTH * mm, self.height))
            self.canvas.setLineWidth(0.5)
            self._draw_head()
            y = self._draw_table(rows)
            if number == len(pages):
                self._draw_closing(y)
            else:
                self._text(self.right, y + 4.5 * mm, self._label("continued"), 8, "right")
            self._draw_foot(number, len(pages))
            self.canvas.showPage()

    def _label(self, name):
        return self.sheet.labels[name]

    def _text(self, x, y, text, size=8.5, align="left", width=None, **options):
        if width is None:
            self.pen.text(x, self.height - y, text, size, align, **options)
        else:
            self.pen.fitted(x, self.height - y, text, width, size, align, **options)

    def _box(self, left, top, right, bottom, fill=0):
        if fill:
            self.canvas.setFillGray(0.92)
        self.canvas.rect(
            left, self.height - bottom, right - left, bottom - top, stroke=1, fill=fill
        )
        self.canvas.setFillGray(0)

    def _draw_head(self):
        sheet, top = self.sheet, MARGIN * mm
        middle = (self.left + self.right) / 2
        self._text(middle, top + 5 * mm, sheet.company, 11, "center", width=90 * mm)
        spacing = 4 if is_wide(sheet.title) else 0.5
        self._text(middle, top + 13 * mm, sheet.title, 18, "center", spacing=spacing, bold=True)
        if sheet.number:
            bits = barcode_bits(sheet.number)
            width = min(0.3 * mm, 46 * mm / len(bits)) * len(bits)
            draw_bits(
                self.canvas, [bits], self.right - width, self.height - top - 9 * mm, width, 9 * mm
            )
            self._text(self.right, top + 13 * mm, sheet.number, 9.5, "right")
        rows = (
            (("date", sheet.date), ("vehicle", sheet.vehicle), ("driver", sheet.driver)),
            (("phone", sheet.phone), ("carrier", sheet.carrier), ("waybill", sheet.waybill)),
        )
        y = top + 20.5 * mm
        step = (self.right - self.left) / 3
        for row in rows:
            for index, (name, text) in enumerate(row):
                if name in ("carrier", "waybill") and not text:
                    continue
                x = self.left + index * step
                label = self._label(name)
                self._text(x, y, label, 9)
                gap = self.pen.width(label, 9)
                self._text(x + gap, y, text, 9, width=step - gap - 2 * mm)
            y += 5 * mm
        self._text(self.left, y, sheet.warning, 8.5, width=self.right - self.left, bold=True)

    def _draw_table(self, rows):
        y = self.top
        self._box(self.left, y, self.right, y + _HEAD_ROW, fill=1)
        for name, (left, right) in self.columns.items():
            self._text(
                (left + right) / 2,
                y + 4.7 * mm,
                self._label(name),
                8.5,
                "center",
                width=right - left - _PADDING,
            )
        y += _HEAD_ROW
        for height, cells in rows:
            for name, lines in cells.items():
                left, right = self.columns[name]
                center = name in ("stop", "window")
                x = (left + right) / 2 if center else left + _PADDING
                line_y = y + (height - (len(lines) - 1) * _LEADING) / 2 + 1.2 * mm
                for text, size in lines:
                    self._text(x, line_y, text, size, "center" if center else "left")
                    line_y += _LEADING
            y += height
            self.canvas.line(self.left, self.height - y, self.right, self.height - y)
        self._box(self.left, self.top, self.right, y)
        for left, _right in list(self.columns.values())[1:]:
            self.canvas.line(left, self.height - self.top, left, self.height - y)
        return y

    def _draw_closing(self, y):
        bottom = y + 8 * mm
        self._box(self.left, y, self.right, bottom)
        text = f"{self._label('total')}{self.sheet.total}"
        self._text(
            self.left + _PADDING, y + 5.2 * mm, text, 9.5, width=self.right - self.left - 2 * mm
        )
        hands = (
            self._label("loader"),
            self._label("driver_sign"),
            f"{self._label('departed')}{self.sheet.departed}",
        )
        step = (self.right - self.left) / len(hands)
        for index, hand in enumerate(hands):
            self._text(self.left + index * step, bottom + 9 * mm, hand, 9, width=step - 2 * mm)

    def _draw_foot(self, number, count):
        y = self.height - MARGIN * mm + 2 * mm
        page = self._label("page") % {"page": number, "pages": count}
        self._text((self.left + self.right) / 2, y, page, 8, "center")
        self._text(self.left, y, self.sheet.mark, 8)
        self._text(self.right, y, self.sheet.number, 8, "right")
