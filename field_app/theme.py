"""How the tablet looks (外观): colours, sizes, the Chinese font.

Made for daylight: near-black on near-white (contrast 15:1 and more), one strong accent, text of at
least 16 sp, targets of at least 56 dp. Colours are RGBA from 0 to 1; sizes are Kivy sizes as text,
so that this module needs no Kivy.
"""

from pathlib import Path

from pylopdf_fonts_zh_cn import sans_path

Colour = tuple[float, float, float, float]


def rgb(text: str, alpha: float = 1.0) -> Colour:
    """Turn ``"1a2b3c"`` into a Kivy colour."""
    red, green, blue = (int(text[i : i + 2], 16) / 255 for i in (0, 2, 4))
    return red, green, blue, alpha


PAGE = rgb("f4f6f8")
SURFACE = rgb("ffffff")
PRESSED = rgb("dde7f7")
INK = rgb("10161d")
SOFT = rgb("46525f")
LINE = rgb("c3cbd4")
ACCENT = rgb("0b57c2")
ACCENT_DARK = rgb("083f8e")
ACCENT_PALE = rgb("e3edfb")
ON_ACCENT = rgb("ffffff")
BAD = rgb("b3151b")
BAD_PALE = rgb("fde9e9")
GOOD = rgb("146c2e")
GOOD_PALE = rgb("e2f4e7")
WARN = rgb("8a4b00")
WARN_PALE = rgb("fff1d9")
HINT = rgb("5f6b78")
SELECTION = rgb("0b57c2", 0.25)
SEA = rgb("e9edf1")
LAND = rgb("fffdf5")
RIM_UNSENT = rgb("ff9500")
SHADE = rgb("000000", 0.45)
NONE = rgb("000000", 0.0)

TONES: dict[str, tuple[Colour, Colour]] = {
    "plain": (SOFT, rgb("e8ecf0")),
    "accent": (ACCENT_DARK, ACCENT_PALE),
    "good": (GOOD, GOOD_PALE),
    "warn": (WARN, WARN_PALE),
    "bad": (BAD, BAD_PALE),
}
"""Name → (text, ground): how a chip or banner says that something is well or is not."""

SMALL = "16sp"
BODY = "19sp"
LARGE = "22sp"
TITLE = "26sp"
DIGIT = "30sp"

TOUCH = "56dp"
BAR = "68dp"
NAV = "76dp"


def font_file() -> Path:
    """Give the file of the one font that holds Latin and Chinese (Noto Sans SC, OFL 1.1)."""
    return sans_path()
