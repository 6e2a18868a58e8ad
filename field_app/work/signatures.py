"""A resident's signature (签名): strokes drawn by finger, kept as a picture."""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

from PIL import Image, ImageDraw

from field_app.work.errors import Refused
from field_app.work.geometry import Point

Stroke = Sequence[Point]

_WIDTH = 900
_EDGE = 20
_LEAST = 0.3
"""Least length of all strokes, in widths of the pad: a slip of the finger is no signature."""


def signature_into(strokes: Sequence[Stroke], size: tuple[float, float]) -> Callable[[Path], Path]:
    """Give what writes a signature into a file, as a camera writes a photo.

    Parameters
    ----------
    strokes : sequence of Stroke
        Points from the lower left corner, in the pad's own units.
    size : tuple of float
        Width and height of the pad.

    Raises
    ------
    Refused
        Nothing, or next to nothing, was drawn.
    """
    length = sum(math.dist(one, other) for stroke in strokes for one, other in pairwise(stroke))
    if length < _LEAST * size[0]:
        raise Refused.because("signature", "required", "居民签名：请在框内写上姓名")
    scale = (_WIDTH - 2 * _EDGE) / size[0]

    def write(target: Path) -> Path:
        image = Image.new("L", (_WIDTH, round(size[1] * scale) + 2 * _EDGE), 255)
        pen = ImageDraw.Draw(image)
        for stroke in strokes:
            points = [(_EDGE + x * scale, _EDGE + (size[1] - y) * scale) for x, y in stroke]
            pen.line(points, fill=0, width=5, joint="curve")
        file = target.with_suffix(".png")
        image.save(file, "PNG", optimize=True)
        return file

    return write
