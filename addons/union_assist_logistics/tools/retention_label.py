"""The label of a retention sample (留样标签): 60 × 40 mm, one per page."""

import io
from typing import NamedTuple

import qrcode
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from odoo.addons.union_assist_catalog.tools.typesetting import Pen

WIDTH, HEIGHT = 60 * mm, 40 * mm
MARGIN = 2 * mm
QR_SIZE = 17 * mm


class Label(NamedTuple):
    """What one label says; all texts in the language of the label."""

    code: str  # read back by scanners
    title: str
    product: str
    rows: tuple  # (caption, text) each


def render_labels(labels, font_names, title):
    """Draw labels, one per page.

    :param labels: iterable of :class:`Label`
    :param font_names: fonts to embed, the Chinese one first
    :return: PDF as bytes
    """
    output = io.BytesIO()
    canvas = Canvas(output, pagesize=(WIDTH, HEIGHT))
    canvas.setTitle(title)
    pen = Pen(canvas, font_names)
    for label in labels:
        _draw(canvas, pen, label)
        canvas.showPage()
    canvas.save()
    return output.getvalue()


def _draw(canvas, pen, label):
    right = WIDTH - MARGIN
    top = HEIGHT - MARGIN
    pen.text(MARGIN, top - 10, label.title, 11, bold=True)
    pen.text(right, top - 10, label.code, 9, "right")
    canvas.setLineWidth(0.5)
    canvas.line(MARGIN, top - 13, right, top - 13)
    y = top - 23
    for line in pen.wrap(label.product, right - MARGIN, 9, 2):
        pen.text(MARGIN, y, line, 9, bold=True)
        y -= 10.5
    left_width = right - QR_SIZE - mm - MARGIN
    bottom = MARGIN + 1
    step = min(9.5, (y + 7 - bottom) / max(len(label.rows), 1))
    for caption, text in label.rows:
        # Beside the code there is less room than above it.
        width = left_width if y < MARGIN + QR_SIZE + 7 else right - MARGIN
        pen.fitted(MARGIN, y, f"{caption} {text}", width, min(7, step * 0.8))
        y -= step
    _draw_code(canvas, label.code, right - QR_SIZE, MARGIN)


def _draw_code(canvas, text, x, y):
    """Draw a QR code as outlines: sharp at any resolution of the printer."""
    code = qrcode.QRCode(border=0, error_correction=qrcode.constants.ERROR_CORRECT_M)
    code.add_data(text)
    code.make()
    modules = code.get_matrix()
    size = QR_SIZE / len(modules)
    path = canvas.beginPath()
    for row, line in enumerate(modules):
        for column, dark in enumerate(line):
            if dark:
                path.rect(x + column * size, y + QR_SIZE - (row + 1) * size, size, size)
    canvas.drawPath(path, stroke=0, fill=1)
