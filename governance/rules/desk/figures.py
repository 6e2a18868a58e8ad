"""Whom a rule would touch on a day (预览): counted in the database, nobody's record is fetched.

Every figure counts subjects once, whatever number of occasions they have open. The difference against the
version in force compares occasions, as those are what tasks are made of.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest
from uuid import UUID

from django.db import connection

from governance.access.scope import LEVEL_DIGITS
from governance.rules.calendar import working_days
from governance.rules.checks import is_mass
from governance.rules.found import COLUMNS, found_sql
from governance.rules.frames import Sql, joined
from governance.rules.grammar import Body
from governance.rules.pools import Pools
from governance.rules.selectors import day_of, found_by_area, rows_of, subjects_count
from gridmap.models import Division, Grid


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of occasions against another version: new ones, those no longer there, other days."""

    gained: int
    lost: int
    moved: int
    same: int


@dataclass(frozen=True, slots=True)
class Touched:
    """Subjects by grid; a few of them, each with first and due day of one occasion; what changes."""

    numbers: dict[str, int]
    sample: list[tuple[UUID, date, date]]
    change: Change | None


def touched(body: Body, day: date, *, most: int = 0, other: Body | None = None) -> Touched:
    """Tell whom a rule touches on a day: one statement, in which each version is evaluated once.

    Parameters
    ----------
    body : Body
    day : date
        Asia/Shanghai.
    most : int
        How many subjects to name: of as many divisions as there are, the same ones each time.
    other : Body, optional
        Version it is compared with; what both count for everybody is counted once.
    """
    pools = Pools()
    new, old = _held("n", body, day, pools), Sql("") if other is None else _held("o", other, day, pools)
    held = joined([part for part in (new, old) if part.text], ", ")
    named = _NAMED.format(last=_last(), most=int(most)) if most else ""
    parts = [part for part in (_BY_GRID.format(first=_first(most)), named, old.text and _CHANGE) if part]
    rows = rows_of(pools.within(Sql(f"WITH {held.text} {' UNION ALL '.join(parts)}", held.values)))
    numbers = {str(grid): int(str(number)) for what, grid, number, *_ in rows if what == "grid"}
    firsts = {str(grid): str(first) for what, grid, _, first, *_ in rows if what == "grid" and most}
    others = [str(first) for what, _, _, first, *_ in rows if what == "some"]
    counts = [[int(str(number)) for number in row[2:]] for row in rows if row[0] == "change"]
    return Touched(
        dict(sorted(numbers.items())),
        [_one(said) for said in spread(numbers, firsts, others)[:most]],
        _change(*counts[0]) if counts else None,
    )


def spread(numbers: Mapping[str, int], firsts: Mapping[str, str], others: Sequence[str]) -> list[str]:
    """Put one of each grid in such an order that divisions take turns, the ones with most first.

    However few are taken from the beginning, no county has two while another has none, and so within each
    county, street and community. Where there are few grids, others follow.
    """
    taken = [firsts[grid] for grid in _in_turn(sorted(firsts), numbers, _TURNS)]
    return [*taken, *(other for other in others if other not in set(taken))]


def _in_turn(grids: list[str], numbers: Mapping[str, int], levels: tuple[int, ...]) -> list[str]:
    if not levels:
        return sorted(grids, key=lambda grid: (-numbers[grid], grid))
    below: dict[str, list[str]] = {}
    for grid in grids:
        below.setdefault(grid[: levels[0]], []).append(grid)
    queues = [_in_turn(each, numbers, levels[1:]) for each in below.values()]
    queues.sort(key=lambda queue: -sum(numbers[grid] for grid in queue))
    return [grid for turn in zip_longest(*queues) for grid in turn if grid is not None]


def _one(said: str) -> tuple[UUID, date, date]:
    _, id_, opens, due = said.split()
    return UUID(id_), day_of(opens), day_of(due)


def _change(mine: int, theirs: int, both: int, alike: int) -> Change:
    return Change(mine - both, theirs - both, both - alike, alike)


_TURNS = tuple(LEVEL_DIGITS[level] for level in (3, 4, 5))
_BY_GRID = """
    SELECT 'grid' AS what, grid AS name, CAST(count(DISTINCT id) AS text) AS a,
        {first} AS b, NULL AS c, NULL AS d
    FROM n GROUP BY grid
"""
_NAMED = """
    SELECT * FROM (SELECT 'some', NULL, NULL, min({last}), NULL, NULL FROM n
    WHERE (SELECT count(*) FROM (SELECT DISTINCT grid FROM n LIMIT {most}) g) < {most}
    GROUP BY id ORDER BY id LIMIT {most}) f
"""
"""Where each grid's one are not enough."""


def _first(most: int) -> str:
    return f"min({_last()})" if most else "NULL"


def _last() -> str:
    """Give the SQL of a subject in a sample's order: by the end of its id, which is random."""
    said = "CAST(id AS text) || ' ' || CAST(opens AS text) || ' ' || CAST(due AS text)"
    if connection.vendor == "postgresql":
        return f"(right(CAST(id AS text), 12) || ' ' || {said}) COLLATE \"C\""
    return f"substr(id, -12) || ' ' || {said}"


_SAME = "n JOIN o ON o.id = n.id AND o.tail = n.tail"
_CHANGE = f"""
    SELECT 'change', NULL, CAST((SELECT count(*) FROM n) AS text), CAST((SELECT count(*) FROM o) AS text),
        CAST((SELECT count(*) FROM {_SAME}) AS text), CAST((SELECT count(*) FROM {_SAME}
            AND o.opens = n.opens AND o.due = n.due
            AND coalesce(o.expires, o.due) = coalesce(n.expires, n.due)) AS text)
"""


def _held(name: str, body: Body, day: date, pools: Pools) -> Sql:
    """Give a version's occasions as a part of a ``WITH``; none where none can be open."""
    found = found_sql(body, day, working_days().after, pools=pools)
    if found is None:
        none = ", ".join(f"{_typed(column)} AS {column}" for column in COLUMNS)
        found = Sql(f"SELECT {none} WHERE 1 = 0")
    return Sql(f"{name} AS MATERIALIZED ({found.text})", found.values)


def residents() -> int:
    """Count the residents on record."""
    return subjects_count("person")


def touches_many(body: Body, day: date) -> bool:
    """Whether a rule touches so many on a day that a second person must consent."""
    return is_mass(reach_on(body, day), residents())


def reach_on(body: Body, day: date) -> int:
    """Count the subjects that a rule touches on a day."""
    return sum(found_by_area(day, body, digits=2).values())


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


def _typed(column: str) -> str:
    """Give the null of a column's type, which PostgreSQL compares with nothing else."""
    if connection.vendor != "postgresql":
        return "NULL"
    types = {"id": "uuid", "household": "uuid", "grid": "text", "tail": "text"}
    return f"NULL::{types.get(column, 'date')}"
