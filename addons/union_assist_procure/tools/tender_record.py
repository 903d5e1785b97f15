"""Layout of the printed records of a tender: plain data in, PDF out."""

from dataclasses import dataclass, field

from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import KeepTogether, LongTable, Paragraph, Spacer, Table

from odoo.addons.union_assist_catalog.tools.flowing import (
    GRID,
    mark,
    numbered_canvas,
    print_story,
    tabulate_pairs,
)

PAGE = landscape(A4)


@dataclass(frozen=True)
class Section:
    """A table: ``headings``, their ``widths`` in parts of the page, and rows of as many texts.

    ``right`` are the numbers of the columns that are set flush right.
    """

    title: str
    headings: list
    widths: list
    rows: list
    right: tuple = ()
    empty: str = ""


@dataclass(frozen=True)
class Record:
    """What is printed; every text is in the reader's language. ``facts`` are (label, value)."""

    title: str
    company: str
    facts: list
    sections: list
    notes: list = field(default_factory=list)
    signatures: list = field(default_factory=list)
    page_label: str = "%(page)s / %(pages)s"


def render_record(record, fonts):
    """Return the PDF of one record.

    :param fonts: names of registered fonts, the one with Chinese glyphs first
    """
    base = ParagraphStyle("cell", fontName=fonts[0], fontSize=8.5, leading=11, wordWrap="CJK")
    middle = ParagraphStyle("middle", base, alignment=TA_CENTER)
    right = ParagraphStyle("right", base, alignment=TA_RIGHT)
    heading = ParagraphStyle("title", base, fontSize=16, leading=22, alignment=TA_CENTER)
    subheading = ParagraphStyle("section", base, fontSize=10, leading=14)
    width = PAGE[0] - 30 * mm

    def cell(text, style=base):
        return Paragraph(mark(text, fonts), style)

    story = [
        cell(record.company, middle),
        cell(record.title, heading),
        Spacer(0, 3 * mm),
        tabulate_pairs(record.facts, cell, width, 0.12),
    ]
    for section in record.sections:
        story += [Spacer(0, 4 * mm), cell(section.title, subheading), Spacer(0, 1 * mm)]
        if not section.rows:
            story.append(cell(section.empty))
            continue
        rows = [[cell(text, middle) for text in section.headings]]
        rows += [
            [cell(text, right if at in section.right else base) for at, text in enumerate(row)]
            for row in section.rows
        ]
        story.append(
            LongTable(
                rows,
                colWidths=[width * part / sum(section.widths) for part in section.widths],
                repeatRows=1,
                style=[*GRID, ("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke)],
            )
        )
    for note in record.notes:
        story += [Spacer(0, 3 * mm), cell(note)]
    if record.signatures:
        cells = [cell(f"{text} ____________") for text in record.signatures]
        cells += [""] * (-len(cells) % 3)
        story.append(
            KeepTogether(
                [
                    Spacer(0, 10 * mm),
                    Table(
                        [cells[i : i + 3] for i in range(0, len(cells), 3)],
                        style=[("BOTTOMPADDING", (0, 0), (-1, -1), 16)],
                    ),
                ]
            )
        )
    numbered = numbered_canvas(record.page_label, fonts[0])
    return print_story(story, record.title, (12, 15, 15), PAGE, canvasmaker=numbered)
