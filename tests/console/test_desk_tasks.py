"""What comes to the desks of the three centres, and what leaves them: tasks of rules, of workers, events."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from governance.access.actor import HUB
from governance.access.models import Post, User
from governance.access.services.areas import area_grant
from governance.audit.models import AuditEntry
from governance.events.models import Event
from governance.records.models import FileUse, StoredFile
from governance.rules.models import RuleVersion
from governance.tasks.centres.giving import STATION
from governance.tasks.centres.services import team_save
from governance.tasks.cycle.services import assignees_release
from governance.tasks.models import Station, Task, Team
from governance.tasks.services import day_run, grid_follow
from gridmap.models import Division
from tests import factories, kept
from tests.console.test_desk import browser
from tests.console.test_helping import task_of
from tests.factories import COMMUNITY, GRID
from tests.pictures import picture
from tests.tasks.desk import COMMUNITY_DESK, Door, desk_make

pytestmark = pytest.mark.database
DESK = f"{STATION}{COMMUNITY_DESK}"
PEACE = f"{COMMUNITY}-peace"
GRIDS = f"{COMMUNITY}-grid"
STREET_PEACE = f"{COMMUNITY[:9]}-peace"
DAY = date(2026, 11, 22)


@pytest.fixture
def door(db: None, monkeypatch: pytest.MonkeyPatch) -> Door:
    """One door of the town, on a fixed day."""
    monkeypatch.setattr(timezone, "localdate", lambda *_: DAY)
    desk_make()
    return Door.make()


def rule_to(assignee: str, **content: Any) -> None:
    """Send the one task of the rule for those turning sixty somewhere."""
    kept.rules()
    RuleVersion.objects.exclude(rule="turns_60").update(state="retired")
    version = RuleVersion.objects.get(rule="turns_60")
    version.content |= {"assignee": assignee, "asks": [], **content}
    version.save()


def sixty(door: Door) -> None:
    """Let somebody at the door turn sixty soon."""
    factories.person(door.tablet, door.home["household"], birth_date="1966-12-01")


def on_desk(client: Client) -> str:
    """Give what a desk's page shows."""
    return client.get("/admin/desk/tasks/").content.decode()


def step(client: Client, task: Task, name: str, **values: Any) -> str:
    """Press a button of the desk."""
    sent = {"step": name, **values}
    return client.post(f"/admin/desk/tasks/{task.pk}/", sent, follow=True).content.decode()


@pytest.mark.parametrize("arrives", [day_run, lambda _: grid_follow(GRID)], ids=["run", "arrival"])
@pytest.mark.parametrize(
    ("assignee", "there"),
    [
        ("station", DESK),
        ("peace", f"{STATION}{PEACE}"),
        ("grid", f"{STATION}{GRIDS}"),
        (f"station:{STREET_PEACE}", f"{STATION}{STREET_PEACE}"),
        ("station:420599001001-peace", None),
        ("", None),
    ],
)
def test_a_rules_task_lies_at_the_desk_the_rule_names(
    door: Door, assignee: str, there: str | None, arrives: Callable[[date], int]
) -> None:
    rule_to(assignee)
    sixty(door)
    arrives(DAY)
    assert Task.objects.get().assignee == there


def test_without_a_station_in_the_community_the_streets_centre_has_the_task(door: Door) -> None:
    Station.objects.filter(pk=COMMUNITY_DESK).update(enabled=False)
    rule_to("station")
    sixty(door)
    day_run(DAY)
    assert Task.objects.get().assignee == f"{STATION}{COMMUNITY[:9]}-service"


@pytest.mark.parametrize(("asks", "to_team"), [([], True), (["photo"], False)])
def test_a_rules_task_goes_to_the_volunteers_unless_they_could_not_do_it(
    door: Door, asks: list[str], to_team: bool
) -> None:
    division = Division.objects.get(pk=COMMUNITY)
    team_save(actor=HUB, team=Team(kind="cadre", division=division, name="干部"))
    team = team_save(actor=HUB, team=Team(kind="volunteer", division=division, name="邻里"))
    rule_to("team", asks=asks)
    sixty(door)
    day_run(DAY)
    assert Task.objects.get().assignee == (f"team:{team.pk}" if to_team else None)


def test_the_desk_takes_the_task_and_does_it(door: Door) -> None:
    rule_to("station", asks=["doc:01"])
    sixty(door)
    day_run(DAY)
    task = Task.objects.get()
    clerk = browser("clerk", "station_staff", COMMUNITY_DESK)
    page = on_desk(clerk)
    assert task.title in page
    assert "窗口待办的任务" in clerk.get("/admin/").content.decode()
    assert "没有待办的任务" in on_desk(browser("other", "station_staff", PEACE))
    sheet = clerk.get(f"/admin/desk/tasks/{task.pk}/").content.decode()
    assert "1号楼 101" in sheet
    assert "王示例" not in sheet
    step(clerk, task, "take")
    assert Task.objects.get().state == "accepted"
    assert "材料" in step(clerk, task, "done")
    assert Task.objects.get().state == "accepted"
    step(clerk, task, "done", materials=["01"], note="已办")
    done = Task.objects.get()
    assert (done.state, done.materials, done.outcome_note) == ("done", ["01"], "已办")
    assert "没有待办的任务" in on_desk(clerk)
    acts = set(AuditEntry.objects.filter(username="clerk").values_list("action", flat=True))
    assert {"desk.read", "desk.take", "desk.done"} <= acts


def pictures(number: int) -> list[SimpleUploadedFile]:
    return [SimpleUploadedFile(f"{place}.jpg", picture(colour=place)) for place in range(number)]


def test_a_photo_that_is_asked_for_may_be_taken_at_the_desk(door: Door) -> None:
    rule_to("station", asks=["photo"])
    sixty(door)
    day_run(DAY)
    task = Task.objects.get()
    clerk = browser("clerk", "station_staff", COMMUNITY_DESK)
    assert "办理照片：这项任务要求拍照后才能办结" in step(clerk, task, "done", note="已看")
    odd = SimpleUploadedFile("a.jpg", b"no picture at all")
    page = step(clerk, task, "done", photos=[odd], note="已看")
    assert "只收照片" in page
    assert ">已看</textarea>" in page
    assert "办理照片：最多9张" in step(clerk, task, "done", photos=pictures(10))
    assert Task.objects.get().state == "open"
    step(clerk, task, "done", photos=pictures(2))
    done = Task.objects.get()
    assert (done.state, len(done.photos)) == ("done", 2)
    kept = StoredFile.objects.filter(pk__in=done.photos)
    assert {(file.kind, file.record) for file in kept} == {("task", task.pk)}
    assert FileUse.objects.filter(file__in=done.photos, record=task.pk).count() == 2


def test_a_refused_step_keeps_what_was_put_in(door: Door) -> None:
    rule_to("station", asks=["doc:01", "doc:02"])
    sixty(door)
    day_run(DAY)
    task = Task.objects.get()
    clerk = browser("clerk", "station_staff", COMMUNITY_DESK)
    page = step(clerk, task, "done", materials=["01"], note="户口簿在柜台看过", to=PEACE)
    assert "已收材料：还缺" in page
    assert ">户口簿在柜台看过</textarea>" in page
    assert 'value="01" checked' in page
    assert 'value="02" checked' not in page
    assert f'value="{PEACE}" selected' in page
    assert "户口簿在柜台看过" not in clerk.get(f"/admin/desk/tasks/{task.pk}/").content.decode()


def test_names_in_full_are_shown_for_a_reason_that_is_kept(door: Door) -> None:
    rule_to("station")
    sixty(door)
    day_run(DAY)
    task = Task.objects.get()
    clerk = browser("clerk", "station_staff", COMMUNITY_DESK)
    address = f"/admin/desk/tasks/{task.pk}/"
    assert "须写明理由" in clerk.post(address, {"reveal": "1", "reason": " "}).content.decode()
    assert "王示例" in clerk.post(address, {"reveal": "1", "reason": "电话约时间"}).content.decode()
    entry = AuditEntry.objects.get(action="desk.reveal")
    assert (str(entry.subject), "电话约时间" in entry.purpose) == (task.subject, True)


def test_another_desk_and_other_accounts_do_not_reach_the_task(door: Door) -> None:
    rule_to("station")
    sixty(door)
    day_run(DAY)
    task = Task.objects.get()
    address = f"/admin/desk/tasks/{task.pk}/"
    peace = browser("peace", "station_staff", PEACE)
    assert peace.get(address).status_code == 404
    assert peace.post(address, {"step": "done"}).status_code == 404
    assert browser("intake", "intake_clerk").get(address).status_code == 403
    assert Task.objects.get().state == "open"


def test_a_worker_hands_on_and_the_grid_station_passes_it_to_whom_it_concerns(door: Door) -> None:
    task_of(door)
    task = Task.objects.get()
    taken = factories.change("task", task.pk, base=1, accepted_at="2026-11-22T01:00:00Z")
    handed = factories.change(
        "task", task.pk, base=2, outcome="handed_on", outcome_note="邻里纠纷，请综治站处理"
    )
    factories.apply(door.tablet, taken)
    factories.apply(door.tablet, handed)
    grid_follow(GRID)
    assert Task.objects.get().assignee == f"{STATION}{GRIDS}"
    middle = browser("middle", "station_staff", GRIDS)
    peace = browser("peace", "station_staff", STREET_PEACE)
    shown = middle.get(f"/admin/desk/tasks/{task.pk}/").content.decode()
    assert "邻里纠纷" in shown
    assert 'value="take"' in shown  # though the worker had accepted it
    assert "须写明原因" in step(middle, task, "pass", to=STREET_PEACE)
    assert "请选择" in step(middle, task, "pass", to="420599001-peace", note="请调解")
    step(middle, task, "pass", to=STREET_PEACE, note="请调解")
    passed = Task.objects.get()
    assert (passed.assignee, passed.state, passed.note) == (f"{STATION}{STREET_PEACE}", "open", "请调解")
    assert "没有待办的任务" in on_desk(middle)
    assert task.title in on_desk(peace)
    step(peace, task, "back", note="请网格员先上门")
    back = Task.objects.get()
    assert (back.assignee, back.state, back.note) == (None, "open", "请网格员先上门")


def test_what_became_a_case_or_is_behind_a_right_stays_where_it_is(door: Door) -> None:
    task_of(door)
    task = Task.objects.get()
    door.papers("01", "05")
    door.case(task=str(task.pk))
    handed = factories.change("task", task.pk, base=1, outcome="handed_on", outcome_note="转代办")
    factories.apply(door.tablet, handed)
    task_of(door, 2, register="care_hardship")
    veiled = Task.objects.exclude(pk=task.pk).get()
    handed = factories.change("task", veiled.pk, base=1, outcome="handed_on", outcome_note="转")
    factories.apply(factories.hub_in(GRID), handed)
    grid_follow(GRID)
    assert set(Task.objects.values_list("assignee", flat=True)) == {None}


def test_an_event_is_handed_to_the_peace_station_and_its_state_follows(door: Door) -> None:
    made = factories.change(
        "event", category="0101", title="邻里噪声", description="王大爷说楼上夜里很吵", grid=GRID
    )
    (result,) = factories.apply(door.tablet, made)
    assert result.status == "created", result
    staff = browser("dispatch", "dispatcher")
    area_grant(
        actor=HUB, holder=User.objects.get(username="dispatch"), area=Division.objects.get(pk=COMMUNITY)
    )
    chosen = {"action": "hand_on", "index": "0", "_selected_action": [str(made.id)]}
    page = staff.post("/admin/events/event/", chosen).content.decode()
    assert PEACE in page
    told = staff.post(
        "/admin/events/event/", {**chosen, "sure": "1", "station": PEACE, "note": "请调解"}, follow=True
    )
    assert "已转办1件事件" in told.content.decode()
    assert Event.objects.get().state == "assigned"
    task = Task.objects.get()
    assert (task.assignee, task.title, task.subject) == (f"{STATION}{PEACE}", "邻里噪声", str(made.id))
    clerk = browser("clerk", "station_staff", PEACE)
    assert "楼上夜里很吵" in clerk.get(f"/admin/desk/tasks/{task.pk}/").content.decode()
    step(clerk, task, "take")
    assert Event.objects.get().state == "handling"
    step(clerk, task, "done", note="已调解")
    assert (Event.objects.get().state, Task.objects.get().state) == ("checking", "done")
    again = staff.post(
        "/admin/events/event/", {**chosen, "sure": "1", "station": STREET_PEACE, "note": "复查"}, follow=True
    )
    assert "已转办1件事件" in again.content.decode()
    moved = Task.objects.get()
    assert (moved.assignee, moved.state) == (f"{STATION}{STREET_PEACE}", "open")


def test_a_station_that_closes_gives_its_tasks_to_the_next_one(door: Door) -> None:
    task_of(door, assignee=DESK)
    assert assignees_release(DAY) == 0
    Station.objects.filter(pk=COMMUNITY_DESK).update(enabled=False)
    assert assignees_release(DAY) == 1
    assert Task.objects.get().assignee == f"{STATION}{COMMUNITY[:9]}-service"
    Station.objects.update(enabled=False)
    assignees_release(DAY)
    assert Task.objects.get().assignee is None


def test_staff_give_tasks_to_stations_and_teams_of_their_grids_alone(door: Door) -> None:
    task_of(door)
    leader = browser("leader", "grid_leader")
    Post.objects.create(worker=User.objects.get(username="leader"), grid=GRID, kind="stand_in", starts_on=DAY)
    task = Task.objects.get()
    chosen = {"action": "give", "index": "0", "_selected_action": [str(task.pk)]}
    offered = leader.post("/admin/tasks/task/takers/", {"_selected_action": [str(task.pk)]}).json()["choices"]
    assert DESK in {each["id"] for each in offered}
    elsewhere = {**chosen, "sure": "1", "assignee": "station:420599001001-service"}
    assert "没有这个中心" in leader.post("/admin/tasks/task/", elsewhere, follow=True).content.decode()
    told = leader.post("/admin/tasks/task/", {**chosen, "sure": "1", "assignee": DESK}, follow=True)
    assert "已改派1项任务" in told.content.decode()
    assert Task.objects.get().assignee == DESK
