"""Records in SQL: a table under an alias, and the columns that paths lead to from it."""

from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from governance.contract import Field, Kind, Type
from governance.records.models import model_of
from governance.rules.relations import NEAR, related, resolve, source_of, walk

_PAST = frozenset({"event", "visit", "task"})
"""Kinds whose closed records are what happened, so that they count too."""


@dataclass(frozen=True, slots=True)
class Sql:
    """SQL text and the values bound to it, in order."""

    text: str
    values: tuple[Any, ...] = ()


def joined(parts: list[Sql], by: str) -> Sql:
    """Put pieces together."""
    return Sql(by.join(part.text for part in parts), tuple(value for part in parts for value in part.values))


class PathError(ValueError):
    """A path or relation that leads nowhere; rules are checked before they come into force."""


@dataclass(slots=True)
class Frame:
    """Records of a kind under an alias, with the records above them joined as they are asked for."""

    kind: Kind
    alias: str
    joins: dict[str, str] = field(default_factory=dict)

    def column(self, path: str) -> tuple[str, Field]:
        """Give the SQL of the column that a path leads to, and its field."""
        end = resolve(self.kind, path)
        if end is None:
            raise PathError(path)
        return f'{self._above(end.steps)}."{end.field.name}"', end.field

    def base(self, path: str) -> tuple[str, Kind, str]:
        """Give the SQL of the id of the record that a path of references leads to, its kind and its grid."""
        walked = walk(self.kind, path)
        if walked is None:
            raise PathError(path)
        steps, kind = walked
        if not steps:
            return f"{self.alias}.id", kind, f"{self.alias}.grid"
        return f'{self._above(steps[:-1])}."{steps[-1].name}"', kind, f"{self.alias}.grid"

    def _above(self, steps: tuple[Field, ...]) -> str:
        alias = self.alias
        for step in steps:
            above = f"{alias}_{step.name}"
            if above not in self.joins:
                table = model_of(step.target or "")._meta.db_table
                self.joins[above] = f'LEFT JOIN "{table}" {above} ON {above}.id = {alias}."{step.name}"'
            alias = above
        return alias

    @property
    def source(self) -> str:
        """The ``FROM`` clause's content, once all columns were asked for."""
        own = source_table(self.kind)
        return " ".join([f'"{own}" {self.alias}', *self.joins.values()])


def source_table(kind: Kind) -> str:
    """Give the table that records of a kind, or of a source beside the contract, lie in."""
    beside = source_of(f"{kind.name}.record")
    return beside.table if beside else model_of(kind.name)._meta.db_table


def is_indexed(kind: Kind, path: str) -> bool:
    """Whether an index on a field of the kind itself leads to its records."""
    return any(index.fields[:1] == [path] for index in model_of(kind.name)._meta.indexes)


def is_indexed_with(kind: Kind, back: str, path: str) -> bool:
    """Whether an index on a reference of a kind tells another field of it too."""
    indexes = model_of(kind.name)._meta.indexes if source_of(f"{kind.name}.record") is None else ()
    return any(index.fields[:1] == [back] and path in index.fields for index in indexes)


def live(kind: Kind, alias: str) -> str:
    """Give the condition that a record counts: neither withdrawn nor, unless it is a past event, closed."""
    beside = source_of(f"{kind.name}.record")
    if beside is not None:
        return beside.live.format(alias=alias)
    if kind.name in _PAST:
        return f"NOT {alias}.deleted"
    return unclosed(alias)


def unclosed(alias: str) -> str:
    """Give the condition that somebody may still be asked about a record: neither withdrawn nor closed."""
    return f"NOT {alias}.deleted AND {alias}.closed_on IS NULL"


def linked(frame: Frame, relation: str, base: str, alias: str) -> tuple[Kind, str]:
    """Give the kind of related records and the condition that ties them, under ``alias``, to the frame."""
    id_, kind, grid = frame.base(base)
    other = related(kind, relation)
    if other is None:
        raise PathError(relation)
    back = relation.partition(".")[2]
    if relation in NEAR:
        return other, f"{alias}.grid = {grid}" if back == "grid" else f"{alias}.subject = {as_text(id_)}"
    return other, f'{alias}."{back}" = {id_}'


def counted_by(frame: Frame, relation: str, base: str) -> tuple[str, Kind, str]:
    """Give the SQL of the id that related records point at, their kind, and the column they do it by."""
    id_, kind, _ = frame.base(base)
    other = related(kind, relation)
    if other is None:
        raise PathError(relation)
    return id_, other, relation.partition(".")[2]


def as_text(id_: str) -> str:
    """Give an id's SQL as text."""
    return f"CAST({id_} AS text)" if connection.vendor == "postgresql" else id_


def household_of(frame: Frame) -> str:
    """Give the SQL of the household whose door a record's task leads to; NULL where there is none."""
    name = frame.kind.name
    if name == "household":
        return f"{frame.alias}.id"
    if name == "room":
        home = model_of("household")._meta.db_table
        return (
            f'(SELECT hh.id FROM "{home}" hh WHERE hh.room = {frame.alias}.id'
            " AND NOT hh.deleted AND hh.closed_on IS NULL ORDER BY hh.id LIMIT 1)"
        )
    for path in ("household", "person.household"):
        end = resolve(frame.kind, path)
        if end is not None and end.field.type is Type.REF:
            return frame.column(path)[0]
    return "NULL::uuid" if connection.vendor == "postgresql" else "NULL"
