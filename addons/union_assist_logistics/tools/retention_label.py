"""The label of a retention sample (留样标签): 60 × 40 mm, one per page."""

from typing import NamedTuple

from reportlab.lib.units import mm

from odoo.addons.union_assist_catalog.tools.typesetting import print_documents

from .symbols import draw_bits, qr_bits

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
    return print_documents(labels, _draw, font_names, title, pagesize=(WIDTH, HEIGHT))


def _draw(label, pen):
    canvas = pen.canvas
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
    draw_bits(canvas, qr_bits(label.code), right - QR_SIZE, MARGIN, QR_SIZE, QR_SIZE)
    canvas.showPage()
