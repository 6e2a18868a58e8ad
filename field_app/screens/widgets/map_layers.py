"""The layers a map is drawn in (图层): ground, edges, markers, words, the worker's own place.

Ground is drawn in metres under a matrix; the others in pixels from the origin of the metres, so
that they keep their size; they are laid out anew when the scale changes.
"""

from collections.abc import Iterable, Iterator, Sequence

from kivy.core.text import Label as TextPicture
from kivy.graphics import Color, Ellipse, InstructionGroup, Line, Mesh, Rectangle
from kivy.graphics.texture import Texture
from kivy.metrics import dp, sp

from field_app import theme
from field_app.screens.widgets.map_shapes import MAX_VERTICES, Batch, marker
from field_app.screens.widgets.map_view import MapView
from field_app.work.places import Area, Spot
from field_app.work.rows import RecordState

LOOKS: dict[str, tuple[str, theme.Colour]] = {
    "building": ("square", theme.rgb("0b57c2")),
    "event": ("triangle", theme.rgb("c2181f")),
    "organisation": ("circle", theme.rgb("6a2fa0")),
    "thing": ("diamond", theme.rgb("146c2e")),
}
"""Kind → shape and colour of its markers."""

_OTHER = ("circle", theme.rgb("46525f"))
_QUADS = MAX_VERTICES // 4
_MANY = 80
_NAMED = 60
_BELOW = 31
_SMALL_SHIFTS = (-_BELOW, _BELOW)
_SHIFTS = (0, 40, -40, 80, -80, 120, -120)

_textures: dict[tuple[str, bool], Texture] = {}


def look(kind: str, unsent: bool) -> Texture:
    """Give the marker of a kind; what is not yet at the hub has an orange rim."""
    key = (kind, unsent)
    if key not in _textures:
        shape, colour = LOOKS.get(kind, _OTHER)
        _textures[key] = marker(shape, colour, theme.RIM_UNSENT if unsent else theme.SURFACE)
    return _textures[key]


class Ground(InstructionGroup):
    """Filled grids, in metres."""

    def show(self, batches: Iterable[Batch]) -> None:
        """Draw these triangles."""
        self.clear()
        self.add(Color(rgba=theme.LAND))
        for vertices, indices in batches:
            self.add(Mesh(vertices=vertices, indices=indices, mode="triangles"))


class Edges(InstructionGroup):
    """Outlines of the grids, in pixels."""

    def show(self, areas: Sequence[Area], scale: float) -> None:
        """Draw them for this scale."""
        self.clear()
        self.add(Color(rgba=theme.ACCENT_DARK))
        for area in areas:
            for rings in area.parts:
                for ring in rings:
                    points = [value * scale for point in ring for value in point]
                    self.add(Line(points=points, width=dp(1.4), close=True, joint="round"))


class Markers(InstructionGroup):
    """Buildings, events, things, organisations, in pixels."""

    def show(self, spots: Sequence[Spot], scale: float, many: bool) -> None:
        """Draw them for this scale; smaller when there are many."""
        self.clear()
        half = dp(11) if many else dp(20)
        groups: dict[tuple[str, bool], list[Spot]] = {}
        for spot in spots:
            groups.setdefault((spot.kind, spot.state is not RecordState.HUB), []).append(spot)
        self.add(Color(1, 1, 1, 1))
        for (kind, unsent), group in groups.items():
            for start in range(0, len(group), _QUADS):
                self.add(_quads(group[start : start + _QUADS], scale, half, look(kind, unsent)))


def _quads(spots: Sequence[Spot], scale: float, half: float, texture: Texture) -> Mesh:
    vertices: list[float] = []
    indices: list[int] = []
    for number, spot in enumerate(spots):
        right, up = spot.east * scale, spot.north * scale
        vertices += (right - half, up - half, 0, 0, right + half, up - half, 1, 0)
        vertices += (right + half, up + half, 1, 1, right - half, up + half, 0, 1)
        first = number * 4
        indices += (first, first + 1, first + 2, first, first + 2, first + 3)
    return Mesh(vertices=vertices, indices=indices, mode="triangles", texture=texture)


class Words(InstructionGroup):
    """Names of grids and of the markers in sight, where there is room, in pixels."""

    def __init__(self) -> None:
        super().__init__()
        self._pictures: dict[tuple[str, bool], Texture] = {}

    def show(self, areas: Sequence[Area], spots: Sequence[Spot], view: MapView) -> None:
        """Write them for this view, none over another."""
        self.clear()
        self.add(Color(1, 1, 1, 1))
        taken = [_around(spot.east * view.scale, spot.north * view.scale, dp(26), dp(26)) for spot in spots]
        for text, right, up, large in self._wanted(areas, spots, view):
            picture = self._picture(text, large)
            for shift in _SHIFTS if large else _SMALL_SHIFTS:
                box = _around(right, up + dp(shift), *picture.size)
                if not any(_overlap(box, other) for other in taken):
                    taken.append(box)
                    self.add(Rectangle(texture=picture, pos=box[:2], size=picture.size))
                    break

    def _wanted(
        self, areas: Sequence[Area], spots: Sequence[Spot], view: MapView
    ) -> Iterator[tuple[str, float, float, bool]]:
        seen = [spot for spot in spots if view.sees(spot.east, spot.north)]
        if len(seen) <= _NAMED:
            for spot in seen:
                yield spot.title, spot.east * view.scale, spot.north * view.scale, False
        for area in areas:
            yield area.name, area.label[0] * view.scale, area.label[1] * view.scale, True

    def _picture(self, text: str, large: bool) -> Texture:
        if (text, large) not in self._pictures:
            label = TextPicture(
                text=text,
                font_size=sp(21) if large else sp(16),
                color=theme.ACCENT_DARK if large else theme.INK,
                outline_width=2,
                outline_color=theme.SURFACE[:3],
            )
            label.refresh()
            self._pictures[text, large] = label.texture
        return self._pictures[text, large]


Box = tuple[float, float, float, float]


def _around(right: float, up: float, wide: float, high: float) -> Box:
    return right - wide / 2, up - high / 2, right + wide / 2, up + high / 2


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


class Here(InstructionGroup):
    """The worker's own place with its accuracy, in pixels."""

    def show(self, place: tuple[float, float, float] | None, scale: float) -> None:
        """Draw it: metres east, north, accuracy."""
        self.clear()
        if place is None:
            return
        right, up, around = (value * scale for value in place)
        self.add(Color(*theme.ACCENT[:3], 0.15))
        self.add(Ellipse(pos=(right - around, up - around), size=(around * 2, around * 2)))
        for colour, half in ((theme.SURFACE, dp(13)), (theme.ACCENT, dp(9))):
            self.add(Color(rgba=colour))
            self.add(Ellipse(pos=(right - half, up - half), size=(half * 2, half * 2)))


def many(spots: Sequence[Spot], view: MapView) -> bool:
    """Say whether so many markers are in sight that they must be small."""
    return sum(view.sees(spot.east, spot.north) for spot in spots) > _MANY
