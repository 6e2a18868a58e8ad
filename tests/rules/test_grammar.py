"""Rules as JSON and in Chinese: what is written is read back, what is no rule is refused by place."""

import json
from datetime import date
from typing import Any

import pytest
from django.conf import settings

from governance.contract import KINDS, code_book, read_code_lists
from governance.rules import grammar as g
from governance.rules.notation import GrammarError, as_json, body_read, condition_read
from governance.rules.relations import SUBJECTS, paths_of, related, relations_of, resolve
from governance.rules.wording import describe, describe_body

BODIES = [
    g.Body(
        "person",
        "代办老年优待证",
        "老年优待证",
        "上门告知",
        g.Milestone("birth_date", (60,), step=5, times=3),
        who=g.All(
            (
                g.lives_alone(),
                g.Any((g.Flag("household.room.rented"), g.Not(g.Present("phone")))),
                g.Code("residence_kind", ("1", "2")),
                g.Area("grid", ("420502",)),
                g.Number("household.room.floor_area", most=30.5),
            )
        ),
        window=g.Window(g.Term(-30), g.Term(5, g.Unit.WORKDAYS), g.Term(3, g.Unit.MONTHS)),
        priority="2",
        asks=("person.phone", "photo"),
    ),
    g.Body(
        "household",
        "走访",
        "走访",
        "看望",
        g.Every(3, date(2026, 1, 1)),
        who=g.All((g.all_at_least(80), g.Not(g.child_under(3)))),
        settled=g.Count("visit.household", where=g.Day("visited_at", 0, base=g.Base.MOMENT), least=1),
    ),
    g.Body(
        "person",
        "走访",
        "走访",
        "看望",
        g.Since("visit.person", "visited_at", 30, start=date(2026, 1, 1), where=g.Code("found", ("1",))),
        who=g.in_register("care_hardship"),
    ),
    g.Body("room", "巡查", "巡查", "查看", g.Standing(), who=g.Between("closed_on", last=date(2026, 1, 1))),
]


@pytest.mark.parametrize("body", BODIES)
def test_a_rule_is_read_back_as_it_was_written(body: g.Body) -> None:
    assert body_read(json.loads(json.dumps(as_json(body)))) == body


@pytest.mark.parametrize(
    ("value", "place"),
    [
        (None, "who"),
        ({"op": "eval", "of": []}, "who"),
        ({"op": ["all"]}, "who"),
        ({"op": "all", "of": [{"op": "present"}]}, "who.of.0.field"),
        ({"op": "all", "of": {"op": "present"}}, "who.of"),
        ({"op": "age", "least": "60"}, "who.least"),
        ({"op": "age", "least": True}, "who.least"),
        ({"op": "age", "unit": "eons"}, "who.unit"),
        ({"op": "age", "more": 1}, "who"),
        ({"op": "code", "field": "sex", "codes": [1]}, "who.codes.0"),
        ({"op": "between", "field": "birth_date", "first": "2026-02-30"}, "who.first"),
        ({"op": "not", "of": None}, "who.of"),
    ],
)
def test_what_is_no_condition_is_refused_by_place(value: Any, place: str) -> None:
    with pytest.raises(GrammarError) as refused:
        condition_read(value, "who")
    assert [fault.place for fault in refused.value.faults] == [place]


def test_trees_are_bounded() -> None:
    deep: dict[str, object] = {"op": "all"}
    for _ in range(20):
        deep = {"op": "not", "of": deep}
    wide = {"op": "all", "of": [{"op": "all", "of": [{"op": "all"}] * 20}] * 20}
    for tree in (deep, wide):
        with pytest.raises(GrammarError, match="过多或嵌套过深"):
            condition_read(tree)


def test_numbers_go_on_by_steps() -> None:
    assert g.Milestone("birth_date", (80, 85), step=5, times=3).numbers == (80, 85, 90, 95, 100)


def test_a_rule_in_chinese() -> None:
    book = code_book(read_code_lists(settings.FIXTURES / "codes"))
    assert describe_body(BODIES[0], book) == [
        "对象：人员",
        "时点：年满60周岁，此后每5年，共3次",
        "条件：（所在户的人员恰有1条，且（所在户的所住房屋的是否出租：是，或联系方式未填写），"
        "且人口类型为户籍人口、流动人口，且网格属于420502，且所在户的所住房屋的建筑面积不多于30.5m²）",
        "期限：时点前30天开始，时点后5个工作日到期，时点后3个月失效",
        "优先级：优先",
        "要求：人员：联系方式、拍照",
        "承办：网格员（含顶岗）",
    ]
    assert describe(BODIES[1].who, KINDS["household"], book) == (
        "（没有人员（并非满80周岁），且并非有人员（未满3周岁））"
    )


def test_paths_and_relations_follow_the_contract() -> None:
    person = KINDS["person"]
    assert paths_of(person)["household.room.rented"] == "所在户的所住房屋的是否出租"
    assert "visit.person" in relations_of(person)
    assert related(person, "visit.person") is KINDS["visit"]
    assert related(person, "visit.household") is None
    assert related(person, "nothing.person") is None
    assert resolve(person, "household.nothing") is None
    assert resolve(person, "name.kind") is None
    for name in SUBJECTS:
        for path in paths_of(KINDS[name]):
            assert resolve(KINDS[name], path) is not None, (name, path)
        for relation in relations_of(KINDS[name]):
            assert related(KINDS[name], relation) is not None, (name, relation)
