"""What a file is told by its content, and what of it is passed on."""

import io
import struct
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from governance.records.files.errors import Unacceptable
from governance.records.files.inspect import MAX_PIXELS, THUMB_SIDE, inspect
from governance.records.files.strip import stripped
from tests.pictures import PLACE, SECRET, pdf, picture

FORMS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}


def laid(tmp_path: Path, data: bytes, name: str = "upload.part") -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(("form", "media_type"), FORMS.items())
def test_a_picture_is_known_by_its_content_with_position_and_time(tmp_path, form, media_type):
    facts = inspect(laid(tmp_path, picture(form), "photo.exe"))
    assert (facts.media_type, facts.width, facts.height) == (media_type, 64, 32)
    assert facts.taken_at == datetime(2026, 11, 22, 0, 30, tzinfo=UTC)
    assert (facts.lon, facts.lat) == pytest.approx(PLACE, abs=1e-6)


def test_a_pdf_is_taken_and_has_no_thumbnail(tmp_path):
    facts = inspect(laid(tmp_path, pdf()))
    assert (facts.media_type, facts.thumb) == ("application/pdf", None)


@pytest.mark.parametrize(
    "data",
    [
        b"MZ\x90\x00" + b"\0" * 200,
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"GIF89a" + b"\0" * 50,
        b"",
        picture()[:-200],
        picture("PNG")[:-40],
        picture("WEBP")[:-30],
        pdf()[:-10],
    ],
    ids=["program", "svg", "gif", "empty", "cut jpeg", "cut png", "cut webp", "cut pdf"],
)
def test_what_is_no_picture_or_is_cut_is_refused(tmp_path, data):
    with pytest.raises(Unacceptable):
        inspect(laid(tmp_path, data, "photo.jpg"))


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is enormous."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 1_000_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [7_100, 10_000, 60_000])
def test_a_picture_that_would_unpack_to_too_much_is_refused_unopened(tmp_path, side):
    assert side * side > MAX_PIXELS
    with pytest.raises(Unacceptable, match="像素"):
        inspect(laid(tmp_path, bomb(side, side)))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_thumbnail_is_small_upright_and_says_nothing(tmp_path, orientation):
    data = picture(side=1200, orientation=orientation)
    facts = inspect(laid(tmp_path, data))
    assert SECRET.encode() not in facts.thumb
    with Image.open(io.BytesIO(facts.thumb)) as thumb, Image.open(io.BytesIO(data)) as whole:
        assert max(thumb.size) == THUMB_SIDE
        assert not thumb.getexif()
        assert (thumb.height > thumb.width) == (orientation > 4)
        black = {1: "left", 2: "right", 3: "right", 4: "left", 5: "top", 6: "top", 7: "bottom", 8: "bottom"}
        places = {"left": (5, 99), "right": (470, 99), "top": (99, 5), "bottom": (99, 470)}
        assert max(thumb.getpixel(places[black[orientation]])) < 30
        assert whole.size == (1200, 600)


@pytest.mark.parametrize(("form", "media_type"), FORMS.items())
@pytest.mark.parametrize("orientation", [1, 6])
def test_what_is_served_is_the_same_picture_without_what_it_told(form, media_type, orientation):
    data = picture(form, orientation=orientation)
    behind = b"HIDDEN BEHIND THE END"
    served = stripped(data + behind, media_type)
    assert SECRET.encode() in data
    assert SECRET.encode() not in served
    assert behind not in served
    with Image.open(io.BytesIO(served)) as after, Image.open(io.BytesIO(data)) as before:
        after.load()
        assert after.getexif().get(0x0112, 1) == orientation
        assert not after.getexif().get_ifd(0x8825)
        assert set(after.getexif()) <= {0x0112}
        assert ImageChops.difference(after.convert("RGB"), before.convert("RGB")).getbbox() is None
    assert stripped(served, media_type) == served


def test_a_progressive_jpeg_with_profile_keeps_both():
    made = io.BytesIO()
    Image.effect_noise((200, 200), 80).save(made, "JPEG", progressive=True, icc_profile=b"profile" * 20)
    with Image.open(io.BytesIO(stripped(made.getvalue(), "image/jpeg"))) as after:
        after.load()
        assert after.info["icc_profile"] == b"profile" * 20
        assert after.info["progressive"]


def test_nonsense_in_the_camera_data_costs_only_that_data(tmp_path):
    told = Image.Exif()
    told.get_ifd(0x8825).update({1: "N", 2: (200.0, 0.0, 0.0), 3: "E", 4: (1.0, 0.0, 0.0)})
    told.get_ifd(0x8769)[36867] = "yesterday"
    made = io.BytesIO()
    Image.new("RGB", (8, 8)).save(made, "JPEG", exif=told.tobytes())
    facts = inspect(laid(tmp_path, made.getvalue()))
    assert (facts.lon, facts.lat, facts.taken_at) == (None, None, None)
