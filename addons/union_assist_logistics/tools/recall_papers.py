"""Layout of notices and reports of recalls: plain data in, PDF out. No persons, no prices."""

from dataclasses import dataclass, field

from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import LongTable, PageBreak, Paragraph, Spacer, Table

from odoo.addons.union_assist_catalog.tools.flowing import (
    GRID,
    mark,
    numbered_canvas,
    print_story,
    tabulate_pairs,
)


@dataclass(frozen=True)
class Grid:
    """A table: ``widths`` are parts of the page, one for each of ``headings``."""

    title: str
    headings: list
    widths: list
    rows: list
    empty: str = ""


@dataclass(frozen=True)
class Paper:
    """One notice or report; every text is in the reader's language already.

    ``facts`` are pairs (label, value); ``before`` and ``after`` are paragraphs around the
    tables.
    """

    title: str
    company: str
    addressee: str = ""
    facts: list = field(default_factory=list)
    before: list = field(default_factory=list)
    grids: list = field(default_factory=list)
    after: list = field(default_factory=list)
    signatures: list = field(default_factory=list)


def render_papers(papers, fonts, page_label):
    """Return the PDF of papers one after the other, each from a new page on.

    :param fonts: names of registered fonts, the one with Chinese glyphs first
    :param page_label: takes ``%(page)s`` and ``%(pages)s``
    """
    base = ParagraphStyle("cell", fontName=fonts[0], fontSize=9, leading=12.5, wordWrap="CJK")
    text = ParagraphStyle("text", base, fontSize=10.5, leading=16, spaceAfter=2 * mm)
    heading = ParagraphStyle("heading", base, fontSize=11.5, leading=18, spaceBefore=3 * mm)
    title = ParagraphStyle("title", base, fontSize=17, leading=25, alignment=TA_CENTER)
    middle = ParagraphStyle("middle", base, alignment=TA_CENTER)
    width = A4[0] - 30 * mm

    def cell(value, style=base):
        return Paragraph(mark(value, fonts).replace("\n", "<br/>"), style)

    def draw(paper):
        yield cell(paper.company, middle)
        yield cell(paper.title, title)
        yield Spacer(0, 3 * mm)
        if paper.addressee:
            yield cell(paper.addressee, text)
        if paper.facts:
            yield tabulate_pairs(paper.facts, cell, width, 0.17)
            yield Spacer(0, 3 * mm)
        for paragraph in paper.before:
            yield cell(paragraph, text)
        for grid in paper.grids:
            yield cell(grid.title, heading)
            if not grid.rows:
                yield cell(grid.empty, text)
                continue
            yield LongTable(
                [
                    [cell(value, middle) for value in grid.headings],
                    *([cell(value) for value in row] for row in grid.rows),
                ],
                colWidths=[width * part / sum(grid.widths) for part in grid.widths],
                repeatRows=1,
                style=[*GRID, ("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke)],
            )
        yield Spacer(0, 4 * mm)
        for paragraph in paper.after:
            yield cell(paragraph, text)
        if paper.signatures:
            yield Spacer(0, 12 * mm)
            yield Table([[cell(f"{value} ____________") for value in paper.signatures]])

    story = []
    for index, paper in enumerate(papers):
        if index:
            story.append(PageBreak())
        story += draw(paper)
    numbered = numbered_canvas(page_label, fonts[0])
    return print_story(story, papers[0].title, (15, 15, 16), canvasmaker=numbered)
