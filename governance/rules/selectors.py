"""Asking rules: which are in force on a day, and whom they concern."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from uuid import UUID

from django.db import connection

from governance.contract import KINDS
from governance.feed.bulk import among
from governance.records.models import model_of
from governance.rules.calendar import working_days
from governance.rules.conditions import Asked
from governance.rules.found import Among, found_sql
from governance.rules.frames import Frame, Sql, as_text, joined
from governance.rules.grammar import Body, Every, Milestone, Since
from governance.rules.last import last_sql
from governance.rules.notation import body_read
from governance.rules.occasions import floats, number_of
from governance.rules.reads import kinds_read
from governance.rules.relations import is_hidden, is_sensitive, resolve
from governance.rules.terms import Days, add
from governance.rules.wording import UNITS, reached_words
from gridmap.selectors import code_range


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a rule says on a day: the version in force."""

    code: str
    number: int
    body: Body


@dataclass(frozen=True, slots=True)
class Finding:
    """Someone or something a service is due for: what a task is made of.

    ``occasion`` names rule, subject and occasion for ever: it stays when a birth date is corrected or the
    household moves. ``reason`` is Chinese and names no one. Where it ``floats``, the days count from the day
    asked for, and a task that is there already keeps its own. ``register`` names the care register that the
    rule looks at, without whose right nobody may see the task.
    """

    occasion: str
    rule: str
    item: str
    title: str
    reason: str
    priority: str
    subject_kind: str
    subject: UUID
    grid: str
    household: UUID | None
    opens_on: date
    due_on: date
    expires_on: date | None
    asks: str = ""
    assignee: str = ""
    floats: bool = False
    register: str = ""


_IN_FORCE = """
    FROM rules_ruleversion v JOIN rules_rule r ON r.code = v.rule_id
    WHERE r.enabled AND v.state = 'active' AND v.valid_from <= %s AND (v.valid_to IS NULL OR v.valid_to >= %s)
"""
_CONTENTS = f"SELECT r.code, v.number, CAST(v.content AS text) {_IN_FORCE} ORDER BY r.code, v.number"


def rules_on(day: date) -> list[Ruling]:
    """Give the rules in force on a day, by code: one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_CONTENTS, [day, day])
        rows = cursor.fetchall()
    newest = {code: Ruling(code, number, _body(content)) for code, number, content in rows}
    return list(newest.values())


def rules_stamp(day: date) -> Sql:
    """Give the query for a text that changes with what is in force on a day, for less than reading that."""
    content = "jsonb_hash_extended(v.content, 0)" if connection.vendor == "postgresql" else "v.content"
    listed = "string_agg" if connection.vendor == "postgresql" else "group_concat"
    each = (
        f"SELECT r.code || ' ' || v.number || ' ' || {content} AS said {_IN_FORCE} ORDER BY r.code, v.number"
    )
    return Sql(f"SELECT coalesce({listed}(said, ' '), '') FROM ({each}) s", (day, day))


@lru_cache(maxsize=512)
def _body(content: str) -> Body:
    return body_read(json.loads(content))


def occasion_of(rule: str, subject: object, tail: str) -> str:
    """Give the key of a subject's occasion."""
    return f"{rule}:{subject}:{tail}"


def occasion_rule(occasion: str) -> str:
    """Give the code of the rule that an occasion's key begins with."""
    return occasion.partition(":")[0]


def findings_on(
    day: date, rule: Ruling, *, prefix: str = "", people: Collection[UUID] | None = None
) -> list[Finding]:
    """Find whom a rule concerns on a day, by grid and occasion.

    Parameters
    ----------
    day : date
        Day in Asia/Shanghai.
    rule : Ruling
    prefix : str
        First digits of the grids looked at; empty for the whole city.
    people : collection of UUID, optional
        Only these records.
    """
    ids = None if people is None else [str(each) for each in people]
    sql = found_sql(rule.body, day, working_days().after, Among(prefix, ids))
    if sql is None:
        return []
    found = [finding_of(rule, row) for row in rows_of(sql)]
    return sorted(found, key=lambda finding: (finding.grid, finding.occasion))


LastTimes = Mapping[tuple[str, str], date]
"""A rule's code and a subject's id to the day that the rule counts from."""


def last_times(wanted: Iterable[tuple[Ruling, Collection[str]]], day: date) -> LastTimes:
    """Give the days that rules which count since the last time count from, in one statement for all.

    Parameters
    ----------
    wanted : iterable of tuple
        Rules, each with the ids of the subjects asked about; without any of these nothing is asked.
    day : date
        Asia/Shanghai.
    """
    parts = [_last_query(rule, ids, day) for rule, ids in wanted if ids]
    rows = rows_of(joined(parts, " UNION ALL ")) if parts else []
    return {(str(code), str(id_)): day_of(at) for code, id_, at in rows if at is not None}


def _last_query(rule: Ruling, ids: Collection[str], day: date) -> Sql:
    frame = Frame(KINDS[rule.body.subject], "t")
    last = last_sql(rule.body, frame, Asked(day))
    chosen, values = among("t.id", sorted(ids), "uuid")
    told = f"%s, {as_text('t.id')}, {as_text(last.text)}"
    return Sql(f"SELECT {told} FROM {frame.source} WHERE {chosen}", (rule.code, *last.values, *values))


def rows_of(sql: Sql) -> list[Sequence[object]]:
    """Run a query."""
    with connection.cursor() as cursor:
        cursor.execute(sql.text, list(sql.values))
        return list(cursor.fetchall())


def found_by_area(day: date, body: Body, *, prefix: str = "", digits: int = 15) -> dict[str, int]:
    """Count the subjects a rule's content concerns on a day by the first digits of their grids."""
    sql = found_sql(body, day, working_days().after, Among(prefix))
    if sql is None:
        return {}
    area = f"substr(f.grid, 1, {int(digits)})"
    text = f"SELECT {area}, count(DISTINCT f.id) FROM ({sql.text}) f GROUP BY {area} ORDER BY {area}"
    return {str(code): int(str(number)) for code, number in rows_of(Sql(text, sql.values))}


def subjects_count(kind: str, prefix: str = "") -> int:
    """Count the open records of a kind: what a rule's reach is held against."""
    table = model_of(kind)._meta.db_table
    first, last = code_range(prefix)
    text = (
        f'SELECT count(*) FROM "{table}" WHERE NOT deleted AND closed_on IS NULL AND grid BETWEEN %s AND %s'
    )
    ((number,),) = rows_of(Sql(text, (first, last)))
    return int(str(number))


def finding_of(rule: Ruling, row: Sequence[object]) -> Finding:
    """Make a finding of a row of :func:`governance.rules.found.found_sql`."""
    id_, grid, household, tail, begun, opens, due, expires = row
    days = Days(day_of(opens), day_of(opens), day_of(due), day_of(expires) if expires else None)
    return finding_made(rule, (id_, str(grid), household), str(tail), day_of(begun) if begun else None, days)


def finding_made(
    rule: Ruling, where: tuple[object, str, object], tail: str, begun: date | None, days: Days
) -> Finding:
    """Make a finding of its parts; ``where`` is the subject's id, grid and household."""
    id_, grid, household = where
    body = rule.body
    return Finding(
        occasion=occasion_of(rule.code, id_, tail),
        rule=rule.code,
        item=body.item,
        title=body.title,
        reason=reason_of(body, tail, begun),
        priority=body.priority,
        subject_kind=body.subject,
        subject=UUID(str(id_)),
        grid=grid,
        household=UUID(str(household)) if household else None,
        opens_on=days.opens,
        due_on=days.due,
        expires_on=days.expires,
        asks=" ".join(body.asks),
        assignee=body.assignee,
        floats=floats(body),
        register=register_of(body),
    )


@lru_cache(maxsize=512)
def register_of(body: Body) -> str:
    """Give the care register that a rule looks at, its subject's before others; empty without one."""
    hidden = [kind.name for kind in kinds_read(body) if is_hidden(kind)]
    return body.subject if body.subject in hidden else next(iter(hidden), "")


def day_of(value: object) -> date:
    """Give a day as the database told it: a date, or its text on SQLite."""
    return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])


@lru_cache(maxsize=4096)
def reason_of(body: Body, tail: str, begun: date | None) -> str:
    """Say in Chinese why a task is there; names no one, nor what is behind a right of its own."""
    moment = body.moment
    if isinstance(moment, Milestone) and begun is not None:
        kind = KINDS[body.subject]
        end = resolve(kind, moment.field)
        number = number_of(tail)
        full = add(begun, number, moment.unit)
        secret = end is None or is_hidden(end.kind) or is_sensitive(end.field)
        what = "" if secret else reached_words(moment, number, kind)
        return f"{full.year}年{full.month}月{full.day}日{what}。{body.text}"
    if isinstance(moment, Since):
        return f"距上次已满{moment.after}{UNITS[moment.unit]}。{body.text}"
    if isinstance(moment, Every) and begun is not None:
        return f"{begun.year}年{begun.month}月{begun.day}日起的一期。{body.text}"
    return body.text
