"""An alarm from outside: once, at the right door, never lost."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from shapely import box

from governance.access.actor import HUB, Actor
from governance.access.models import Post
from governance.audit.models import AuditEntry
from governance.events.models import Event
from governance.feed.models import Entry
from governance.tasks.alarms.keys import alarm_key_issue, alarm_key_revoke, device_remove
from governance.tasks.models import Alarm, AlarmKey, AlarmSource, CallDevice, Task
from gridmap.services import Part, grid_split
from tests import factories
from tests.factories import EAST, GRID, NORTH, SOUTH, WEST, apply, change
from tests.tasks.alarms.conftest import NUMBER, Call, send, source

POINT = {"lon": WEST + 0.005, "lat": SOUTH + 0.005}


def test_a_button_is_an_urgent_task_of_its_owners_door(call: Call, elder: str, home: dict[str, str]) -> None:
    before = timezone.localdate()
    told = call(signal="跌倒")
    task = Task.objects.get()
    assert (told["state"], told["made"], told["grid"], told["attended"]) == ("placed", "task", GRID, True)
    assert (task.subject, str(task.household_id), task.grid) == (elder, home["household"], GRID)
    assert (task.origin, task.origin_ref, task.priority, task.state) == ("alarm", "button", "3", "open")
    assert before <= task.due_on <= timezone.localdate()
    assert "跌倒" in task.reason
    assert "王示例" not in task.title + task.reason
    assert task.item == "呼叫中心"
    assert Entry.objects.filter(kind="task", record=task.pk, grid=GRID).exists(), "tablets are called"
    entry = AuditEntry.objects.get(action="alarms.take")
    assert (str(entry.subject), entry.username) == (elder, "alarm:button")


def test_the_same_alarm_again_is_the_same_task(call: Call, elder: str, worker: Actor) -> None:
    first = call()
    assert call(status=200) == first
    task = Task.objects.get()
    apply(worker, change("task", task.pk, base=1, outcome="done", done_at="2026-11-22T02:00:00Z"))
    told = call(status=200)
    assert (told["handling"], told["outcome"]) == ("done", "done")
    assert Alarm.objects.count() == 1
    assert call(status=409, signal="另一件")["code"] == "conflict"


def test_pressing_again_joins_the_open_task(call: Call, elder: str, worker: Actor) -> None:
    call()
    assert call(id="A2")["state"] == "joined"
    task = Task.objects.get()
    apply(worker, change("task", task.pk, base=1, outcome="done", done_at="2026-11-22T02:00:00Z"))
    assert call(id="A3")["state"] == "placed", "it was dealt with: somebody must go again"
    Alarm.objects.update(received_at=timezone.now() - timedelta(minutes=11))
    assert call(id="A4")["state"] == "placed", "too long ago to be the same"
    assert Task.objects.count() == 3


def test_a_person_is_found_by_number_and_a_place_by_its_point(call: Call, elder: str) -> None:
    assert call(device="", citizen_number=NUMBER)["state"] == "placed"
    assert call(id="A2", device="", **POINT)["grid"] == GRID
    task = Task.objects.get(subject=None)
    assert (task.lon, task.lat, task.household) == (POINT["lon"], POINT["lat"], None)


def test_who_lives_where_a_grid_was_just_split_is_found_in_the_new_one(call: Call, elder: str) -> None:
    east = WEST + 0.003
    parts = [Part(box(WEST, SOUTH, east, NORTH), 150), Part(box(east, SOUTH, EAST, NORTH), 150)]
    grid = grid_split(code=GRID, parts=parts)[1].code
    assert call(signal="跌倒")["grid"] == grid
    assert Task.objects.get().grid == grid


@pytest.mark.parametrize(
    "body",
    [
        {"device": "HJ-999"},
        {"device": "", "citizen_number": "11010519491231002X"},
        {"device": "", "lon": 1.0, "lat": 1.0},
        {"device": "", "address": "示例路2号旁", "text": "井盖缺失"},
    ],
)
def test_what_cannot_be_placed_is_kept(call: Call, elder: str, body: dict[str, Any]) -> None:
    told = call(**body)
    assert (told["state"], told["grid"], told["attended"]) == ("unplaced", None, False)
    assert not Task.objects.exists()
    kept = Alarm.objects.get()
    assert kept.said.get("text", "") == body.get("text", "")


def test_a_hotline_call_is_an_event(hotline: str, worker: Actor) -> None:
    body = {
        "id": "12345-1", **POINT, "text": "路口井盖缺失", "address": "示例路",
        "caller_name": "张三", "caller_phone": "139 0000 0000 转 3", "raised_at": "2026-11-22T01:00:00Z",
    }  # fmt: skip
    reply = send(hotline, body)
    assert reply.status_code == 201, reply.content.decode()
    event = Event.objects.get()
    assert (event.grid, event.urgency, event.state) == (GRID, "3", "reported")
    assert (event.reporter_name, event.reporter_phone) == ("张三", None)
    assert event.description == "路口井盖缺失；139 0000 0000 转 3"
    assert send(hotline, body).status_code == 200
    assert Event.objects.count() == 1


def test_nobody_outside_the_sources_area_is_found(worker: Actor, home: dict[str, str]) -> None:
    factories.person(worker, home["household"], citizen_number=NUMBER)
    other = source("other", area=factories.NEXT)
    key = alarm_key_issue(actor=HUB, source=other)[1]
    for body in ({"citizen_number": NUMBER}, POINT):
        reply = send(key, {"id": str(body), **body})
        assert reply.json()["state"] == "unplaced"


def test_sources_do_not_see_each_others_alarms(call: Call, elder: str, key: str, hotline: str) -> None:
    call()
    assert send(key, {"id": "A1"}, "get").json()["state"] == "placed"
    assert send(hotline, {"id": "A1"}, "get").status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"id": ""}, "id"),
        ({"id": 7}, "id"),
        ({"id": "x" * 65}, "id"),
        ({"id": "A1\n"}, "id"),
        ({"lon": 111.0}, "lon"),
        ({"lon": "east", "lat": 30.0}, "lon"),
        ({**POINT, "crs": "900913"}, "crs"),
        ({"category": "9999"}, "category"),
        ({"text": "x" * 2001}, "text"),
        ({"signal": "x\x00"}, "signal"),
    ],
)
def test_what_is_wrong_is_told_by_field(call: Call, body: dict[str, Any], field: str) -> None:
    told = call(status=422, **body)
    assert [problem["field"] for problem in told["problems"]] == [field]
    assert not Alarm.objects.exists()


def test_an_unknown_member_and_no_object_are_malformed(key: str) -> None:
    assert send(key, {"id": "A1", "colour": "red"}).json()["code"] == "malformed"
    assert send(key, ["A1"]).json()["code"] == "malformed"
    assert send(key, "{").json()["code"] == "malformed"


@pytest.mark.parametrize("wrong", ["2099-01-01T00:00:00Z", "0001-01-01T00:00:00+08:00", "yesterday"])
def test_a_clock_that_is_wrong_does_not_decide(call: Call, elder: str, wrong: str) -> None:
    before = timezone.now()
    assert call(raised_at=wrong)["made"] == "task"
    assert before <= Alarm.objects.get().raised_at <= timezone.now()


def test_keys_are_known_and_can_be_revoked(key: str, button: AlarmSource, elder: str) -> None:
    body = {"id": "A1", "device": "HJ-001"}
    assert send("wrong", body).status_code == 401
    alarm_key_revoke(actor=HUB, key=AlarmKey.objects.get())
    assert send(key, body).status_code == 401
    fresh = alarm_key_issue(actor=HUB, source=button)[1]
    AlarmSource.objects.update(enabled=False)
    assert send(fresh, body).status_code == 401
    assert not Alarm.objects.exists()


@pytest.mark.usefixtures("one_minute")
def test_who_guesses_keys_is_made_to_wait(settings: Any, key: str) -> None:
    settings.ALARM_WRONG_KEYS_PER_MINUTE = 2
    assert [send("wrong", {}).status_code for _ in range(3)] == [401, 401, 429]


@pytest.mark.usefixtures("one_minute")
def test_each_source_has_its_limit(key: str, elder: str, hotline: str) -> None:
    AlarmSource.objects.filter(code="button").update(per_minute=2)
    replies = [send(key, {"id": f"A{n}", "device": "HJ-001"}) for n in range(3)]
    assert [reply.status_code for reply in replies] == [201, 201, 429]
    assert int(replies[2]["Retry-After"]) > 0
    assert send(hotline, {"id": "B1", "text": "x"}).status_code == 201


def test_a_grid_without_a_worker_is_told(call: Call, elder: str) -> None:
    Post.objects.update(ends_on="2026-01-02")
    assert call()["attended"] is False


def test_a_removed_device_calls_nobody(call: Call, elder: str) -> None:
    device_remove(actor=HUB, device=CallDevice.objects.get())
    assert call()["state"] == "unplaced"


def test_taking_an_alarm_in_takes_few_statements(call: Call, elder: str) -> None:
    call()
    factories.lists_forget()
    with CaptureQueriesContext(connection) as caught:
        call(id="A2")
    assert len(caught) <= 30, [query["sql"][:80] for query in caught]
