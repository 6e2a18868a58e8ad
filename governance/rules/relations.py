"""How a rule reaches from its subject to other records: paths upwards, relations downwards.

Both follow from the contract's references. A *path* names a field of the subject or of a record it points
to, reference by reference: ``birth_date``, ``household.kind``, ``household.room.rented``. A *relation* names
the field by which other records point back: ``person.household`` are the people of a household,
``visit.person`` a person's visits. :data:`NEAR` adds what has no reference but a common grid.
"""

from collections import Counter
from dataclasses import dataclass
from functools import cache

from governance.contract import KINDS, Field, Kind, Sensitivity, Type

SUBJECTS = tuple(name for name in KINDS if name not in ("task", "visit", "case"))
"""Kinds that a rule may be about."""

NEAR = ("event.grid", "organisation.grid", "thing.grid", "task.subject")
"""Relations without a reference: what lies in the subject's grid, and tasks about the subject."""

_GRID = Field("grid", "网格", Type.GRID)
_MOST_STEPS = 4


@dataclass(frozen=True, slots=True)
class Source:
    """What rules may count beside the contract's kinds: values that wait to be settled (差异).

    ``kind`` gives the fields as a contract kind does, ``table`` the table, ``record`` the column that holds
    the record's id, ``live`` the SQL condition of rows that count, over alias ``{alias}``.
    """

    kind: Kind
    table: str
    record: str
    live: str


_SOURCES = {
    "difference.record": Source(
        Kind(
            name="difference",
            label="待核数据差异",
            element="",
            fields=(
                Field("field", "数据项", length=64),
                Field("at", "发现时间", Type.MOMENT),
                Field("reason", "原因", length=8),
            ),
        ),
        table="records_contested",
        record="record",
        live="{alias}.settled_at IS NULL",
    )
}


def source_of(relation: str) -> Source | None:
    """Give the source beside the contract that a relation counts, if there is one of that name."""
    return _SOURCES.get(relation)


@dataclass(frozen=True, slots=True)
class Reached:
    """Where a path ends: the references walked, the kind reached, and its field."""

    steps: tuple[Field, ...]
    kind: Kind
    field: Field


def resolve(kind: Kind, path: str) -> Reached | None:
    """Follow a path to a field from a kind; None where it leads nowhere."""
    *names, last = path.split(".")
    walked = walk(kind, ".".join(names))
    if walked is None:
        return None
    steps, end = walked
    field = _GRID if last == "grid" and "grid" not in end.by_name else end.by_name.get(last)
    return Reached(steps, end, field) if field is not None else None


def walk(kind: Kind, path: str) -> tuple[tuple[Field, ...], Kind] | None:
    """Follow references only, an empty path staying where it is; None where it leads nowhere."""
    steps: list[Field] = []
    for name in path.split(".") if path else ():
        field = kind.by_name.get(name)
        if field is None or field.type is not Type.REF or len(steps) == _MOST_STEPS:
            return None
        steps.append(field)
        kind = KINDS[field.target or ""]
    return tuple(steps), kind


def related(kind: Kind, relation: str) -> Kind | None:
    """Give the kind of the records that a relation leads to from records of ``kind``; None if it does not."""
    source = source_of(relation)
    if source is not None:
        return source.kind
    name, _, back = relation.partition(".")
    other = KINDS.get(name)
    if other is None:
        return None
    if relation in NEAR:
        return other
    field = other.by_name.get(back)
    points = field is not None and field.type is Type.REF and field.target == kind.name
    return other if points else None


@cache
def paths_of(kind: Kind, *, depth: int = _MOST_STEPS) -> dict[str, str]:
    """Give every path to a field from a kind with its Chinese label: what a form offers."""
    found = {item.name: item.label for item in kind.fields if item.type is not Type.REF}
    found.setdefault("grid", _GRID.label)
    for item in kind.references if depth else ():
        beyond = paths_of(KINDS[item.target or ""], depth=depth - 1)
        found |= {f"{item.name}.{path}": f"{item.label}的{label}" for path, label in beyond.items()}
    return found


@cache
def bases_of(kind: Kind, *, depth: int = _MOST_STEPS) -> dict[str, str]:
    """Give the records that relations may begin at: the subject (empty path) and those above it."""
    found = {"": kind.label}
    for item in kind.references if depth else ():
        above = bases_of(KINDS[item.target or ""], depth=depth - 1)
        found |= {f"{item.name}.{path}".rstrip("."): label for path, label in above.items()}
    return found


def relations_of(kind: Kind) -> dict[str, str]:
    """Give every relation that leads on from a kind, with the Chinese label of what is counted."""
    leading = [
        (other, item) for other in KINDS.values() for item in other.references if item.target == kind.name
    ]
    several = Counter([other.label for other, _ in leading] + [KINDS["task"].label])
    found = {
        f"{other.name}.{item.name}": f"{other.label}（{item.label}）"
        if several[other.label] > 1
        else other.label
        for other, item in leading
    }
    near = {name: f"同网格{KINDS[name.partition('.')[0]].label}" for name in NEAR if name.endswith(".grid")}
    recorded = {name: source.kind.label for name, source in _SOURCES.items()}
    return found | near | {"task.subject": KINDS["task"].label} | recorded


def is_hidden(kind: Kind) -> bool:
    """Whether records of a kind are visible under a right of their own only."""
    return kind.right is not None


def is_sensitive(field: Field) -> bool:
    """Whether a field's values are shown one at a time with a reason."""
    return field.sensitivity is Sensitivity.SENSITIVE
