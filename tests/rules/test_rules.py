"""Rules as data: loaded, decided on by those who may, and traced; a version in force is never edited."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client

from governance.access.actor import HUB
from governance.access.errors import Forbidden
from governance.access.selectors import actor_for_user
from governance.audit.models import AuditEntry
from governance.rules.loading import rules_load
from governance.rules.models import Rule, RuleVersion, VersionState
from governance.rules.selectors import rules_on
from governance.rules.services import (
    Draft,
    rule_save,
    version_activate,
    version_draft,
    version_propose,
    version_retire,
)
from tests import factories
from tests.rules.conftest import RULES

CONTENT: dict[str, Any] = {
    "subject": "person",
    "title": "任务",
    "item": "事项",
    "text": "说明",
    "moment": {"op": "milestone", "field": "birth_date", "at": [70]},
    "window": {"opens": {"n": -30}, "due": {"n": 60}, "expires": {"n": 180}},
}
GOOD: dict[str, Any] = {
    "code": "turns_70",
    "name": "规则",
    "versions": [{"valid_from": "2026-01-01", "content": CONTENT}],
}


def drafted(begins: date, ends: date | None = None, **content: object) -> RuleVersion:
    draft = Draft({**CONTENT, **content}, begins, ends)
    return version_draft(actor=HUB, rule=Rule.objects.get(pk="turns_60"), draft=draft)


def in_force(day: date) -> list[int]:
    return [rule.number for rule in rules_on(day) if rule.code == "turns_60"]


def test_what_ships_is_loaded_once_and_edits_stay(db: None) -> None:
    factories.codes()
    assert rules_load(actor=HUB, folder=RULES) == Rule.objects.count() > 20
    Rule.objects.filter(pk="turns_60").update(name="改过")
    assert rules_load(actor=HUB, folder=RULES) == 0
    assert Rule.objects.get(pk="turns_60").name == "改过"


def test_what_the_city_has_to_confirm_is_marked(town: None) -> None:
    assert not Rule.objects.get(pk="newborn_insurance").confirmed
    assert Rule.objects.get(pk="turns_60").confirmed


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"code": "Turns 70"}, "规则编号"),
        ({"name": ""}, "规则名称"),
        ({"colour": "red"}, "colour"),
        ({"versions": []}, "没有版本"),
        ({"versions": [{"content": CONTENT}]}, "valid_from"),
        ({"versions": [{"valid_from": "2026-02-30", "content": CONTENT}]}, "不是日期"),
        ({"versions": [{"valid_from": "2026-01-01", "content": {**CONTENT, "text": ""}}]}, "办理说明"),
        ({"versions": [{"valid_from": "2026-01-01", "content": {**CONTENT, "who": {"op": "eval"}}}]}, "who"),
        (
            {
                "versions": [
                    {
                        "valid_from": "2026-01-01",
                        "content": {**CONTENT, "who": {"op": "code", "field": "sex", "codes": ["x"]}},
                    }
                ]
            },
            "没有代码",
        ),
    ],
)
def test_a_bad_rule_is_named_and_nothing_is_loaded(
    db: None, tmp_path: Path, changed: dict[str, object], named: str
) -> None:
    factories.codes()
    rules = [{**GOOD, "code": "turns_71"}, {**GOOD, **changed}]
    (tmp_path / "rules.json").write_text(json.dumps(rules), encoding="utf-8")
    with pytest.raises(CommandError, match=f"rules.json 第2条.*{named}"):
        call_command("rules_load", folder=tmp_path)
    assert not Rule.objects.exists()


def test_only_who_serves_the_whole_city_changes_rules(town: None) -> None:
    leader = actor_for_user(factories.user("leader", "grid_leader"))
    rule = Rule.objects.get(pk="turns_60")
    version = RuleVersion.objects.get(rule=rule)
    rule.name = "新名"
    for attempt in (
        lambda: rule_save(actor=leader, rule=rule),
        lambda: version_draft(actor=leader, rule=rule, draft=Draft(CONTENT, date(2026, 1, 1))),
        lambda: version_propose(actor=leader, version=version),
        lambda: version_activate(actor=leader, version=version),
        lambda: version_retire(actor=leader, version=version, day=date(2026, 1, 1)),
    ):
        with pytest.raises(Forbidden):
            attempt()
    system = actor_for_user(factories.user("system", "system_admin"))
    rule_save(actor=system, rule=rule)
    entry = AuditEntry.objects.filter(action="rules.save").latest("id")
    assert entry.username == "system"
    assert entry.detail == {"rule": "turns_60", "changed": {"name": ["60周岁老年优待证", "新名"]}}


def test_a_new_version_ends_the_one_before_it(town: None) -> None:
    version = drafted(date(2027, 1, 1))
    assert (in_force(date(2026, 12, 31)), in_force(date(2027, 1, 1))) == ([1], [1])
    version_activate(actor=HUB, version=version)
    assert (in_force(date(2026, 12, 31)), in_force(date(2027, 1, 1))) == ([1], [2])
    actions = list(AuditEntry.objects.order_by("id").values_list("action", flat=True))
    assert actions[-2:] == ["rules.draft", "rules.activate"]


def test_versions_that_would_hold_later_give_way_too(town: None) -> None:
    version_activate(actor=HUB, version=drafted(date(2027, 1, 1)))
    version_activate(actor=HUB, version=drafted(date(2026, 6, 1)))
    assert [in_force(date(year, 7, 1)) for year in (2025, 2026, 2027)] == [[1], [3], [3]]
    assert RuleVersion.objects.get(rule="turns_60", number=2).state == VersionState.RETIRED


def test_a_version_in_force_is_never_edited(town: None) -> None:
    held = RuleVersion.objects.get(rule="turns_60")
    draft = Draft(CONTENT, date(2026, 1, 1))
    with pytest.raises(ValidationError, match="另起一版"):
        version_draft(actor=HUB, rule=held.rule, draft=draft, version=held)
    with pytest.raises(ValidationError, match="已经决定"):
        version_activate(actor=HUB, version=held)


def test_what_has_problems_stays_a_draft(town: None) -> None:
    version = drafted(date(2027, 1, 1), who={"op": "present", "field": "shoe_size"})
    for decide in (version_propose, version_activate):
        with pytest.raises(ValidationError, match="shoe_size"):
            decide(actor=HUB, version=version)
    assert in_force(date(2027, 6, 1)) == [1]


def test_a_version_ends_from_a_day_on(town: None) -> None:
    held = RuleVersion.objects.get(rule="turns_60")
    version_retire(actor=HUB, version=held, day=date(2027, 1, 1))
    assert (in_force(date(2026, 12, 31)), in_force(date(2027, 1, 1))) == ([1], [])
    version_retire(actor=HUB, version=held, day=date(2020, 1, 1))
    assert in_force(date(2026, 12, 31)) == []


def test_days_out_of_order_are_refused(town: None) -> None:
    with pytest.raises(ValidationError, match="截止日期不能早于生效日期"):
        drafted(date(2027, 1, 1), date(2026, 1, 1))
    late = drafted(date(2027, 1, 1), window={"opens": {"n": 90}, "due": {"n": 60}, "expires": {"n": 180}})
    with pytest.raises(ValidationError, match="办理期限不能早于开始日期"):
        version_activate(actor=HUB, version=late)


def test_the_console_shows_rules_to_planners_and_hides_them_from_others(town: None, client: Client) -> None:
    page = "/admin/rules/rule/turns_60/change/"
    client.force_login(factories.user("leader", "grid_leader"))
    assert client.get(page).status_code == 200
    assert client.post("/admin/rules/rule/turns_60/act/", {"act": "disable"}).status_code == 403
    assert Rule.objects.get(pk="turns_60").enabled
    client.force_login(factories.user("clerk", "intake_clerk"))
    assert client.get(page).status_code == 403
