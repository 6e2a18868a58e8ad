"""Alarms in the console: sources and keys, call devices, and what waits for a hand."""

import re
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from guardian.shortcuts import assign_perm

from governance.access.models.area import SERVE
from governance.audit.models import AuditEntry
from governance.tasks.models import Alarm, AlarmKey, AlarmSource, CallDevice, Task
from gridmap.models import Division
from tests import factories
from tests.factories import COMMUNITY, GRID, NEXT
from tests.tasks.alarms.conftest import NUMBER, Call, send

ALARMS, DEVICES = "/admin/tasks/alarm/", "/admin/tasks/calldevice/"
SOURCES, KEYS = "/admin/tasks/alarmsource/", "/admin/tasks/alarmkey/"


def browser(name: str, role: str, area: str = "") -> Client:
    user = factories.user(name, role)
    if area:
        assign_perm(f"gridmap.{SERVE}", user, Division.objects.get(code=area))
    made = Client()
    made.force_login(user)
    return made


@pytest.fixture
def clerk(town: None) -> Client:
    """The community's intake clerk."""
    return browser("clerk", "intake_clerk", COMMUNITY)


def text(reply: HttpResponse) -> str:
    assert reply.status_code == 200
    return reply.content.decode()


def waiting(client: Client) -> list[str]:
    """Numbers listed as waiting; of the whole page's text, a token might hold as short a number."""
    return re.findall(r"<td[^>]*>\s*(A\d)\s*</td>", text(client.get(ALARMS + "?waiting=yes")))


def page(alarm: Alarm) -> str:
    return f"{ALARMS}{alarm.pk}/change/"


def test_a_source_and_its_key_are_made_in_the_console(town: None) -> None:
    system = browser("system", "system_admin")
    terms: dict[str, Any] = {
        "code": "smoke", "name": "烟感", "kind": "sensor", "makes": "task", "title": "烟感告警",
        "text": "请立即查看", "area": COMMUNITY, "joins_minutes": 10, "accept_minutes": 5, "per_minute": 60,
        "enabled": "on",
    }  # fmt: skip
    assert "生成事件时必填" in text(system.post(SOURCES + "add/", {**terms, "makes": "event"}))
    assert "小写字母" in text(system.post(SOURCES + "add/", {**terms, "code": "A B"}))
    assert system.post(SOURCES + "add/", terms).status_code == 302
    shown = text(system.post(KEYS + "add/", {"source": "smoke", "name": "消防平台"}, follow=True))
    key = re.search(r"立即抄存：([\w-]+)", shown)[1]
    point = {"lon": factories.WEST + 0.005, "lat": factories.SOUTH + 0.005}
    assert send(key, {"id": "1", **point}).json()["state"] == "placed"
    chosen = {"action": "revoke", "_selected_action": [AlarmKey.objects.get().pk]}
    system.post(KEYS, chosen)
    assert send(key, {"id": "2", **point}).status_code == 401
    change = {**terms, "enabled": ""}
    assert system.post(f"{SOURCES}smoke/change/", change).status_code == 302
    assert not AlarmSource.objects.get().enabled


def test_a_call_device_is_entered_and_removed(elder: str, clerk: Client) -> None:
    values = {"source": "button", "number": "HJ-001", "citizen_number": NUMBER}
    assert "已登记在另一处" in text(clerk.post(DEVICES + "add/", values))
    clerk.post(DEVICES, {"action": "remove", "_selected_action": [CallDevice.objects.get().pk]})
    assert CallDevice.objects.get().removed_at is not None
    assert clerk.post(DEVICES + "add/", values).status_code == 302
    unknown = {**values, "number": "HJ-2", "citizen_number": "11010519491231002X"}
    assert "服务范围内没有这个人" in text(clerk.post(DEVICES + "add/", unknown))
    shown = text(clerk.get(DEVICES))
    assert NUMBER not in shown
    assert "王示例" not in shown


@pytest.mark.parametrize(
    ("answer", "subject"),
    [
        ({"answer": "grid", "grid_code": GRID}, None),
        ({"answer": "person", "citizen_number": NUMBER}, "elder"),
    ],
)
def test_what_could_not_be_placed_is_placed_by_hand(
    call: Call, elder: str, clerk: Client, answer: dict[str, str], subject: str | None
) -> None:
    call(device="HJ-9", text="三楼老人摔倒，电话139")
    alarm = Alarm.objects.get()
    assert "三楼老人摔倒" in text(clerk.get(page(alarm)))
    assert AuditEntry.objects.filter(action="alarms.read", username="clerk").exists()
    assert "必填" in text(clerk.post(page(alarm), {"answer": "grid"}))
    assert clerk.post(page(alarm), answer).status_code == 302
    alarm.refresh_from_db()
    task = Task.objects.get()
    assert (alarm.state, alarm.record, alarm.said, alarm.settled_by.username) == (
        "placed", task.pk, None, "clerk",
    )  # fmt: skip
    assert task.subject == (elder if subject else None)
    assert clerk.post(page(alarm), answer).status_code == 403, "once only"


def test_grids_are_named_and_not_told_by_code(call: Call, elder: str, clerk: Client) -> None:
    call()
    for address in (ALARMS, page(Alarm.objects.get()), DEVICES):
        shown = re.sub(r"<(script|form)[^>]*>|(href|value)=\"[^\"]*\"", "", text(clerk.get(address)))
        assert f"第{GRID[-3:]}网格" in shown, address
        assert GRID not in shown, address


def test_nobody_is_sent_only_for_a_reason(call: Call, elder: str, clerk: Client) -> None:
    call(device="HJ-9")
    alarm = Alarm.objects.get()
    assert "必填" in text(clerk.post(page(alarm), {"answer": "dismiss"}))
    assert clerk.post(page(alarm), {"answer": "dismiss", "reason": "设备测试"}).status_code == 302
    assert Alarm.objects.get().state == "dismissed"
    assert "没有这个网格" not in text(clerk.get(page(alarm)))


def test_a_grid_elsewhere_is_refused(call: Call, elder: str, clerk: Client) -> None:
    call(device="HJ-9")
    alarm = Alarm.objects.get()
    wrong = {"answer": "grid", "grid_code": "420502002001001"}
    assert "没有这个网格" in text(clerk.post(page(alarm), wrong))
    AlarmSource.objects.update(area=GRID)
    assert "不在来源的服务区域内" in text(clerk.post(page(alarm), {**wrong, "grid_code": NEXT}))


def test_each_role_sees_its_own(call: Call, elder: str) -> None:
    call()
    call(id="A2", device="HJ-9", text="内容")
    placed, unplaced = Alarm.objects.order_by("number")
    factories.grid("420502002001001", shift=3)
    elsewhere = browser("elsewhere", "intake_clerk", "420502002001")
    assert elsewhere.get(page(placed)).status_code in (302, 404)
    assert elsewhere.get(page(unplaced)).status_code in (302, 404)
    AlarmSource.objects.update(area="4205")
    community = browser("community", "community_staff", COMMUNITY)
    assert community.get(page(placed)).status_code == 200
    assert community.get(page(unplaced)).status_code in (302, 404), "its source serves the whole city"
    for role in ("grid_leader", "department", "system_admin", "security_admin"):
        for address in (ALARMS, DEVICES):
            assert browser(f"{role}{address[-3]}", role).get(address).status_code == 403
    assert browser("staff", "community_staff", COMMUNITY).get(SOURCES).status_code == 403


def test_what_waits_stands_on_the_dashboard(call: Call, elder: str, clerk: Client) -> None:
    call()
    assert waiting(clerk) == [], "the minutes for an answer are not over"
    AlarmSource.objects.update(accept_minutes=0)
    assert waiting(clerk) == ["A1"]
    Task.objects.update(state="accepted")
    assert waiting(clerk) == []
    call(id="A2", device="HJ-9")
    assert waiting(clerk) == ["A2"]
    assert re.search(r"待处置的外部告警", text(clerk.get("/admin/")))
