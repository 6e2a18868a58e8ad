"""Pictures and other files made for tests, small and with everything a camera writes."""

import io

from PIL import ExifTags, Image
from PIL.PngImagePlugin import PngInfo

PLACE = (111.2854, 30.6951)
SECRET = "CAMERA-OWNER-WANG"


def picture(
    form: str = "JPEG", *, side: int = 64, colour: int = 0, orientation: int = 1, exif: bool = True
) -> bytes:
    """Give a picture, half black, with camera data, position and time in it."""
    image = Image.new("RGB", (side, side // 2), (colour % 256, colour // 256 % 256, 90))
    image.paste((0, 0, 0), (0, 0, side // 2, side // 2))
    made = io.BytesIO()
    more: dict[str, object] = {"exif": _exif(orientation)} if exif else {}
    if form == "PNG":
        text = PngInfo()
        text.add_text("Comment", SECRET)
        more["pnginfo"] = text
    if form == "JPEG":
        more["comment"] = SECRET
    image.save(made, form, **more)
    return made.getvalue()


def noisy(size: int, seed: int = 1) -> bytes:
    """Give a JPEG of at least ``size`` bytes that does not compress."""
    side = 64
    while True:
        image = Image.effect_noise((side, side), 90 + seed)
        made = io.BytesIO()
        image.save(made, "JPEG", quality=95)
        if len(made.getvalue()) >= size:
            return made.getvalue()
        side *= 2


def pdf() -> bytes:
    """Give a document that begins and ends as one."""
    return b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def _exif(orientation: int) -> bytes:
    told = Image.Exif()
    told[ExifTags.Base.Orientation] = orientation
    told[ExifTags.Base.Make] = SECRET
    told.get_ifd(ExifTags.IFD.Exif).update(
        {ExifTags.Base.DateTimeOriginal: "2026:11:22 08:30:00", ExifTags.Base.LensModel: SECRET}
    )
    told.get_ifd(ExifTags.IFD.GPSInfo).update(
        {
            ExifTags.GPS.GPSLatitudeRef: "N",
            ExifTags.GPS.GPSLatitude: _sexagesimal(PLACE[1]),
            ExifTags.GPS.GPSLongitudeRef: "E",
            ExifTags.GPS.GPSLongitude: _sexagesimal(PLACE[0]),
        }
    )
    return told.tobytes()


def _sexagesimal(degrees: float) -> tuple[float, float, float]:
    minutes = degrees % 1 * 60
    return float(int(degrees)), float(int(minutes)), round(minutes % 1 * 60, 4)
