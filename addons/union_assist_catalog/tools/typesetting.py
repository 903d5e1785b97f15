"""Setting text in printed documents: measuring, wrapping and drawing lines."""

import io
import unicodedata

from reportlab import rl_config
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

# A PDF may be binary: writing its pictures as text makes it larger by a quarter and takes
# most of the time.
rl_config.useA85 = 0

#: Size of text in points where nothing else is said.
TEXT_SIZE = 8
#: A text longer than this is cut with an ellipsis, so that it always fits a page.
MAX_LINES = 8
#: Texts whose width and look are remembered while a document is drawn.
CACHE_SIZE = 50_000
#: Closing marks that must not begin a line.
_NOT_FIRST = set("，。、；：！？）》」』】〕％,.;:!?)]}%")


class _Glyphs(dict):
    """What prints each character: ``{char: (font, shown text, width at size 1)}``.

    Found once for each character of a document: most of the time goes into this otherwise.
    """

    def __init__(self, pen):
        super().__init__()
        self.pen = pen

    def __missing__(self, char):
        pen = self.pen
        shown = pen._known(char)
        font = pen.fonts[0]
        if len(pen.fonts) > 1 and not all(ord(part) in pen.glyphs for part in shown):
            font = pen.fonts[1]
        glyph = self[char] = font, shown, font.stringWidth(shown, 1)
        return glyph


class Pen:
    """Draws text on a canvas; takes each character from the first font that has it."""

    def __init__(self, canvas, font_names):
        self.canvas = canvas
        self.fonts = [pdfmetrics.getFont(name) for name in font_names]
        self.glyphs = self.fonts[0].face.charToGlyph
        self._table = _Glyphs(self)
        self._widths, self._shown = {}, {}

    def _runs(self, text):
        """Yield (font, part) so that the parts make up the text."""
        part, current = [], self.fonts[0]
        for char in text:
            font, shown, _width = self._table[char]
            if font is not current:
                if part:
                    yield current, "".join(part)
                current, part = font, []
            part.append(shown)
        if part:
            yield current, "".join(part)

    def _known(self, char):
        """Return a character, or its plain form where no font has it: ℃ as °C."""
        if any(ord(char) in font.face.charToGlyph for font in self.fonts):
            return char
        return unicodedata.normalize("NFKC", char)

    def width(self, text, size=TEXT_SIZE):
        """Return how wide a line of text is, in points."""
        width = self._widths.get(text)
        if width is None:
            table = self._table
            width = self._keep(self._widths, text, sum([table[char][2] for char in text]))
        return size * width

    def text(self, x, y, text, size=TEXT_SIZE, align="left", spacing=0, bold=False):
        """Draw one line with its baseline at y; x is its left, centre or right end."""
        if not text:
            return
        if align != "left":
            width = self.width(text, size) + spacing * (len(text) - 1)
            x -= width / 2 if align == "center" else width
        shown = self._shown.get((text, size))
        if shown is None:
            shown = self._keep(self._shown, (text, size), self._show(text, size))
        if spacing:
            shown = f"{spacing:.2f} Tc {shown} 0 Tc"
        if bold:
            # The Chinese fonts at hand come in one weight: fill and stroke the outlines.
            shown = f"{size / 36:.3f} w 2 Tr {shown} 0 Tr"
        # Written as ReportLab's text objects would: forms have thousands of short texts, and
        # most of the time would go into those objects.
        self.canvas._code.append(f"BT 1 0 0 1 {x:.2f} {y:.2f} Tm {shown} ET")

    def _show(self, text, size):
        """Return what shows a text in PDF: each part in the subset of a font that has it."""
        canvas, parts = self.canvas, []
        for font, part in self._runs(text):
            for subset, codes in font.splitString(part, canvas._doc):
                name = font.getSubsetInternalName(subset, canvas._doc)
                parts.append(f"{name} {size:g} Tf ({canvas._escape(codes)}) Tj")
        return " ".join(parts)

    def _keep(self, cache, key, value):
        """Remember what labels and goods that come again look like, up to a number of them."""
        if len(cache) >= CACHE_SIZE:
            cache.clear()
        cache[key] = value
        return value

    def fitted(self, x, y, text, width, size=TEXT_SIZE, align="left", **options):
        """Draw one line, smaller where it must be, cut where smaller would not be read."""
        text = " ".join(text.split())
        while size > 5 and self.width(text, size) > width:
            size -= 0.5
        self.text(x, y, self.wrap(text, width, size, 1)[0], size, align, **options)

    def wrap(self, text, width, size=TEXT_SIZE, max_lines=MAX_LINES):
        """Break a text into lines: between Chinese characters, between words otherwise."""
        if len(text.splitlines()) <= 1 and self.width(text, size) <= width:
            return [" ".join(text.split())]
        lines = []
        for paragraph in text.splitlines() or [""]:
            line, room = "", width
            for word in _words(" ".join(paragraph.split())):
                length = self.width(word, size)
                if length > room and line and word[0] not in _NOT_FIRST:
                    lines.append(line.rstrip())
                    line, room = "", width
                while length > width and len(lines) <= max_lines:
                    # A word longer than the column: break it anywhere.
                    count = self._fitting(word, room, size)
                    lines.append(line + word[:count])
                    line, room, word = "", width, word[count:]
                    length = self.width(word, size)
                if len(lines) > max_lines:
                    return self._cut(lines[:max_lines], width, size)
                line += word
                room -= length
            lines.append(line.rstrip())
        if len(lines) > max_lines:
            return self._cut(lines[:max_lines], width, size)
        return lines

    def _fitting(self, word, room, size):
        """How many characters of a word fit; one at least, so that every line goes on."""
        for count, char in enumerate(word):
            room -= self.width(char, size)
            if room < 0:
                return count or 1
        return len(word)

    def _cut(self, lines, width, size):
        """End the last line with an ellipsis."""
        last = lines[-1]
        while last and self.width(last + "…", size) > width:
            last = last[:-1]
        return [*lines[:-1], last + "…"]


def print_documents(documents, draw, fonts, title="", **options):
    """Print documents, one after another, into one PDF.

    :param draw: called with each document and the :class:`Pen`; ends its pages itself
    :param fonts: names of fonts registered with ReportLab, the one with Chinese glyphs first
    :param options: of ReportLab's canvas, for example ``pagesize``
    :return: the PDF as bytes
    """
    output = io.BytesIO()
    canvas = Canvas(output, pageCompression=1, lang="zh-CN", initialFontName=fonts[0], **options)
    canvas.setTitle(title)
    canvas.setCreator("Union Assist")
    pen = Pen(canvas, fonts)
    for document in documents:
        draw(document, pen)
    canvas.save()
    return output.getvalue()


def is_wide(text):
    """Whether there are Chinese characters or marks in a text."""
    return any(ord(char) >= 0x2E80 for char in text)


def _words(text):
    """Split a text where a line may end; blanks stay with the word before them."""
    word = ""
    for char in text:
        ends = word and (word[-1] == " " or is_wide(char) or is_wide(word[-1]))
        if ends and char != " ":
            yield word
            word = ""
        word += char
    if word:
        yield word
