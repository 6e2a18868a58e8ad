"""Two records with one number: both are kept, both are flagged, people decide."""

from collections import Counter
from collections.abc import Collection, Sequence
from functools import cache

from django.db import connection

from governance.contract import KINDS, Problem, Type
from governance.feed.bulk import among
from governance.records.models import model_of
from governance.records.rows import Held
from governance.records.services.decide import Outcome
from governance.records.services.state import State

FLAG = "duplicate"


@cache
def number_field(kind_name: str) -> str | None:
    """Give the field whose value should be one record's alone, where the kind has the flag."""
    kind = KINDS[kind_name]
    if FLAG not in kind.by_name:
        return None
    return next((item.name for item in kind.fields if item.type in (Type.CITIZEN, Type.CREDIT)), None)


def duplicates_flag(state: State, outcomes: Sequence[Outcome]) -> None:
    """Flag the batch's records whose number someone else holds, and remark on it.

    The other record may lie in a grid this writer does not hold; the room ``verify`` flags it
    when it reads the feed.
    """
    by_kind: dict[str, list[tuple[Outcome, Held, str]]] = {}
    for outcome in outcomes:
        held = outcome.held
        name = number_field(held.kind.name) if held else None
        if held is not None and name is not None and outcome.applied.get(name) is not None:
            by_kind.setdefault(held.kind.name, []).append((outcome, held, name))
    for kind, cases in by_kind.items():
        _flag(kind, cases)


def _flag(kind: str, cases: list[tuple[Outcome, Held, str]]) -> None:
    field = cases[0][2]
    numbers = {str(held.values[field]) for _, held, _ in cases if field in held.values}
    same = {held.id: str(held.values.get(field)) for _, held, _ in cases}
    here = Counter(same.values())
    elsewhere = {number for id_, number in _holders(kind, field, numbers) if id_ not in same}
    for outcome, held, _ in cases:
        number = same[held.id]
        if number in elsewhere or here[number] > 1:
            held.values[FLAG] = True
            held.dirty = outcome.whole = True
            label = held.kind.by_name[field].label
            outcome.errors.append(Problem(field, "duplicate", f"另有记录用同一{label}，两条都已保留，待核对"))
        elif held.values.pop(FLAG, None):
            held.dirty = outcome.whole = True


def _holders(kind: str, field: str, numbers: Collection[str]) -> list[tuple[str, str]]:
    """Give id and number of the open records that hold one of the numbers."""
    if not numbers:
        return []
    chosen, parameters = among(f'"{field}"', numbers, "text")
    sql = f"""
        SELECT id, "{field}" FROM "{model_of(kind)._meta.db_table}"
        WHERE {chosen} AND closed_on IS NULL AND NOT deleted
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return [(str(id_), number) for id_, number in cursor.fetchall()]
