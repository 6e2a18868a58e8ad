"""Whom a rule concerns, as one query: the subjects, each with the occasion's key and days.

The same conditions answer three questions: a whole area for the day's run and the preview, given records on
arrival, and how many there are.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection

from governance.contract import KINDS, Type
from governance.feed.bulk import among, array
from governance.records.services.duplicates import number_field
from governance.rules.conditions import (
    ALWAYS,
    Asked,
    as_day,
    condition_sql,
    dates_within,
)
from governance.rules.frames import (
    Frame,
    Sql,
    household_of,
    is_indexed,
    joined,
    live,
    source_table,
    unclosed,
)
from governance.rules.grammar import Body, Every, Milestone, Not, Since
from governance.rules.last import last_sql
from governance.rules.occasions import Opening, openings
from governance.rules.pools import Pools
from governance.rules.terms import WorkingDay
from gridmap.selectors import code_range

COLUMNS = ("id", "grid", "household", "tail", "begun", "opens", "due", "expires")
"""What each row of :func:`found_sql` has."""


@dataclass(frozen=True, slots=True)
class Among:
    """Which records are looked at: in grids with the ``prefix`` or ``after`` one; those with the ``ids``."""

    prefix: str = ""
    ids: Collection[str] | None = None
    after: str = ""


EVERYBODY = Among()


def found_sql(
    body: Body, day: date, working: WorkingDay, where: Among = EVERYBODY, pools: Pools | None = None
) -> Sql | None:
    """Give the query for whom a rule's content concerns on a day; None where no occasion can be open.

    Parameters
    ----------
    body : Body
    day : date
        Asia/Shanghai.
    working : callable
        The working-day calendar.
    where : Among
    pools : Pools, optional
        Counts that several queries of one statement share, and that the caller puts before them.
    """
    opened = openings(body, day, working)
    if not opened:
        return None
    own = Pools() if pools is None else pools
    if isinstance(body.moment, Every) and len(opened) > 1:
        parts = [_query(body, day, [each], where, own) for each in opened]
        query = joined([Sql(f"SELECT * FROM ({part.text}) p", part.values) for part in parts], " UNION ALL ")
    else:
        query = _query(body, day, opened, where, own)
    return own.within(query) if pools is None else query


def _query(body: Body, day: date, opened: Sequence[Opening], where: Among, pools: Pools) -> Sql:
    # A date leads to few, who are better asked about one by one.
    of_all = not where.prefix and where.ids is None and not isinstance(body.moment, Milestone)
    moment = opened[0].days.moment if isinstance(body.moment, Every) else None
    asked = Asked(day, moment, pools=pools if of_all else None)
    frame = Frame(KINDS[body.subject], "t")
    such = bracketed([counts_at_all(frame), *_among(frame, where), whom(body, frame, asked)])
    if isinstance(body.moment, Since):
        return _since(body, frame, such, asked, opened)
    days = _days(opened)
    household = household_of(frame)
    tie, by_index = ALWAYS, False
    if isinstance(body.moment, Milestone):
        tie, by_index = _tie(frame, body.moment.field, opened)
    # SQLite reads tables so joined in this order: the dates first, where each leads to its records.
    source = f"d CROSS JOIN {frame.source}" if by_index else f"{frame.source} CROSS JOIN d"
    text = (
        f"WITH d AS MATERIALIZED ({days.text}) SELECT t.id, t.grid, {household} AS household,"
        f" d.tail, d.begun, d.opens, d.due, d.expires FROM {source}"
        f" WHERE {tie.text} AND {such.text}"
    )
    return Sql(text, (*days.values, *tie.values, *such.values))


def whom(body: Body, frame: Frame, asked: Asked) -> Sql:
    """Give the condition that the rule is about a record: its conditions hold, and it is not settled yet."""
    parts = [condition_sql(body.who, frame, asked)]
    if body.settled is not None:
        parts.append(condition_sql(Not(body.settled), frame, asked))
    return bracketed(parts)


def counts_at_all(frame: Frame) -> Sql:
    """Give the condition that rules look at a record: open, and the first of those with one number."""
    return bracketed([Sql(unclosed(frame.alias)), *_first_of_twins(frame)])


def bracketed(parts: list[Sql]) -> Sql:
    """Give the condition that all parts hold."""
    return joined([Sql(f"({part.text})", part.values) for part in parts], " AND ")


def _since(body: Body, frame: Frame, such: Sql, asked: Asked, opened: Sequence[Opening]) -> Sql:
    last = last_sql(body, frame, asked)
    days = _days(opened)
    text = (
        f"WITH d AS MATERIALIZED ({days.text}), q AS MATERIALIZED (SELECT t.id, t.grid,"
        f" {household_of(frame)} AS household, {last.text} AS begun FROM {frame.source} WHERE {such.text})"
        " SELECT q.id, q.grid, q.household, d.tail, d.begun, d.opens, d.due, d.expires"
        " FROM q JOIN d ON d.begun = q.begun"
    )
    return Sql(text, (*days.values, *last.values, *such.values))


def _among(frame: Frame, where: Among) -> list[Sql]:
    parts = []
    if where.prefix:
        parts.append(Sql(f"{frame.alias}.grid BETWEEN %s AND %s", code_range(where.prefix)))
    if where.after:
        parts.append(Sql(f"{frame.alias}.grid > %s", (where.after,)))
    if where.ids is not None:
        text, values = among(f"{frame.alias}.id", where.ids, "uuid")
        parts.append(Sql(text, tuple(values)))
    return parts


def _first_of_twins(frame: Frame) -> list[Sql]:
    """Of several records with one number, which someone has yet to merge, only the first is looked at."""
    number = number_field(frame.kind.name)
    if number is None:
        return []
    alias = frame.alias
    table = source_table(frame.kind)
    twin = (
        f'SELECT 1 FROM "{table}" o WHERE o."{number}" = {alias}."{number}" AND o.id < {alias}.id'
        f" AND {live(frame.kind, 'o')}"
    )
    return [Sql(f"({alias}.duplicate IS TRUE AND EXISTS ({twin})) IS NOT TRUE")]


def _tie(frame: Frame, path: str, opened: Sequence[Opening]) -> tuple[Sql, bool]:
    """Tie a date to the occasions' dates; whether its index leads from those to the records.

    Without that the outer bounds narrow the search first.
    """
    column, item = frame.column(path)
    if item.type is Type.DATE and is_indexed(frame.kind, path):
        return Sql(f"{column} = d.begun"), True
    begun = [each.begun for each in opened if each.begun is not None]
    within = dates_within(frame, path, min(begun), max(begun))
    # As text on both sides, SQLite finds the dates by an index that it makes for the while.
    day = as_day(column, item.type)
    if connection.vendor != "postgresql":
        day = f"CAST({day} AS text)"
    return Sql(f"d.begun = {day} AND {within.text}", within.values), False


def _days(opened: Sequence[Opening]) -> Sql:
    """Give the occasions as a table of their own, in one parameter or one a column."""
    rows = [
        (
            each.tail,
            each.begun and each.begun.isoformat(),
            each.days.opens.isoformat(),
            each.days.due.isoformat(),
            each.days.expires and each.days.expires.isoformat(),
        )
        for each in opened
    ]
    names = ("tail", "begun", "opens", "due", "expires")
    if connection.vendor == "postgresql":
        return Sql(
            "SELECT * FROM unnest(%s::text[], %s::date[], %s::date[], %s::date[], %s::date[])"
            f" AS u({', '.join(names)})",
            tuple(array(column) for column in zip(*rows, strict=True)),
        )
    picked = ", ".join(
        f"CAST(json_extract(value, '$[{place}]') AS text) AS {name}" for place, name in enumerate(names)
    )
    return Sql(f"SELECT {picked} FROM json_each(%s)", (json.dumps(rows),))
