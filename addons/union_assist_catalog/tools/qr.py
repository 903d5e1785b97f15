"""QR codes as pictures."""

import io

import qrcode


def draw_qr(text, box_size=4):
    """Draw a text as a QR code.

    :param int box_size: pixels of one square
    :return: PNG in black and white, as bytes
    """
    code = qrcode.QRCode(box_size=box_size, border=2)
    code.add_data(text)
    png = io.BytesIO()
    code.make_image().save(png, "PNG")
    return png.getvalue()
