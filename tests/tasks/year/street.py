"""A street whose people are born, move, marry off, die and are visited, day by day; all drawn from one seed.

The plain objects here are what the comparison is computed from. The same edits go to the hub through its one
write path; nothing is read back from it.
"""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from governance.access.actor import Actor
from tests import factories

GRIDS = (factories.GRID, factories.NEXT)


@dataclass
class Person:
    id: str
    home: "Home"
    birth: date
    residence: str = "1"
    permit: str | None = None
    permit_ends: date | None = None
    veteran: bool = False
    number: bool = False
    gone: bool = False
    visits: list[date] = field(default_factory=list)


@dataclass
class Home:
    room: str
    household: str
    grid: str
    rented: bool = False
    hazard: bool = False
    visits: list[date] = field(default_factory=list)


@dataclass
class Pregnancy:
    id: str
    person: Person
    expected: date
    booked: date | None = None
    checked: date | None = None
    gone: bool = False


@dataclass
class Certificate:
    id: str
    person: Person
    ends: date


class Street:
    """Thirty homes in two grids from a day on."""

    def __init__(self, seed: int, day: date) -> None:
        self.random = random.Random(seed)
        self.day = day
        self.actor: Actor = factories.hub_in(*GRIDS)
        self.homes: list[Home] = []
        self.people: list[Person] = []
        self.pregnancies: list[Pregnancy] = []
        self.certificates: list[Certificate] = []
        self.versions: dict[str, int] = {}
        for place in range(30):
            self._home_make(GRIDS[place % 2])
        for home in self.homes:
            self._family(home)

    def pass_day(self) -> None:
        """Let a day go by with what happens on it."""
        self.day += timedelta(days=1)
        for _ in range(self.random.randrange(4)):
            self.random.choice(_EVENTS)(self)

    # What happens

    def birth(self) -> None:
        self._enter(self.random.choice(self.homes), self.day - timedelta(days=self.random.randrange(12)))

    def number_given(self) -> None:
        babies = [one for one in self._here() if (self.day - one.birth).days < 100 and not one.number]
        if babies:
            one = self.random.choice(babies)
            one.number = True
            self._set("person", one.id, citizen_number=citizen(one.birth, len(self.versions)))

    def correction(self) -> None:
        one = self.random.choice(self._here())
        if not one.number:
            one.birth += timedelta(days=self.random.choice((-400, -31, -3, -1, 1, 2, 45, 366)))
            one.birth = min(one.birth, self.day)
            self._set("person", one.id, birth_date=one.birth.isoformat())

    def move(self) -> None:
        one = self.random.choice(self._here())
        one.home = self.random.choice(self.homes)
        self._set("person", one.id, household=one.home.household)

    def leave(self) -> None:
        busy = {id(each.person) for each in [*self.pregnancies, *self.certificates]}
        free = [one for one in self._here() if id(one) not in busy]
        if len(free) > 40 and self.random.random() < 0.3:
            one = self.random.choice(free)
            one.gone = True
            reason = self.random.choice(("01", "02"))
            self._set("person", one.id, closed_on=self.day.isoformat(), closed_reason=reason)

    def visit(self) -> None:
        old = [one for one in self._here() if one.birth.year < self.day.year - 60]
        one = self.random.choice(old)
        one.visits.append(self.day)
        one.home.visits.append(self.day)
        self._visited(one.home, person=one.id)

    def household_visit(self) -> None:
        home = self.random.choice(self.homes)
        home.visits.append(self.day)
        self._visited(home)

    def permit(self) -> None:
        guests = [one for one in self._here() if one.residence == "2"]
        if guests:
            one = self.random.choice(guests)
            one.permit = self.random.choice(("01", "01", "02"))
            one.permit_ends = self.day + timedelta(days=self.random.randrange(400))
            self._set("person", one.id, permit_kind=one.permit, permit_expires_on=one.permit_ends.isoformat())

    def letting(self) -> None:
        home = self.random.choice(self.homes)
        home.rented = not home.rented
        self._set("room", home.room, rented=home.rented)

    def hazard(self) -> None:
        home = self.random.choice(self.homes)
        home.hazard = not home.hazard
        self._set("room", home.room, hazard="02" if home.hazard else "00")

    def pregnancy(self) -> None:
        who = [one for one in self._here() if 20 <= self.day.year - one.birth.year <= 40]
        one = self.random.choice(who)
        if any(each.person is one and not each.gone for each in self.pregnancies):
            return
        expected = self.day + timedelta(days=self.random.randrange(60, 240))
        id_ = self._make("care_pregnancy", person=one.id, expected_birth_on=expected.isoformat())
        self.pregnancies.append(Pregnancy(id_, one, expected))

    def pregnancy_news(self) -> None:
        held = [each for each in self.pregnancies if not each.gone]
        if not held:
            return
        one, draw = self.random.choice(held), self.random.random()
        if draw < 0.3 and one.booked is None and one.checked is None:
            one.booked = self.day
            self._set("care_pregnancy", one.id, booked_on=self.day.isoformat())
        elif draw < 0.8:
            one.checked = self.day
            self._set("care_pregnancy", one.id, checked_on=self.day.isoformat())
        elif draw < 0.9:
            one.expected += timedelta(days=self.random.choice((-10, 5, 14)))
            self._set("care_pregnancy", one.id, expected_birth_on=one.expected.isoformat())
        elif self.day > one.expected + timedelta(days=20):
            one.gone = True
            self._set("care_pregnancy", one.id, closed_on=self.day.isoformat(), closed_reason="01")

    def certificate(self) -> None:
        held = self.random.choice(self.certificates)
        held.ends = self.day + timedelta(days=self.random.randrange(20, 500))
        self._set("care_disability", held.id, expires_on=held.ends.isoformat())

    # How it is made

    def _here(self) -> list[Person]:
        return [one for one in self.people if not one.gone]

    def _home_make(self, grid: str) -> None:
        lon = factories.WEST + 0.005 if grid == factories.GRID else factories.EAST + 0.005
        made = factories.home(self.actor, lon)
        home = Home(made["room"], made["household"], grid)
        self.homes.append(home)
        if self.random.random() < 0.3:
            home.rented = True
            self._set("room", home.room, rented=True)

    def _family(self, home: Home) -> None:
        kind = self.random.choice(("alone", "elders", "young", "young", "guests"))
        years = {"alone": (72, 99), "elders": (63, 92), "young": (19, 41), "guests": (21, 59)}[kind]
        grown = 1 if kind == "alone" else 2
        for _ in range(grown):
            residence = "2" if kind == "guests" else "1"
            veteran = self.random.random() < 0.15
            self._enter(home, self._born(*years), residence_kind=residence, veteran=veteran)
        if kind == "young":
            for _ in range(self.random.randrange(3)):
                self._enter(home, self._born(0, 17))
        if self.random.random() < 0.3:
            one = self.people[-1]
            ends = self.day + timedelta(days=self.random.randrange(30, 500))
            id_ = self._make("care_disability", person=one.id, category="4", expires_on=ends.isoformat())
            self.certificates.append(Certificate(id_, one, ends))

    def _born(self, least: int, most: int) -> date:
        return self.day - timedelta(days=self.random.randrange(least * 365, most * 366 + 1))

    def _enter(self, home: Home, born: date, residence_kind: str = "1", veteran: bool = False) -> None:
        more: dict[str, Any] = {"veteran": True} if veteran else {}
        id_ = self._make(
            "person",
            household=home.household,
            name="测试",
            residence_kind=residence_kind,
            birth_date=born.isoformat(),
            **more,
        )
        self.people.append(Person(id_, home, born, residence_kind, veteran=veteran))

    def _visited(self, home: Home, **more: str) -> None:
        at = f"{self.day.isoformat()}T08:00:00Z"
        self._make("visit", household=home.household, purpose="02", visited_at=at, **more)

    def _make(self, kind: str, **values: Any) -> str:
        made = factories.change(kind, **values)
        (result,) = factories.apply(self.actor, made)
        assert result.status == "created", result
        self.versions[str(made.id)] = result.version
        return str(made.id)

    def _set(self, kind: str, id_: str, **values: Any) -> None:
        (result,) = factories.apply(self.actor, factories.change(kind, id_, self.versions.get(id_), **values))
        assert result.status in ("updated", "merged", "identical"), result
        self.versions[id_] = result.version


_EVENTS = (
    Street.birth,
    Street.number_given,
    Street.number_given,
    Street.correction,
    Street.move,
    Street.leave,
    Street.visit,
    Street.visit,
    Street.visit,
    Street.household_visit,
    Street.household_visit,
    Street.permit,
    Street.letting,
    Street.hazard,
    Street.pregnancy,
    Street.pregnancy_news,
    Street.pregnancy_news,
    Street.pregnancy_news,
    Street.certificate,
)


def citizen(born: date, turn: int) -> str:
    """Give a valid citizen number of nobody."""
    body = f"420502{born:%Y%m%d}{turn % 1000:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(sign) * weight for sign, weight in zip(body, weights, strict=True))
    return body + "10X98765432"[total % 11]
