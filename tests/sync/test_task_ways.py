"""A task's way between two real tablets and the real hub: tried, done twice, given on, taken back."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.utils import timezone

from field_app.store import keyring
from field_app.work.errors import Refused
from field_app.work.tasks import When
from governance.access.actor import HUB
from governance.tasks.cycle.reports import second_reports_tell
from governance.tasks.cycle.services import tasks_assign
from governance.tasks.models import Task, Visit
from governance.tasks.services import grid_follow, tasks_offer, tasks_withdraw
from governance.tasks.wanted import Wanted
from tests import factories
from tests.factories import GRID
from tests.sync.desks import Desk

pytestmark = pytest.mark.django_db
OCCASION = "item:9:door"


@pytest.fixture(autouse=True)
def _quick_pins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "COST", 2**4)


@pytest.fixture
def house(town: None) -> dict[str, str]:
    return factories.home(factories.hub_in(GRID))


@pytest.fixture
def day() -> date:
    return timezone.localdate()


@pytest.fixture
def task(house: dict[str, str], day: date) -> str:
    """A task at the door that asks for the head's telephone number."""
    household = UUID(house["household"])
    wanted = Wanted(
        occasion=OCCASION, origin="item", origin_ref="9", item="gas_check", title="用气安全检查",
        reason="入冬前检查", grid=GRID, opens_on=day, due_on=day + timedelta(days=5),
        subject_kind="household", subject=household, household=household, asks="household.head_phone",
    )  # fmt: skip
    return str(tasks_offer([wanted], day)[0].task)


@pytest.fixture
def pair(task: str, tmp_path: Path) -> Iterator[tuple[Desk, Desk]]:
    """Tablets of the main worker and of a stand-in, both holding the task."""
    made = []
    for username in ("wang", "li"):
        factories.worker(username, GRID)
        made.append(Desk(tmp_path / username, username))
        made[-1].sync()
    yield made[0], made[1]
    for each in made:
        each.session.close()


def sheet(desk: Desk, task: str):
    return desk.session.desk.tasks.sheet(task)


def done(desk: Desk, task: str, phone: str) -> None:
    asked = desk.session.desk.tasks.asked(task)
    asked.put_text("household.head_phone", phone)
    desk.session.desk.tasks.finish(task, outcome="done", asked=asked)


def test_of_two_results_the_first_stands_and_both_tablets_are_told(
    pair: tuple[Desk, Desk], task: str, day: date
) -> None:
    wang, li = pair
    wang.session.desk.tasks.finish(task, outcome="refused", note="不让进门")
    done(li, task, "13800002222")
    wang.sync()
    li.sync()
    assert li.session.desk.outbox.counts().contested == 1
    assert second_reports_tell(day) == 1
    for desk in pair:
        desk.sync()
        assert (sheet(desk, task).stage, sheet(desk, task).note) == ("已退回", "不让进门")
        assert "li也报告了：已办结" in sheet(desk, task).second
    held = Task.objects.get()
    assert (held.state, held.done_at is not None) == ("returned", True)
    assert held.household.head_phone == "13800002222"


def test_who_accepts_a_task_that_another_accepted_is_not_said_to_have_reported_a_result(
    pair: tuple[Desk, Desk], task: str, day: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    wang, li = pair
    wang.session.desk.tasks.accept(task)
    wang.sync()
    monkeypatch.setattr("field_app.work.tasks.moment_now", lambda _: "2026-11-22T02:00:00Z")
    li.session.desk.tasks.accept(task)
    done(li, task, "13800002222")
    li.sync()
    assert second_reports_tell(day) == 1
    for desk in pair:
        desk.sync()
        assert sheet(desk, task).stage == "已办结"
        assert sheet(desk, task).second.endswith("li也接受了这项任务")


def test_an_attempt_is_seen_by_the_other_who_then_does_it(pair: tuple[Desk, Desk], task: str) -> None:
    wang, li = pair
    wang.session.desk.tasks.accept(task)
    wang.session.desk.tasks.finish(task, outcome="not_home", note="晚上在家")
    wang.sync()
    grid_follow(GRID)
    done(li, task, "13800002222")
    li.sync()
    assert li.unsent() == 0
    assert li.session.desk.outbox.counts().refused == 0
    wang.sync()
    assert sheet(wang, task).stage == "已办结"
    assert "晚上在家" in sheet(li, task).attempts[0]


def test_what_is_asked_for_is_refused_on_the_tablet_and_goes_into_the_household(
    pair: tuple[Desk, Desk], task: str, house: dict[str, str]
) -> None:
    wang, li = pair
    with pytest.raises(Refused, match="户主联系方式"):
        wang.session.desk.tasks.finish(task, outcome="done")
    done(wang, task, "13800002222")
    wang.sync()
    assert wang.session.desk.outbox.counts().refused == 0
    assert Task.objects.get().state == "done"
    li.sync()
    view = li.view(house["household"])
    assert view is not None
    assert view.values["head_phone"] == "13800002222"


def test_a_task_given_to_the_stand_in_leaves_the_others_list(
    pair: tuple[Desk, Desk], task: str, day: date
) -> None:
    wang, li = pair
    acted = tasks_assign(actor=HUB, tasks=[UUID(task)], assignee="user:li", note="请代去", day=day)
    assert acted.done == 1
    wang.sync()
    li.sync()
    assert sheet(wang, task).when is When.OTHERS
    assert sheet(li, task).told == "请代去"
    assert wang.session.desk.route.doors() == ()
    assert [row.id for door in li.session.desk.route.doors() for row in door.tasks] == [task]


def test_a_task_taken_back_leaves_the_list_and_a_late_visit_is_kept(
    pair: tuple[Desk, Desk], task: str, day: date
) -> None:
    wang, li = pair
    li.session.desk.tasks.finish(task, outcome="not_home")
    assert tasks_withdraw([OCCASION], day, "事项已取消") == 1
    li.sync()
    wang.sync()
    assert li.session.desk.outbox.counts().refused == 0
    assert [str(visit.task_id) for visit in Visit.objects.all()] == [task]
    assert sheet(wang, task).told == "事项已取消"
    assert wang.session.desk.tasks.rows() == ()
