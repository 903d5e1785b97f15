"""Layout of the statement of account (对账单): plain data in, PDF out."""

import io
from dataclasses import dataclass

from pypdf import PdfReader, PdfWriter
from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import (
    KeepTogether,
    LongTable,
    Paragraph,
    Spacer,
    Table,
)

from odoo.addons.union_assist_catalog.tools.flowing import mark, numbered_canvas, print_story

#: Columns of the lines: name, part of the width, whether it is a number.
COLUMNS = (
    ("index", 8, True),
    ("date", 18, False),
    ("document", 27, False),
    ("product", 38, False),
    ("unit", 9, False),
    ("received", 15, True),
    ("rejected", 14, True),
    ("returned", 14, True),
    ("accepted", 15, True),
    ("price", 15, True),
    ("opening", 19, True),
    ("amount", 20, True),
    ("difference", 16, True),
    ("billed", 20, True),
    ("paid", 20, True),
    ("open", 20, True),
    ("age", 9, True),
)
PAGE = landscape(A4)


@dataclass(frozen=True)
class StatementDocument:
    """What one statement says; every text is in the reader's language already.

    ``parties`` are two pairs (heading, [(label, value)]), ``facts`` and ``totals`` pairs
    (label, value). ``rows`` and ``sums`` have as many texts as :data:`COLUMNS`, as
    ``headings`` has. ``signatures`` are pairs (heading, [lines to fill in]).
    """

    title: str
    number: str
    parties: list
    facts: list
    headings: list
    rows: list
    sums: list
    totals: list
    signatures: list
    capitals: str = ""
    legend: str = ""
    note: str = ""
    empty: str = ""
    mark: str = ""
    page_label: str = "%(page)s / %(pages)s"


def render_statements(documents, fonts):
    """Return one PDF of all the documents; pages are counted within each.

    :param fonts: names of registered fonts, the one with Chinese glyphs first
    """
    parts = [_render(document, fonts) for document in documents]
    if len(parts) == 1:
        return parts[0]
    writer = PdfWriter()
    for part in parts:
        writer.append(PdfReader(io.BytesIO(part)))
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def _render(document, fonts):
    base = ParagraphStyle("cell", fontName=fonts[0], fontSize=7.5, leading=9.5, wordWrap="CJK")
    styles = {
        "left": base,
        "right": ParagraphStyle("right", base, alignment=TA_RIGHT),
        "center": ParagraphStyle("center", base, alignment=TA_CENTER),
        "title": ParagraphStyle("title", base, fontSize=16, leading=21, alignment=TA_CENTER),
        "text": ParagraphStyle("text", base, fontSize=8.5, leading=12),
    }

    def cell(text, style="left"):
        return Paragraph(mark(text, fonts), styles[style])

    width = PAGE[0] - 20 * mm
    line = [
        ("GRID", (0, 0), (-1, -1), 0.4, colors.grey),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("LEFTPADDING", (0, 0), (-1, -1), 2),
        ("RIGHTPADDING", (0, 0), (-1, -1), 2),
        ("TOPPADDING", (0, 0), (-1, -1), 1.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
    ]
    plain = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 0),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
    ]

    def say(pairs):
        return [cell(f"{label}{value}", "text") for label, value in pairs]

    title = " ".join(filter(None, (document.title, document.mark)))
    story = [
        cell(title, "title"),
        Spacer(0, 2 * mm),
        Table(
            [say(document.facts)],
            colWidths=[width / len(document.facts)] * len(document.facts),
            style=plain,
        ),
        Spacer(0, 1 * mm),
        Table(
            [[[cell(heading, "text"), *say(facts)] for heading, facts in document.parties]],
            colWidths=[width / 2] * 2,
            style=[
                *line,
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 4),
            ],
        ),
        Spacer(0, 3 * mm),
        _lines(document, cell, width, line),
        Spacer(0, 3 * mm),
    ]
    closing = [
        Table(
            [
                [cell(label, "center") for label, _value in document.totals],
                [cell(value, "center") for _label, value in document.totals],
            ],
            colWidths=[width / len(document.totals)] * len(document.totals),
            style=[*line, ("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke)],
        )
    ]
    closing.append(Spacer(0, 1.5 * mm))
    closing += [
        cell(text, "text") for text in (document.capitals, document.legend, document.note) if text
    ]
    closing += [
        Spacer(0, 3 * mm),
        Table(
            [
                [
                    [cell(heading, "text"), Spacer(0, 10 * mm), *(cell(t, "text") for t in lines)]
                    for heading, lines in document.signatures
                ]
            ],
            colWidths=[width / len(document.signatures)] * len(document.signatures),
            style=[
                ("BOX", (0, 0), (0, 0), 0.4, colors.grey),
                ("BOX", (1, 0), (1, 0), 0.4, colors.grey),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ],
        ),
    ]
    story.append(KeepTogether(closing))
    return print_story(
        story,
        f"{document.title} {document.number}",
        (10, 10, 14),
        PAGE,
        canvasmaker=numbered_canvas(document.page_label, fonts[0]),
    )


def _lines(document, cell, width, line):
    """The table of the lines: its heading is repeated on each page."""
    parts = [part for _name, part, _number in COLUMNS]
    sides = ["right" if number else "left" for _name, _part, number in COLUMNS]
    rows = [[cell(text, "center") for text in document.headings]]
    rows += [
        [cell(text, side) for text, side in zip(row, sides, strict=True)] for row in document.rows
    ]
    style = [*line, ("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke)]
    if not document.rows:
        rows.append([cell(document.empty, "center")] + [""] * (len(COLUMNS) - 1))
        style.append(("SPAN", (0, 1), (-1, 1)))
    else:
        rows.append([cell(text, side) for text, side in zip(document.sums, sides, strict=True)])
        style += [
            ("SPAN", (0, -1), (4, -1)),
            ("BACKGROUND", (0, -1), (-1, -1), colors.whitesmoke),
        ]
    return LongTable(
        rows,
        colWidths=[width * part / sum(parts) for part in parts],
        repeatRows=1,
        style=style,
    )
