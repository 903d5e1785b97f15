"""Layout of the report of a spot check: plain data in, PDF out. Household codes, no names."""

import io
from dataclasses import dataclass, field

from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import LongTable, Paragraph, SimpleDocTemplate, Spacer, Table

from .flowing import mark, numbered_canvas

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


def render_report(report, fonts):
    """Return the PDF of one report.

    :param fonts: names of registered fonts, the one with Chinese glyphs first
    """
    base = ParagraphStyle("cell", fontName=fonts[0], fontSize=8.5, leading=11, wordWrap="CJK")
    heading = ParagraphStyle("title", base, fontSize=16, leading=22, alignment=TA_CENTER)
    middle = ParagraphStyle("middle", base, alignment=TA_CENTER)

    def cell(text, style=base):
        return Paragraph(mark(text, fonts), style)

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
    numbered = numbered_canvas(report.page_label, fonts[0])
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
