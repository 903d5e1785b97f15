"""Layout of the report of a spot check: plain data in, PDF out. Household codes, no names."""

from dataclasses import dataclass, field

from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import LongTable, Paragraph, Spacer, Table

from .flowing import GRID, mark, numbered_canvas, print_story, tabulate_pairs

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

    width = A4[0] - 30 * mm

    rows = [[cell(text, middle) for text in report.headings]]
    rows += [[cell(text) for text in row] for row in report.rows]
    story = [
        cell(report.company, middle),
        cell(report.title, heading),
        Spacer(0, 3 * mm),
        tabulate_pairs(report.facts, cell, width),
        Spacer(0, 4 * mm),
        LongTable(
            rows,
            colWidths=[width * part / sum(WIDTHS) for part in WIDTHS],
            repeatRows=1,
            style=[*GRID, ("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke)],
        ),
    ]
    if report.figures:
        story += [Spacer(0, 4 * mm), tabulate_pairs(report.figures, cell, width)]
    if report.signatures:
        story += [
            Spacer(0, 12 * mm),
            Table([[cell(f"{text} ____________") for text in report.signatures]], style=[]),
        ]
    numbered = numbered_canvas(report.page_label, fonts[0])
    return print_story(story, report.title, (14, 15, 15), canvasmaker=numbered)
