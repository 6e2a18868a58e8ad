"""Records that changed, looked at at once (到达即评估): a statement a kind of subject, for all rules.

What does not depend on the records is prepared once a day and process: the conditions as SQL, and the dates
on which occasions are open. Who is concerned by a changed household, room, visit or register follows from
what the rules look at (:mod:`governance.rules.reads`). Relations without a reference (the same grid) and
those to tasks and differences are left to the day's run.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count
from uuid import UUID

from django.db import connection

from governance.contract import KINDS
from governance.feed.bulk import among
from governance.records.models import model_of
from governance.rules.calendar import WorkingDays, working_days
from governance.rules.conditions import ALWAYS, Asked, as_day, dates_within
from governance.rules.found import bracketed, counts_at_all, last_sql, whom
from governance.rules.frames import Frame, Sql, household_of, joined
from governance.rules.grammar import Every, Milestone, Since
from governance.rules.occasions import Opening, openings
from governance.rules.reads import Chain, Step, readings
from governance.rules.relations import NEAR, SUBJECTS, source_of
from governance.rules.selectors import Finding, Ruling, day_of, finding_made, rows_of, rules_on

_Opened = Mapping[date | None, Sequence[Opening]]


@dataclass(frozen=True, slots=True)
class _Question:
    """One column of the statement: the date that a rule's occasions follow from, for whom it concerns."""

    rule: Ruling
    opened: _Opened
    column: Sql


@dataclass(frozen=True, slots=True)
class _Plan:
    """All rules about one kind of subject, ready to be asked of any records."""

    source: str
    household: str
    where: Sql
    questions: tuple[_Question, ...]

    def found(self, ids: Collection[str]) -> Iterator[Finding]:
        chosen, values = among("t.id", ids, "uuid")
        asked = joined([question.column for question in self.questions], ", ")
        text = (
            f"SELECT t.id, t.grid, {self.household}, {asked.text} FROM {self.source}"
            f" WHERE {chosen} AND {self.where.text}"
        )
        for row in rows_of(Sql(text, (*asked.values, *values, *self.where.values))):
            yield from self._of(row)

    def _of(self, row: Sequence[object]) -> Iterator[Finding]:
        id_, grid, household, *answers = row
        where = (id_, str(grid), household)
        for question, answer in zip(self.questions, answers, strict=True):
            if answer is not None:
                begun = None if None in question.opened else day_of(answer)
                for each in question.opened.get(begun, ()):
                    yield finding_made(question.rule, where, each.tail, each.begun, each.days)


@dataclass(frozen=True, slots=True)
class Prepared:
    """The rules of a day, ready to be asked about records that changed."""

    rules: tuple[Ruling, ...]
    plans: Mapping[str, _Plan]
    chains: Mapping[str, Mapping[str, frozenset[Chain]]]

    def subjects(self, changed: Mapping[str, Collection[UUID]]) -> dict[str, set[str]]:
        """Give whom changed records concern, themselves first of all: ids by kind of subject.

        Parameters
        ----------
        changed : mapping
            Kind to ids of the records that changed.
        """
        found: dict[str, set[str]] = {}
        for kind, ids in changed.items():
            texts = sorted({str(id_) for id_ in ids})
            if kind in SUBJECTS:
                found.setdefault(kind, set()).update(texts)
            for subject, chains in self.chains.get(kind, {}).items():
                mine = found.setdefault(subject, set())
                parts = [_backwards(chain, texts) for chain in sorted(chains, key=repr) if chain]
                if parts:
                    mine.update(str(id_) for (id_,) in rows_of(joined(parts, " UNION ")) if id_)
        return found

    def findings(self, subjects: Mapping[str, Collection[str]]) -> list[Finding]:
        """Give what the rules find among some records, whose ids are given by kind."""
        return [
            finding
            for kind, ids in subjects.items()
            if ids and kind in self.plans
            for finding in self.plans[kind].found(ids)
        ]


_held: tuple[object, Prepared] | None = None


def prepared(day: date) -> Prepared:
    """Give a day's rules ready to be asked; kept while rules, day and calendar stay the same."""
    global _held  # noqa: PLW0603 - one a process, replaced as a whole
    rules, working = tuple(rules_on(day)), working_days()
    # Bodies are kept by those who read them, so the same content is the same object.
    key = (tuple((rule.code, id(rule.body)) for rule in rules), day, working.stamp, connection.vendor)
    held = _held
    if held is None or held[0] != key:
        held = _held = (key, Prepared(rules, _plans(rules, day, working), _chains(rules)))
    return held[1]


def _plans(rules: Sequence[Ruling], day: date, working: WorkingDays) -> dict[str, _Plan]:
    made = {}
    for kind in sorted({rule.body.subject for rule in rules}):
        frame, numbers = Frame(KINDS[kind], "t"), count()
        questions = tuple(
            question
            for rule in rules
            if rule.body.subject == kind
            for question in _questions(rule, frame, day, working, numbers)
        )
        if questions:
            where, household = counts_at_all(frame), household_of(frame)
            made[kind] = _Plan(frame.source, household, where, questions)
    return made


def _questions(
    rule: Ruling, frame: Frame, day: date, working: WorkingDays, numbers: "count[int]"
) -> Iterator[_Question]:
    body = rule.body
    moment = body.moment
    opened = openings(body, day, working.after)
    if isinstance(moment, Every):
        for each in opened:
            such = whom(body, frame, Asked(day, each.days.moment, numbers))
            text = f"CASE WHEN {such.text} THEN '{each.begun}' END"
            yield _Question(rule, {each.begun: [each]}, Sql(text, such.values))
        return
    if not opened:
        return
    by_date: dict[date | None, list[Opening]] = {}
    for each in opened:
        by_date.setdefault(each.begun, []).append(each)
    asked = Asked(day, None, numbers)
    such, answer = whom(body, frame, asked), Sql("1")
    within = ALWAYS
    if isinstance(moment, Milestone):
        column, item = frame.column(moment.field)
        begun = [each for each in by_date if each is not None]
        within, answer = (
            dates_within(frame, moment.field, min(begun), max(begun)),
            Sql(as_day(column, item.type)),
        )
    elif isinstance(moment, Since):
        answer = last_sql(moment, frame, asked)
    such = bracketed([within, such])
    yield _Question(
        rule, by_date, Sql(f"CASE WHEN {such.text} THEN {answer.text} END", (*such.values, *answer.values))
    )


def _chains(rules: Sequence[Ruling]) -> dict[str, dict[str, frozenset[Chain]]]:
    """Give by kind of what changed, and by kind of subject, the chains that lead from the subject to it."""
    found: dict[str, dict[str, frozenset[Chain]]] = {}
    for rule in rules:
        for reading in readings(rule.body):
            if all(_has_reference(step) for step in reading.chain):
                mine = found.setdefault(reading.kind, {})
                mine[rule.body.subject] = mine.get(rule.body.subject, frozenset()) | {reading.chain}
    return found


def _has_reference(step: Step) -> bool:
    relation = f"{step.kind}.{step.name}"
    return not step.down or (relation not in NEAR and source_of(relation) is None)


def _backwards(chain: Chain, ids: Collection[str]) -> Sql:
    """Give the query for the subjects from which a chain leads to one of the records."""
    inner: Sql | None = None
    for step in reversed(chain):
        table = model_of(step.kind)._meta.db_table
        known, wanted = ("x.id", f'x."{step.name}"') if step.down else (f'x."{step.name}"', "x.id")
        if inner is None:
            text, values = among(known, ids, "uuid")
            condition = Sql(text, tuple(values))
        else:
            condition = Sql(f"{known} IN ({inner.text})", inner.values)
        inner = Sql(f'SELECT {wanted} AS id FROM "{table}" x WHERE {condition.text}', condition.values)
    assert inner is not None
    return inner
