"""An item whose targets meet a condition: who is found, and what a department may not ask for."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.access.actor import HUB, Actor
from governance.access.models import Department
from governance.publish.services import key_issue
from governance.records.models import Person
from governance.tasks.models import Target
from tests import factories
from tests.factories import COMMUNITY, NEXT, WEST, apply, change
from tests.publish.conftest import agree
from tests.publish.test_items import TERMS, ask, people, said, today, worker

__all__ = ["people", "today", "worker"]

OLD = {"op": "age", "field": "birth_date", "least": 80}
ALONE = {"op": "count", "relation": "person.household", "base": "household", "least": 1, "most": 1}


@pytest.fixture
def key(civil: Department) -> str:
    """A key, with an agreement on people's telephones and birth dates."""
    agree(fields=("name", "phone", "birth_date"))
    return key_issue(actor=HUB, department=civil)[1]


def chosen(key: str, condition: Any, status: int = 200, **terms: Any) -> dict[str, Any]:
    body = TERMS | {"asks": "person.phone", "chosen": "condition", "condition": condition} | terms
    return said(ask(key, "post", body=body), status)


def submit(key: str, item: dict[str, Any], status: int = 200) -> dict[str, Any]:
    return said(ask(key, "post", f"{item['id']}/submit"), status)


@pytest.fixture
def elders(worker: Actor) -> dict[str, str]:
    """One of 86 alone, one of 81 with a child, all in the first grid; one of 86 in the next."""
    door, shared = factories.home(worker)["household"], factories.home(worker)["household"]
    beyond = factories.tablet(factories.worker("second", NEXT), "second")
    there = factories.home(beyond, lon=WEST + 0.015)["household"]
    return {
        "alone": factories.person(worker, door, birth_date="1940-01-01"),
        "shared": factories.person(worker, shared, birth_date="1945-11-22"),
        "child": factories.person(worker, shared, birth_date="2020-01-01"),
        "beyond": factories.person(beyond, there, birth_date="1940-01-01"),
    }


def found() -> set[str]:
    return set(Target.objects.values_list("subject", flat=True))


def test_whoever_meets_the_condition_on_the_day_is_asked(key: str, elders: dict[str, str]) -> None:
    item = chosen(key, OLD)
    assert found() == set(), "they are chosen when it is handed in"
    told = submit(key, item)
    assert found() == {elders["alone"], elders["shared"], elders["beyond"]}
    assert told["rows"]["waiting"] == 3
    assert {target.household for target in Target.objects.all()} == {
        str(person.household_id) for person in Person.objects.filter(pk__in=found())
    }


def test_only_within_its_area_and_only_open_records(key: str, elders: dict[str, str], worker: Actor) -> None:
    reason = factories.close_reason("person")
    apply(worker, change("person", elders["alone"], base=1, closed_on="2026-11-01", closed_reason=reason))
    submit(key, chosen(key, {"op": "all", "of": [OLD, ALONE]}, area=COMMUNITY))
    assert found() == {elders["beyond"]}


def test_a_condition_that_nobody_meets_is_not_handed_in(key: str, elders: dict[str, str]) -> None:
    item = chosen(key, {**OLD, "least": 120})
    assert submit(key, item, 422)["problems"][0]["field"] == "targets"


def test_a_draft_is_chosen_anew_each_time(key: str, elders: dict[str, str], worker: Actor) -> None:
    item = chosen(key, {**OLD, "least": 120})
    submit(key, item, 422)
    chosen(key, OLD)
    submit(key, item)
    assert len(found()) == 3


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        (None, "必填"),
        ({"op": "no such"}, "条件"),
        ({"op": "age", "field": "no_such", "least": 60}, "没有“no_such”这一项"),
        ({"op": "age", "field": "birth_date"}, "上下限至少填一个"),
        ({"op": "age", "field": "birth_date", "least": 90, "below": 80}, "永远不会成立"),
        (
            {"op": "all", "of": [{"op": "age", "field": "birth_date", "least": 80},
                                 {"op": "age", "field": "birth_date", "below": 70}]},
            "相互矛盾，永远不会成立：出生日期",
        ),
        ({"op": "code", "field": "residence_kind", "codes": ["1"]}, "人口类型"),
        ({"op": "not", "of": {"op": "present", "field": "household.head_phone"}}, "户主联系方式"),
        ({"op": "count", "relation": "care_mental.person", "least": 1}, "不在约定的数据项或范围内"),
        ({"op": "count", "relation": "visit.person", "most": 0}, "不在约定的数据项或范围内"),
        (
            {"op": "count", "relation": "person.household", "base": "household", "least": 1,
             "where": {"op": "code", "field": "sex", "codes": ["1"]}},
            "性别",
        ),
    ],
)  # fmt: skip
def test_what_a_department_may_not_choose_by_is_named(key: str, condition: Any, reason: str) -> None:
    told = chosen(key, condition, 422)
    assert [problem["field"] for problem in told["problems"]] == ["condition"], told
    assert reason in told["problems"][0]["reason"]


def test_a_list_takes_no_condition_and_a_condition_no_list(key: str, elders: dict[str, str]) -> None:
    assert chosen(key, OLD, 422, chosen="list")["problems"][0]["field"] == "condition"
    item = chosen(key, OLD)
    said(ask(key, "post", f"{item['id']}/targets", {"rows": [{"key": "x", "id": elders["alone"]}]}), 409)


def test_choosing_takes_the_same_statements_for_many(key: str, elders: dict[str, str], worker: Actor) -> None:
    with CaptureQueriesContext(connection) as few:
        submit(key, chosen(key, OLD))
    door = factories.home(worker, lon=WEST + 0.006)["household"]
    for _ in range(40):
        factories.person(worker, door, birth_date="1930-01-01")
    with CaptureQueriesContext(connection) as many:
        submit(key, chosen(key, OLD, ref="二"))
    assert len(many) <= len(few)
