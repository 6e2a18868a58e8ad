"""A task's way: accepted, tried, handed on, returned, done, done twice, given to somebody else."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.access.actor import Actor
from governance.access.errors import Forbidden, NotPossible
from governance.access.models import Post, User
from governance.access.selectors import actor_for_user
from governance.audit.models import AuditEntry
from governance.contract import Result
from governance.feed.models import Entry
from governance.records.models import Contested, History, Person
from governance.tasks.cycle.reports import second_reports_tell
from governance.tasks.cycle.services import (
    TaskNotPossible,
    assignees_release,
    task_make,
    tasks_assign,
    tasks_take_back,
)
from governance.tasks.models import Task, Visit
from governance.tasks.services import grid_follow, tasks_offer, tasks_withdraw
from tests import factories
from tests.factories import GRID, NEXT
from tests.tasks.conftest import DAY
from tests.tasks.test_offers import wanted

NOW = "2026-11-22T02:00:00Z"


def the_task() -> Task:
    return Task.objects.get()


def report(actor: Actor, base: int | None = None, **values: Any) -> Result:
    task = the_task()
    (result,) = factories.apply(actor, factories.change("task", task.pk, base or task.version, **values))
    return result


def visit(actor: Actor, home: dict[str, str], **values: Any) -> None:
    made = factories.change(
        "visit",
        household=home["household"],
        task=str(the_task().pk),
        purpose="05",
        visited_at=NOW,
        **values,
    )
    (result,) = factories.apply(actor, made)
    assert result.status == "created", result
    grid_follow(GRID)


@pytest.fixture
def second(worker: Actor) -> Actor:
    """A stand-in at the same grid, with a tablet of his own."""
    return factories.tablet(factories.worker("second", GRID), "second")


@pytest.fixture
def staff(worker: Actor) -> Actor:
    """A grid leader of that grid."""
    made = factories.user("leader", "grid_leader")
    Post.objects.create(worker=made, grid=GRID, kind="stand_in", starts_on=DAY)
    return actor_for_user(made, purpose="任务办理")


@pytest.fixture
def task(worker: Actor, home: dict[str, str]) -> Task:
    tasks_offer([wanted(home, asks="")], DAY)
    return the_task()


def test_who_was_there_in_vain_was_there_whoever_goes_next(
    worker: Actor, second: Actor, staff: Actor, home: dict[str, str], task: Task
) -> None:
    visit(worker, home, outcome="not_home")
    tasks_assign(actor=staff, tasks=[task.pk], assignee="user:second", note="", day=DAY)
    grid_follow(GRID)
    assert the_task().state == "visited"
    report(second, outcome="done", done_at=NOW)
    report(second, outcome=None, done_at=None)
    assert the_task().state == "open"
    grid_follow(GRID)
    assert the_task().state == "visited"


def test_asked_again_it_was_visited_before(worker: Actor, home: dict[str, str], task: Task) -> None:
    visit(worker, home, outcome="not_home")
    tasks_withdraw([task.occasion], DAY, "事项已取消")
    assert the_task().state == "withdrawn"
    grid_follow(GRID)
    assert the_task().state == "withdrawn"
    tasks_offer([wanted(home, asks="")], DAY)
    grid_follow(GRID)
    assert the_task().state == "visited"


def test_the_way_from_open_to_done(worker: Actor, home: dict[str, str], task: Task) -> None:
    report(worker, accepted_at=NOW)
    assert the_task().state == "accepted"
    visit(worker, home, outcome="not_home")
    assert the_task().state == "visited"
    report(worker, outcome="handed_on", outcome_note="需要便民服务站办理")
    assert the_task().state == "handed_on"
    report(worker, outcome="done", done_at=NOW)
    assert the_task().state == "done"


@pytest.mark.parametrize(
    ("first", "then", "reason"),
    [
        ({"outcome": "done"}, {"outcome": "not_home"}, "任务已办结，不能改为“已上门未办成”"),
        ({"outcome": "done"}, {"outcome": "handed_on", "outcome_note": "站"}, "不能改为“已转交”"),
        ({"outcome": "refused"}, {"outcome": "not_home"}, "任务已退回，不能改为“已上门未办成”"),
    ],
)
def test_what_the_life_of_a_task_does_not_know_is_refused(
    worker: Actor, task: Task, first: dict[str, Any], then: dict[str, Any], reason: str
) -> None:
    report(worker, **first)
    state = the_task().state
    refused = report(worker, **then)
    assert (refused.status, refused.errors[0].code) == ("rejected", "state")
    assert reason in refused.errors[0].reason
    assert the_task().state == state


def test_a_result_taken_back_or_mended_is_taken(worker: Actor, task: Task) -> None:
    report(worker, outcome="done", done_at=NOW)
    assert report(worker, outcome="refused").status == "updated"
    assert the_task().state == "returned"
    assert report(worker, outcome=None, done_at=None).status == "updated"
    assert the_task().state == "open"


def test_a_result_without_what_is_asked_for_is_refused(worker: Actor, home: dict[str, str]) -> None:
    person = factories.person(worker, home["household"])
    about = wanted(
        home, asks="person.phone household.head_phone photo", subject_kind="person", subject=UUID(person)
    )
    tasks_offer([about], DAY)
    photo = str(factories.uuid7())
    assert [each.field for each in report(worker, outcome="done").errors] == ["photos"]
    refused = report(worker, outcome="done", photos=[photo])
    assert {each.field for each in refused.errors} == {"asks"}
    assert "联系方式" in refused.errors[0].reason
    phone = factories.change("person", person, Person.objects.get().version, phone="13800002222")
    head = factories.change("household", home["household"], 1, head_phone="13800002222")
    done = factories.change("task", the_task().pk, 1, outcome="done", photos=[photo])
    results = factories.apply(worker, phone, head, done)
    assert [each.status for each in results] == ["updated"] * 3, results
    assert the_task().state == "done"


def test_reading_what_is_asked_for_costs_one_statement_a_kind(worker: Actor, home: dict[str, str]) -> None:
    people = [factories.person(worker, home["household"], phone="13800002222") for _ in range(6)]
    tasks_offer(
        [
            wanted(
                home, occasion=f"item:7:{id_}", asks="person.phone", subject_kind="person", subject=UUID(id_)
            )
            for id_ in people
        ],
        DAY,
    )
    tasks = list(Task.objects.order_by("id"))

    def statements(some: list[Task]) -> int:
        with CaptureQueriesContext(connection) as captured:
            factories.apply(worker, *(factories.change("task", each.pk, 1, outcome="done") for each in some))
        return len(captured)

    assert statements(tasks[:1]) == statements(tasks[1:])
    assert Task.objects.filter(state="done").count() == 6


def test_done_twice_the_first_result_stands_and_both_are_told(
    worker: Actor, second: Actor, task: Task
) -> None:
    report(worker, outcome="done", done_at=NOW)
    late = report(second, base=1, outcome="refused", outcome_note="不愿意办", done_at=NOW)
    assert late.status == "contested"
    assert second_reports_tell(DAY) == 1
    told = the_task()
    assert (told.state, told.outcome, told.outcome_note) == ("done", "done", None)
    assert "second也报告了：居民拒绝（不愿意办）" in told.second_report
    newest = Entry.objects.filter(grid=GRID, kind="task").order_by("-seq").first()
    assert newest is not None
    assert newest.version == told.version
    assert not Contested.objects.filter(settled_at=None).exists()
    assert second_reports_tell(DAY) == 0
    report(second, base=1, done_at="2026-11-22T03:00:00Z")
    second_reports_tell(DAY)
    assert the_task().second_report.count("second") == 2


def test_two_attempts_by_two_people_never_clash(
    worker: Actor, second: Actor, home: dict[str, str], task: Task
) -> None:
    visit(worker, home, outcome="not_home")
    visit(second, home, outcome="not_home")
    assert Visit.objects.filter(task=task).count() == 2
    assert report(second, base=1, outcome="done").status == "merged"
    assert the_task().state == "done"


def test_staff_give_a_task_to_a_stand_in_and_back(
    worker: Actor, staff: Actor, second: Actor, task: Task
) -> None:
    given = tasks_assign(actor=staff, tasks=[task.pk], assignee="user:second", note="请代办", day=DAY)
    assert (given.done, given.refused) == (1, ())
    assert (the_task().assignee, the_task().note, the_task().state) == ("user:second", "请代办", "open")
    row = History.objects.filter(kind="task").latest("version")
    assert (row.user, row.source) == (staff.user_id, "hub")
    assert AuditEntry.objects.get(action="tasks.assign").username == "leader"
    Post.objects.filter(worker__username="second").update(ends_on=DAY)
    assert assignees_release(DAY) == 0
    assert assignees_release(DAY + timedelta(days=1)) == 1
    assert the_task().assignee is None


def test_who_has_no_post_there_gets_nothing(worker: Actor, staff: Actor, task: Task) -> None:
    factories.worker("far", NEXT)
    given = tasks_assign(actor=staff, tasks=[task.pk], assignee="user:far", note="", day=DAY)
    assert given.done == 0
    assert "没有岗位" in given.refused[0]


def test_what_was_returned_is_given_out_again(worker: Actor, staff: Actor, task: Task) -> None:
    report(worker, outcome="refused", outcome_note="改天", done_at=NOW)
    assert tasks_assign(actor=staff, tasks=[task.pk], assignee="", note="请再去一次", day=DAY).done == 1
    again = the_task()
    assert (again.state, again.outcome, again.done_at, again.note) == ("open", None, None, "请再去一次")
    report(worker, outcome="done")
    assert tasks_assign(actor=staff, tasks=[task.pk], assignee="", note="", day=DAY).done == 0
    assert tasks_assign(actor=staff, tasks=[task.pk], assignee="", note="照片不清", day=DAY).done == 1
    assert the_task().state == "open"


def test_staff_act_only_where_they_serve(worker: Actor, home: dict[str, str], task: Task) -> None:
    far = factories.user("far_leader", "grid_leader")
    Post.objects.create(worker=far, grid=NEXT, kind="main", starts_on=DAY)
    actor = actor_for_user(far, purpose="任务办理")
    assert tasks_assign(actor=actor, tasks=[task.pk], assignee="", note="", day=DAY).done == 0
    with pytest.raises(Forbidden):
        task_make(actor=actor, wanted=made(home), day=DAY)
    clerk = actor_for_user(factories.user("clerk", "intake_clerk"), purpose="任务办理")
    with pytest.raises(Forbidden):
        tasks_assign(actor=clerk, tasks=[task.pk], assignee="", note="", day=DAY)
    assert the_task().version == 1


def made(home: dict[str, str], **values: Any) -> Any:
    return replace(
        wanted(home), occasion=f"staff:{home['household']}", origin="staff", origin_ref="leader", **values
    )


def test_staff_make_a_task_once_and_take_it_back(worker: Actor, staff: Actor, home: dict[str, str]) -> None:
    assert task_make(actor=staff, wanted=made(home), day=DAY).written
    assert not task_make(actor=staff, wanted=made(home, title="另一项"), day=DAY).written
    task = the_task()
    assert (task.origin, task.title, task.state) == ("staff", "用气安全检查", "open")
    assert AuditEntry.objects.get(action="tasks.make").subjects == [str(task.pk)]
    with pytest.raises(NotPossible):
        tasks_take_back(actor=staff, tasks=[task.pk], reason="", day=DAY)
    assert tasks_take_back(actor=staff, tasks=[task.pk], reason="已由物业办理", day=DAY).done == 1
    assert (the_task().state, the_task().note) == ("withdrawn", "已由物业办理")


def test_the_tasks_of_rules_are_not_taken_back_by_hand(worker: Actor, staff: Actor, task: Task) -> None:
    acted = tasks_take_back(actor=staff, tasks=[task.pk], reason="不需要", day=DAY)
    assert (acted.done, len(acted.refused)) == (0, 1)
    assert the_task().state == "open"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"due_on": date(2026, 11, 21), "opens_on": date(2026, 11, 20)}, "due_on"),
        ({"opens_on": date(2027, 11, 21)}, "opens_on"),
        ({"expires_on": DAY}, "expires_on"),
        ({"household": UUID("01900000-0000-7000-8000-000000000000")}, "household"),
        ({"asks": "person.phone"}, "asks"),
        ({"assignee": "user:nobody"}, "assignee"),
    ],
)
def test_a_task_that_cannot_be_is_refused_at_its_field(
    staff: Actor, home: dict[str, str], values: dict[str, Any], field: str
) -> None:
    with pytest.raises(TaskNotPossible) as refused:
        task_make(actor=staff, wanted=made(home, **values), day=DAY)
    assert field in [problem.field for problem in refused.value.problems]
    assert not Task.objects.exists()


def test_an_account_out_of_use_holds_no_post(worker: Actor, staff: Actor, task: Task, second: Actor) -> None:
    User.objects.filter(username="second").update(is_active=False)
    assert tasks_assign(actor=staff, tasks=[task.pk], assignee="user:second", note="", day=DAY).done == 0
