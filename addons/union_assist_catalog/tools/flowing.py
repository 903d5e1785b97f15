"""Parts of printed documents whose text flows from page to page (ReportLab's platypus)."""

import io
import re
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import SimpleDocTemplate, Table

#: Style of a ruled table.
GRID = (
    ("GRID", (0, 0), (-1, -1), 0.4, colors.grey),
    ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
    ("LEFTPADDING", (0, 0), (-1, -1), 3),
    ("RIGHTPADDING", (0, 0), (-1, -1), 3),
    ("TOPPADDING", (0, 0), (-1, -1), 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
)


class NumberedCanvas(Canvas):
    """Writes the page numbers when the number of pages is known."""

    label = "%(page)s / %(pages)s"
    font = "Helvetica"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._pages = []

    def showPage(self):
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self):
        for number, page in enumerate(self._pages, 1):
            self.__dict__.update(page)
            self.setFont(self.font, 8)
            text = self.label % {"page": number, "pages": len(self._pages)}
            self.drawCentredString(self._pagesize[0] / 2, 8 * mm, text)
            Canvas.showPage(self)
        Canvas.save(self)


def mark(text, fonts):
    """Escape a text; runs without Chinese take the second font where there is one."""
    text = str(text or "")
    if len(fonts) < 2:
        return escape(text)
    return "".join(
        f'<font name="{fonts[1]}">{escape(run)}</font>' if run.isascii() else escape(run)
        for run in re.findall(r"[\x00-\x7f]+|[^\x00-\x7f]+", text)
    )


def numbered_canvas(label, font):
    """Return a canvas class that writes page numbers: ``label`` takes page and pages."""
    return type("Numbered", (NumberedCanvas,), {"label": label, "font": font})


def tabulate_pairs(facts, cell, width, label=0.16, style=()):
    """Return a ruled table of labels and values, two pairs a row.

    :param facts: pairs (label, value)
    :param cell: makes what stands in the table of a text
    :param width: of the table, in points
    :param label: what part of it a label takes; a pair takes half of it
    :param style: more of the table's style
    """
    cells = [cell(text) for pair in facts for text in pair]
    cells += [""] * (-len(cells) % 4)
    return Table(
        [cells[i : i + 4] for i in range(0, len(cells), 4)],
        colWidths=[width * part for part in (label, 0.5 - label) * 2],
        style=[*GRID, *style],
    )


def print_story(story, title, margins, pagesize=A4, **options):
    """Return the PDF of a text that flows from page to page, as bytes.

    :param margins: at the top, at both sides and at the bottom, in millimetres
    :param options: of building it, for example ``canvasmaker``
    """
    top, side, bottom = (margin * mm for margin in margins)
    buffer = io.BytesIO()
    SimpleDocTemplate(
        buffer,
        pagesize=pagesize,
        leftMargin=side,
        rightMargin=side,
        topMargin=top,
        bottomMargin=bottom,
        title=title,
    ).build(story, **options)
    return buffer.getvalue()
