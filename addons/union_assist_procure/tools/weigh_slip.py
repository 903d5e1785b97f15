"""Layout of the slip of a weigh ticket (磅单): plain data in, PDF out. Codes, no names."""

from dataclasses import dataclass, field

from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A6
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import PageBreak, Paragraph, Spacer, Table

from odoo.addons.union_assist_catalog.tools.flowing import mark, print_story


@dataclass(frozen=True)
class WeighSlip:
    """What one slip says; every text is in the reader's language already.

    ``facts`` and ``figures`` are pairs (label, value); ``stamp`` is printed under the title of
    slips that do not count, ``signatures`` are the parties that sign.
    """

    company: str
    title: str
    facts: list
    figures: list
    signatures: list = field(default_factory=list)
    stamp: str = ""


def render_slips(slips, fonts):
    """Return one PDF with a page for each slip.

    :param fonts: names of registered fonts, the one with Chinese glyphs first
    """
    base = ParagraphStyle("cell", fontName=fonts[0], fontSize=8.5, leading=11, wordWrap="CJK")
    middle = ParagraphStyle("middle", base, alignment=TA_CENTER)
    heading = ParagraphStyle("title", middle, fontSize=14, leading=19)
    stamp = ParagraphStyle("stamp", middle, textColor=colors.red)
    width = A6[0] - 16 * mm

    def cell(text, style=base):
        return Paragraph(mark(text, fonts), style)

    def pairs(rows, parts):
        return Table(
            [[cell(text) for text in row] for row in rows],
            colWidths=[width * part for part in parts],
            style=[
                ("GRID", (0, 0), (-1, -1), 0.4, colors.grey),
                ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
                ("TOPPADDING", (0, 0), (-1, -1), 1),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
            ],
        )

    story = []
    for slip in slips:
        if story:
            story.append(PageBreak())
        story += [cell(slip.company, middle), cell(slip.title, heading)]
        if slip.stamp:
            story.append(cell(slip.stamp, stamp))
        story += [Spacer(0, 2 * mm), pairs(slip.facts, (0.3, 0.7)), Spacer(0, 2 * mm)]
        story.append(pairs(slip.figures, (0.6, 0.4)))
        if slip.signatures:
            story += [
                Spacer(0, 6 * mm),
                Table([[cell(f"{text} __________") for text in slip.signatures]], style=[]),
            ]
    return print_story(story, slips[0].title if slips else "", (6, 8, 6), A6)
