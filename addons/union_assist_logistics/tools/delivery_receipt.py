"""Layout of the signed receipt (签收回单) of a delivery: plain data in, PDF out."""

import io
from dataclasses import dataclass, field

from PIL import Image
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from odoo.addons.union_assist_catalog.tools.typesetting import Pen

#: Keys of the texts that :attr:`Receipt.labels` must hold.
LABELS = (
    "number",
    "unit",
    "shipped",
    "signed",
    "product",
    "lot",
    "sent",
    "received",
    "measure",
    "goods",
    "differences",
    "no_differences",
    "kind",
    "quantity",
    "remark",
    "photos",
    "signature",
    "digest",
    "page",
    "colon",
)
_WIDTH, _HEIGHT = 210 * mm, 297 * mm
_LEFT, _RIGHT, _TOP, _BOTTOM = 15 * mm, 195 * mm, 16 * mm, 18 * mm
_LEADING = 3.8 * mm
_PADDING = 1.4 * mm
_GOODS = (
    ("index", 8),
    ("product", 76),
    ("lot", 36),
    ("sent", 20),
    ("received", 24),
    ("measure", 16),
)
_DIFFERENCES = (("index", 8), ("product", 56), ("kind", 22), ("quantity", 26), ("remark", 68))
_NUMBERS = {"sent", "received", "quantity"}
_PHOTO = 42 * mm


@dataclass(frozen=True)
class Receipt:
    """What one receipt says; every text is in the reader's language.

    ``goods`` and ``differences`` are dictionaries by column, ``photos`` pairs (caption, JPEG
    file), ``strokes`` the signature as ``delivery_entry.read_strokes`` returns it. ``page`` in
    the labels takes ``%(page)s`` and ``%(pages)s``.
    """

    title: str
    company: str
    number: str
    labels: dict
    unit: str = ""
    shipped: str = ""
    signed: str = ""
    remark: str = ""
    digest: str = ""
    goods: list = field(default_factory=list)
    differences: list = field(default_factory=list)
    photos: list = field(default_factory=list)
    strokes: tuple = ()


def render_receipt(receipt, font_names):
    """Draw a receipt on as many A4 pages as it needs.

    :param font_names: registered fonts, see ``typesetting.Pen``
    :return: PDF as bytes
    """
    # Pages are drawn twice: the first time to learn how many there are.
    pages = _Drawing(receipt, font_names, 0).draw()[1]
    return _Drawing(receipt, font_names, pages).draw()[0]


class _Drawing:
    def __init__(self, receipt, font_names, pages):
        self.receipt = receipt
        self.pages = pages
        self.page = 0
        self.output = io.BytesIO()
        self.canvas = Canvas(self.output, pagesize=(_WIDTH, _HEIGHT), invariant=1)
        self.canvas.setTitle(f"{receipt.title} {receipt.number}")
        self.canvas.setAuthor(receipt.company)
        self.canvas.setLineWidth(0.4)
        self.pen = Pen(self.canvas, font_names)
        self.y = 0

    def draw(self):
        self._begin_page()
        self._draw_head()
        labels = self.receipt.labels
        self._draw_table(labels["goods"], _GOODS, self.receipt.goods)
        if self.receipt.differences:
            self._draw_table(labels["differences"], _DIFFERENCES, self.receipt.differences)
        else:
            self._paragraph(labels["no_differences"])
        if self.receipt.remark:
            self._paragraph(labels["remark"] + labels["colon"] + self.receipt.remark)
        self._draw_photos()
        self._draw_signature()
        self._end_page()
        self.canvas.save()
        return self.output.getvalue(), self.page

    # -- pages -----------------------------------------------------------------------

    def _begin_page(self):
        self.page += 1
        self.y = _HEIGHT - _TOP
        self.canvas.setLineWidth(0.4)

    def _end_page(self):
        text = self.receipt.labels["page"] % {"page": self.page, "pages": self.pages}
        self.pen.text(_LEFT, 10 * mm, self.receipt.number, 7.5)
        self.pen.text(_RIGHT, 10 * mm, text, 7.5, "right")
        self.canvas.showPage()

    def _make_room(self, height):
        if self.y - height >= _BOTTOM:
            return False
        self._end_page()
        self._begin_page()
        return True

    # -- parts -----------------------------------------------------------------------

    def _draw_head(self):
        receipt, labels = self.receipt, self.receipt.labels
        middle = (_LEFT + _RIGHT) / 2
        self.pen.fitted(middle, self.y, receipt.company, _RIGHT - _LEFT, 11, "center")
        self.y -= 8 * mm
        self.pen.text(middle, self.y, receipt.title, 16, "center", bold=True)
        self.canvas.setLineWidth(0.4)
        self.y -= 9 * mm
        half = (_RIGHT - _LEFT) / 2 - 2 * mm
        for left, right in (
            ((labels["number"], receipt.number), (labels["shipped"], receipt.shipped)),
            ((labels["unit"], receipt.unit), (labels["signed"], receipt.signed)),
        ):
            for x, (label, text) in ((_LEFT, left), (middle + 2 * mm, right)):
                self.pen.fitted(x, self.y, f"{label}{labels['colon']}{text}", half, 9)
            self.y -= 6 * mm

    def _draw_table(self, title, columns, rows):
        self._make_room(24 * mm)
        self.y -= 2 * mm
        self.pen.text(_LEFT, self.y - 3 * mm, title, 10, bold=True)
        self.canvas.setLineWidth(0.4)
        self.y -= 5.5 * mm
        heading = {name: self.receipt.labels.get(name, "") for name, _width in columns}
        self._draw_row(columns, heading)
        for row in rows:
            lines = self._wrap_row(columns, row)
            if self._make_room(self._row_height(lines)):
                self._draw_row(columns, heading)
            self._draw_row(columns, row, lines)
        self.y -= 3 * mm

    def _wrap_row(self, columns, row):
        return [
            self.pen.wrap(row.get(name, ""), width * mm - 2 * _PADDING, 8.5)
            for name, width in columns
        ]

    def _row_height(self, lines):
        return max(map(len, lines)) * _LEADING + 2 * _PADDING

    def _draw_row(self, columns, row, lines=None):
        lines = lines or self._wrap_row(columns, row)
        height = self._row_height(lines)
        x = _LEFT
        for (name, width), cell in zip(columns, lines, strict=True):
            self.canvas.rect(x, self.y - height, width * mm, height)
            for index, text in enumerate(cell):
                y = self.y - _PADDING - 2.9 * mm - index * _LEADING
                if name in _NUMBERS:
                    self.pen.text(x + width * mm - _PADDING, y, text, 8.5, "right")
                else:
                    self.pen.text(x + _PADDING, y, text, 8.5)
            x += width * mm
        self.y -= height

    def _paragraph(self, text):
        for line in self.pen.wrap(text, _RIGHT - _LEFT, 9):
            self._make_room(_LEADING)
            self.pen.text(_LEFT, self.y - 3 * mm, line, 9)
            self.y -= 4.4 * mm
        self.y -= 2 * mm

    def _draw_photos(self):
        across = int((_RIGHT - _LEFT + 3 * mm) // (_PHOTO + 3 * mm))
        photos = self.receipt.photos
        for start in range(0, len(photos), across):
            self._make_room(_PHOTO + 8 * mm)
            for index, (caption, content) in enumerate(photos[start : start + across]):
                x = _LEFT + index * (_PHOTO + 3 * mm)
                self.canvas.drawImage(
                    ImageReader(io.BytesIO(_shrink(content))),
                    x,
                    self.y - _PHOTO,
                    _PHOTO,
                    _PHOTO,
                    preserveAspectRatio=True,
                    anchor="n",
                )
                self.pen.fitted(x, self.y - _PHOTO - 3.5 * mm, caption, _PHOTO, 7.5)
            self.y -= _PHOTO + 8 * mm

    def _draw_signature(self):
        receipt, labels = self.receipt, self.receipt.labels
        width, height = 80 * mm, 32 * mm
        self._make_room(height + 16 * mm)
        self.pen.text(_LEFT, self.y - 4 * mm, labels["signature"], 10, bold=True)
        self.pen.text(_RIGHT, self.y - 4 * mm, receipt.signed, 9, "right")
        self.y -= 6 * mm
        self.canvas.setLineWidth(0.4)
        self.canvas.rect(_LEFT, self.y - height, width, height)
        self.canvas.setLineWidth(1.1)
        self.canvas.setLineCap(1)
        self.canvas.setLineJoin(1)
        for stroke in receipt.strokes:
            path = self.canvas.beginPath()
            path.moveTo(_LEFT + stroke[0] * width, self.y - stroke[1] * width)
            for index in range(2, len(stroke), 2):
                path.lineTo(_LEFT + stroke[index] * width, self.y - stroke[index + 1] * width)
            self.canvas.drawPath(path)
        self.y -= height + 5 * mm
        self.pen.fitted(
            _LEFT, self.y, f"{labels['digest']}{labels['colon']}{receipt.digest}", _RIGHT - _LEFT, 7
        )


def _shrink(content):
    image = Image.open(io.BytesIO(content))
    image.thumbnail((500, 500))
    output = io.BytesIO()
    image.save(output, "JPEG", quality=75)
    return output.getvalue()
