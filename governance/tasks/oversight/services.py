"""Asking about visits (走访疑问): noted as they arrive, put to the worker, answered, looked at by staff."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.forms.models import model_to_dict
from django.utils import timezone

from governance.access.actor import Actor
from governance.access.errors import NotPossible
from governance.access.models import User
from governance.access.policy import check_can
from governance.audit.services import audit_append
from governance.contract import CITY
from governance.records.codes import book
from governance.tasks.models import Task
from governance.tasks.models.oversight import OversightRule, Question, VisitFact
from governance.tasks.offers import held_for
from governance.tasks.oversight.facts import facts_keep
from governance.tasks.oversight.signs import Bounds, Fact, Seen, signs_of
from governance.tasks.settle import Planned, tasks_due, tasks_taken_back
from governance.tasks.wanted import Wanted

ITEM = "走访情况说明"
_PREFIX = "check:"
_ASSIGNEE = re.compile(r"[^\s:]{1,53}")
_OVER = "走访记录已更正，不需要再说明"

WorkDay = tuple[int, date]
"""A worker's id and a day."""


def bounds() -> OversightRule:
    """Give what administrators set, or the defaults."""
    return OversightRule.objects.filter(pk=1).first() or OversightRule(pk=1)


def visits_note(visits: Collection[UUID], tasks: Collection[UUID], day: date) -> list[Planned]:
    """Keep the facts of visits, raise what they make one ask, take in workers' answers.

    Parameters
    ----------
    visits, tasks : collection of UUID
        Those that a feed told of.
    day : date
        Asia/Shanghai day of the call.

    Returns
    -------
    list of Planned
        Tasks by which workers are asked, for the caller to write.
    """
    if not visits and not tasks:
        return []
    before = set(VisitFact.objects.filter(pk__in=[*visits, *tasks]).values_list("worker_id", "day"))
    after = {(fact.worker_id, fact.day) for fact in facts_keep(visits, tasks)}
    touched = {(worker, at) for worker, at in before | after if worker is not None}
    if touched:
        _workers_lock({worker for worker, _ in touched})
    if tasks:
        _answers_take(tasks)
    return _questions_raise(touched, day) if touched else []


def _workers_lock(workers: Collection[int]) -> None:
    """Let whoever reads the same workers' visits from another grid's stream wait: he sees those kept here."""
    rows = User.objects.select_for_update(no_key=True).filter(pk__in=workers)
    list(rows.order_by("pk").values_list("pk"))


def _questions_raise(touched: Collection[WorkDay], day: date) -> list[Planned]:
    rule = bounds()
    limits = Bounds(rule.burst_visits, rule.burst_minutes, rule.same_second, rule.far_metres)
    days = _facts_of(touched)
    held = _held_questions(touched)
    over: list[Question] = []
    kept: list[Question] = []
    for worker, at in sorted(touched):
        seen = {each.sign: each for each in signs_of(days.get((worker, at), ()), limits)}
        for sign in Question.Sign.values:
            rows = held.get((worker, at, sign), [])
            question = _question((worker, at), sign, seen.get(sign), rows)
            if question is not None:
                kept.append(question)
            elif sign not in seen:
                over += [row for row in rows if row.state == Question.State.OPEN]
    return [*_lapse(over, day), *_ask(_store(kept), rule, day)]


def _facts_of(touched: Collection[WorkDay]) -> dict[WorkDay, list[Fact]]:
    rows = VisitFact.objects.filter(
        worker__in={worker for worker, _ in touched}, day__in={at for _, at in touched}
    )
    found: defaultdict[WorkDay, list[Fact]] = defaultdict(list)
    columns = ("worker_id", "day", "visit", "household", "grid", "visited_at", "away")
    for worker, at, *fact in rows.values_list(*columns):
        found[worker, at].append(Fact(*fact))
    return found


def _held_questions(touched: Collection[WorkDay]) -> dict[tuple[int, date, str], list[Question]]:
    rows = Question.objects.filter(
        worker__in={worker for worker, _ in touched}, day__in={at for _, at in touched}
    )
    found: defaultdict[tuple[int, date, str], list[Question]] = defaultdict(list)
    for row in rows.order_by("id"):
        found[row.worker_id, row.day, row.sign].append(row)
    return found


def _question(workday: WorkDay, sign: str, seen: Seen | None, rows: list[Question]) -> Question | None:
    """Give the question to store: a new one, the open one grown; none where nothing is to be asked anew."""
    if seen is None:
        return None
    visits = sorted(str(fact.visit) for fact in seen.visits)
    waiting = next((row for row in rows if row.state == Question.State.OPEN), None)
    asked = {visit for row in rows if row.state != Question.State.LAPSED for visit in row.visits}
    if waiting is None and asked.issuperset(visits):
        return None
    worker, at = workday
    number = f":{len(rows)}" if rows else ""
    row = waiting or Question(
        key=f"{sign}:{worker}:{at}{number}", sign=sign, worker_id=worker, day=at, raised_at=timezone.now()
    )
    if waiting is not None and waiting.visits == visits:
        return None
    row.grid = Counter(fact.grid for fact in seen.visits).most_common(1)[0][0]
    row.visits, row.count, row.detail = visits, seen.count, seen.detail
    return row


def _store(questions: list[Question]) -> list[Question]:
    if questions:
        Question.objects.bulk_create(
            questions,
            update_conflicts=True,
            unique_fields=["key"],
            update_fields=["grid", "visits", "count", "detail"],
        )
    return questions


def _ask(questions: list[Question], rule: OversightRule, day: date) -> list[Planned]:
    if not questions or not rule.ask:
        return []
    users = User.objects.filter(pk__in={question.worker_id for question in questions})
    names = dict(users.values_list("pk", "username"))
    wanted = [_wanted(question, names.get(question.worker_id, ""), rule, day) for question in questions]
    return tasks_due(wanted, held_for([each.occasion for each in wanted]), day)


def _wanted(question: Question, username: str, rule: OversightRule, day: date) -> Wanted:
    at = f"{question.day.year}年{question.day.month}月{question.day.day}日"
    return Wanted(
        occasion=f"{_PREFIX}{question.key}",
        origin="difference",
        origin_ref=question.key[:40],
        item=ITEM,
        title="说明走访情况",
        reason=f"{at}的走访：{question.detail}。如集中补录、一同见到或定位不准，请在办理说明中写明。",
        grid=question.grid,
        opens_on=day,
        due_on=day + timedelta(days=rule.answer_days),
        assignee=f"user:{username}" if _ASSIGNEE.fullmatch(username) else "",
    )


def _lapse(questions: Iterable[Question], day: date) -> list[Planned]:
    rows = list(questions)
    if not rows:
        return []
    Question.objects.filter(pk__in=[row.pk for row in rows]).update(state=Question.State.LAPSED)
    held = held_for([f"{_PREFIX}{row.key}" for row in rows])
    return tasks_taken_back(held.values(), day, _OVER)


def _answers_take(tasks: Collection[UUID]) -> None:
    """Take in what workers answered on the tasks by which they were asked."""
    answered = Task.objects.filter(pk__in=tasks, occasion__startswith=_PREFIX, outcome__isnull=False)
    labels = book().get("task_outcome", {})
    rows: QuerySet[Any] = answered.values_list("occasion", "outcome", "outcome_note", "done_at")
    for occasion, outcome, note, at in rows:
        said = note or (labels[outcome].label if outcome in labels else outcome)
        waiting = Question.objects.filter(key=occasion.removeprefix(_PREFIX), state=Question.State.OPEN)
        waiting.update(state=Question.State.ANSWERED, answer=said, answered_at=at or timezone.now())


@transaction.atomic
def question_review(*, actor: Actor, question: Question, explained: bool, review: str) -> Question:
    """Say that a worker's explanation stands, or that it was talked over with him (面谈).

    Raises
    ------
    Forbidden
        Unless the actor plans tasks in the question's grid.
    NotPossible
        In Chinese: looked at already, the record was put right, or no word on what was talked over.
    """
    row = Question.objects.select_for_update().get(pk=question.pk)
    check_can(actor, "plan_tasks", row.grid)
    if row.worker_id == actor.user_id:
        raise NotPossible("这是您本人的走访，须由他人了解")
    if row.state not in (Question.State.OPEN, Question.State.ANSWERED):
        raise NotPossible("这条疑问已经了解清楚")
    if not review.strip() and (not explained or row.state == Question.State.OPEN):
        raise NotPossible("请写明了解到的情况")
    row.state = Question.State.EXPLAINED if explained else Question.State.FOLLOWED
    row.review, row.reviewed_by_id, row.reviewed_at = review.strip()[:500], actor.user_id, timezone.now()
    row.save(update_fields=["state", "review", "reviewed_by", "reviewed_at"])
    audit_append(
        actor=actor,
        action="oversight.review",
        kind="visit",
        subjects=[UUID(visit) for visit in row.visits],
        scope=row.grid,
        chain=row.grid,
        detail={"question": row.key, "explained": explained},
    )
    return row


@transaction.atomic
def bounds_set(*, actor: Actor, rule: OversightRule) -> OversightRule:
    """Change from when something is asked about visits.

    Raises
    ------
    Forbidden
        Unless the actor manages the platform.
    ValidationError
        In Chinese, by field: numbers out of bounds.
    """
    check_can(actor, "manage_system")
    rule.pk = 1
    rule.full_clean()
    rule.save()
    audit_append(actor=actor, action="oversight.bounds", chain=CITY, scope=CITY, detail=model_to_dict(rule))
    return rule
