"""人: households and the people in them, with numbers, kinship and where they are registered."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from governance.console.population.draw import Weighted
from governance.console.population.families import FEMALE, MALE, YEAR, Member
from governance.console.population.ground import UNNUMBERED_DAYS, Ground
from governance.console.population.names import given, phone, surname
from governance.console.population.numbers import COUNTIES, ELSEWHERE, area_of
from governance.console.population.residence import Stay, residence
from governance.console.population.site import Row
from governance.console.population.standing import education, marital, relations, work

_TUJIA_HOMES = frozenset({"420528", "420529", "422801", "422802", "422822", "422823"})
_OTHER_NATIONS = Weighted({"06": 30, "12": 15, "03": 25, "11": 10, "08": 20})


class Plan(NamedTuple):
    """A family to enter: members (the head first), standing, whether it is surely from this county."""

    members: list[Member]
    stay: Stay
    native: bool = False


@dataclass(slots=True)
class Family:
    """A family as it was entered: plan, household, room and people, the head first."""

    plan: list[Member]
    household: Row
    room: Row
    people: list[Row]


def family_enter(ground: Ground, planned: Plan, room: Row, number: int) -> Family:
    """Enter the household of one room and its people.

    Parameters
    ----------
    ground : Ground
    planned : Plan
    room : row
        Where they live; gets the tenant's name where it is rented.
    number : int
        Number of the household within the grid.
    """
    plan, stay, _ = planned
    verification = ground.verification()
    household = ground.add("household", {"room": room["id"], "kind": "1"}, verification)
    homes = _homes(ground, planned)
    nations = _nations(ground, plan, homes)
    people = [
        _person(ground, household, member, home, nation, verification)
        for member, home, nation in zip(plan, homes, nations, strict=True)
    ]
    for row, name, relation, member, home in zip(
        people, _names(ground, plan), relations(plan), plan, homes, strict=True
    ):
        row["name"] = name
        row["relation"] = relation
        row["marital"] = marital(ground.random, plan, member)
        row.update(residence(ground, stay, row, int(member.days / YEAR), home))
    family = Family(plan, household, room, people)
    _household_fill(ground, family, number, stay)
    return family


def _homes(ground: Ground, planned: Plan) -> list[str]:
    """Say for each member which county or outside area he is from."""
    stay = planned.stay
    home = ground.county if planned.native else _home(ground, stay)
    return [
        _home(ground, stay) if member.role in ("spouse", "child_in_law") and ground.chance(0.4) else home
        for member in planned.members
    ]


def _home(ground: Ground, stay: Stay) -> str:
    if stay is Stay.FLOATING:
        if ground.chance(0.5):
            return ELSEWHERE[ground.below(len(ELSEWHERE))]
        others = [county for county in COUNTIES if county != ground.county]
        return others[ground.below(len(others))]
    if ground.chance(0.94 if ground.site.rural else 0.7):
        return ground.county
    if ground.chance(0.12):
        return ELSEWHERE[ground.below(len(ELSEWHERE))]
    return COUNTIES[ground.below(len(COUNTIES))]


def _nations(ground: Ground, plan: list[Member], homes: list[str]) -> list[str]:
    """Give each member's nation (GB/T 3304); children have one of their parents'."""
    elders = [_nation(ground, home) for home in homes]
    couple = elders[: 1 + (len(plan) > 1 and plan[1].role == "spouse")]
    inherited = max(couple)
    young = ("child", "grandchild")
    return [inherited if one.role in young else nation for one, nation in zip(plan, elders, strict=True)]


def _nation(ground: Ground, home: str) -> str:
    chance = ground.random.random()
    if chance < (0.6 if home in _TUJIA_HOMES else 0.035):
        return "15"
    return "01" if chance < 0.993 else _OTHER_NATIONS.draw(ground.random)


def _person(ground: Ground, household: Row, member: Member, home: str, nation: str, verification: str) -> Row:
    born = ground.day - member.days
    values: Row = {"household": household["id"], "name": "", "sex": member.sex}
    if member.days < UNNUMBERED_DAYS:
        values["document_kind"] = "117"
        values["document_number"] = f"S{ground.below(10**9):09d}"
    else:
        area = area_of(home, date.fromordinal(born).year, ground.random.random())
        values["citizen_number"], born = ground.numbers.give(area, member.sex, born)
    day = date.fromordinal(born)
    values["birth_date"] = day.isoformat()
    values["nation"] = nation
    values["native_place"] = home
    years = int((ground.day - born) / YEAR)
    schooling = education(ground.random, years, day.year)
    if schooling is not None:
        values["education"] = schooling
    job = work(ground.random, years, rural=ground.site.rural)
    if job is not None:
        values["occupation_class"], values["occupation"] = job
    if years >= 14 and ground.chance(0.93 if years < 80 else 0.6):
        values["phone"] = phone(ground.random)
    if member.sex == MALE and 21 <= years < 90 and ground.chance(0.04):
        values["veteran"] = True
    return ground.add("person", values, verification)


def _names(ground: Ground, plan: list[Member]) -> list[str]:
    """Name the members; children carry their father's surname where he is known, else the head's."""
    surnames: list[str] = []
    for member in plan:
        surnames.append(_surname(ground, plan, surnames, member))
    return [one + given(ground.random, member.sex) for one, member in zip(surnames, plan, strict=True)]


def _surname(ground: Ground, plan: list[Member], known: list[str], member: Member) -> str:
    if member.role == "parent" and member.sex == MALE:
        return known[0]
    if member.role not in ("child", "grandchild"):
        return surname(ground.random)
    fathers = _fathers(plan, member)
    return next((known[plan.index(one)] for one in fathers if one.sex == MALE), known[0])


def _fathers(plan: list[Member], member: Member) -> list[Member]:
    """Give those from whom a child or grandchild may have its surname, nearest first."""
    couple = [one for one in plan if one.role in ("head", "spouse")]
    if member.role == "child":
        return couple
    return [one for one in plan if one.role in ("child", "child_in_law")] or couple


def _household_fill(ground: Ground, family: Family, number: int, stay: Stay) -> None:
    head, household, room = family.people[0], family.household, family.room
    household["head_name"] = head["name"]
    for item, source in (("head_citizen_number", "citizen_number"), ("head_phone", "phone")):
        if source in head:
            household[item] = head[source]
    if stay in (Stay.REGISTERED, Stay.LEFT_BEHIND, Stay.AWAY):
        household["household_no"] = f"{ground.serial * 9000 + number:09d}"
    household["presence"] = {Stay.AWAY: "2", Stay.FLOATING: "3"}.get(stay, "1")
    if stay.rents:
        room.update(rented=True, rental_use="02", tenant_name=head["name"])
        if "citizen_number" in head:
            room["tenant_citizen_number"] = head["citizen_number"]
        if "phone" in head:
            room["tenant_phone"] = head["phone"]
        room["owner_name"] = surname(ground.random) + given(ground.random, FEMALE)
        room["owner_phone"] = phone(ground.random)
    else:
        room["owner_name"] = head["name"]
        if "phone" in head:
            room["owner_phone"] = head["phone"]
