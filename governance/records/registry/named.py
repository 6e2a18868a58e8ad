"""Whom or what a field names that is no record's reference (称谓): grids, and what the rooms above name."""

from collections.abc import Callable, Collection, Iterable, Mapping

from gridmap.naming import grid_names

Namer = Callable[[Collection[str]], Mapping[str, str]]
_NAMERS: dict[tuple[str, str], Namer] = {}
_GRID = "grid"


def field_named_by(kind: str, field: str, namer: Namer) -> None:
    """Let lists and pages say what a kind's field means.

    Parameters
    ----------
    kind, field : str
    namer : callable
        From values to what people read, in a fixed number of queries; what it does not know stays out.
    """
    _NAMERS[kind, field] = namer


def is_named(kind: str, field: str) -> bool:
    """Whether a field's values have names beside the code lists'."""
    return field == _GRID or (kind, field) in _NAMERS


def names_of(kind: str, held: Iterable[tuple[str, object]]) -> dict[str, str]:
    """Give what people read for values by value; without a value that has a name it asks nothing.

    Parameters
    ----------
    kind : str
    held : iterable of tuple
        Field and value; others than :func:`is_named` are left out.
    """
    wanted: dict[str, set[str]] = {}
    for field, value in held:
        if value and is_named(kind, field):
            wanted.setdefault(field, set()).add(str(value))
    found: dict[str, str] = {}
    for field, values in wanted.items():
        found |= grid_names(values) if field == _GRID else _NAMERS[kind, field](values)
    return found
