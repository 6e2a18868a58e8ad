"""A case from the door on: a newborn's household, a worker's tablet, stations, their staff, a department."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.utils import timezone

from governance.access.actor import HUB, Actor
from governance.access.models import Department, User
from governance.access.selectors import actor_for_user
from governance.contract import Result
from governance.records.rows import Held, rows_read
from governance.tasks.cases.desk import Wish, department_step, station_step
from governance.tasks.cases.follow import grid_follow
from governance.tasks.centres.services import station_post_save, stations_make
from governance.tasks.models import Station, StationPost
from tests import factories, kept
from tests.factories import GRID

COMMUNITY_DESK = f"{factories.COMMUNITY}-service"
STREET_DESK = f"{factories.COMMUNITY[:9]}-service"
AT = "2026-11-22T02:00:00Z"


def desk_make() -> None:
    """Set the town up with its services and stations."""
    factories.town()
    kept.roles()
    kept.calendar()
    kept.services()
    stations_make(actor=HUB, area="4205")


def clerk(username: str, station: str) -> Actor:
    """Give somebody with a desk at a station."""
    made = factories.user(username, "station_staff")
    post = StationPost(user=made, station=Station.objects.get(pk=station), starts_on=date(2026, 1, 1))
    station_post_save(actor=HUB, post=post)
    return actor_for_user(User.objects.get(pk=made.pk), "代办件办理")


@dataclass
class Door:
    """One household with an old person, and the tablet of its worker."""

    tablet: Actor
    home: dict[str, str]
    person: str

    @classmethod
    def make(cls) -> "Door":
        """Make them."""
        tablet = factories.tablet(factories.worker())
        home = factories.home(tablet)
        person = factories.person(tablet, home["household"], birth_date="1960-05-05")
        return cls(tablet, home, person)

    def papers(self, *materials: str, **values: Any) -> list[str]:
        """Show materials at the door."""
        made = [
            factories.change(
                "paper",
                household=self.home["household"],
                **{"person": self.person, "material": code, "seen_on": "2026-11-20", **values},
            )
            for code in materials
        ]
        results = factories.apply(self.tablet, *made)
        assert {result.status for result in results} <= {"created"}, results
        return [str(change.id) for change in made]

    def case(self, service: str = "elder_card", **values: Any) -> str:
        """Begin a case, consented to."""
        made = factories.change(
            "case",
            **{
                "household": self.home["household"],
                "person": self.person,
                "service": service,
                "consent_at": AT,
                "consent_by": "王示例",
                "signature": ["01926f5e-0000-7000-8000-000000000001"],
                **values,
            },
        )
        (result,) = factories.apply(self.tablet, made)
        assert result.status == "created", result
        return str(made.id)

    def act(self, case: str, act: str, follow: bool = True, **values: Any) -> Result:
        """Act on a case."""
        held = case_of(case)
        change = factories.change("case", case, held.version, act=act, act_at=AT, **values)
        (result,) = factories.apply(self.tablet, change)
        if follow:
            grid_follow(GRID)
        return result

    def handed_in(self, service: str = "elder_card", papers: tuple[str, ...] = ("01", "05")) -> str:
        """Give a case that has come to its station."""
        self.papers(*papers)
        case = self.case(service)
        result = self.act(case, "hand_in", materials=list(papers))
        assert result.status == "updated", result
        return case


def case_of(case: str) -> Held:
    """Give a case as it stands."""
    return rows_read("case", [case])[case]


def state_of(case: str) -> str:
    """Give a case's state."""
    return str(case_of(case).values["state"])


def at_station(actor: Actor, case: str, step: str, **wish: Any) -> Held:
    """Take a step at a station."""
    return station_step(actor=actor, case=UUID(case), wish=Wish(step, **wish))


def by_department(code: str, case: str, step: str, **wish: Any) -> Held:
    """Take a step as a department."""
    department = Department.objects.get(pk=code)
    return department_step(actor=HUB, department=department, case=UUID(case), wish=Wish(step, **wish))


def today() -> date:
    """Give the day the tests hold."""
    return timezone.localdate()
