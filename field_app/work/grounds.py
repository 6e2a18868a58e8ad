"""The worker's own grids (责任网格): which one a point lies in."""

from dataclasses import dataclass

from field_app.store.memory import Memory
from field_app.store.state import View
from field_app.store.store import Store
from field_app.work.geometry import Part, box_of, contains, parts_of


@dataclass(frozen=True, slots=True)
class Ground:
    """One grid with its polygons in degrees; ``box`` is west, south, east, north."""

    code: str
    name: str
    parts: tuple[Part, ...]
    box: tuple[float, float, float, float]
    label: tuple[float, float]


class Grounds:
    """The grids held on this tablet."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._views: list[View] = []
        self._all: tuple[Ground, ...] = ()

    def all(self) -> tuple[Ground, ...]:
        """Give the grids that have a polygon, by code."""
        views = sorted(self._store.memory.views("grid"), key=lambda view: view.id)
        if views != self._views:  # a version says little: new corners come under the old one
            found = [ground for view in views if (ground := _ground(view)) is not None]
            self._all = tuple(sorted(found, key=lambda ground: ground.code))
        self._views = views
        return self._all

    def codes(self) -> tuple[str, ...]:
        """Give the codes of the worker's grids, the main one first."""
        return tuple(code for code, _ in grids_now(self._store.memory))

    def named(self, code: str | None) -> str:
        """Give a held grid's name, empty when it is not held."""
        return next((ground.name for ground in self.all() if ground.code == code), "")

    def at(self, lon: float, lat: float) -> str | None:
        """Give the code of the held grid at a point."""
        for ground in self.all():
            west, south, east, north = ground.box
            if west <= lon <= east and south <= lat <= north and contains(ground.parts, (lon, lat)):
                return ground.code
        return None


def grids_now(memory: Memory) -> tuple[tuple[str, str], ...]:
    """Give code and name of the worker's grids, the main one first.

    The grids held say what the posts are now; before the first sync those told at enrolment do.
    """
    told = memory.meta.get("grids")
    posts = [grid for grid in told if isinstance(grid, dict)] if isinstance(told, list) else []
    named = {str(view.values.get("code")): str(view.values.get("name")) for view in memory.views("grid")}
    if not named:
        named = {str(grid.get("code")): str(grid.get("name")) for grid in posts}
    main = {str(grid.get("code")) for grid in posts if grid.get("post") == "main"}
    return tuple(sorted(named.items(), key=lambda grid: (grid[0] not in main, grid[0])))


def _ground(view: View) -> Ground | None:
    parts = parts_of(view.values.get("polygon"))
    if not parts:
        return None
    box = box_of(parts)
    label = view.values.get("label")
    middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    if isinstance(label, list) and len(label) == 2:
        middle = (float(label[0]), float(label[1]))
    name = str(view.values.get("name") or view.values.get("code") or "")
    return Ground(str(view.values.get("code") or view.grid), name, parts, box, middle)
