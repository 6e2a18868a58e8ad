"""Fill a database with a city by SQL alone: grids, homes, people, visits and registers, all synthetic.

Twenty-seven people live in ten homes of one to four; ages are spread evenly over 87 years. What a number
says of a person follows from it, so that a city of a size is always the same.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date

from django.db import connection

from gridmap.models import Division
from tests import factories

DAY = date(2026, 11, 22)
_GRIDS = 11_000
_SIZES = (1, 1, 2, 2, 3, 3, 3, 4, 4, 4)


_KINDS = ("building", "room", "household", "person", "visit", "care_hardship")


def city_fill(residents: int) -> None:
    """Make the tables' rows; nothing of history, feed and audit, which no rule reads."""
    factories.codes()
    factories.grid()
    homes = -(-residents // 27) * 10
    grids = min(_GRIDS, max(1, homes // 135))
    per_grid = -(-homes // grids)
    with _without_indexes(_KINDS), connection.cursor() as cursor:
        for sql in (
            _communities(grids),
            _grids(grids),
            _heads(grids),
            _rows("building", homes, _BUILDING, per_grid),
            _rows("room", homes, _ROOM, per_grid),
            _rows("household", homes, _HOUSEHOLD, per_grid),
            _rows("person", residents, _PERSON, per_grid),
            _rows("visit", residents // 20, _VISIT, per_grid),
            _rows("care_hardship", residents // 200, _REGISTER, per_grid),
        ):
            cursor.execute(sql)
    with connection.cursor() as cursor:
        # As a database in use is kept by its own upkeep.
        cursor.execute("VACUUM ANALYZE" if _postgres() else "ANALYZE")


@contextmanager
def _without_indexes(kinds: Sequence[str]) -> Iterator[None]:
    """Build the indexes of some kinds behind their rows, and let no reference be checked row by row."""
    models = [factories.model(kind) for kind in kinds]
    with connection.schema_editor() as editor:
        for model in models:
            for index in model._meta.indexes:
                editor.remove_index(model, index)
        if _postgres():
            editor.execute("SET LOCAL session_replication_role = replica")
        yield
        for model in models:
            for index in model._meta.indexes:
                editor.add_index(model, index)


def _postgres() -> bool:
    return connection.vendor == "postgresql"


def _numbers(count: int) -> str:
    """Give a table ``s(n)`` of the numbers from 0."""
    if _postgres():
        return f"(SELECT generate_series(0, {count - 1}) AS n) s"
    made = f"WITH RECURSIVE c(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM c WHERE n < {count - 1})"
    return f"({made} SELECT n FROM c) s"


def _id(kind: int, number: str) -> str:
    head = f"0000000{kind}-0000-7000-8000-"
    if _postgres():
        return f"('{head}' || lpad(to_hex({number}), 12, '0'))::uuid"
    return f"('{head}' || printf('%012x', {number}))"


def _padded(number: str, digits: int) -> str:
    if _postgres():
        return f"lpad(({number})::text, {digits}, '0')"
    return f"printf('%0{digits}d', {number})"


def _code(number: str) -> str:
    """Give the code of a grid by its number: 13 counties of 9 towns of 10 communities of 10 grids."""
    parts = [f"({number}) / 900 % 80 + 10", f"({number}) / 100 % 9 + 1", f"({number}) / 10 % 10 + 1"]
    county, town, community = (_padded(part, digits) for part, digits in zip(parts, (2, 3, 3), strict=True))
    return f"('4205' || {county} || {town} || {community} || {_padded(f'({number}) % 10 + 1', 3)})"


def _day(offset: str) -> str:
    if _postgres():
        return f"(date '{DAY}' + ({offset})::integer)"
    return f"date('{DAY}', ({offset}) || ' days')"


def _json(value: str) -> str:
    return f"'{value}'::jsonb" if _postgres() else f"'{value}'"


def _communities(count: int) -> str:
    columns = [field.column for field in Division._meta.concrete_fields]
    own = {"code": f"substr({_code('s.n * 10')}, 1, 12)"}
    chosen = ", ".join(own.get(column, f'd."{column}"') for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    return (
        f"INSERT INTO gridmap_division ({names}) SELECT {chosen} FROM gridmap_division d,"
        f" {_numbers(count // 10 + 1)} WHERE d.code = '{factories.COMMUNITY}'"
    )


def _grids(count: int) -> str:
    columns = [field.column for field in factories.Grid._meta.concrete_fields]
    uid = "gen_random_uuid()" if _postgres() else _id(9, "s.n")
    own = {"code": _code("s.n"), "uid": uid, "community_id": f"substr({_code('s.n')}, 1, 12)"}
    chosen = ", ".join(own.get(column, f'g."{column}"') for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    return (
        f"INSERT INTO gridmap_grid ({names}) SELECT {chosen} FROM gridmap_grid g, {_numbers(count)}"
        f" WHERE g.code = '{factories.GRID}'"
    )


def _heads(count: int) -> str:
    return f"INSERT INTO feed_head (grid, seq) SELECT {_code('s.n')}, 0 FROM {_numbers(count)}"


def _home() -> str:
    """Give the number of the home that the n-th person lives in."""
    case, begun = "CASE", 0
    for place, size in enumerate(_SIZES):
        begun += size
        case += f" WHEN s.n % 27 < {begun} THEN {place}"
    return f"(s.n / 27 * 10 + {case} END)"


_BUILDING = {"id": "building:s.n", "home": "s.n", "name": "'1号楼'"}
_ROOM = {
    "id": "room:s.n",
    "home": "s.n",
    "building": "building:s.n",
    "number": "'101'",
    "rented": "s.n % 10 = 0",
}
_HOUSEHOLD = {"id": "household:s.n", "home": "s.n", "room": "room:s.n", "head_name": "'王示例'"}
_PERSON = {
    "id": "person:s.n",
    "home": "HOME",
    "household": "household:HOME",
    "name": "'王示例'",
    "citizen_number": "NUMBER",
    "sex": "'1'",
    "birth_date": "day:-(CAST(s.n AS bigint) * 7919 % 31776)",
    "nation": "'01'",
    "marital": "'20'",
    "education": "'20'",
    "phone": "'10001234567'",
    "occupation": "'示例职业'",
    "workplace": "'示例单位'",
    "residence_kind": "CASE WHEN s.n % 10 = 3 THEN '2' ELSE '1' END",
    "relation": "'02'",
    "residence_consistent": "'01'",
    "registered_area": "'420502'",
    "registered_address": "'示例路1号示例小区1号楼101室'",
    "permit_expires_on": "CASE WHEN s.n % 10 = 3 THEN day:s.n % 365 END",
    "verification": "'3'",
}
_VISIT = {
    "id": "visit:s.n",
    "home": "(s.n * 20 / 27 * 10)",
    "household": "household:(s.n * 20 / 27 * 10)",
    "person": "person:(s.n * 20)",
    "purpose": "'01'",
    "visited_at": "day:-(s.n % 300)",
}
_REGISTER = {"id": "register:s.n", "home": "HOMEOF", "person": "person:(s.n * 189)", "category": "'05'"}

_NUMBERED = {"building": 1, "room": 2, "household": 3, "person": 4, "visit": 5, "register": 6}


def _rows(kind: str, count: int, columns: dict[str, str], per_grid: int) -> str:
    table = factories.model(kind)._meta.db_table
    stamp = "now()" if _postgres() else "'2026-01-01 00:00:00'"
    values = {
        "grid": _code(f"{_sql(columns['home'])} / {per_grid}"),
        "version": "1",
        "origins": _json("[]"),
        "deleted": "FALSE",
        "created_at": stamp,
        "updated_at": stamp,
        **{name: _sql(value) for name, value in columns.items() if name != "home"},
    }
    names = ", ".join(f'"{name}"' for name in values)
    return f'INSERT INTO "{table}" ({names}) SELECT {", ".join(values.values())} FROM {_numbers(count)}'


def _sql(value: str) -> str:
    """Write out what the tables above abbreviate: ids of kinds, days, the home of a person."""
    value = value.replace("HOMEOF", "(s.n * 189 / 27 * 10)").replace("HOME", _home())
    value = value.replace("NUMBER", f"('4205021980' || {_padded('s.n', 8)})")
    for kind, number in _NUMBERED.items():
        if value.startswith(f"{kind}:"):
            return _id(number, value.removeprefix(f"{kind}:"))
    before, found, after = value.partition("day:")
    if not found:
        return value
    offset, end, rest = after.partition(" END")
    return before + _day(offset) + end + rest
