"""Scans of signed delivery notes: what file it is, and which codes are on it."""

import io

import zxingcpp
from PIL import Image, WebPImagePlugin  # noqa: F401 (adds a format that Odoo keeps out)
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from .proof_pictures import FORMATS, MOST_PIXELS, SCAN_SIDE, to_clean_jpeg

#: A scanner saves a sheet as a picture inside the PDF; of so many pages codes are looked for.
MOST_PAGES = 20


def to_kept_file(content):
    """Return what is kept of a scan: (bytes, file extension), or ``None`` for other files.

    Pictures lose everything but their pixels; a PDF is kept as it is.
    """
    if content.startswith(b"%PDF-"):
        return content, "pdf"
    jpeg = to_clean_jpeg(content, SCAN_SIDE)
    return (jpeg, "jpg") if jpeg else None


def read_codes(content):
    """Return the texts of the QR codes on a picture or on the sheets of a PDF, in order."""
    texts = []
    for image in _images(content):
        found = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode)
        texts += [code.text for code in found if code.valid]
    return texts


def _images(content):
    if not content.startswith(b"%PDF-"):
        picture = _open(content)
        if picture:
            yield picture
        return
    try:
        for page in PdfReader(io.BytesIO(content)).pages[:MOST_PAGES]:
            for image in page.images:
                picture = _open(image.data)
                if picture:
                    yield picture
    except (PyPdfError, OSError, ValueError, KeyError, TypeError, NotImplementedError):
        # A damaged or locked file: somebody says which delivery it is of.
        return


def _open(content):
    try:
        picture = Image.open(io.BytesIO(content), formats=FORMATS)
        if picture.width * picture.height > MOST_PIXELS[picture.format]:
            return None
        return picture.convert("L")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
