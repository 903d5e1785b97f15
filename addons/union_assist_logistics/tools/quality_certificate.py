"""Layout of quality certificates (质量合格证明): plain data in, A4 PDF out."""

import io
from dataclasses import dataclass, field

from pypdf import PdfReader, PdfWriter
from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import (
    CondPageBreak,
    Image,
    KeepTogether,
    LongTable,
    Paragraph,
    Spacer,
    Table,
)

from odoo.addons.union_assist_catalog.tools.flowing import (
    GRID,
    mark,
    numbered_canvas,
    print_story,
    tabulate_pairs,
)
from odoo.addons.union_assist_catalog.tools.qr import draw_qr

#: Widths of the columns of results and of goods, in parts of the page.
RESULT_WIDTHS = (9, 46, 36, 36, 18, 35)
GOODS_WIDTHS = (9, 52, 34, 26, 26, 33)
QR_SIZE = 24 * mm


@dataclass(frozen=True)
class LotPart:
    """What a certificate says about one lot.

    ``facts`` and ``decision`` are pairs (label, value); ``rows`` have as many texts as
    :data:`RESULT_WIDTHS`, the last but one of them is red where its number is in ``failed``.
    ``url`` is drawn as a QR code where there is one.
    """

    facts: list
    headings: list
    rows: list
    conclusion: str
    decision: list
    failed: frozenset = frozenset()
    conceded: bool = False
    url: str = ""
    url_label: str = ""


@dataclass(frozen=True)
class Certificate:
    """One certificate; every text is in the reader's language already.

    ``goods`` is the table of a delivery, headings first. ``page_label`` takes ``%(page)s``
    and ``%(pages)s``.
    """

    title: str
    company: str
    facts: list
    lots: list
    goods: list = field(default_factory=list)
    statement: str = ""
    signatures: list = field(default_factory=list)
    page_label: str = "%(page)s / %(pages)s"


def render_certificates(certificates, fonts, title):
    """Return the PDF of some certificates, in the order given; each counts its own pages.

    :param fonts: names of registered fonts, the one with Chinese glyphs first
    :param title: of the whole document
    """
    parts = [_render(certificate, fonts) for certificate in certificates]
    writer = PdfWriter()
    for part in parts:
        writer.append(PdfReader(io.BytesIO(part)))
    writer.add_metadata({"/Title": title})
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def _render(certificate, fonts):
    base = ParagraphStyle("cell", fontName=fonts[0], fontSize=9, leading=11.5, wordWrap="CJK")
    styles = {
        "base": base,
        "middle": ParagraphStyle("middle", base, alignment=TA_CENTER),
        "title": ParagraphStyle("title", base, fontSize=18, leading=26, alignment=TA_CENTER),
        "company": ParagraphStyle("company", base, fontSize=11, leading=15, alignment=TA_CENTER),
        "verdict": ParagraphStyle("verdict", base, fontSize=12, leading=16),
        "failed": ParagraphStyle("failed", base, alignment=TA_CENTER, textColor=colors.firebrick),
        "small": ParagraphStyle(
            "small", base, fontSize=7, leading=9, alignment=TA_CENTER, textColor=colors.dimgrey
        ),
    }
    width = A4[0] - 30 * mm

    def cell(text, style="base"):
        return Paragraph(mark(text, fonts), styles[style])

    story = [
        cell(certificate.company, "company"),
        cell(certificate.title, "title"),
        Spacer(0, 2 * mm),
        _pairs(certificate.facts, width, cell),
    ]
    if certificate.goods:
        story += [Spacer(0, 4 * mm), _table(certificate.goods, GOODS_WIDTHS, width, cell)]
    for number, lot in enumerate(certificate.lots):
        story.append(Spacer(0, (5 if number or certificate.goods else 2) * mm))
        story += _draw_lot(lot, width, cell)
    end = []
    if certificate.statement:
        end += [Spacer(0, 4 * mm), cell(certificate.statement)]
    if certificate.signatures:
        signatures = [[cell(f"{text} ______________") for text in certificate.signatures]]
        end += [Spacer(0, 8 * mm), Table(signatures)]
    story.append(KeepTogether(end))
    numbered = numbered_canvas(certificate.page_label, fonts[0])
    return print_story(story, certificate.title, (14, 15, 15), canvasmaker=numbered)


def _pairs(facts, width, cell):
    shaded = [("BACKGROUND", (at, 0), (at, -1), colors.whitesmoke) for at in (0, 2)]
    return tabulate_pairs(facts, cell, width, 0.15, shaded)


def _table(rows, widths, width, cell, failed=frozenset()):
    """A table whose heading is repeated on every page."""
    body = [[cell(text, "middle") for text in rows[0]]]
    for number, row in enumerate(rows[1:]):
        *texts, verdict, last = row
        style = "failed" if number in failed else "middle"
        body.append([*(cell(text) for text in texts), cell(verdict, style), cell(last)])
    return LongTable(
        body,
        colWidths=[width * part / sum(widths) for part in widths],
        repeatRows=1,
        style=[*GRID, ("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke)],
    )


def _draw_lot(lot, width, cell):
    """What is printed of one lot; its facts stay with the head of its table."""
    beside = width - QR_SIZE - 4 * mm if lot.url else width
    facts = _pairs(lot.facts, beside, cell)
    head = facts
    if lot.url:
        code = Image(io.BytesIO(draw_qr(lot.url)), QR_SIZE, QR_SIZE)
        head = Table(
            [[facts, [code, cell(lot.url_label, "small")]]],
            colWidths=[beside, QR_SIZE + 4 * mm],
            style=[
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (0, 0), 0),
                ("RIGHTPADDING", (0, 0), (0, 0), 0),
                ("LEFTPADDING", (1, 0), (1, 0), 4 * mm),
                ("RIGHTPADDING", (1, 0), (1, 0), 0),
                ("TOPPADDING", (0, 0), (-1, -1), 0),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
            ],
        )
    conclusion = Table(
        [[cell(lot.conclusion, "verdict")]],
        colWidths=[width],
        style=[
            ("BOX", (0, 0), (-1, -1), 1, colors.darkorange if lot.conceded else colors.darkgreen),
            ("LEFTPADDING", (0, 0), (-1, -1), 6),
            ("TOPPADDING", (0, 0), (-1, -1), 4),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 6),
        ],
    )
    return [
        CondPageBreak(60 * mm),
        head,
        Spacer(0, 2 * mm),
        _table([lot.headings, *lot.rows], RESULT_WIDTHS, width, cell, lot.failed),
        Spacer(0, 2 * mm),
        KeepTogether([conclusion, Spacer(0, 1.5 * mm), _pairs(lot.decision, width, cell)]),
    ]
