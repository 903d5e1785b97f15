"""The sampling sheet: which units of a lot to take, and where to note what was found."""

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm

from odoo.addons.union_assist_catalog.tools.typesetting import print_documents

MARGIN = 15 * mm
LINE = 5 * mm
#: Numbers of units beside each other, each in a box to tick.
COLUMNS = 12
#: Widths of the columns of items in mm: item, severity, units, Ac, Re, found.
ITEM_WIDTHS = (72, 22, 20, 16, 16, 34)


class _Sheet:
    def __init__(self, sheet, pen):
        self.sheet, self.pen, self.canvas = sheet, pen, pen.canvas
        self.width = A4[0] - 2 * MARGIN
        self.page = 0
        self.y = 0.0

    def draw(self):
        self._new_page()
        self._facts()
        self._items()
        self._units()
        self._signatures()
        self.canvas.showPage()

    def _new_page(self):
        if self.page:
            self.canvas.showPage()
        self.page += 1
        self.y = A4[1] - MARGIN - 4 * mm
        if self.page == 1:
            self.pen.text(A4[0] / 2, self.y, self.sheet["title"], 15, "center", bold=True)
        else:
            self.pen.text(MARGIN, self.y, self.sheet["title"], 10, bold=True)
        heading = f"{self.sheet['number']}  {self.page}"
        self.pen.text(A4[0] - MARGIN, self.y, heading, 9, "right")
        self.y -= 2 * LINE

    def _room(self, height):
        if self.y - height < MARGIN:
            self._new_page()

    def _facts(self):
        for label, value in self.sheet["facts"]:
            self._room(LINE)
            self.pen.text(MARGIN, self.y, label, 9)
            lines = self.pen.wrap(value, self.width - 32 * mm, 10, 2)
            for line in lines:
                self.pen.text(MARGIN + 32 * mm, self.y, line, 10)
                self.y -= LINE
        self.y -= LINE / 2
        for sentence in self.sheet["sentences"]:
            for line in self.pen.wrap(sentence, self.width, 9):
                self._room(LINE)
                self.pen.text(MARGIN, self.y, line, 9)
                self.y -= LINE
        self.y -= LINE / 2

    def _items(self):
        height = 7 * mm
        for number, row in enumerate([self.sheet["columns"], *self.sheet["items"]]):
            self._room(height)
            x = MARGIN
            for width, text in zip(ITEM_WIDTHS, row, strict=True):
                self.canvas.rect(x, self.y - height + LINE, width * mm, height)
                self.pen.fitted(x + 1.5 * mm, self.y, text, (width - 3) * mm, 9, bold=number == 0)
                x += width * mm
            self.y -= height
        self.y -= LINE

    def _units(self):
        self._room(2 * LINE)
        self.pen.text(MARGIN, self.y, self.sheet["units_title"], 10, bold=True)
        self.y -= LINE * 1.5
        cell, height = self.width / COLUMNS, 7 * mm
        units = self.sheet["units"]
        for start in range(0, len(units), COLUMNS):
            self._room(height)
            for column, unit in enumerate(units[start : start + COLUMNS]):
                x = MARGIN + column * cell
                self.canvas.rect(x, self.y - 0.5 * mm, 3.2 * mm, 3.2 * mm)
                self.pen.fitted(x + 4.5 * mm, self.y, str(unit), cell - 5 * mm, 9)
            self.y -= height

    def _signatures(self):
        self._room(3 * LINE)
        self.y -= LINE * 1.5
        for number, label in enumerate(self.sheet["signatures"]):
            self.pen.text(MARGIN + number * self.width / 2, self.y, f"{label} ______________", 10)


def draw_sheets(sheets, fonts):
    """Return the PDF of some sampling sheets, each beginning on a page of its own.

    :param sheets: dictionaries of ``title``, ``number``, ``facts`` (label and value pairs),
        ``sentences``, ``columns`` and ``items`` (six texts each), ``units_title``, ``units``
        (numbers; none where every unit is inspected) and ``signatures``
    :param fonts: names of registered fonts, the first with Chinese characters
    """
    return print_documents(sheets, lambda sheet, pen: _Sheet(sheet, pen).draw(), fonts, pagesize=A4)
