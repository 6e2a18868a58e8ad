"""What the map is drawn of: filled polygons in batches and the markers' pictures."""

import time
from collections.abc import Iterator, Sequence

from kivy.graphics.tesselator import Tesselator
from kivy.graphics.texture import Texture

from field_app import theme
from field_app.work.places import Area

MAX_VERTICES = 65_000
"""Vertices a mesh holds: its indices have 16 bits."""

Batch = tuple[list[float], list[int]]

_SIDE = 40
_SLICE = 0.008


def fill(areas: Sequence[Area], *, budget: float = _SLICE) -> Iterator[list[Batch] | None]:
    """Tessellate in slices of ``budget`` seconds: None while at work, at the end the batches."""
    batches: list[Batch] = [([], [])]
    started = time.perf_counter()
    for area in areas:
        for rings in area.parts:
            _add(batches, rings)
            if time.perf_counter() - started > budget:
                yield None
                started = time.perf_counter()
    yield [batch for batch in batches if batch[1]]


def _add(batches: list[Batch], rings: Sequence[Sequence[tuple[float, float]]]) -> None:
    tesselator = Tesselator()
    for ring in rings:
        tesselator.add_contour([value for point in ring for value in point])
    if not tesselator.tesselate():
        return
    for vertices, indices in tesselator.meshes:
        if len(batches[-1][0]) // 4 + len(indices) > MAX_VERTICES:
            batches.append(([], []))
        points, triangles = batches[-1]
        first = len(points) // 4
        points.extend(vertices)
        for corner in range(1, len(indices) - 1):
            triangles.extend((first, first + corner, first + corner + 1))


def marker(shape: str, colour: theme.Colour, rim: theme.Colour) -> Texture:
    """Paint one marker: a coloured shape within a rim, on nothing."""
    inside = bytes(round(255 * part) for part in colour[:3])
    edge = bytes(round(255 * part) for part in rim[:3])
    pixels = bytearray()
    for row in range(_SIDE):
        for column in range(_SIDE):
            depth = _depth(shape, column + 0.5 - _SIDE / 2, row + 0.5 - _SIDE / 2)
            alpha = max(0.0, min(1.0, depth + 0.5))
            pixels += (inside if depth > _SIDE / 11 else edge) + bytes((round(255 * alpha),))
    texture = Texture.create(size=(_SIDE, _SIDE), colorfmt="rgba", mipmap=True)
    texture.blit_buffer(bytes(pixels), colorfmt="rgba", bufferfmt="ubyte")
    return texture


def _depth(shape: str, right: float, up: float) -> float:
    """Give how deep inside the shape a pixel lies (negative outside)."""
    half = _SIDE / 2 - 1
    if shape == "square":
        return half * 0.82 - max(abs(right), abs(up))
    if shape == "diamond":
        return (half - abs(right) - abs(up)) / 1.42
    if shape == "triangle":
        return min(up + half * 0.8, (half - up - 1.8 * abs(right)) / 2.06)
    return half * 0.92 - (right * right + up * up) ** 0.5
