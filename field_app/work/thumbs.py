"""Small pictures of photos taken here (缩略图), made before anything is sent; Pillow, as at the hub."""

import io
from pathlib import Path

from PIL import Image, ImageOps

SIDE = 480
_MOST_PIXELS = 200_000_000
_FORMATS = ("JPEG", "PNG", "WEBP")


def thumb_of(source: Path) -> bytes | None:
    """Give a small upright JPEG of a picture; None where it cannot be drawn (a PDF, a damaged file)."""
    made = io.BytesIO()
    try:
        with Image.open(source, formats=_FORMATS) as image:
            if image.width * image.height > _MOST_PIXELS:
                return None
            image.thumbnail((SIDE, SIDE))
            ImageOps.exif_transpose(image).convert("RGB").save(made, "JPEG", quality=80, exif=b"")
    except (OSError, SyntaxError, ValueError, TypeError, KeyError, ZeroDivisionError):
        return None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return None
    return made.getvalue()
