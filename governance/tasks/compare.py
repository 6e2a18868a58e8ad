"""Holding what a rule finds against the tasks there are, in the database: only what differs comes out."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection

from governance.contract import KINDS
from governance.contract.kinds.task_states import EXPIRED, OPEN_STATES, WITHDRAWN
from governance.feed.bulk import among
from governance.rules.calendar import working_days
from governance.rules.found import Among, found_sql
from governance.rules.frames import Frame, Sql, household_of, source_table
from governance.rules.occasions import floats
from governance.rules.relations import SUBJECTS
from governance.rules.selectors import Finding, Ruling, finding_of, rows_of
from governance.tasks.settle import RUN_OUT, TAKEN_BACK

_OPEN = ", ".join(f"'{state}'" for state in sorted(OPEN_STATES))
_COLUMNS = "f.id, f.grid, f.household, f.tail, f.begun, f.opens, f.due, f.expires"
_HELD = (
    "t.id, t.grid, t.household, t.state, t.opens_on, t.due_on, t.expires_on, t.closed_reason,"
    " t.priority, t.asks, t.title, t.item, t.reason"
)


@dataclass(frozen=True, slots=True)
class Differing:
    """Where tasks are not what a rule asks for: findings without a right task, tasks without a finding."""

    findings: list[Finding]
    undue: list[UUID]
    whole: bool
    """Whether that is all there is; otherwise it was cut."""


def differing(rule: Ruling, day: date, *, prefix: str = "", most: int | None = None) -> Differing:
    """Compare a rule's findings with its tasks on a day: one statement.

    Parameters
    ----------
    rule : Ruling
    day : date
        Asia/Shanghai.
    prefix : str
        First digits of the grids looked at.
    most : int, optional
        Give up behind so many differences.
    """
    found = found_sql(rule.body, day, working_days().after, Among(prefix))
    sql = _undue_all(rule, prefix) if found is None else _compare(rule, found, prefix)
    rows = rows_of(sql if most is None else Sql(f"{sql.text} LIMIT {most + 1}", sql.values))
    findings = [finding_of(rule, row[1:]) for row in rows if row[0] is None]
    undue = [UUID(str(row[0])) for row in rows if row[0] is not None]
    return Differing(findings, undue, whole=most is None or len(rows) <= most)


def adrift(kind: str, rules: Collection[str], most: int) -> list[UUID]:
    """Give the open tasks about records of a kind that left or moved, but for those of some rules.

    What the day's rules made is held against whom they find, which tells of leaving and moving too.
    """
    frame = Frame(KINDS[kind], "t")
    household = household_of(frame)
    moved = f"{_different('k.household', household)} OR " if kind == "person" else ""
    others, values = among("k.origin_ref", rules)
    text = (
        f'SELECT k.id FROM tasks_task k LEFT JOIN "{source_table(frame.kind)}" t ON t.id = {_subject()}'
        f" WHERE k.subject_kind = %s AND k.state IN ({_OPEN}) AND NOT k.deleted"
        f" AND (k.origin = 'rule' AND {others}) IS NOT TRUE"
        f" AND (t.id IS NULL OR t.deleted OR t.closed_on IS NOT NULL OR {moved}k.grid <> t.grid)"
        f" ORDER BY k.grid LIMIT {most}"
    )
    return [UUID(str(id_)) for (id_,) in rows_of(Sql(text, (kind, *values)))]


def run_out(day: date, most: int) -> list[UUID]:
    """Give open tasks whose last day is past."""
    text = (
        f"SELECT k.id FROM tasks_task k WHERE k.state IN ({_OPEN}) AND NOT k.deleted"
        f" AND k.expires_on < %s ORDER BY k.grid LIMIT {most}"
    )
    return [UUID(str(id_)) for (id_,) in rows_of(Sql(text, (day,)))]


def subject_kinds() -> Sequence[str]:
    """Give the kinds of records that open tasks are about."""
    text = f"SELECT DISTINCT subject_kind FROM tasks_task WHERE state IN ({_OPEN}) AND NOT deleted"
    held = {str(kind) for (kind,) in rows_of(Sql(text)) if kind}
    return [kind for kind in SUBJECTS if kind in held]


def _compare(rule: Ruling, found: Sql, prefix: str) -> Sql:
    id_ = "CAST(g.id AS text)" if connection.vendor == "postgresql" else "g.id"
    wrong = _wrong(rule)
    undue = _undue(rule, prefix)
    text = (
        f"WITH f AS MATERIALIZED (SELECT g.*, %s || {id_} || ':' || g.tail AS occasion FROM ({found.text}) g)"
        f" SELECT NULL{_as('uuid')} AS task, {_COLUMNS} FROM f"
        f" {_with_task()} WHERE {wrong.text}"
        f" UNION ALL SELECT k.id, {_nothing()} FROM tasks_task k WHERE {undue.text} AND {_not_found()}"
    )
    return Sql(text, (f"{rule.code}:", *found.values, *wrong.values, *undue.values))


def _with_task() -> str:
    """Join each finding's task, by the index on occasions however many tasks there are."""
    if connection.vendor == "postgresql":
        alone = f"SELECT {_HELD} FROM tasks_task t WHERE t.occasion = f.occasion LIMIT 1"
        return f"LEFT JOIN LATERAL ({alone}) k ON TRUE"
    return "LEFT JOIN tasks_task k ON k.occasion = f.occasion"


def _not_found() -> str:
    """Give the condition that a task has no finding, in the form that each database hashes or sorts once."""
    if connection.vendor == "postgresql":
        return "NOT EXISTS (SELECT 1 FROM f WHERE f.occasion = k.occasion)"
    return "k.occasion NOT IN (SELECT occasion FROM f)"


def _undue_all(rule: Ruling, prefix: str) -> Sql:
    undue = _undue(rule, prefix)
    return Sql(f"SELECT k.id, {_nothing()} FROM tasks_task k WHERE {undue.text}", undue.values)


def _undue(rule: Ruling, prefix: str) -> Sql:
    within = Sql(" AND substr(k.grid, 1, %s) = %s", (len(prefix), prefix)) if prefix else Sql("")
    text = f"k.origin = 'rule' AND k.origin_ref = %s AND k.state IN ({_OPEN}) AND NOT k.deleted{within.text}"
    return Sql(text, (rule.code, *within.values))


def _wrong(rule: Ruling) -> Sql:
    """Give the condition that a finding's task is missing, lies elsewhere, is outdated or may open again."""
    body = rule.body
    days = (
        ""
        if floats(body)
        else (f"k.opens_on <> f.opens OR k.due_on <> f.due OR {_different('k.expires_on', 'f.expires')} OR ")
    )
    asked = " OR ".join(_different(f"k.{name}", "%s") for name in ("priority", "asks", "title", "item"))
    said = f"{'right' if connection.vendor == 'postgresql' else 'substr'}(k.reason, %s)"
    asked = f"{asked} OR {_different(said, '%s')}"  # A reason ends with the rule's text.
    ended = f"'{TAKEN_BACK}'" if floats(body) else f"'{TAKEN_BACK}', '{RUN_OUT}'"
    text = (
        f"(k.id IS NULL OR k.grid <> f.grid OR {_different('k.household', 'f.household')}"
        f" OR (k.state IN ({_OPEN}) AND ({days}{asked}))"
        f" OR (k.state IN ('{WITHDRAWN}', '{EXPIRED}') AND k.closed_reason IN ({ended})))"
    )
    length = len(body.text) if connection.vendor == "postgresql" else -len(body.text)
    return Sql(text, (body.priority, " ".join(body.asks) or None, body.title, body.item, length, body.text))


def _different(one: str, other: str) -> str:
    if connection.vendor == "postgresql":
        return f"{one} IS DISTINCT FROM {other}"
    return f"{one} IS NOT {other}"


def _subject() -> str:
    """Give the SQL of a task's subject as an id; whatever else the field holds is nobody."""
    if connection.vendor != "postgresql":
        return "k.subject"
    return "CASE WHEN k.subject ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN k.subject::uuid END"


def _nothing() -> str:
    """Give empty columns of the types that findings have."""
    types = ("uuid", "text", "uuid", "text", "date", "date", "date", "date")
    return ", ".join(f"NULL{_as(type_)}" for type_ in types)


def _as(type_: str) -> str:
    return f"::{type_}" if connection.vendor == "postgresql" else ""
