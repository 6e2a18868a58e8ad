"""What a file is, by its content and never by its name (内容检查): type, size, EXIF position and time.

A picture is decoded once, for its thumbnail; one that cannot be decoded, or would unpack to too
many pixels, is refused.
"""

import io
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from PIL import ExifTags, Image, UnidentifiedImageError

from governance.records.files.errors import Unacceptable

MAX_PIXELS = 50_000_000
"""Pixels of a picture at most: 150 MB in memory when decoded."""

THUMB_SIDE = 480
"""Longer side of a thumbnail in pixels."""

MEDIA_TYPES = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
"""Formats as Pillow tells them apart; cameras of two lenses write MPO, a JPEG with more behind it."""

PDF = "application/pdf"

_OPENED = ("JPEG", "PNG", "WEBP")

_SHANGHAI = ZoneInfo("Asia/Shanghai")
_TAIL = 2048
_TURNS = {
    2: (Image.Transpose.FLIP_LEFT_RIGHT,),
    3: (Image.Transpose.ROTATE_180,),
    4: (Image.Transpose.FLIP_TOP_BOTTOM,),
    5: (Image.Transpose.TRANSPOSE,),
    6: (Image.Transpose.ROTATE_270,),
    7: (Image.Transpose.TRANSVERSE,),
    8: (Image.Transpose.ROTATE_90,),
}
_BROKEN = (SyntaxError, ValueError, TypeError, KeyError, IndexError, ZeroDivisionError, EOFError)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the content itself says; ``thumb`` is a JPEG, None where there is nothing to see (PDF)."""

    media_type: str
    width: int | None = None
    height: int | None = None
    taken_at: datetime | None = None
    lon: float | None = None
    lat: float | None = None
    thumb: bytes | None = None


def inspect(path: Path) -> Facts:
    """Read what a file is.

    Raises
    ------
    Unacceptable
        It is neither a picture nor a PDF, damaged, or has more than ``MAX_PIXELS``.
    """
    with path.open("rb") as file:
        if file.read(5) == b"%PDF-":
            return _pdf(path)
    try:
        with Image.open(path, formats=_OPENED) as image:
            return _picture(image)
    except UnidentifiedImageError:
        raise Unacceptable("只收照片（JPEG、PNG、WebP）和 PDF，这个文件都不是") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _bomb() from None
    except OSError as error:
        if error.errno is not None:  # the disk, not the picture
            raise
        raise _damaged() from None
    except _BROKEN:
        raise _damaged() from None


def orientation_of(image: Image.Image) -> int:
    """Give the EXIF orientation, 1 where it is upright or says nothing sensible."""
    try:
        value = image.getexif().get(ExifTags.Base.Orientation, 1)
    except _BROKEN:
        return 1
    return value if isinstance(value, int) and value in _TURNS else 1


def _picture(image: Image.Image) -> Facts:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise _bomb()
    orientation = orientation_of(image)
    taken_at, (lon, lat) = _taken_at(image), _position(image)
    media_type = MEDIA_TYPES[str(image.format)]
    return Facts(media_type, width, height, taken_at, lon, lat, _thumb(image, orientation))


def _thumb(image: Image.Image, orientation: int) -> bytes:
    """Decode, shrink, set upright; nothing of the original's metadata is in the result."""
    image.thumbnail((THUMB_SIDE, THUMB_SIDE))
    small = image.convert("RGBA") if "transparency" in image.info or "A" in image.mode else image
    ground = Image.new("RGB", small.size, "white")
    ground.paste(small, mask=small.getchannel("A") if small.mode == "RGBA" else None)
    for turn in _TURNS.get(orientation, ()):
        ground = ground.transpose(turn)
    made = io.BytesIO()
    ground.save(made, "JPEG", quality=80)
    return made.getvalue()


def _taken_at(image: Image.Image) -> datetime | None:
    """Read when the photo was taken; without an offset the camera's clock is Shanghai's."""
    try:
        told = image.getexif().get_ifd(ExifTags.IFD.Exif)
        text = str(told[ExifTags.Base.DateTimeOriginal]).strip("\0 ")
        offset = str(told.get(ExifTags.Base.OffsetTimeOriginal, "")).strip("\0 ")
        when = datetime.strptime(text + offset, "%Y:%m:%d %H:%M:%S%z" if offset else "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007
        return (when if when.tzinfo else when.replace(tzinfo=_SHANGHAI)).astimezone(UTC)
    except (*_BROKEN, OverflowError):
        return None


def _position(image: Image.Image) -> tuple[float | None, float | None]:
    """Read longitude and latitude in degrees, WGS-84."""
    try:
        told = image.getexif().get_ifd(ExifTags.IFD.GPSInfo)
        lon = _degrees(told[ExifTags.GPS.GPSLongitude], str(told[ExifTags.GPS.GPSLongitudeRef]))
        lat = _degrees(told[ExifTags.GPS.GPSLatitude], str(told[ExifTags.GPS.GPSLatitudeRef]))
    except _BROKEN:
        return None, None
    inside = -180 <= lon <= 180 and -90 <= lat <= 90
    return (lon, lat) if inside else (None, None)


def _degrees(parts: tuple[float, float, float], side: str) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    value = degrees + minutes / 60 + seconds / 3600
    return round(-value if side.strip("\0 ").upper() in ("S", "W") else value, 7)


def _pdf(path: Path) -> Facts:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL))
        if b"%%EOF" not in file.read():
            raise _damaged()
    return Facts(PDF)


def _bomb() -> Unacceptable:
    return Unacceptable(f"照片像素过多，最多{MAX_PIXELS // 1_000_000}百万像素")


def _damaged() -> Unacceptable:
    return Unacceptable("文件已损坏或不完整，打不开")
