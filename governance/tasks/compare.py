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
from governance.rules.conditions import counts_related
from governance.rules.found import Among, found_sql
from governance.rules.frames import Frame, Sql, household_of, joined, source_table
from governance.rules.grammar import Milestone
from governance.rules.occasions import floats
from governance.rules.pools import Pools
from governance.rules.relations import SUBJECTS
from governance.rules.selectors import Finding, Ruling, finding_of, rows_of
from governance.tasks.settle import ANSWERED, RUN_OUT, TAKEN_BACK

_OPEN = ", ".join(f"'{state}'" for state in sorted(OPEN_STATES))
_COLUMNS = "f.id, f.grid, f.household, f.tail, f.begun, f.opens, f.due, f.expires"
_GRID = 3
"""Place of the grid in a row: behind the rule's number, the task and the finding's record."""

_HELD = "k.id, k.grid, k.household, k.state, k.opens_on, k.due_on, k.expires_on, k.closed_reason"


@dataclass(frozen=True, slots=True)
class Differing:
    """Where tasks are not what a rule asks for: findings without a right task, tasks without a finding.

    It ends behind the grid ``until``, where there was more than is held at once; None where it is all.
    """

    findings: list[Finding]
    undue: list[UUID]
    until: str | None = None


def differing(rule: Ruling, day: date, *, most: int, after: str = "") -> Differing:
    """Compare a rule's findings with its tasks on a day: one statement.

    Parameters
    ----------
    rule : Ruling
    day : date
        Asia/Shanghai.
    most : int
        Differences held at once; what is behind them is asked for with the next call.
    after : str
        Grid behind which differences are looked for.
    """
    (found,) = differing_together([rule], day, most=most, after=after)
    return found


def differing_together(rules: Sequence[Ruling], day: date, *, most: int, after: str = "") -> list[Differing]:
    """Compare several rules, one for one, in one statement; what they count for everybody is counted once."""
    pools = Pools()
    parts = [_part(place, rule, day, Among(after=after), pools, most) for place, rule in enumerate(rules)]
    rows: list[list[Sequence[object]]] = [[] for _ in rules]
    for row in rows_of(pools.within(joined(parts, " UNION ALL "))):
        rows[int(str(row[0]))].append(row)
    return [_differing(rule, day, held, most) for rule, held in zip(rules, rows, strict=True)]


def shares(rule: Ruling) -> bool:
    """Whether a rule counts related records for everybody, which is done once for several rules."""
    body = rule.body
    return not isinstance(body.moment, Milestone) and body.who is not None and counts_related(body.who)


def _differing(rule: Ruling, day: date, rows: list[Sequence[object]], most: int) -> Differing:
    until = None
    if len(rows) > most:
        # The last grid may be cut, so it is left for the next, unless it is the only one.
        until = str(rows[-1][_GRID])
        whole = [row for row in rows if row[_GRID] != until]
        until = str(whole[-1][_GRID]) if whole else until
        rows = whole or list(rows_of(_part(0, rule, day, Among(until), Pools(), None)))
    findings = [finding_of(rule, row[2:]) for row in rows if row[1] is None]
    return Differing(findings, [UUID(str(row[1])) for row in rows if row[1] is not None], until)


def _part(place: int, rule: Ruling, day: date, where: Among, pools: Pools, most: int | None) -> Sql:
    found = found_sql(rule.body, day, working_days().after, where, pools)
    sql = _undue_all(rule, where) if found is None else _compare(rule, found, where)
    first = "" if most is None else f" ORDER BY p.grid LIMIT {most + 1}"
    return Sql(f"SELECT * FROM (SELECT {place} AS rule, p.* FROM ({sql.text}) p{first}) r", sql.values)


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


def of_rules(rules: Collection[str], most: int) -> list[UUID]:
    """Give the open tasks of some rules."""
    chosen, values = among("k.origin_ref", rules)
    text = (
        f"SELECT k.id FROM tasks_task k WHERE k.origin = 'rule' AND {chosen}"
        f" AND k.state IN ({_OPEN}) AND NOT k.deleted ORDER BY k.grid LIMIT {most}"
    )
    return [UUID(str(id_)) for (id_,) in rows_of(Sql(text, tuple(values)))]


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


def _compare(rule: Ruling, found: Sql, where: Among) -> Sql:
    """Hold findings against the rule's tasks; only where those differ is a task looked up by its occasion."""
    id_ = "CAST(g.id AS text)" if connection.vendor == "postgresql" else "g.id"
    wrong, stale = _wrong(rule), _stale(rule)
    undue = _undue(rule, where)
    found = Sql(
        f"SELECT g.*, %s || {id_} || ':' || g.tail AS occasion FROM ({found.text}) g",
        (f"{rule.code}:", *found.values),
    )
    if connection.vendor != "postgresql":
        return _looked_up(found, wrong, stale, undue)
    # Both sides are read once and hashed: those open. Of what is done or ended the index on occasions tells.
    either = _COLUMNS.replace("f.grid", "coalesce(f.grid, k.grid) AS grid")
    held = f"SELECT k.occasion, {_HELD}, {stale.text} AS stale FROM tasks_task k"
    text = (
        f"WITH f AS MATERIALIZED (SELECT k.id AS task, {either}, f.occasion FROM ({found.text}) f"
        f" FULL JOIN ({held} WHERE {undue.text}) k"
        f" ON k.occasion = f.occasion WHERE f.id IS NULL OR {wrong})"
        f" SELECT NULL::uuid AS task, {_COLUMNS} FROM f LEFT JOIN LATERAL"
        f" ({held} WHERE k.occasion = f.occasion LIMIT 1) k ON TRUE"
        f" WHERE f.id IS NOT NULL AND {wrong}"
        f" UNION ALL SELECT f.task, {_COLUMNS} FROM f WHERE f.id IS NULL"
    )
    return Sql(text, (*found.values, *stale.values, *undue.values, *stale.values))


def _looked_up(found: Sql, wrong: str, stale: Sql, undue: Sql) -> Sql:
    """Do the same where nothing is hashed: each finding's task is looked up by its occasion.

    Where as many of those are the rule's open ones as there are, none is left without a finding.
    """
    wrong = wrong.replace("k.stale", stale.text)
    text = (
        f"WITH f AS MATERIALIZED (SELECT f.*, {wrong} AS wrong, ({undue.text}) IS TRUE AS held"
        f" FROM ({found.text}) f LEFT JOIN tasks_task k ON k.occasion = f.occasion)"
        f" SELECT NULL AS task, {_COLUMNS} FROM f WHERE f.wrong"
        f" UNION ALL SELECT k.id, {_nothing()} FROM tasks_task k WHERE {undue.text}"
        f" AND (SELECT count(*) FROM tasks_task k WHERE {undue.text}) > (SELECT count(*) FROM f WHERE f.held)"
        " AND k.occasion NOT IN (SELECT occasion FROM f)"
    )
    return Sql(text, (*stale.values, *undue.values, *found.values, *undue.values, *undue.values))


def _undue_all(rule: Ruling, where: Among) -> Sql:
    undue = _undue(rule, where)
    return Sql(f"SELECT k.id AS task, {_nothing()} FROM tasks_task k WHERE {undue.text}", undue.values)


def _undue(rule: Ruling, where: Among) -> Sql:
    behind = Sql(" AND k.grid > %s", (where.after,)) if where.after else Sql("")
    within = Sql(" AND k.grid = %s", (where.prefix,)) if where.prefix else Sql("")
    text = f"k.origin = 'rule' AND k.origin_ref = %s AND k.state IN ({_OPEN}) AND NOT k.deleted"
    return joined([Sql(text, (rule.code,)), behind, within], "")


def _wrong(rule: Ruling) -> str:
    """Give the condition that a finding's task is missing, lies elsewhere, is outdated or may open again."""
    body = rule.body
    days = (
        ""
        if floats(body)
        else (f"k.opens_on <> f.opens OR k.due_on <> f.due OR {_different('k.expires_on', 'f.expires')} OR ")
    )
    ended = f"'{TAKEN_BACK}', '{ANSWERED}'" + ("" if floats(body) else f", '{RUN_OUT}'")
    return (
        f"(k.id IS NULL OR k.grid <> f.grid OR {_different('k.household', 'f.household')}"
        f" OR (k.state IN ({_OPEN}) AND ({days}k.stale))"
        f" OR (k.state IN ('{WITHDRAWN}', '{EXPIRED}') AND k.closed_reason IN ({ended})))"
    )


def _stale(rule: Ruling) -> Sql:
    """Give the condition that a task says or asks something else than the version in force."""
    body = rule.body
    asked = " OR ".join(_different(f"k.{name}", "%s") for name in ("priority", "asks", "title", "item"))
    said = f"{'right' if connection.vendor == 'postgresql' else 'substr'}(k.reason, %s)"
    length = len(body.text) if connection.vendor == "postgresql" else -len(body.text)
    values = (body.priority, " ".join(body.asks) or None, body.title, body.item, length, body.text)
    # A reason ends with the rule's text.
    return Sql(f"({asked} OR {_different(said, '%s')})", values)


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
    """Give the columns of a task without a finding: its grid, and nothing of the types that findings have."""
    rest = {
        "household": "uuid",
        "tail": "text",
        "begun": "date",
        "opens": "date",
        "due": "date",
        "expires": "date",
    }
    empty = ", ".join(f"NULL{_as(type_)} AS {name}" for name, type_ in rest.items())
    return f"NULL{_as('uuid')} AS id, k.grid AS grid, {empty}"


def _as(type_: str) -> str:
    return f"::{type_}" if connection.vendor == "postgresql" else ""
