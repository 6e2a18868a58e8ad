"""Rules are written, previewed and decided on by those who may; every step leaves its trace."""

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from governance.access.actor import HUB, Actor
from governance.access.errors import Forbidden, NotPossible
from governance.access.selectors import actor_for_user
from governance.access.services.areas import area_grant
from governance.audit.models import AuditEntry
from governance.rules.desk.figures import spread, touched
from governance.rules.desk.preview import preview, version_on
from governance.rules.desk.services import (
    Sheet,
    rule_switch,
    sheet_save,
    version_agree,
    version_drop,
    version_put,
    version_return,
)
from governance.rules.grammar import Age, All, Body, Milestone, Standing, Term, Window, in_register
from governance.rules.models import Rule, RuleVersion, VersionState
from governance.rules.notation import as_json
from governance.rules.services import Draft
from gridmap.models import Division
from tests import factories

DAY = date(2026, 11, 22)
JSON = "application/json"
MINE = RuleVersion.objects.filter(rule="turns_70")
OLD_AND_POOR = All((Age(least=60), in_register("care_hardship")))
SEVENTY = Body(
    "person",
    "七十岁问候",
    "问候",
    "上门问候。",
    Milestone("birth_date", (70,)),
    window=Window(due=Term(30), expires=Term(60)),
)


def written(body: Body = SEVENTY, new: bool = True, number: int | None = None, **values: Any) -> Sheet:
    head = {"code": "turns_70", "name": "七十岁", "source": "", "confirmed": False}
    days = {"content": as_json(body), "valid_from": DAY, "valid_to": None}
    head.update({name: value for name, value in values.items() if name in head})
    days.update({name: value for name, value in values.items() if name in days})
    return Sheet(**head, draft=Draft(**days), new=new, number=number)


def author(username: str = "author") -> Actor:
    """Someone who plans tasks for the whole city."""
    account = factories.user(username, "commander")
    area_grant(actor=HUB, holder=account, area=Division.objects.get(code="4205".ljust(6, "0")))
    return actor_for_user(account).for_purpose("规则编制")


@pytest.fixture
def home(town: None) -> dict[str, str]:
    return factories.home(factories.hub_in(factories.GRID))


def born(home: dict[str, str], day: str, **values: Any) -> str:
    return factories.person(factories.hub_in(factories.GRID), home["household"], birth_date=day, **values)


def crowd(home: dict[str, str]) -> None:
    """Enough people that one of them is not more than one in a hundred."""
    for _ in range(100):
        born(home, "1990-01-01")


def test_a_small_rule_comes_into_force_at_once_and_is_never_edited(home: dict[str, str]) -> None:
    crowd(home)
    born(home, "1956-11-20")
    actor = author()
    version = sheet_save(actor=actor, sheet=written())
    assert (version.number, version.state) == (1, VersionState.DRAFT)
    assert version_on("turns_70", DAY) is None
    version = version_put(actor=actor, version=version, day=DAY)
    assert version.state == VersionState.ACTIVE
    assert version_on("turns_70", DAY) == version
    with pytest.raises(NotPossible, match="另拟新版本"):
        sheet_save(actor=actor, sheet=written(number=1, new=False))
    actions = AuditEntry.objects.filter(username="author").order_by("id").values_list("action", "detail")
    assert [name for name, _ in actions] == ["rules.save", "rules.draft", "rules.activate"]
    assert {detail["rule"] for _, detail in actions} == {"turns_70"}


def test_a_rule_for_many_waits_for_a_second_person(home: dict[str, str]) -> None:
    born(home, "1956-11-20")
    first, second = author(), author("second")
    version = version_put(actor=first, version=sheet_save(actor=first, sheet=written()), day=DAY)
    assert version.state == VersionState.PROPOSED
    assert version_on("turns_70", DAY) is None
    with pytest.raises(Forbidden, match="另一人"):
        version_agree(actor=first, version=version, day=DAY)
    version = version_return(actor=second, version=version, reason="先确认期限")
    assert (version.state, version.note) == (VersionState.DRAFT, "退回：先确认期限")
    version = version_put(actor=first, version=version, day=DAY)
    later = DAY + timedelta(days=3)
    version = version_agree(actor=second, version=version, day=later)
    assert (version.state, version.valid_from) == (VersionState.ACTIVE, later)
    assert (version.made_by_id, version.decided_by_id) == (first.user_id, second.user_id)


def test_a_new_version_ends_the_one_before_it(home: dict[str, str]) -> None:
    crowd(home)
    actor = author()
    version_put(actor=actor, version=sheet_save(actor=actor, sheet=written()), day=DAY)
    change = written(new=False, valid_from=DAY + timedelta(days=10), name="七十岁问候")
    version_put(actor=actor, version=sheet_save(actor=actor, sheet=change), day=DAY)
    held = list(MINE.all().order_by("number").values_list("number", "valid_from", "valid_to"))
    assert held == [(1, DAY, DAY + timedelta(days=9)), (2, DAY + timedelta(days=10), None)]
    sooner = written(new=False, valid_from=DAY + timedelta(days=5))
    version_put(actor=actor, version=sheet_save(actor=actor, sheet=sooner), day=DAY)
    states = dict(MINE.all().values_list("number", "state"))
    assert states == {1: "active", 2: "retired", 3: "active"}
    assert version_on("turns_70", DAY + timedelta(days=20)).number == 3


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"valid_from": DAY - timedelta(days=1)}, "valid_from"),
        ({"content": {"subject": "person"}}, "content"),
        ({"code": "Turns 70"}, "code"),
        ({"valid_to": DAY - timedelta(days=1)}, "__all__"),
        ({"name": ""}, "name"),
    ],
)
def test_what_is_wrong_is_named_by_field(home: dict[str, str], values: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        version_put(actor=HUB, version=sheet_save(actor=HUB, sheet=written(**values)), day=DAY)
    assert field in refused.value.message_dict


def test_only_who_serves_the_whole_city_writes_rules(home: dict[str, str]) -> None:
    leader = actor_for_user(factories.user("leader", "grid_leader"))
    version = sheet_save(actor=HUB, sheet=written())
    rule = Rule.objects.get(pk="turns_70")
    for act in (
        lambda: sheet_save(actor=leader, sheet=written(code="other")),
        lambda: version_put(actor=leader, version=version, day=DAY),
        lambda: version_drop(actor=leader, version=version),
        lambda: rule_switch(actor=leader, rule=rule, enabled=False),
        lambda: preview(actor=leader, body=SEVENTY, day=DAY),
    ):
        with pytest.raises(Forbidden):
            act()
    assert MINE.all().get().state == VersionState.DRAFT


def test_the_preview_counts_places_samples_and_compares(home: dict[str, str]) -> None:
    found = born(home, "1956-11-20", name="王示例")
    born(home, "1956-10-01")
    born(home, "1956-11-25")
    actor = author()
    sheet_save(actor=HUB, sheet=written())
    MINE.update(state=VersionState.ACTIVE)
    wider = replace(SEVENTY, window=Window(Term(-7), Term(45), Term(60)))
    told = preview(actor=actor, body=wider, day=DAY, code="turns_70")
    assert (told["total"], told["residents"], told["mass"]) == (3, 3, True)
    assert told["change"] == {"number": 1, "gained": 1, "lost": 0, "moved": 2, "same": 0}
    assert told["divisions"][5] == [(factories.COMMUNITY, f"区划{factories.COMMUNITY}", 3)]
    assert [point["properties"]["number"] for point in told["places"]["features"]] == [3]
    assert "王**" in [row[0] for row in told["sample"]]
    entry = AuditEntry.objects.filter(action="rules.preview").latest("id")
    assert found in map(str, entry.subjects)
    assert entry.purpose == "规则编制"
    earlier = preview(actor=actor, body=SEVENTY, day=date(2026, 10, 15), code="")
    assert earlier["total"] == 1


def test_the_sample_is_spread_over_the_grids_and_stays_the_same(home: dict[str, str]) -> None:
    for _ in range(12):
        born(home, "1956-11-20")
    hub = factories.hub_in(factories.GRID, factories.NEXT)
    there = factories.home(hub, lon=factories.EAST + 0.005)
    one = factories.person(hub, there["household"], birth_date="1956-11-20")
    shown = touched(SEVENTY, DAY, most=8).sample
    assert str(shown[1][0]) == one
    assert len({id_ for id_, _, _ in shown}) == 8
    assert {(opens, due) for _, opens, due in shown} == {(date(2026, 11, 20), date(2026, 12, 20))}
    assert touched(SEVENTY, DAY, most=8).sample == shown
    assert len(touched(SEVENTY, DAY, most=2).sample) == 2


def test_divisions_take_turns_in_the_sample() -> None:
    county = {
        f"420502{town:03}{community:03}{grid:03}": 5
        for town in (1, 2)
        for community in (1, 2)
        for grid in (1, 2)
    }
    other = {"420503001001001": 90, "420503001001002": 1}
    numbers = county | other
    firsts = {grid: grid for grid in numbers}
    taken = spread(numbers, firsts, ["x", "420503001001001"])
    assert taken[:4] == ["420503001001001", "420502001001001", "420503001001002", "420502002001001"]
    assert taken[4:6] == ["420502001002001", "420502002002001"]
    assert sorted(taken) == [*sorted(numbers), "x"]


def test_care_figures_need_the_registers_right(home: dict[str, str]) -> None:
    person = born(home, "1960-01-01")
    hub = factories.hub_in(factories.GRID)
    factories.apply(hub, factories.change("care_hardship", person=person, category="05"))
    body = Body(
        "person",
        "困难老人走访",
        "走访",
        "上门看望。",
        Standing(),
        who=OLD_AND_POOR,
    )
    told = preview(actor=author(), body=body, day=DAY)
    assert told["total"] == "少于10"
    assert "困难人群" in told["hidden"]
    assert not told.keys() & {"sample", "places", "divisions"}
    assert preview(actor=HUB, body=body, day=DAY)["total"] == 1


def test_the_system_administrator_sees_figures_and_no_people(home: dict[str, str]) -> None:
    born(home, "1956-11-20")
    system = actor_for_user(factories.user("system", "system_admin"))
    told = preview(actor=system, body=SEVENTY, day=DAY)
    assert (told["total"], told["sample"]) == (1, [])


def test_the_pages_serve_the_editor(
    home: dict[str, str], client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *_: DAY)
    born(home, "1956-11-20")
    client.force_login(factories.user("system", "system_admin"))
    assert client.get("/admin/rules/rule/add/").status_code == 200
    assert client.get("/admin/rules/rule/catalogue/").json()["kinds"]["person"]["fields"]
    sent = {
        "new": True,
        "code": "turns_70",
        "name": "七十岁",
        "valid_from": DAY.isoformat(),
        "content": as_json(SEVENTY),
    }
    refused = client.post("/admin/rules/rule/save/", json.dumps({**sent, "content": {}}), JSON)
    assert refused.status_code == 422
    assert refused.json()["problems"][0]["place"].startswith("content.")
    old = {**sent, "content": as_json(replace(SEVENTY, title="")), "valid_from": "2020-01-01", "put": True}
    for more, places in (
        ({}, {"valid_from", "content.title"}),
        (
            {"code": "Turns", "name": "", "valid_to": "2019-01-01"},
            {"code", "name", "valid_to", "content.title"},
        ),
    ):
        refused = client.post("/admin/rules/rule/save/", json.dumps({**old, **more}), JSON)
        assert {problem["place"] for problem in refused.json()["problems"]} == places
    client.post("/admin/rules/rule/turns_70/act/", {"act": "drop", "number": 1})
    sent["new"] = False
    told = client.post("/admin/rules/rule/preview/", json.dumps({**sent, "day": "2026-11-22"}), JSON).json()
    assert told["total"] == 1
    stored = client.post("/admin/rules/rule/save/", json.dumps({**sent, "put": True}), JSON).json()
    page = client.get(stored["url"]).content.decode()
    assert "待同意" in page
    assert "同意生效" not in page
    client.force_login(factories.user("leader", "grid_leader"))
    assert client.get("/admin/rules/rule/").status_code == 200
    for route in ("add/", "catalogue/", "turns_70/edit/"):
        assert client.get(f"/admin/rules/rule/{route}").status_code == 403
    assert client.post("/admin/rules/rule/turns_70/act/", {"act": "agree", "number": 1}).status_code == 403
    client.force_login(factories.user("clerk", "intake_clerk"))
    assert client.get("/admin/rules/rule/turns_70/change/").status_code == 403
