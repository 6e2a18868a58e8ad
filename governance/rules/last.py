"""When something was last done (上次): what ``since`` counts from, as SQL.

That is the last related record or, where that is later, the last time that a task of the same matter about
the subject was answered at the door: who reports a visit by the task alone was there, and the next one is
due an interval later. A visit that met nobody was none, nor one that was entered by mistake.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from governance.contract import KINDS, Type
from governance.contract.kinds.task_states import IN_VAIN
from governance.contract.kinds.tasks import ANSWERED_BY, NOBODY_MET
from governance.records.services.duplicates import number_field
from governance.rules import grammar as g
from governance.rules.conditions import ALWAYS, Asked, as_day, condition_sql, date_bound, dates_within
from governance.rules.frames import Frame, Sql, joined, linked, live, source_table
from governance.rules.occasions import since_from

_TASKS = "task.subject"
_TELLING = frozenset({"found", "outcome"})


@dataclass(frozen=True, slots=True)
class _Twin:
    """Closed records with the number of the one asked about: what was done for those counts for it."""

    frame: Frame
    such: str

    @property
    def beside(self) -> str:
        return f", {self.frame.source}"


def last_sql(body: g.Body, frame: Frame, asked: Asked) -> Sql:
    """Give the SQL of the day that a rule counts from: of the last time, or its first day without one.

    One query deep, as SQLite reads no deep ones.
    """
    moment = body.moment
    assert isinstance(moment, g.Since)
    oldest = date_bound(since_from(moment), Type.DATE) or Sql("NULL")
    parts = [_recorded(moment, frame, asked, None), _answered(body, frame, asked, None)]
    parts += _of_twins(body, moment, frame, asked)
    if moment.start is not None:
        parts.append(Sql(f"SELECT {oldest.text}", oldest.values))
    days = joined(parts, " UNION ALL ")
    last = Sql("max(l.day)")
    if moment.start is None:
        greatest = "greatest" if connection.vendor == "postgresql" else "max"
        last = Sql(
            f"CASE WHEN max(l.day) IS NOT NULL THEN {greatest}(max(l.day), {oldest.text}) END", oldest.values
        )
    return Sql(f"(SELECT {last.text} FROM ({days.text}) l)", (*last.values, *days.values))


def _recorded(moment: g.Since, frame: Frame, asked: Asked, twin: _Twin | None) -> Sql:
    """Give the query for the day of the last related record, null without one."""
    alias = asked.alias()
    other, tie = linked(frame, moment.relation, moment.base, alias)
    inner = Frame(other, alias)
    such = condition_sql(moment.where, inner, asked) if moment.where is not None else ALWAYS
    day = as_day(f'max({alias}."{moment.field}")', _type_of(moment))
    met = f" AND {_met(alias)}" if _only_met(moment) else ""
    also = f"{met}{twin.such if twin else ''}"
    past = _past(inner, moment.field, asked) if _type_of(moment) is Type.MOMENT else ALWAYS
    text = (
        f"SELECT {day} AS day FROM {inner.source}{twin.beside if twin else ''}"
        f" WHERE {tie} AND {live(other, alias)}{also} AND {past.text} AND ({such.text})"
    )
    return Sql(text, (*past.values, *such.values))


def _answered(body: g.Body, frame: Frame, asked: Asked, twin: _Twin | None) -> Sql:
    """Give the query for the last day on which a task of the matter about the subject was answered."""
    alias = asked.alias()
    other, tie = linked(frame, _TASKS, "", alias)
    past = _past(Frame(other, alias), "done_at", asked)
    text = (
        f"SELECT {as_day(f'max({alias}.done_at)', Type.MOMENT)} AS day"
        f" FROM tasks_task {alias}{twin.beside if twin else ''}"
        f" WHERE {tie} AND {alias}.item = %s AND {alias}.outcome IN ({_listed(ANSWERED_BY)})"
        f" AND {past.text} AND NOT {alias}.deleted{twin.such if twin else ''}"
    )
    return Sql(text, (body.item, *past.values))


def _past(frame: Frame, field: str, asked: Asked) -> Sql:
    """Give the condition that a moment is not ahead of the day: a tablet's clock may be years fast."""
    return dates_within(frame, field, None, asked.day)


def _of_twins(body: g.Body, moment: g.Since, frame: Frame, asked: Asked) -> list[Sql]:
    """Give the query for the last day of closed records with the number; most have none, at little cost."""
    number = number_field(frame.kind.name)
    if number is None:
        return []
    alias = asked.alias()
    such = (
        f'{alias}."{number}" = {frame.alias}."{number}"'
        f" AND {alias}.closed_on IS NOT NULL AND NOT {alias}.deleted"
    )
    there = f'EXISTS (SELECT 1 FROM "{source_table(frame.kind)}" {alias} WHERE {such})'
    twin = _Twin(Frame(frame.kind, alias), f" AND {such}")
    parts = [_recorded(moment, twin.frame, asked, twin), _answered(body, twin.frame, asked, twin)]
    days = joined(parts, " UNION ALL ")
    return [Sql(f"SELECT CASE WHEN {there} THEN (SELECT max(w.day) FROM ({days.text}) w) END", days.values)]


def _met(alias: str) -> str:
    """Give the condition that a visit stands and met somebody, as far as it tells."""
    return (
        f"{alias}.closed_on IS NULL AND coalesce({alias}.found, '') NOT IN ({_listed(sorted(NOBODY_MET))})"
        f" AND coalesce({alias}.outcome, '') NOT IN ({_listed(IN_VAIN)})"
    )


def _only_met(moment: g.Since) -> bool:
    """Whether the related records are visits, of which the rule does not itself ask whom they met."""
    of_visits = moment.relation.partition(".")[0] == "visit"
    return of_visits and not (moment.where is not None and _tells(moment.where))


def _tells(node: g.Condition) -> bool:
    if isinstance(node, g.All | g.Any):
        return any(_tells(each) for each in node.of)
    if isinstance(node, g.Not):
        return _tells(node.of)
    return getattr(node, "field", None) in _TELLING


def _listed(codes: Sequence[str]) -> str:
    return ", ".join(f"'{code}'" for code in codes)


def _type_of(moment: g.Since) -> Type:
    other = KINDS.get(moment.relation.partition(".")[0])
    field = other.by_name.get(moment.field) if other else None
    return field.type if field else Type.MOMENT
