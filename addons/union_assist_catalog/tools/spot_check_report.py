"""Layout of the report of a spot check: plain data in, PDF out. Household codes, no names."""

import io
import re
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import LongTable, Paragraph, SimpleDocTemplate, Spacer, Table

#: Widths of the columns of the sample, in parts of the page.
WIDTHS = (8, 34, 34, 40, 18, 22, 24)


@dataclass(frozen=True)
class SpotCheckReport:
    """What the report says; every text is in the reader's language already.

    ``facts`` and ``figures`` are pairs (label, value); ``rows`` have as many texts as
    ``headings``, of which there are as many as :data:`WIDTHS`. ``page_label`` takes
    ``%(page)s`` and ``%(pages)s``.
    """

    title: str
    company: str
    facts: list
    headings: list
    rows: list
    figures: list = field(default_factory=list)
    signatures: list = field(default_factory=list)
    page_label: str = "%(page)s / %(pages)s"


class _NumberedCanvas(Canvas):
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
            self.drawCentredString(A4[0] / 2, 8 * mm, text)
            Canvas.showPage(self)
        Canvas.save(self)


def _mark(text, fonts):
    """Escape a text; runs without Chinese take the second font where there is one."""
    text = str(text or "")
    if len(fonts) < 2:
        return escape(text)
    return "".join(
        f'<font name="{fonts[1]}">{escape(run)}</font>' if run.isascii() else escape(run)
        for run in re.findall(r"[\x00-\x7f]+|[^\x00-\x7f]+", text)
    )


def render_report(report, fonts):
    """Return the PDF of one report.

    :param fonts: names of registered fonts, the one with Chinese glyphs first
    """
    base = ParagraphStyle("cell", fontName=fonts[0], fontSize=8.5, leading=11, wordWrap="CJK")
    heading = ParagraphStyle("title", base, fontSize=16, leading=22, alignment=TA_CENTER)
    middle = ParagraphStyle("middle", base, alignment=TA_CENTER)

    def cell(text, style=base):
        return Paragraph(_mark(text, fonts), style)

    grid = [
        ("GRID", (0, 0), (-1, -1), 0.4, colors.grey),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("LEFTPADDING", (0, 0), (-1, -1), 3),
        ("RIGHTPADDING", (0, 0), (-1, -1), 3),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
    ]
    width = A4[0] - 30 * mm

    def pairs(facts):
        cells = [cell(text) for pair in facts for text in pair]
        cells += [""] * (-len(cells) % 4)
        return Table(
            [cells[i : i + 4] for i in range(0, len(cells), 4)],
            colWidths=[width * part for part in (0.16, 0.34, 0.16, 0.34)],
            style=grid,
        )

    rows = [[cell(text, middle) for text in report.headings]]
    rows += [[cell(text) for text in row] for row in report.rows]
    story = [
        cell(report.company, middle),
        cell(report.title, heading),
        Spacer(0, 3 * mm),
        pairs(report.facts),
        Spacer(0, 4 * mm),
        LongTable(
            rows,
            colWidths=[width * part / sum(WIDTHS) for part in WIDTHS],
            repeatRows=1,
            style=[*grid, ("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke)],
        ),
    ]
    if report.figures:
        story += [Spacer(0, 4 * mm), pairs(report.figures)]
    if report.signatures:
        story += [
            Spacer(0, 12 * mm),
            Table([[cell(f"{text} ____________") for text in report.signatures]], style=[]),
        ]
    numbered = type("Numbered", (_NumberedCanvas,), {"label": report.page_label, "font": fonts[0]})
    buffer = io.BytesIO()
    SimpleDocTemplate(
        buffer,
        pagesize=A4,
        leftMargin=15 * mm,
        rightMargin=15 * mm,
        topMargin=14 * mm,
        bottomMargin=15 * mm,
        title=report.title,
    ).build(story, canvasmaker=numbered)
    return buffer.getvalue()
