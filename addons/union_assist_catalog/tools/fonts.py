"""The Chinese font that printed documents embed.

ReportLab embeds TrueType outlines only: Noto CJK and Source Han are CFF and do not work.
"""

import functools
import os
from pathlib import Path

import reportlab
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

#: Environment variable that names a folder with a Chinese font; searched first.
FONT_DIR_VARIABLE = "UNION_ASSIST_FONT_DIR"

#: Debian packages that bring one of :data:`FONT_FILES`, best first.
FONT_PACKAGES = ("fonts-wqy-microhei", "fonts-lxgw-wenkai", "fonts-droid-fallback")

#: Known TrueType fonts with Chinese glyphs, best first.
FONT_FILES = (
    "wqy-microhei.ttc",
    "LXGWWenKai-Regular.ttf",
    "wqy-zenhei.ttc",
    "DroidSansFallbackFull.ttf",
    "DroidSansFallback.ttf",
)

_SYSTEM_FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "~/.fonts",
)


class FontNotFoundError(LookupError):
    """No Chinese TrueType font is on this machine; ``folders`` were searched."""

    def __init__(self, folders):
        super().__init__(f"No Chinese TrueType font in {', '.join(folders)}")
        self.folders = folders


def font_folders():
    """Return the folders that are searched for fonts, in order."""
    folders = (os.environ.get(FONT_DIR_VARIABLE), *_SYSTEM_FOLDERS)
    return [os.path.expanduser(folder) for folder in folders if folder]


def find_fonts(folders):
    """Yield the paths of Chinese fonts below the folders, best first.

    In the folder that the environment names any TrueType font will do; in the system's
    folders, which hold fonts of all scripts, only the known ones.
    """
    own = os.environ.get(FONT_DIR_VARIABLE)
    for folder in folders:
        files = sorted(
            path for path in Path(folder).rglob("*") if path.suffix.lower() in (".ttf", ".ttc")
        )
        for name in FONT_FILES:
            yield from (path for path in files if path.name == name)
        if own and folder == os.path.expanduser(own):
            yield from (path for path in files if path.name not in FONT_FILES)


@functools.cache
def load_fonts():
    """Register the fonts of printed documents with ReportLab, once per process.

    :return: names of the registered fonts; the first has Chinese glyphs, a second one
        serves the characters that the first lacks (Droid Sans Fallback has no Latin)
    :raise FontNotFoundError: when this machine has no usable font
    """
    folders = font_folders()
    for path in find_fonts(folders):
        try:
            font = TTFont("UnionAssist", path)
        except TTFError:
            # CFF outlines in a .ttc, or a damaged file: another font may do.
            continue
        if ord("送") in font.face.charToGlyph:
            pdfmetrics.registerFont(font)
            break
    else:
        raise FontNotFoundError(folders)
    # Bitstream Vera comes with ReportLab.
    latin = Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"
    if ord("A") in font.face.charToGlyph or not latin.exists():
        return (font.fontName,)
    pdfmetrics.registerFont(TTFont("UnionAssistLatin", latin))
    return (font.fontName, "UnionAssistLatin")
