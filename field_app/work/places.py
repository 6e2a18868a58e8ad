"""地图: grids, buildings and events as plain coordinates around a local origin."""

from dataclasses import dataclass

from field_app.store.state import RecordState, View
from field_app.store.store import Store
from field_app.work.geometry import Local, Ring, box_of, contains
from field_app.work.grounds import Ground, Grounds
from field_app.work.labels import Labels, is_open

_KINDS = ("building", "event", "thing", "organisation")
_YICHANG = (111.29, 30.69)
_ALONE = 200.0


@dataclass(frozen=True, slots=True)
class Area:
    """A grid polygon: ``parts`` are polygons, each an outer ring and its holes, in metres east and north."""

    code: str
    name: str
    parts: tuple[tuple[Ring, ...], ...]
    label: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Spot:
    """A record with a point, in metres east and north of the origin."""

    id: str
    kind: str
    title: str
    east: float
    north: float
    state: RecordState


@dataclass(frozen=True, slots=True)
class MapData:
    """What the map draws; ``box`` is (west, south, east, north) in metres; origin in degrees."""

    origin: tuple[float, float]
    box: tuple[float, float, float, float]
    areas: tuple[Area, ...]
    spots: tuple[Spot, ...]


class Places:
    """Got as ``desk.places``."""

    def __init__(self, store: Store, labels: Labels, grounds: Grounds) -> None:
        self._store = store
        self._labels = labels
        self._grounds = grounds
        self._revision = -1
        self._local = Local(*_YICHANG)
        self._data = MapData(_YICHANG, (-_ALONE, -_ALONE, _ALONE, _ALONE), (), ())

    def map(self) -> MapData:
        """Everything to draw; changes only when ``Session.revision`` does."""
        with self._store.lock:
            if self._revision != self._store.revision:
                self._data = self._make()
                self._revision = self._store.revision
            return self._data

    def degrees(self, east: float, north: float) -> tuple[float, float]:
        """Turn metres around the origin into (lon, lat), EPSG:4490."""
        return self._local.degrees(east, north)

    def metres(self, lon: float, lat: float) -> tuple[float, float]:
        """Turn (lon, lat) into metres around the origin, for the worker's own position."""
        return self._local.metres(lon, lat)

    def area_at(self, east: float, north: float) -> Area | None:
        """Grid at a point, by box then ring test."""
        for area in self.map().areas:
            west, south, right, top = box_of(area.parts)
            if west <= east <= right and south <= north <= top and contains(area.parts, (east, north)):
                return area
        return None

    def spots_at(self, east: float, north: float, reach: float) -> tuple[Spot, ...]:
        """Spots within ``reach`` metres, nearest first."""
        near = [
            (distance, spot.id, spot)
            for spot in self.map().spots
            if (distance := (spot.east - east) ** 2 + (spot.north - north) ** 2) <= reach**2
        ]
        return tuple(spot for _, _, spot in sorted(near, key=lambda item: item[:2]))

    def _make(self) -> MapData:
        grounds = self._grounds.all()
        views = [view for kind in _KINDS for view in self._store.memory.views(kind) if is_open(view)]
        placed = [(view, point) for view in views if (point := _point(view)) is not None]
        box = _box(grounds, [point for _, point in placed])
        if box is None:
            return MapData(self._local.origin, (-_ALONE, -_ALONE, _ALONE, _ALONE), (), ())
        self._local = Local((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
        west, south = self._local.metres(box[0], box[1])
        east, north = self._local.metres(box[2], box[3])
        return MapData(
            origin=self._local.origin,
            box=(min(west, -_ALONE), min(south, -_ALONE), max(east, _ALONE), max(north, _ALONE)),
            areas=tuple(self._area(ground) for ground in grounds),
            spots=tuple(self._spot(view, point) for view, point in placed),
        )

    def _area(self, ground: Ground) -> Area:
        turn = self._local.metres
        parts = tuple(tuple(tuple(turn(*point) for point in ring) for ring in part) for part in ground.parts)
        return Area(ground.code, ground.name, parts, turn(*ground.label))

    def _spot(self, view: View, point: tuple[float, float]) -> Spot:
        east, north = self._local.metres(*point)
        return Spot(view.id, view.kind, self._labels.title(view, masked=True), east, north, view.state)


def _point(view: View) -> tuple[float, float] | None:
    lon, lat = view.values.get("lon"), view.values.get("lat")
    if isinstance(lon, (int, float)) and isinstance(lat, (int, float)):
        return float(lon), float(lat)
    return None


def _box(
    grounds: tuple[Ground, ...], points: list[tuple[float, float]]
) -> tuple[float, float, float, float] | None:
    """Give the box around the grids, or around the points where no grid has a polygon."""
    boxes = [ground.box for ground in grounds] or [(*point, *point) for point in points]
    if not boxes:
        return None
    wests, souths, easts, norths = zip(*boxes, strict=True)
    return min(wests), min(souths), max(easts), max(norths)
