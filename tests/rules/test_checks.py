"""Rules that are wrong before anybody is asked for: named in Chinese, by place."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.conf import settings

from governance.contract import CodeBook, CodeItem, code_book, read_code_lists
from governance.rules import grammar as g
from governance.rules.checks import body_problems, content_problems, is_mass, reach_problem, rights_of
from governance.rules.notation import as_json
from governance.rules.selectors import register_of

BOOK: CodeBook = code_book(read_code_lists(settings.FIXTURES / "codes"))
WINDOW = g.Window(g.Term(-30), g.Term(60), g.Term(180))
GOOD = g.Body("person", "任务", "事项", "说明", g.Milestone("birth_date", (60,)), window=WINDOW)
EVERY = g.Every(3, date(2026, 1, 1))


def told(body: g.Body, book: CodeBook = BOOK) -> list[tuple[str, str]]:
    return [(problem.field, problem.code) for problem in body_problems(body, book)]


def test_a_sound_rule_has_no_problems() -> None:
    assert told(GOOD) == []


@pytest.mark.parametrize(
    ("who", "place", "code"),
    [
        (g.Present("shoe_size"), "who.field", "missing_field"),
        (g.Present("household.shoe_size"), "who.field", "missing_field"),
        (g.Age("name", least=1), "who.field", "format"),
        (g.Number("birth_date", least=1), "who.field", "format"),
        (g.Code("sex", ()), "who.codes", "never"),
        (g.All((g.Present("phone"), g.Code("sex", ("x",)))), "who.of.1.codes", "code"),
        (g.Age(least=60, below=60), "who", "never"),
        (g.Age(), "who", "always"),
        (g.Age(least=-1), "who", "never"),
        (g.Day("permit_expires_on", 3, 2), "who", "never"),
        (g.Day("permit_expires_on", 0, base=g.Base.MOMENT), "who.base", "format"),
        (g.Day("permit_expires_on", 0, unit=g.Unit.WORKDAYS), "who.unit", "format"),
        (g.Between("birth_date", date(2026, 1, 2), date(2026, 1, 1)), "who", "never"),
        (g.Count("visit.room"), "who.relation", "missing_field"),
        (g.Count("visit.person", base="flat", least=1), "who.base", "missing_field"),
        (g.Count("visit.person"), "who", "always"),
        (g.Count("visit.person", least=3, most=2), "who", "never"),
        (g.Count("visit.person", where=g.Present("age"), least=1), "who.where.field", "missing_field"),
        (g.Area("grid", ("Yichang",)), "who.prefixes", "format"),
        (g.Any(()), "who", "never"),
    ],
)
def test_a_wrong_condition_is_named(who: g.Condition, place: str, code: str) -> None:
    assert (place, code) in told(replace(GOOD, who=who))


@pytest.mark.parametrize(
    "who",
    [
        g.All((g.Age(least=70), g.Present("phone"))),
        g.All((g.Code("sex", ("1",)), g.All((g.Code("sex", ("2",)),)))),
        g.All((g.Flag("household.room.rented"), g.Flag("household.room.rented", value=False))),
        g.All((g.Present("phone"), g.Not(g.Present("phone")))),
        g.All((g.Code("sex", ("1",)), g.Not(g.Present("sex")))),
        g.All((g.Age("arrived_on", least=2), g.Day("arrived_on", first=-30))),
        g.All((g.not_visited_for(30), replace(g.not_visited_for(30), least=1, most=None))),
        g.Any((g.Age(below=18), g.Age(least=90))),
        g.All((g.Code("sex", ("1",)), g.Any((g.Code("sex", ("2",)), g.Code("sex", ("9",)))))),
        g.Not(g.All()),
    ],
)
def test_conditions_that_exclude_each_other_are_told(who: g.Condition) -> None:
    assert told(replace(GOOD, who=who)) == [("who", "never")]


@pytest.mark.parametrize(
    "who",
    [
        g.All((g.Age(least=59), g.Age(below=62))),
        g.Any((g.Age(below=18), g.Age(least=60))),
        g.All((g.Code("sex", ("1", "2")), g.Not(g.Code("sex", ("2",))))),
        g.All((g.Count("visit.person", least=1), g.Count("visit.household", base="household", most=0))),
        # From 1 February a month is full after 28 days.
        g.All(
            (
                g.Age("arrived_on", least=1, unit=g.Unit.MONTHS),
                g.Age("arrived_on", below=30, unit=g.Unit.DAYS),
            )
        ),
    ],
)
def test_what_can_hold_is_not_called_a_contradiction(who: g.Condition) -> None:
    assert told(replace(GOOD, who=who)) == []


def test_a_field_of_several_codes_may_hold_one_of_these_and_one_of_those() -> None:
    both = g.All((g.Code("help_sources", ("01",)), g.Code("help_sources", ("02",))))
    assert told(g.Body("care_hardship", "任务", "事项", "说明", g.Standing(), who=both)) == []


@pytest.mark.parametrize(
    ("changed", "place", "code"),
    [
        ({"subject": "visit"}, "subject", "unknown_kind"),
        ({"title": " "}, "title", "required"),
        ({"text": "字" * 301}, "text", "length"),
        ({"priority": "9"}, "priority", "code"),
        ({"assignee": "the mayor"}, "assignee", "format"),
        ({"asks": ("person.shoe_size",)}, "asks", "format"),
        ({"window": replace(WINDOW, expires=None)}, "window.expires", "required"),
        ({"window": replace(WINDOW, due=g.Term(-40))}, "window.due", "contradiction"),
        ({"window": replace(WINDOW, expires=g.Term(59))}, "window.expires", "contradiction"),
        ({"window": replace(WINDOW, expires=g.Term(4, g.Unit.YEARS))}, "window.expires", "range"),
        ({"window": replace(WINDOW, due=g.Term(999_999_999))}, "window.due", "range"),
        ({"window": replace(WINDOW, opens=g.Term(-11, g.Unit.YEARS))}, "window.opens", "range"),
        ({"moment": g.Milestone("name", (60,))}, "moment.field", "format"),
        ({"moment": g.Milestone("birth_date", ())}, "moment.at", "required"),
        ({"moment": g.Milestone("birth_date", (60, 60))}, "moment.at", "range"),
        ({"moment": g.Milestone("birth_date", (160,))}, "moment.at", "never"),
        ({"moment": g.Milestone("birth_date", (60,), step=1)}, "moment.step", "range"),
        ({"moment": g.Since("visit.person", "content", 30)}, "moment.field", "format"),
        ({"moment": g.Since("visit.person", "visited_at", 0)}, "moment.after", "range"),
        ({"moment": g.Since("visit.room", "visited_at", 3)}, "moment.relation", "missing_field"),
        ({"moment": replace(EVERY, step=0)}, "moment.step", "range"),
        ({"moment": replace(EVERY, unit=g.Unit.WORKDAYS)}, "moment.unit", "format"),
        ({"moment": g.Standing(), "window": g.Window()}, "who", "everybody"),
    ],
)
def test_a_wrong_rule_is_named(changed: dict[str, Any], place: str, code: str) -> None:
    assert (place, code) in told(replace(GOOD, **changed))


def test_all_that_is_wrong_is_told_at_once() -> None:
    wrong = {
        **as_json(GOOD),
        "title": "",
        "who": as_json(
            g.All((g.Present("shoe_size"), g.Code("sex", ("x",)), g.Age(least=70), g.Age(below=60)))
        ),
        "moment": {"op": "since", "relation": "visit.person", "field": "visited_at", "start": "soon"},
        "window": {"due": {"n": 1.5}},
    }
    assert {(problem.field, problem.code) for problem in content_problems(wrong, BOOK)} == {
        ("title", "required"),
        ("who.of.0.field", "missing_field"),
        ("who.of.1.codes", "code"),
        ("who", "never"),
        ("moment.after", "format"),
        ("moment.start", "format"),
        ("window.due.n", "format"),
    }
    assert content_problems({}, BOOK)
    assert content_problems({**as_json(GOOD), "extra": 1}, BOOK)
    assert content_problems(as_json(GOOD), BOOK) == []


def test_a_retired_code_is_told_by_its_label() -> None:
    book = {**BOOK, "sex": {**BOOK["sex"], "1": CodeItem("1", "男性", retired=True)}}
    (problem,) = body_problems(replace(GOOD, who=g.Code("sex", ("1",))), book)
    assert (problem.code, problem.reason) == ("retired", "性别：代码“男性”已停用")


def test_a_rule_on_a_register_needs_its_right_and_does_not_name_it() -> None:
    body = replace(GOOD, who=g.in_register("care_hardship"))
    assert rights_of(body) == {"records.see_care_hardship"}
    assert register_of(body) == "care_hardship"
    assert told(replace(body, title="走访困难人群")) == [("title", "privacy")]
    assert rights_of(GOOD) == frozenset()


def test_a_rule_on_two_registers_is_refused() -> None:
    two = g.All((g.in_register("care_hardship"), g.in_register("care_disability")))
    assert ("who", "privacy") in told(replace(GOOD, who=two))
    assert told(replace(GOOD, who=two.of[0])) == []


def test_a_rule_about_nobody_everybody_or_many_is_told() -> None:
    codes = [problem and problem.code for problem in (reach_problem(n, 100) for n in (0, 1, 99, 100))]
    assert codes == ["nobody", None, None, "everybody"]
    assert [is_mass(found, 1000) for found in (10, 11)] == [False, True]
