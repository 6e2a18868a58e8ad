"""Every condition and moment in SQL against plain Python, over a small town of random people."""

import random
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from governance.contract import KINDS, uuid7
from governance.rules import grammar as g
from governance.rules.arrival import look
from governance.rules.models import Rule, RuleVersion
from governance.rules.notation import as_json
from governance.rules.occasions import openings
from governance.rules.relations import is_hidden
from governance.rules.selectors import Ruling, findings_on, rules_on
from governance.rules.terms import Days
from tests import factories
from tests.factories import GRID, NEXT, apply, change
from tests.rules.plain import Held, day_of, full, holds, related_to

DAY = date(2026, 11, 22)
PEOPLE = 60
CONDITIONS: list[g.Condition] = [
    g.All(),
    g.Age(least=60),
    g.Age(least=3, below=70),
    g.Age(below=18, unit=g.Unit.MONTHS),
    g.Not(g.Age(least=60)),
    g.Day("permit_expires_on", 0, 30),
    g.Day("permit_expires_on", last=1, unit=g.Unit.MONTHS),
    g.Between("permit_expires_on", date(2026, 11, 1), date(2026, 12, 24)),
    g.Code("sex", ("1", "9")),
    g.Not(g.Code("sex", ("1",))),
    g.Code("household.room.use", ("01", "02")),
    g.Number("household.room.floor_area", least=50, most=90.5),
    g.Number("household.room.floor_area", most=90.5),
    g.Flag("household.room.rented"),
    g.Flag("household.room.rented", value=False),
    g.Not(g.Flag("household.room.rented")),
    g.Present("phone"),
    g.Present("household.room.building.photos"),
    g.Area("grid", (GRID,)),
    g.Area("registered_area", ("4205", "42")),
    g.lives_alone(),
    g.all_at_least(60, "person"),
    g.child_under(6, "person"),
    g.in_register("care_hardship"),
    g.in_register("care_hardship", where=g.Code("help_sources", ("01",))),
    g.Not(g.in_register("care_hardship", where=g.Code("category", ("01",)))),
    g.not_visited_for(30),
    g.Count("visit.person", least=2, most=3),
    g.Count("visit.household", base="household", where=g.Day("visited_at", -1, 0), least=1),
    g.Count("event.grid", where=g.Day("occurred_at", first=-30), least=2),
    g.Count("person.household", base="household", where=g.in_register("care_hardship"), least=1),
    g.All((g.Age(least=60), g.Any((g.lives_alone(), g.Not(g.Present("phone")))))),
]


def _maybe(chance: random.Random, value: Any) -> Any:
    return value if chance.random() < 0.7 else None


def _person(chance: random.Random, home: dict[str, Any]) -> Any:
    born = DAY - timedelta(days=chance.choice([5, 400, 2190, 2192, 21914, 21915, 21916, 30000]))
    values = {
        "household": str(home["household"]),
        "name": "王示例",
        "residence_kind": chance.choice("12"),
        "birth_date": _maybe(chance, born.isoformat()),
        "sex": _maybe(chance, chance.choice("12")),
        "phone": _maybe(chance, "10001234567"),
        "registered_area": _maybe(chance, chance.choice(["420502", "430102"])),
        "permit_expires_on": _maybe(chance, (DAY + timedelta(days=chance.randrange(-40, 40))).isoformat()),
    }
    return change("person", **{name: value for name, value in values.items() if value is not None})


def _visit(chance: random.Random, person: Any) -> Any:
    # Just before and just behind midnight in Shanghai, which is 16:00 UTC.
    clock = chance.choice(["15:59:59", "16:00:00", "03:00:00"])
    at = f"{DAY - timedelta(days=chance.choice([1, 6, 7, 8, 29, 30, 31]))}T{clock}Z"
    return change(
        "visit",
        household=person.set["household"],
        person=str(person.id),
        purpose=factories.codes_of("visit_purpose")[0],
        visited_at=at,
    )


def _homes(chance: random.Random) -> list[Any]:
    made = []
    for number in range(24):
        east = number % 2 * 0.01
        building = change(
            "building", name=f"{number}号楼", lon=factories.WEST + 0.005 + east, lat=factories.SOUTH + 0.005
        )
        building.set["crs"] = "4490"
        if number % 3 == 0:
            building.set["photos"] = [str(uuid7())]
        room = change("room", building=str(building.id), number="101", use=chance.choice(["01", "02", "03"]))
        rented = chance.choice([True, False, None])
        if rented is not None:
            room.set["rented"] = rented
        if chance.random() < 0.7:
            room.set["floor_area"] = chance.choice([49.5, 50.0, 90.5, 120.0])
        made += [building, room, change("household", room=str(room.id), head_name="王示例")]
    return made


@pytest.fixture
def town_of_people(town: None) -> Held:
    """Sixty people in twenty-four homes of two grids, visited, some in a register; with what is held."""
    chance = random.Random(7)
    hub = factories.hub_in(GRID, NEXT)
    homes = _homes(chance)
    households = [{"household": each.id} for each in homes if each.kind == "household"]
    people = [_person(chance, chance.choice(households)) for _ in range(PEOPLE)]
    visits = [_visit(chance, chance.choice(people)) for _ in range(90)]
    category, source = factories.codes_of("hardship_kind"), factories.codes_of("help_source")
    register = [
        change("care_hardship", person=str(each.id), category=chance.choice(category[:2]))
        for each in chance.sample(people, 20)
    ]
    for each in register[::2]:
        each.set["help_sources"] = source[:2]
    events = [
        change(
            "event",
            category=factories.codes_of("event_category")[0],
            description="合成事件",
            grid=grid,
            occurred_at=f"{DAY - timedelta(days=ago)}T02:00:00Z",
        )
        for grid, ago in ((GRID, 3), (GRID, 30), (NEXT, 2), (NEXT, 31))
    ]
    made = [*homes, *people, *visits, *register, *events]
    results = apply(hub, *made)
    assert {result.status for result in results} == {"created"}, results
    cared = {each.set["person"] for each in register}
    free = [each for each in people if str(each.id) not in cared]
    gone = [change("person", str(each.id), base=1) for each in chance.sample(free, 5)]
    for each in gone:
        each.set = {"closed_on": "2026-11-20", "closed_reason": factories.close_reason("person")}
    left = apply(hub, *gone)
    assert {result.status for result in left} == {"updated"}, [each.errors for each in left]
    return _held(made, gone)


def _held(made: list[Any], gone: list[Any]) -> Held:
    held: Held = {}
    for each in made:
        row = factories.model(each.kind).objects.get(pk=each.id)
        held.setdefault(each.kind, {})[str(each.id)] = {**each.set, "id": str(each.id), "grid": row.grid}
    for each in gone:
        held[each.kind][str(each.id)].update(each.set)
    return held


def _body(moment: g.Moment, who: g.Condition, settled: g.Condition | None = None) -> g.Body:
    window = g.Window(g.Term(-10), g.Term(0), g.Term(20))
    if isinstance(moment, g.Standing):
        window = g.Window(due=g.Term(5))
    return g.Body("person", "任务", "事项", "说明", moment, who, settled, window)


def _found(body: g.Body, **narrowed: Any) -> set[tuple[str, str]]:
    found = findings_on(DAY, Ruling("rule", 1, body), **narrowed)
    return {(str(each.subject), each.occasion.rpartition(":")[2]) for each in found}


def _people(held: Held) -> list[dict[str, Any]]:
    return [each for each in held["person"].values() if each.get("closed_on") is None]


def test_a_condition_finds_those_it_holds_of(town_of_people: Held) -> None:
    person = KINDS["person"]
    everybody = {each["id"] for each in _people(town_of_people)}
    for condition in CONDITIONS:
        expected = {
            each["id"]
            for each in _people(town_of_people)
            if holds(condition, person, each, town_of_people, DAY)
        }
        assert {id_ for id_, _ in _found(_body(g.Standing(), condition))} == expected, condition
        settled = {id_ for id_, _ in _found(_body(g.Standing(), g.All(), settled=condition))}
        assert settled == everybody - expected, condition


def test_each_condition_tells_some_from_others(town_of_people: Held) -> None:
    """So that none of them is compared on a town where it says nothing."""
    people = _people(town_of_people)
    for condition in CONDITIONS[1:]:
        found = [holds(condition, KINDS["person"], each, town_of_people, DAY) for each in people]
        assert any(found), condition
        assert not all(found), condition


MOMENTS: list[g.Moment] = [
    g.Milestone("birth_date", (0, 6, 60)),
    g.Milestone("birth_date", (50,), step=5, times=8),
    g.Milestone("birth_date", (72,), unit=g.Unit.MONTHS),
    g.Milestone("permit_expires_on", (-30, -7), unit=g.Unit.DAYS, each=g.Each.DATE),
    g.Since("visit.person", "visited_at", 30),
    g.Since("visit.person", "visited_at", 1, unit=g.Unit.MONTHS, start=date(2026, 10, 20)),
    g.Since("visit.household", "visited_at", 7, base="household", where=g.Present("person")),
    g.Every(1, date(2026, 1, 31)),
    g.Every(10, date(2026, 11, 1), unit=g.Unit.DAYS),
]


def _expected(moment: g.Moment, each: dict[str, Any], held: Held) -> set[str]:
    """Give the ends of the keys of a person's occasions that are open on the day."""
    found = set()

    def open_on(begun: date, full_on: date, tail: str) -> None:
        days = Days(full_on, full_on - timedelta(10), full_on, full_on + timedelta(20))
        if days.opens <= DAY and days.expires is not None and days.expires >= DAY:
            found.add(tail)

    if isinstance(moment, g.Milestone):
        begun = day_of(each.get(moment.field))
        for number in moment.numbers if begun else ():
            dated = f"{number}@{begun:%Y%m%d}" if moment.each is g.Each.DATE else str(number)
            open_on(begun, full(begun, number, moment.unit), dated)
    elif isinstance(moment, g.Since):
        visits = [day_of(row[moment.field]) for row in related_to(moment, KINDS["person"], each, held, DAY)]
        begun = max((day for day in visits if day), default=moment.start)
        if begun is not None:
            begun = max(begun, moment.start or begun)
            open_on(begun, full(begun, moment.after, moment.unit), f"{begun:%Y%m%d}")
    elif isinstance(moment, g.Every):
        for turn in range(60):
            start = full(moment.start, turn * moment.step, moment.unit)
            open_on(start, start, f"{start:%Y%m%d}")
    return found


def test_a_moment_finds_whose_occasion_is_open(town_of_people: Held) -> None:
    for moment in MOMENTS:
        expected = {
            (each["id"], tail)
            for each in _people(town_of_people)
            for tail in _expected(moment, each, town_of_people)
        }
        assert expected, moment
        assert _found(_body(moment, g.All())) == expected, moment
        here = {each for each in expected if town_of_people["person"][each[0]]["grid"] == GRID}
        assert _found(_body(moment, g.All()), prefix=GRID) == here, moment


def test_on_arrival_the_same_is_found_as_over_the_city(town_of_people: Held) -> None:
    for number, (moment, condition) in enumerate(
        [(moment, CONDITIONS[-1 - place]) for place, moment in enumerate(MOMENTS)]
        + [(g.Standing(), condition) for condition in CONDITIONS[1:]]
    ):
        rule = Rule.objects.create(code=f"rule_{number:02d}", name="规则")
        RuleVersion.objects.create(
            rule=rule,
            number=1,
            state="active",
            content=as_json(_body(moment, condition)),
            valid_from=date(2026, 1, 1),
            made_at="2026-01-01T00:00:00Z",
        )
    rules = rules_on(DAY)
    mine = [rule for rule in rules if rule.code.startswith("rule_")]
    assert len(mine) == len(MOMENTS) + len(CONDITIONS) - 1
    whole = {each for rule in rules for each in findings_on(DAY, rule)}
    looked = look(DAY, {"person": list(town_of_people["person"])}, {})
    assert looked.rules == {rule.code for rule in rules}
    assert {each for each in looked.findings if each.subject_kind == "person"} == {
        each for each in whole if each.subject_kind == "person"
    }
    assert not any(is_hidden(KINDS[each.subject_kind]) for each in whole)


def test_only_the_days_since_a_rules_start_are_gone_through() -> None:
    begun = DAY - timedelta(40)
    body = _body(g.Since("visit.person", "visited_at", 7, start=begun), g.All())
    opened = openings(replace(body, window=g.Window()), DAY, lambda day, n: day)
    assert [each.begun for each in opened] == [begun + timedelta(n) for n in range(34)]
