"""Checks that need what is held: references, the worker's grids, closed records."""

from collections.abc import Container, Iterator

from field_app.store.memory import Memory
from field_app.store.state import Values
from field_app.work.grounds import Grounds
from field_app.work.labels import is_closed
from governance.contract import Kind, Problem, Type


def reference_problems(
    memory: Memory, kind: Kind, values: Values, known: Container[str] = ()
) -> Iterator[Problem]:
    """Find references to records that are not held, of another kind, withdrawn or closed.

    Of those ``known`` before the hub judges, where they left since.
    """
    for field in kind.references:
        target = values.get(field.name)
        if not isinstance(target, str):
            continue
        view = memory.view(target)
        if view is None and target in known:
            continue
        if view is None or view.withdrawn:
            yield Problem(field.name, "reference", f"{field.label}：本机没有这条记录")
        elif view.kind != field.target:
            yield Problem(field.name, "reference", f"{field.label}：指到的记录种类不对")
        elif is_closed(view) and not field.past:
            yield Problem(field.name, "closed", f"{field.label}：指到的记录已注销")


def place_problems(grounds: Grounds, kind: Kind, values: Values) -> Iterator[Problem]:
    """Find points and grid codes outside the worker's grids."""
    if not kind.located:
        return
    lon, lat, grid = values.get("lon"), values.get("lat"), values.get("grid")
    if isinstance(lon, float) and isinstance(lat, float) and grounds.all() and grounds.at(lon, lat) is None:
        yield Problem("lon", "scope", "定位：这一点不在您负责的网格内")
    codes = grounds.codes()
    if isinstance(grid, str) and codes and grid not in codes:
        yield Problem("grid", "scope", f"所在网格：{grid} 不是您负责的网格")


def closed_problems(values: Values, changed: Values) -> Iterator[Problem]:
    """Refuse edits of a closed record, but for taking back its closing."""
    if values.get("closed_on") is not None and "closed_on" not in changed:
        yield Problem("closed_on", "closed", "这条记录已注销，不能再改")


def label_of(kind: Kind, name: str) -> str:
    """Give a field's Chinese label, or its name when there is none."""
    field = kind.by_name.get(name)
    return field.label if field is not None else name


def is_asked(kind: Kind, name: str, switched_on: frozenset[str]) -> bool:
    """Whether a form has a line for a field: not the hub's, not switched off, not place or end."""
    field = kind.by_name[name]
    if field.owner.value == "hub" or name in _NEVER or field.type in (Type.LON, Type.LAT, Type.GRID):
        return False
    return not field.switched or f"{kind.name}.{name}" in switched_on


_NEVER = frozenset({"crs", "accuracy", "closed_on", "closed_reason"})
