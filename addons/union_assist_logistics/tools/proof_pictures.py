"""Photographs, scans and signatures of deliveries: taken in by content, without what they tell
of the place and the telephone they were taken with."""

import io

# Odoo keeps Pillow from loading formats that it does not name; importing this one adds it.
from PIL import Image, ImageDraw, ImageOps, WebPImagePlugin  # noqa: F401

#: Longest side in pixels of a photograph, and of a scanned A4 sheet at 200 dots per inch.
PHOTO_SIDE, SCAN_SIDE = 1600, 2340
#: Pixels of the largest picture that is opened: JPEG is read at a smaller scale at once, of the
#: others every pixel is in memory, of WebP several times. A4 at 600 dots per inch is 35 million.
MOST_PIXELS = {"JPEG": 64_000_000, "PNG": 36_000_000, "WEBP": 16_000_000}
FORMATS = tuple(MOST_PIXELS)
#: Width and height of a signature's field in pixels.
SIGNATURE_SIZE = (600, 240)


def to_clean_jpeg(content, side=PHOTO_SIDE):
    """Return a picture as a JPEG upright on white, with no data but its pixels.

    :param content: a file of JPEG, PNG or WebP, whatever its name says
    :return: JPEG bytes; ``None`` for what is no such file, or a damaged one
    """
    try:
        image = Image.open(io.BytesIO(content), formats=FORMATS)
        if image.width * image.height > MOST_PIXELS[image.format]:
            return None
        image.draft("RGB", (side, side))
        image.thumbnail((side, side))
        image = ImageOps.exif_transpose(image)
        if image.mode != "RGB":
            image = image.convert("RGBA")
            paper = Image.new("RGB", image.size, "white")
            paper.paste(image, mask=image.getchannel("A"))
            image = paper
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    # Pixels alone: what else a file carries (place, telephone, time) stays behind.
    bare = Image.frombytes("RGB", image.size, image.tobytes())
    output = io.BytesIO()
    bare.save(output, "JPEG", quality=82)
    return output.getvalue()


def draw_signature(strokes):
    """Draw strokes, in widths of the field, as a PNG; black on white.

    :param strokes: as ``delivery_entry.read_strokes`` returns them
    """
    width, height = SIGNATURE_SIZE
    scale = 2  # drawn larger, so that the lines come out smooth
    image = Image.new("L", (width * scale, height * scale), 255)
    pen = ImageDraw.Draw(image)
    for stroke in strokes:
        points = [
            (stroke[i] * width * scale, stroke[i + 1] * width * scale)
            for i in range(0, len(stroke), 2)
        ]
        if len(points) > 1:
            pen.line(points, fill=0, width=5 * scale, joint="curve")
    output = io.BytesIO()
    image.resize(SIGNATURE_SIZE, Image.Resampling.LANCZOS).save(output, "PNG", optimize=True)
    return output.getvalue()
