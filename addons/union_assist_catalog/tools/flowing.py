"""Parts of printed documents whose text flows from page to page (ReportLab's platypus)."""

import re
from xml.sax.saxutils import escape

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas


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
