"""Records that changed, looked at at once (到达即评估): a statement a kind of subject, for all rules.

What does not depend on the records is prepared once a day and process: the conditions as SQL, and the dates
on which occasions are open. The database tells only of those for whom something may be due or who have tasks,
and in the same statement whether the rules and the calendar are still those that were prepared.
Who is concerned by a changed household, room, visit or register follows from what the rules look at
(:mod:`governance.rules.reads`). Relations without a reference (the same grid) and those to tasks and
differences are left to the day's run.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import count

from django.db import connection

from governance.contract import KINDS
from governance.feed.bulk import listed
from governance.records.models import model_of
from governance.rules.calendar import STAMP, WorkingDays, working_days
from governance.rules.conditions import ALWAYS, Asked, as_day, dates_within
from governance.rules.found import bracketed, counts_at_all, whom
from governance.rules.frames import Frame, Sql, as_text, household_of, joined, linked, live, source_table
from governance.rules.grammar import Every, Milestone, Since
from governance.rules.occasions import Opening, openings
from governance.rules.reads import Chain, Step, readings
from governance.rules.relations import NEAR, SUBJECTS, source_of
from governance.rules.selectors import (
    Finding,
    LastTimes,
    Ruling,
    day_of,
    finding_made,
    last_times,
    rows_of,
    rules_on,
    rules_stamp,
)

_ID, _COUNTS, _HAS_TASKS = 1, 2, 3
"""Places in a row of the statement: the record's id, whether rules look at it, whether it has tasks."""

_COLUMNS = ("place", "id", "counts", "tasks", "grid", "household")
_STAMPED = -1
"""Stands for the place in the row that has, for an id, the stamp of rules and calendar."""

_Row = Sequence[object]
_Opened = Mapping[date | None, Sequence[Opening]]
_Kinds = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Question:
    """One column of the statement: the date that a rule's occasions follow from, for whom it concerns.

    Where the rule counts since the last time the column only says whom: the date is asked for afterwards,
    as few are concerned.
    """

    rule: Ruling
    opened: _Opened
    column: Sql

    def begun(self, answer: object, id_: object, last: LastTimes) -> date | None:
        """Give the day that the occasions of the one with this answer follow from, None if from none."""
        if isinstance(self.rule.body.moment, Since):
            return last.get((self.rule.code, str(id_)))
        return None if None in self.opened else day_of(answer)


@dataclass(frozen=True, slots=True)
class Looked:
    """Those concerned by changed records about whom there may be tasks (ids as text), and what is found.

    ``rules`` are the codes of those that were asked.
    """

    concerned: set[str]
    findings: list[Finding]
    rules: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Plan:
    """All rules about one kind of subject, ready to be asked of any records."""

    kind: str
    source: str
    household: str
    where: Sql
    tasks: str
    questions: tuple[_Question, ...]

    def query(self, place: int, ids: str, width: int) -> Sql:
        """Give the query that asks all rules about the records of another one, with ``width`` answers."""
        columns = [
            Sql(str(place)),
            Sql(as_text("t.id")),
            self.where,
            Sql(f"EXISTS ({self.tasks})"),
            Sql("t.grid"),
            Sql(as_text(self.household)),
            *(Sql(as_text(each.column.text), each.column.values) for each in self.questions),
            *[Sql(as_text("NULL"))] * (width - len(self.questions)),
        ]
        asked = joined(columns, ", ")
        return Sql(f"SELECT {asked.text} FROM {self.source} WHERE {_within('t.id', ids)}", asked.values)

    def since(self, rows: Iterable[_Row]) -> Iterator[tuple[Ruling, list[str]]]:
        """Give the rules that count since the last time, with whom of the query's rows they concern."""
        mine = [row for row in rows if row[_COUNTS]]
        for column, question in enumerate(self.questions, len(_COLUMNS)):
            if isinstance(question.rule.body.moment, Since):
                yield question.rule, [str(row[_ID]) for row in mine if row[column] is not None]

    def findings(self, row: _Row, last: LastTimes) -> Iterator[Finding]:
        """Give what was found for one record, by its row of the query."""
        id_, counts, _, grid, household, *answers = row[1:]
        if not counts:
            return
        for question, answer in zip(self.questions, answers, strict=False):
            if answer is not None:
                for each in question.opened.get(question.begun(answer, id_, last), ()):
                    where = (id_, str(grid), household)
                    yield finding_made(question.rule, where, each.tail, each.begun, each.days)


@dataclass(frozen=True, slots=True)
class _Statement:
    """The question about changed records of some kinds: their ids are bound before the ``values``."""

    text: str
    values: tuple[object, ...]
    plans: tuple[_Plan, ...]


@dataclass(frozen=True, slots=True)
class Prepared:
    """The rules of a day, ready to be asked about records that changed; ``stamp`` tells as of when."""

    day: date
    stamp: str
    rules: frozenset[str]
    plans: Mapping[str, _Plan]
    chains: Mapping[str, Mapping[str, frozenset[Chain]]]
    held: dict[tuple[_Kinds, _Kinds], _Statement] = field(default_factory=dict)

    def look(
        self, changed: Mapping[str, Collection[str]], told: Mapping[str, Collection[str]]
    ) -> Looked | None:
        """Do as :func:`look`; None where the rules are others by now."""
        found = Looked({id_ for ids in told.values() for id_ in ids}, [], self.rules)
        unasked = [kind for kind in SUBJECTS if kind not in self.plans]
        found.concerned.update(id_ for kind in unasked for id_ in changed.get(kind, ()))
        kinds = tuple(kind for kind in sorted(changed) if kind in self.plans or kind in self.chains)
        others = tuple(kind for kind in sorted(told) if kind in self.plans)
        statement = self.held.get((kinds, others))
        if statement is None:
            statement = self.held[kinds, others] = self._statement(kinds, others)
        ids = [listed(changed[kind]) for kind in kinds] + [listed(told[kind]) for kind in others]
        *rows, (_, stamp, *_) = rows_of(Sql(statement.text, (*ids, *statement.values)))
        if stamp != self.stamp:
            return None
        by_plan = [[row for row in rows if row[0] == place] for place in range(len(statement.plans))]
        asked = list(zip(statement.plans, by_plan, strict=True))
        last = last_times([each for plan, mine in asked for each in plan.since(mine)], self.day)
        for plan, mine in asked:
            found.concerned.update(str(row[_ID]) for row in mine if row[_HAS_TASKS])
            found.findings.extend(finding for row in mine for finding in plan.findings(row, last))
        return found

    def _statement(self, changed: _Kinds, told: _Kinds) -> _Statement:
        """Write the statement for changed records of some kinds; of whom nothing is told there is no row."""
        named = {f"n_{kind}": _LISTED[connection.vendor] for kind in changed}
        named |= {f"o_{kind}": _LISTED[connection.vendor] for kind in told}
        asked = self._subjects(changed, told, named)
        plans = [self.plans[subject] for subject in asked]
        width = max((len(plan.questions) for plan in plans), default=0)
        answers = [f"a{number}" for number in range(width)]
        stamp = _stamp(self.day)
        last = joined([Sql(f"SELECT {_STAMPED}"), Sql(f"({stamp.text})", stamp.values)], ", ")
        last = Sql(f"{last.text}{', NULL' * (len(_COLUMNS) - 2 + width)}", last.values)
        if not plans:
            return _Statement(last.text, last.values, ())
        queries = [plan.query(place, asked[plan.kind], width) for place, plan in enumerate(plans)]
        parts = _written_out(joined(queries, " UNION ALL "))
        before = ", ".join(f"{name} AS ({text})" for name, text in named.items())
        due = " OR ".join(["1 = 0", *(f"{answer} IS NOT NULL" for answer in answers)])
        text = (
            f"WITH {before}, asked({', '.join([*_COLUMNS, *answers])}) AS MATERIALIZED ({parts.text})"
            f" SELECT * FROM asked WHERE tasks OR (counts AND ({due})) UNION ALL {last.text}"
        )
        return _Statement(text, (*parts.values, *last.values), tuple(plans))

    def _subjects(self, changed: _Kinds, told: _Kinds, named: dict[str, str]) -> dict[str, str]:
        """Give the queries for the ids of those concerned, by subject; ``named`` takes their parts."""
        parts: dict[str, list[str]] = {}
        for kind in self.plans:
            lists = [f"n_{kind}"] * (kind in changed) + [f"o_{kind}"] * (kind in told)
            if lists:
                parts[kind] = [f"SELECT id FROM {name}" for name in lists]
        for kind in changed:
            for subject, chains in self.chains.get(kind, {}).items():
                back = [_backwards(chain, f"n_{kind}", named) for chain in sorted(chains, key=repr) if chain]
                parts.setdefault(subject, []).extend(back)
        return {subject: " UNION ".join(queries) for subject, queries in parts.items() if queries}


_held: Prepared | None = None


def look(day: date, changed: Mapping[str, Collection[str]], told: Mapping[str, Collection[str]]) -> Looked:
    """Ask a day's rules about those whom changed records concern, themselves first: a statement or two.

    Parameters
    ----------
    day : date
        Asia/Shanghai.
    changed : mapping
        Kind to ids of the records that changed.
    told : mapping
        Kind to ids of subjects that are concerned for another reason.
    """
    global _held  # noqa: PLW0603 - one a process, replaced as a whole
    rules = _held
    while True:
        if rules is None or rules.day != day:
            rules = _held = _prepared(day)
        found = rules.look(changed, told)
        if found is not None:
            return found
        rules = None


def _prepared(day: date) -> Prepared:
    # The stamp is read first: what changes behind it is seen by the next look.
    ((stamp,),) = rows_of(_stamp(day))
    rules = rules_on(day)
    plans = _plans(rules, day, working_days())
    return Prepared(day, str(stamp), frozenset(rule.code for rule in rules), plans, _chains(rules))


def _stamp(day: date) -> Sql:
    """Give the query for what changes with a day's rules, and with the calendar."""
    rules = rules_stamp(day)
    return Sql(f"SELECT ({rules.text}) || ' / ' || {STAMP}", rules.values)


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
        where, household = counts_at_all(frame), household_of(frame)
        other, tie = linked(frame, "task.subject", "", "k")
        tasks = f'SELECT 1 FROM "{source_table(other)}" k WHERE {tie} AND {live(other, "k")}'
        made[kind] = _Plan(kind, frame.source, household, where, tasks, questions)
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
    such, answer = whom(body, frame, Asked(day, None, numbers)), Sql("1")
    within = ALWAYS
    if isinstance(moment, Milestone):
        column, item = frame.column(moment.field)
        begun = [each for each in by_date if each is not None]
        within, answer = (
            dates_within(frame, moment.field, min(begun), max(begun)),
            Sql(as_day(column, item.type)),
        )
    such = bracketed([within, such])
    told = Sql(f"CASE WHEN {such.text} THEN {answer.text} END", (*such.values, *answer.values))
    yield _Question(rule, by_date, told)


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


_LISTED = {
    "postgresql": "SELECT unnest(%s::uuid[]) AS id",
    "sqlite": "SELECT value AS id FROM json_each(%s)",
}
"""Ids as a query, in one parameter, which :func:`~governance.feed.bulk.listed` writes."""


def _within(column: str, ids: str) -> str:
    """Give the condition that a column is one of those a query gives, found by the column's index at once."""
    return f"{column} = ANY(ARRAY({ids}))" if connection.vendor == "postgresql" else f"{column} IN ({ids})"


def _backwards(chain: Chain, ids: str, named: dict[str, str]) -> str:
    """Give the query for the subjects from which a chain leads to one of the records whose ids have a name.

    Chains that go the same way share its steps: each gets a name once.
    """
    names = {text: name for name, text in named.items()}
    for step in reversed(chain):
        table = model_of(step.kind)._meta.db_table
        known, wanted = ("x.id", f'x."{step.name}"') if step.down else (f'x."{step.name}"', "x.id")
        text = f'SELECT {wanted} AS id FROM "{table}" x WHERE {_within(known, f"SELECT id FROM {ids}")}'
        ids = names.get(text, f"b{len(named)}")
        named[ids] = text
    return f"SELECT id FROM {ids}"


def _written_out(sql: Sql) -> Sql:
    """Let the driver write a day's values into the text once, where it would look at each of them each time.

    The server then plans once for all, too.
    """
    if connection.vendor != "postgresql":
        return sql
    text: str = connection.ops.compose_sql(sql.text, sql.values)  # type: ignore[attr-defined]
    return Sql(text.replace("%", "%%"))
