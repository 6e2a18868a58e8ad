"""Rules as data: loaded, changed by those who may, and traced."""

from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client

from governance.access.actor import HUB
from governance.access.errors import Forbidden
from governance.access.selectors import actor_for_user
from governance.audit.models import AuditEntry
from governance.rules.models import LifeEvent
from governance.rules.services import rule_save, rules_load
from tests import factories
from tests.rules.conftest import RULES

HEAD = (RULES / "life_events.csv").read_text(encoding="utf-8").splitlines()[0]
GOOD = "turns_70,任务,事项,person,age,70,-30,60,180,1,说明,,0,1,2026-01-01,"


def test_what_ships_is_loaded_once_and_edits_stay(town: None) -> None:
    LifeEvent.objects.filter(pk="turns_60").update(opens_days=-60)
    assert rules_load(actor=HUB, folder=RULES) == 0
    assert LifeEvent.objects.get(pk="turns_60").opens_days == -60


def test_what_the_city_has_to_confirm_is_marked(town: None) -> None:
    open_ = set(LifeEvent.objects.filter(confirmed=False).values_list("code", flat=True))
    assert open_ == {"turns_85", "newborn_insurance"}


@pytest.mark.parametrize(
    ("line", "named"),
    [
        (GOOD.replace("turns_70", "Turns 70"), "规则编号"),
        (GOOD.replace(",60,180", ",60,30"), "天数"),
        (GOOD.replace(",180,", ",400,"), "失效（天）"),
        (GOOD.replace("age,70", "age,0"), "周岁"),
        (GOOD.replace("2026-01-01", "2026-02-30"), "生效日期"),
        (GOOD.replace("age", "wedding"), "条件"),
        (GOOD.replace(",说明", ","), "办理说明"),
        (GOOD + ",,", "列数"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_loaded(db: None, tmp_path: Path, line: str, named: str) -> None:
    path = tmp_path / "rules.csv"
    path.write_text(f"{HEAD}\n{GOOD.replace('turns_70', 'turns_71')}\n{line}\n", encoding="utf-8")
    with pytest.raises(CommandError, match=f"rules.csv 第3行.*{named}"):
        call_command("rules_load", folder=tmp_path)
    assert not LifeEvent.objects.exists()


def test_only_who_serves_the_whole_city_changes_rules(town: None) -> None:
    leader = actor_for_user(factories.user("leader", "grid_leader"))
    rule = LifeEvent.objects.get(pk="turns_60")
    rule.opens_days = -45
    with pytest.raises(Forbidden):
        rule_save(actor=leader, rule=rule)
    system = actor_for_user(factories.user("system", "system_admin"))
    rule_save(actor=system, rule=rule)
    entry = AuditEntry.objects.filter(action="rules.save").latest("id")
    assert entry.username == "system"
    assert entry.detail == {"rule": "turns_60", "changed": {"opens_days": [-30, -45]}}


def test_days_out_of_order_are_refused(town: None) -> None:
    rule = LifeEvent.objects.get(pk="turns_60")
    rule.opens_days = 90
    with pytest.raises(ValidationError, match="依次不减"):
        rule_save(actor=HUB, rule=rule)


def form(rule: LifeEvent, **changed: object) -> dict[str, object]:
    values = {field.name: getattr(rule, field.name) for field in LifeEvent._meta.fields}
    return {name: value for name, value in {**values, **changed}.items() if value not in (None, False)}


def test_the_console_page_changes_a_rule(town: None, client: Client) -> None:
    client.force_login(factories.user("system", "system_admin"))
    rule = LifeEvent.objects.get(pk="turns_60")
    page = "/admin/rules/lifeevent/turns_60/change/"
    assert client.get("/admin/rules/lifeevent/").status_code == 200
    assert client.post(page, form(rule, opens_days=-45)).status_code == 302
    assert LifeEvent.objects.get(pk="turns_60").opens_days == -45
    refused = client.post(page, form(rule, opens_days=100))
    assert "依次不减" in refused.content.decode()


def test_the_console_shows_rules_to_planners_and_hides_them_from_others(town: None, client: Client) -> None:
    rule = LifeEvent.objects.get(pk="turns_60")
    page = "/admin/rules/lifeevent/turns_60/change/"
    client.force_login(factories.user("leader", "grid_leader"))
    assert client.get(page).status_code == 200
    assert client.post(page, form(rule, opens_days=-45)).status_code == 403
    client.force_login(factories.user("clerk", "intake_clerk"))
    assert client.get(page).status_code == 403
