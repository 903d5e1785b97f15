"""Pictures as a printed catalogue keeps them."""

import io

# The web client saves pictures of products as WebP. Odoo keeps Pillow from loading formats
# that it does not name; importing this one adds it.
from PIL import Image, ImageOps, WebPImagePlugin  # noqa: F401

#: Longest side in pixels: 31 mm in the catalogue at a good 300 dots per inch.
SIDE = 400
QUALITY = 82


def to_print_jpeg(content):
    """Return a picture as a JPEG file of print size on white.

    :param content: a picture file of any format that Pillow reads
    :return: JPEG bytes; ``None`` for what is no such file
    """
    try:
        image = Image.open(io.BytesIO(content))
        if image.format == "JPEG" and image.mode in ("L", "RGB") and max(image.size) <= SIDE:
            image.load()
            return content
        # A JPEG can be decoded small at once.
        image.draft("RGB", (SIDE, SIDE))
        image = ImageOps.exif_transpose(image)
        image.thumbnail((SIDE, SIDE))
        if image.mode != "RGB":
            image = image.convert("RGBA")
            paper = Image.new("RGB", image.size, "white")
            paper.paste(image, mask=image.getchannel("A"))
            image = paper
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    output = io.BytesIO()
    image.save(output, "JPEG", quality=QUALITY)
    return output.getvalue()
