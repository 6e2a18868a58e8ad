"""Whom a rule would touch on a day (预览): counted in the database, nobody's record is fetched.

Every figure counts subjects once, whatever number of occasions they have open. The difference against the
version in force compares occasions, as those are what tasks are made of.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from governance.access.scope import LEVEL_DIGITS
from governance.rules.calendar import working_days
from governance.rules.checks import is_mass
from governance.rules.found import found_sql
from governance.rules.frames import Sql
from governance.rules.grammar import Body
from governance.rules.selectors import day_of, found_by_area, rows_of, subjects_count
from gridmap.models import Division, Grid


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of occasions against another version: new ones, those no longer there, other days."""

    gained: int
    lost: int
    moved: int
    same: int


def change(body: Body, other: Body, day: date) -> Change:
    """Compare two versions' occasions on a day."""
    new, old = _found(body, day), _found(other, day)
    if new is None or old is None:
        return Change(_number(new), _number(old), 0, 0)
    same = "o.id = n.id AND o.tail = n.tail"
    days = "o.opens = n.opens AND o.due = n.due AND coalesce(o.expires, o.due) = coalesce(n.expires, n.due)"
    text = (
        f"WITH n AS MATERIALIZED (SELECT * FROM ({new.text}) x),"
        f" o AS MATERIALIZED (SELECT * FROM ({old.text}) y)"
        " SELECT (SELECT count(*) FROM n), (SELECT count(*) FROM o),"
        f" (SELECT count(*) FROM n JOIN o ON {same}), (SELECT count(*) FROM n JOIN o ON {same} AND {days})"
    )
    ((mine, theirs, both, alike),) = _rows(text, (*new.values, *old.values))
    return Change(mine - both, theirs - both, both - alike, alike)


def sample(body: Body, day: date, most: int) -> list[tuple[UUID, date, date]]:
    """Give the first subjects by id, each with the first and the due day of one occasion."""
    found = _found(body, day)
    if found is None:
        return []
    text = (
        f"SELECT f.id, min(f.opens), min(f.due) FROM ({found.text}) f"
        f" GROUP BY f.id ORDER BY f.id LIMIT {most:d}"
    )
    return [(UUID(str(id_)), day_of(opens), day_of(due)) for id_, opens, due in _rows(text, found.values)]


def residents() -> int:
    """Count the residents on record."""
    return subjects_count("person")


def touches_many(body: Body, day: date) -> bool:
    """Whether a rule touches so many on a day that a second person must consent."""
    return is_mass(sum(found_by_area(day, body, digits=2).values()), residents())


def by_division(numbers: Mapping[str, int], prefix: str, level: int) -> list[tuple[str, str, int]]:
    """Add counts by grid up to the divisions of a level: code, name, number; the largest first."""
    digits = LEVEL_DIGITS[level]
    summed: Counter[str] = Counter()
    for grid, number in numbers.items():
        if grid.startswith(prefix):
            summed[grid[:digits]] += number
    names = dict(Division.objects.filter(code__in=list(summed)).values_list("code", "name"))
    rows = [(code, names.get(code, code), number) for code, number in summed.items()]
    return sorted(rows, key=lambda row: (-row[2], row[0]))


def places(numbers: Mapping[str, int]) -> list[tuple[float, float, str, int]]:
    """Give the label point and name of each grid with its count."""
    rows = Grid.objects.filter(valid_to=None).values_list("code", "name", "label_lon", "label_lat")
    return [(lon, lat, name, numbers[code]) for code, name, lon, lat in rows.iterator() if code in numbers]


def _found(body: Body, day: date) -> Sql | None:
    return found_sql(body, day, working_days().after)


def _number(found: Sql | None) -> int:
    return _rows(f"SELECT count(*) FROM ({found.text}) f", found.values)[0][0] if found else 0


def _rows(text: str, values: tuple[object, ...]) -> list[Any]:
    return rows_of(Sql(text, values))
