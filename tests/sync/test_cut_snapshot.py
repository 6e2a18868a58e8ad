"""What a tablet writes between the two halves of a snapshot that was cut: as the hub has it in the end."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest
from django.contrib.auth.models import Group, Permission

from field_app.store import keyring
from field_app.sync.errors import Offline
from field_app.sync.transport import Lines, Request
from governance.contract import Change, uuid7
from governance.feed.services import epoch_start
from tests import factories
from tests.sync import desks
from tests.sync.desks import Desk
from tests.sync.django_transport import DjangoTransport, Streamed

pytestmark = pytest.mark.django_db


class Cutting(DjangoTransport):
    """Cuts the next snapshot behind its second stream, the first grid's."""

    cuts = False

    @contextmanager
    def lines(self, request: Request) -> Iterator[Lines]:
        with super().lines(request) as streamed:
            if self.cuts and isinstance(streamed, Streamed):
                self.cuts = False
                ends = [at for at, line in enumerate(streamed, 1) if "cursor" in line]
                streamed._cut = ends[1]
            yield streamed


@pytest.fixture
def homes(town: None) -> tuple[dict[str, str], dict[str, str]]:
    """A home in the first grid and one in the next."""
    east = factories.EAST + 0.005
    return factories.home(factories.hub_in()), factories.home(factories.hub_in(factories.NEXT), lon=east)


@pytest.fixture
def tablet(
    homes: tuple[dict[str, str], ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    """A tablet of both grids."""
    monkeypatch.setattr(keyring, "COST", 2**4)
    monkeypatch.setattr(desks, "DjangoTransport", Cutting)
    factories.worker("wang", factories.GRID, factories.NEXT)
    made = Desk(tmp_path, "wang")
    yield made
    made.session.close()


def half(tablet: Desk) -> None:
    """Begin a new snapshot; the line breaks behind the first grid."""
    epoch_start()
    tablet.transport.cuts = True
    with pytest.raises(Offline):
        tablet.sync()


def pushed(tablet: Desk) -> None:
    """Push; the line breaks before the snapshot goes on."""
    faults = iter([""])
    tablet.transport.fault = lambda: next(faults, "lost")
    with pytest.raises(Offline):
        tablet.sync()
    tablet.transport.fault = lambda: ""


def right_set(kind: str, *, held: bool) -> None:
    """Give the workers' role the right to a care register, or take it."""
    group, right = Group.objects.get(name="grid_worker"), Permission.objects.get(codename=f"see_{kind}")
    group.permissions.add(right) if held else group.permissions.remove(right)


def test_what_it_moved_into_the_grid_that_has_come_stays(
    homes: tuple[dict[str, str], dict[str, str]], tablet: Desk
) -> None:
    here, there = homes
    person = factories.person(factories.hub_in(factories.NEXT), there["household"])
    tablet.sync()
    half(tablet)
    tablet.collect("person", id=person, household=here["household"])
    tablet.sync()
    view = tablet.view(person)
    assert view is not None
    assert (view.grid, view.values["household"]) == (factories.GRID, here["household"])


def test_what_it_made_there_stays(homes: tuple[dict[str, str], dict[str, str]], tablet: Desk) -> None:
    tablet.sync()
    half(tablet)
    made = tablet.person(homes[0]["household"], "新人")
    tablet.sync()
    assert tablet.holds(made)


@pytest.mark.parametrize("withdrawn", [True, False])
def test_what_it_made_in_the_grid_to_come_is_as_that_brings_it(
    homes: tuple[dict[str, str], dict[str, str]], tablet: Desk, withdrawn: bool
) -> None:
    tablet.sync()
    half(tablet)
    made = tablet.person(homes[1]["household"], "新人")
    pushed(tablet)
    assert factories.model("person").objects.get(pk=made).grid == factories.NEXT
    if withdrawn:
        gone = Change(uuid7(), "person", UUID(made), 1, {}, delete=True)
        (result,) = factories.apply(factories.hub_in(factories.NEXT), gone)
        assert result.status == "updated"
    tablet.sync()
    assert tablet.holds(made) is not withdrawn


def test_what_came_before_a_right_was_lost_is_wiped(
    homes: tuple[dict[str, str], dict[str, str]], tablet: Desk
) -> None:
    hub = factories.hub_in()
    person = factories.person(hub, homes[0]["household"])
    care = factories.change("care_hardship", person=person, category="01")
    assert [result.status for result in factories.apply(hub, care)] == ["created"]
    tablet.sync()
    half(tablet)
    assert tablet.holds(str(care.id))
    right_set("care_hardship", held=False)
    tablet.sync()
    assert tablet.holds(person)
    assert not tablet.holds(str(care.id))


def test_what_it_wrote_while_a_right_came_back_for_a_moment_is_wiped(
    homes: tuple[dict[str, str], dict[str, str]], tablet: Desk
) -> None:
    person = factories.person(factories.hub_in(), homes[0]["household"])
    tablet.sync()
    right_set("care_hardship", held=False)
    half(tablet)
    right_set("care_hardship", held=True)
    care = tablet.collect("care_hardship", parent=person, category="01")
    pushed(tablet)
    assert factories.model("care_hardship").objects.filter(pk=care).exists()
    right_set("care_hardship", held=False)
    tablet.sync()
    assert tablet.holds(person)
    assert not tablet.holds(care)


def test_a_task_of_a_register_whose_right_came_back_for_a_moment_is_wiped(
    homes: tuple[dict[str, str], dict[str, str]], tablet: Desk
) -> None:
    """It names the register, and so tells that someone of the household is in it."""
    values = {"item": "走访", "title": "走访", "household": homes[0]["household"], "state": "open"}
    secret = factories.change("task", register="care_hardship", grid=factories.GRID, **values)
    plain = factories.change("task", grid=factories.GRID, **values)
    results = factories.apply(factories.hub_in(), secret, plain)
    assert [result.status for result in results] == ["created"] * 2
    tablet.sync()
    right_set("care_hardship", held=False)
    half(tablet)
    right_set("care_hardship", held=True)
    accepted = "2026-11-20T08:00:00Z"
    tablet.collect("task", id=str(secret.id), accepted_at=accepted)
    pushed(tablet)
    assert factories.model("task").objects.get(pk=secret.id).state == "accepted"
    right_set("care_hardship", held=False)
    tablet.sync()
    assert tablet.holds(str(plain.id))
    assert not tablet.holds(str(secret.id))
