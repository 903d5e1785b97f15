"""Bar and QR codes, drawn as one mask each: data in, drawing out."""

import functools

import qrcode
from reportlab.graphics.barcode.code128 import Code128Auto


def draw_bits(canvas, rows, x, y, width, height):
    """Draw a bar or QR code: rows of modules, black where true; (x, y) is its lower left.

    As a mask of one bit a module it is exact at every size, and a tenth of what as many
    rectangles would cost.
    """
    count = len(rows[0])
    size = -(-count // 8)
    data = b"".join(
        int("".join("1" if bit else "0" for bit in row).ljust(size * 8, "0"), 2).to_bytes(
            size, "big"
        )
        for row in rows
    )
    canvas.saveState()
    canvas.transform(width, 0, 0, height, x, y)
    canvas._code.append(
        f"BI /W {count} /H {len(rows)} /BPC 1 /IM true /D [1 0] /F /AHx ID {data.hex()}> EI"
    )
    canvas.restoreState()


@functools.lru_cache(maxsize=256)
def barcode_bits(text, symbology=Code128Auto):
    """Return the modules of a Code 128 bar code, black where true.

    :param symbology: ReportLab's class; ``Code128`` for texts with function characters
    """
    code = symbology(text, quiet=0)
    code.validate()
    code.encode()
    bits = []
    for element in code.decompose():
        # Widths of bars are capital letters, those of spaces small ones: A and a are 1.
        bits += [element.isupper()] * (ord(element.lower()) - ord("a") + 1)
    return bits


@functools.lru_cache(maxsize=256)
def qr_bits(text):
    """Return the rows of modules of a QR code, black where true."""
    # With a given mask the code is made ten times quicker, and reads as well.
    code = qrcode.QRCode(
        version=_qr_version(len(text.encode())),
        error_correction=qrcode.constants.ERROR_CORRECT_M,
        border=0,
        mask_pattern=3,
    )
    code.add_data(text, optimize=0)
    code.make(fit=False)
    return code.modules


@functools.cache
def _qr_version(length):
    """Return the smallest size of a QR code that holds so many bytes."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M)
    code.add_data(b"a" * length, optimize=0)
    return code.best_fit()
