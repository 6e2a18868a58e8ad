"""Visits that make one ask: put to the worker, answered on the tablet, looked at by someone else."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from governance.access.actor import Actor
from governance.access.errors import Forbidden, NotPossible
from governance.access.models import Post
from governance.access.selectors import actor_for_user
from governance.audit.models import AuditEntry
from governance.contract import Change
from governance.tasks.models import OversightRule, Question, Task, VisitFact
from governance.tasks.offers import tasks_offer
from governance.tasks.oversight.selectors import questions_seen
from governance.tasks.oversight.services import bounds_set, question_review
from governance.tasks.wanted import Wanted
from tests import factories
from tests.factories import GRID, NEXT
from tests.tasks.oversight.conftest import DAY, follow

pytestmark = pytest.mark.django_db


def visit(household: str, at: datetime, **values: object) -> Change:
    position = values.pop("position", None)
    made = factories.change(
        "visit", household=household, purpose="02", visited_at=f"{at:%Y-%m-%dT%H:%M:%SZ}", found="1", **values
    )
    return replace(made, position=position)


def round_of(worker: Actor, doors: list[str], apart: int, day: date = DAY, **values: object) -> list[str]:
    """Visit the doors one after another, so many seconds apart; give the visits' ids."""
    start = datetime.combine(day, datetime.min.time()).replace(hour=1)
    made = [visit(door, start + timedelta(seconds=n * apart), **values) for n, door in enumerate(doors)]
    assert {result.status for result in factories.apply(worker, *made)} == {"created"}
    follow()
    return [str(each.id) for each in made]


def staff(name: str, role: str = "grid_leader", grid: str = GRID) -> Actor:
    user = factories.user(name, role)
    Post.objects.create(worker=user, grid=grid, kind="stand_in", starts_on=DAY)
    return actor_for_user(user, purpose="督导检查")


def test_an_honest_round_leaves_facts_and_no_question(worker: Actor, doors: list[str]) -> None:
    round_of(worker, doors, 600)
    assert VisitFact.objects.filter(worker__username="worker", day=DAY, met=True).count() == 14
    assert not Question.objects.exists()


def test_dozens_within_minutes_become_one_question_and_one_task_for_the_worker(
    worker: Actor, doors: list[str]
) -> None:
    round_of(worker, doors[:12], 20)
    (question,) = Question.objects.all()
    assert (question.sign, question.count, question.worker.username, question.state) == (
        "burst",
        12,
        "worker",
        "open",
    )
    (task,) = Task.objects.filter(occasion__startswith="check:")
    assert (task.assignee, task.grid, task.due_on) == ("user:worker", GRID, DAY + timedelta(days=7))
    assert "12户" in task.reason
    round_of(worker, doors[12:], 20)  # two more that morning: the same question has grown
    question.refresh_from_db()
    assert question.count == 14
    assert Task.objects.filter(occasion=f"check:{question.key}").count() == 1
    assert set(Question.objects.values_list("sign", flat=True)) == {"burst", "second"}


def test_the_workers_answer_is_the_one_given_on_the_tablet(worker: Actor, doors: list[str]) -> None:
    visits = round_of(worker, doors[:12], 20)
    (task,) = Task.objects.filter(occasion__startswith="check:")
    said = factories.change(
        "task",
        task.pk,
        task.version,
        outcome="done",
        outcome_note="纸质记录晚上补录",
        done_at="2026-11-22T09:00:00Z",
    )
    assert factories.apply(worker, said)[0].status == "updated"
    follow()
    question = Question.objects.get()
    assert (question.state, question.answer, question.visits) == (
        "answered",
        "纸质记录晚上补录",
        sorted(visits),
    )
    row = factories.model("visit").objects.get(pk=visits[0])
    factories.apply(worker, factories.change("visit", row.pk, row.version, content="补充"))
    follow()
    assert Question.objects.count() == 1  # the same visits are not asked about again


def test_visits_that_were_put_right_are_asked_about_no_more(worker: Actor, doors: list[str]) -> None:
    visits = round_of(worker, doors[:12], 20)
    row = factories.model("visit").objects.get(pk=visits[0])
    gone = replace(factories.change("visit", row.pk, row.version), delete=True)
    assert factories.apply(worker, gone)[0].status == "updated"
    follow()
    assert Question.objects.get().state == "lapsed"
    assert Task.objects.get(occasion__startswith="check:").state == "withdrawn"
    assert VisitFact.objects.count() == 11


def test_the_place_that_the_tablet_stated_is_held_against_the_door(worker: Actor, doors: list[str]) -> None:
    far = {"lon": factories.WEST + 0.05, "lat": factories.SOUTH + 0.005, "crs": "4490", "accuracy": 30}
    round_of(worker, doors[:1], 1, position=far)
    (question,) = Question.objects.all()
    assert question.sign == "far"
    assert VisitFact.objects.get().away > 4000
    near = {"lon": factories.WEST + 0.005, "lat": factories.SOUTH + 0.005, "crs": "4490", "accuracy": 30}
    round_of(worker, doors[1:2], 1, DAY - timedelta(days=1), position=near)
    assert Question.objects.count() == 1


def test_results_reported_on_tasks_are_calls_at_doors_too(worker: Actor, doors: list[str]) -> None:
    wanted = [
        Wanted(
            occasion=f"staff:{number}",
            origin="staff",
            origin_ref=str(number),
            item="核对",
            title="核对",
            reason="核对",
            grid=GRID,
            opens_on=DAY,
            due_on=DAY,
            household=UUID(door),
        )
        for number, door in enumerate(doors)
    ]
    tasks = [offered.task for offered in tasks_offer(wanted, DAY)]
    done = [
        factories.change("task", task, 1, outcome="done", done_at=f"2026-11-22T03:00:{number:02}Z")
        for number, task in enumerate(tasks)
    ]
    assert {result.status for result in factories.apply(worker, *done)} == {"updated"}
    follow()
    (question,) = Question.objects.all()
    assert (question.sign, question.count) == ("burst", 14)
    assert VisitFact.objects.filter(task__in=tasks, worker__username="worker").count() == 14


def test_nobody_is_asked_where_asking_is_switched_off(worker: Actor, doors: list[str]) -> None:
    OversightRule.objects.create(pk=1, ask=False)
    round_of(worker, doors[:12], 20)
    assert Question.objects.count() == 1
    assert not Task.objects.filter(occasion__startswith="check:").exists()


def test_what_staff_enter_at_a_desk_is_nobodys_round(worker: Actor, doors: list[str]) -> None:
    leader = staff("leader")
    round_of(leader, doors, 1)
    assert not Question.objects.exists()
    assert set(VisitFact.objects.values_list("worker", flat=True)) == {None}


def test_somebody_else_of_the_area_looks_at_it(worker: Actor, doors: list[str]) -> None:
    round_of(worker, doors[:12], 20)
    question = Question.objects.get()
    leader = staff("leader")
    elsewhere = staff("elsewhere", grid=NEXT)
    himself = replace(leader, user_id=worker.user_id)
    assert questions_seen(leader).get() == question
    assert not questions_seen(elsewhere).exists()
    assert not questions_seen(worker).exists()
    with pytest.raises(Forbidden):
        question_review(actor=elsewhere, question=question, explained=True, review="补录")
    with pytest.raises(NotPossible, match="本人"):
        question_review(actor=himself, question=question, explained=True, review="补录")
    with pytest.raises(NotPossible, match="写明"):
        question_review(actor=leader, question=question, explained=True, review="")
    assert (
        question_review(actor=leader, question=question, explained=True, review="补录").state == "explained"
    )
    with pytest.raises(NotPossible, match="已经"):
        question_review(actor=leader, question=question, explained=False, review="再问")
    assert AuditEntry.objects.filter(action="oversight.review").count() == 1


def test_only_the_platforms_administrator_sets_the_bounds(town: None) -> None:
    admin = actor_for_user(factories.user("admin", "system_admin"))
    bounds_set(actor=admin, rule=OversightRule(burst_visits=20))
    assert OversightRule.objects.get().burst_visits == 20
    with pytest.raises(Forbidden):
        bounds_set(actor=staff("leader"), rule=OversightRule())
