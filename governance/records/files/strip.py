"""Leaving out what a photo says beside the picture (去除附带信息): camera, owner, place, previews, trailers.

Nothing is decoded or encoded anew: only the parts needed to draw the picture are passed on, and its
orientation. Formats: JPEG (ITU T.81), PNG (ISO/IEC 15948), WebP (RFC 9649).
"""

import io
import re
import zlib
from collections.abc import Callable, Iterator
from typing import Literal

from PIL import ExifTags, Image

from governance.records.files.inspect import orientation_of

_SOI, _EOI = b"\xff\xd8", b"\xff\xd9"
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_SOS = 0xDA
_PNG_HEAD = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = frozenset(b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP sBIT bKGD pHYs".split())
_WEBP_KEPT = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ICCP", b"ANIM", b"ANMF"})
_WEBP_EXIF, _WEBP_XMP = 0x08, 0x04


def stripped(data: bytes, media_type: str) -> bytes:
    """Give the same picture without EXIF, comments, previews and what hangs behind its end.

    Parameters
    ----------
    data : bytes
        A file that :func:`governance.records.files.inspect.inspect` accepted.
    media_type : str
        As found by it; what is no picture is given as it is.
    """
    strip = _STRIPPERS.get(media_type)
    if strip is None:
        return data
    with Image.open(io.BytesIO(data)) as image:
        orientation = orientation_of(image)
    return strip(data, _exif(orientation) if orientation != 1 else b"")


def _exif(orientation: int) -> bytes:
    """Give EXIF (TIFF form) that says the orientation and nothing else."""
    told = Image.Exif()
    told[ExifTags.Base.Orientation] = orientation
    return told.tobytes().removeprefix(b"Exif\0\0")


def _jpeg(data: bytes, exif: bytes) -> bytes:
    kept = [_SOI]
    if exif:
        kept.append(_segment(0xE1, b"Exif\0\0" + exif))
    place = len(_SOI)
    while (found := _NEXT_MARKER.search(data, place)) is not None:
        place = found.start()
        marker = data[place + 1]
        if marker == _EOI[1]:
            break
        end = place + 2 + int.from_bytes(data[place + 2 : place + 4], "big")
        kept.append(_jpeg_part(marker, data[place + 4 : end]))
        place = end
        if marker == _SOS:
            after = _NEXT_MARKER.search(data, place)
            kept.append(data[place : after.start() if after else len(data)])
    return b"".join([*kept, _EOI])


def _jpeg_part(marker: int, body: bytes) -> bytes:
    """Give a segment that the picture needs; of the JFIF head only the part without preview."""
    if marker == 0xE0 and body.startswith(b"JFIF\0"):
        return _segment(marker, body[:12] + b"\0\0")
    profile = (marker == 0xE2 and body.startswith(b"ICC_PROFILE\0")) or (
        marker == 0xEE and body.startswith(b"Adobe")
    )
    aside = 0xE0 <= marker <= 0xEF or marker == 0xFE
    return b"" if aside and not profile else _segment(marker, body)


def _segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2, "big") + body


def _png(data: bytes, exif: bytes) -> bytes:
    kept = [_PNG_HEAD]
    for name, body in _chunks(data, len(_PNG_HEAD), "big", name_first=False, extra=4):
        if name in _PNG_KEPT:
            kept.append(_png_chunk(name, body))
        if name == b"IHDR" and exif:
            kept.append(_png_chunk(b"eXIf", exif))
        if name == b"IEND":
            break
    return b"".join(kept)


def _png_chunk(name: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big")


def _webp(data: bytes, exif: bytes) -> bytes:
    kept = []
    end = 8 + int.from_bytes(data[4:8], "little")
    for name, body in _chunks(data[:end], 12, "little", name_first=True, extra=0):
        if name == b"VP8X":
            flags = body[0] & ~(_WEBP_EXIF | _WEBP_XMP) | (_WEBP_EXIF if exif else 0)
            kept.append(_webp_chunk(name, bytes((flags,)) + body[1:]))
        elif name in _WEBP_KEPT:
            kept.append(_webp_chunk(name, body))
    if exif:
        kept.append(_webp_chunk(b"EXIF", exif))
    whole = b"WEBP" + b"".join(kept)
    return b"RIFF" + len(whole).to_bytes(4, "little") + whole


def _webp_chunk(name: bytes, body: bytes) -> bytes:
    return name + len(body).to_bytes(4, "little") + body + b"\0" * (len(body) % 2)


def _chunks(
    data: bytes, place: int, order: Literal["big", "little"], *, name_first: bool, extra: int
) -> Iterator[tuple[bytes, bytes]]:
    """Give name and body of each chunk; ``extra`` bytes (a check sum) or padding follow a body."""
    while place + 8 <= len(data):
        first, second = data[place : place + 4], data[place + 4 : place + 8]
        name, size = (first, second) if name_first else (second, first)
        length = int.from_bytes(size, order)
        yield name, data[place + 8 : place + 8 + length]
        place += 8 + length + (extra or length % 2)


_STRIPPERS: dict[str, Callable[[bytes, bytes], bytes]] = {
    "image/jpeg": _jpeg,
    "image/png": _png,
    "image/webp": _webp,
}
