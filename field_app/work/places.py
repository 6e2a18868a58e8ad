"""地图: grids, buildings and events as plain coordinates around a local origin."""

from dataclasses import dataclass

from field_app.work.rows import RecordState

Ring = tuple[tuple[float, float], ...]


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

    def map(self) -> MapData:
        """Everything to draw; changes only when ``Session.revision`` does."""
        raise NotImplementedError

    def degrees(self, east: float, north: float) -> tuple[float, float]:
        """Turn metres around the origin into (lon, lat), EPSG:4490."""
        raise NotImplementedError

    def metres(self, lon: float, lat: float) -> tuple[float, float]:
        """Turn (lon, lat) into metres around the origin, for the worker's own position."""
        raise NotImplementedError

    def area_at(self, east: float, north: float) -> Area | None:
        """Grid at a point, by box then ring test."""
        raise NotImplementedError

    def spots_at(self, east: float, north: float, reach: float) -> tuple[Spot, ...]:
        """Spots within ``reach`` metres, nearest first."""
        raise NotImplementedError
