"""The pages of a rule name places as people do, and tell whoever is asked for consent what he agrees to."""

import re
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from governance.access.models import User
from governance.contract import KINDS
from governance.rules.desk.preview import preview
from governance.rules.desk.services import sheet_save, version_put
from governance.rules.grammar import Age, All, Area, Body
from governance.rules.relations import relations_of
from tests import factories
from tests.factories import COMMUNITY, GRID
from tests.rules.test_desk import DAY, OLD_AND_POOR, SEVENTY, author, born, written

HERE = replace(SEVENTY, who=All((Age(least=60), Area("grid", (COMMUNITY[:6], COMMUNITY, GRID)))))
RULE = "/admin/rules/rule/turns_70/"


@pytest.fixture
def home(town: None, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.setattr(timezone, "localdate", lambda *_: DAY)
    return factories.home(factories.hub_in(GRID))


def proposed(body: Body) -> Client:
    """Put a rule for many forward; give the browser of the person asked for consent."""
    mine = author()
    version_put(actor=mine, version=sheet_save(actor=mine, sheet=written(body)), day=DAY)
    author("second")
    return browser("second")


def browser(username: str) -> Client:
    made = Client()
    made.force_login(User.objects.get(username=username), "django.contrib.auth.backends.ModelBackend")
    made.post("/admin/purpose/", {"purpose": "数据治理"})
    return made


def page(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def test_places_are_named_in_words_and_offered_to_the_editor(home: dict[str, str]) -> None:
    born(home, "1956-11-20")
    second = proposed(HERE)
    said = f"区划{COMMUNITY[:6]}、区划{COMMUNITY[:9]}区划{COMMUNITY}、"
    assert any(said in line for line in preview(actor=author("third"), body=HERE, day=DAY)["lines"])
    assert said in page(second, f"{RULE}change/")
    setup = second.get(f"{RULE}edit/?version=1").context["setup"]
    assert set(setup["areas"]) == {COMMUNITY[:6], COMMUNITY, GRID}
    assert "第001网格" in setup["areas"][GRID]


def test_the_second_person_hears_of_it_and_sees_how_many(home: dict[str, str]) -> None:
    born(home, "1956-11-20")
    second = proposed(HERE)
    assert "涉及人员1个（全市居民1人）" in page(second, f"{RULE}change/")
    assert waits(second) == 1
    assert waits(browser("author")) == 0
    factories.user("leader", "grid_leader")
    assert waits(browser("leader")) is None


def test_a_rule_opens_from_the_list_and_by_its_code(home: dict[str, str]) -> None:
    second = proposed(HERE)
    listed = page(second, "/admin/rules/rule/")
    (href,) = set(re.findall(r'href="(/admin/rules/rule/turns_5F70/change/)', listed))
    for address in (href, f"{RULE}change/"):
        assert "七十岁问候" in page(second, address)


def test_without_the_registers_right_the_number_is_not_told(home: dict[str, str]) -> None:
    old = born(home, "1956-11-20")
    factories.apply(factories.hub_in(GRID), factories.change("care_hardship", person=old, category="05"))
    second = proposed(replace(SEVENTY, who=OLD_AND_POOR))
    shown = page(second, f"{RULE}change/")
    assert "超过居民的1%" in shown
    assert "涉及人员" not in shown


def test_relations_that_lead_to_one_kind_are_told_apart() -> None:
    for kind in KINDS.values():
        labels = list(relations_of(kind).values())
        assert len(labels) == len(set(labels)), kind.name


def waits(client: Client) -> Any:
    """Give how many rules the dashboard says wait for the user's consent; None where it says nothing."""
    waiting = {each["label"]: each["number"] for each in client.get("/admin/").context["waiting"]}
    return waiting.get("待同意的规则")


def test_whom_a_rule_names_is_called_by_name(home: dict[str, str]) -> None:
    account = factories.user("named", "grid_worker")
    account.name = "李志强"
    account.save()
    third = author("third")
    for assignee, said in (
        ("user:named", "承办：指定人员李志强（named）"),
        ("user:gone", "承办：指定人员“gone”"),
    ):
        assert said in preview(actor=third, body=replace(SEVENTY, assignee=assignee), day=DAY)["lines"]
    asked = replace(SEVENTY, assignee="user:named", asks=("photo", "doc:01", "person.phone"), priority="3")
    shown = page(proposed(asked), f"{RULE}change/")
    assert "指定人员李志强（named）" in shown
    assert "要求：拍照、材料：居民身份证、人员：联系方式" in shown
    assert "优先级：" in shown
