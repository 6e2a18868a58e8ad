"""What a tablet still holds of a grid that is no longer its worker's: nothing, however it came there."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import shapely
from django.utils import timezone

from field_app.ports.secret import SecretFile
from field_app.store import keyring
from field_app.store.vault import Vault
from field_app.sync.errors import Offline
from field_app.work.session import Session
from governance.access.models import Post
from governance.feed.services import epoch_start
from governance.records.models import History, Household, Inbox, Person
from gridmap.models import Grid
from gridmap.services import Part, grid_split
from tests import factories
from tests.sync.django_transport import DjangoTransport

PIN = "246810"


@pytest.fixture
def weather() -> list[str]:
    """What befalls the next requests; the last word stays."""
    return [""]


@pytest.fixture
def session(
    town: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, weather: list[str]
) -> Iterator[Session]:
    """A tablet that serves two grids, a home with a person in the first one."""
    monkeypatch.setattr(keyring, "COST", 2**4)
    factories.worker("worker", factories.GRID, factories.NEXT)
    hub = factories.hub_in()
    factories.person(hub, factories.home(hub)["household"])
    transport = DjangoTransport(lambda: weather.pop(0) if len(weather) > 1 else weather[0])
    made = Session(Vault(tmp_path, SecretFile(tmp_path)), lambda _: transport, searching=False)
    made.enrol(
        hub="https://hub.example", username="worker", password=factories.PASSWORD, device="平板", pin=PIN
    )
    made.sync()
    yield made
    made.close()


def leave() -> None:
    """Take the first grid from the worker."""
    Post.objects.filter(grid=factories.GRID).delete()


def edit(session: Session, note: str) -> None:
    """Change the person's note."""
    (person,) = session.desk.records.rows("person")
    form = session.desk.collect.form("person", id=person.id)
    form.put("note", note)
    session.desk.collect.save(form)


def test_a_record_whose_answer_came_late_leaves_with_its_grid(session: Session, weather: list[str]) -> None:
    desk = session.desk
    (home,) = desk.records.rows("household")
    form = desk.collect.form("person", parent=home.id)
    for field, value in (("name", "王示例"), ("residence_kind", "1")):
        form.put(field, value)
    made = desk.collect.save(form).id

    weather[:] = ["unanswered"]
    with pytest.raises(Offline):
        session.sync()
    leave()
    weather[:] = [""]
    session.sync()

    assert factories.model("person").objects.filter(pk=made).exists()
    assert not desk.records.rows("person")


def test_a_record_that_moved_away_before_its_answer_came_leaves(session: Session, weather: list[str]) -> None:
    Post.objects.filter(grid=factories.NEXT).delete()
    session.sync()
    there = factories.home(factories.hub_in(factories.NEXT), lon=factories.EAST + 0.005)
    (home,) = session.desk.records.rows("household")
    form = session.desk.collect.form("person", parent=home.id)
    for field, value in (("name", "王示例"), ("residence_kind", "1")):
        form.put(field, value)
    session.desk.collect.save(form)
    weather[:] = ["unanswered"]
    with pytest.raises(Offline):
        session.sync()
    both = factories.hub_in(factories.GRID, factories.NEXT)
    factories.apply(both, factories.change("household", home.id, base=1, room=there["room"]))
    weather[:] = [""]
    session.sync()

    assert not session.desk.records.rows("person")


def test_what_an_answer_placed_in_a_half_that_left_before_the_pull_leaves_too(
    session: Session, weather: list[str]
) -> None:
    edit(session, "一")
    middle = factories.WEST + 0.005
    west = shapely.box(factories.WEST, factories.SOUTH, middle, factories.NORTH)
    east = shapely.box(middle, factories.SOUTH, factories.EAST, factories.NORTH)
    grid_split(code=factories.GRID, parts=[Part(west, 150), Part(east, 150)])
    weather[:] = ["", "lost"]  # the push is answered, the pull is not
    with pytest.raises(Offline):
        session.sync()
    Post.objects.exclude(grid=factories.NEXT).delete()
    weather[:] = [""]
    session.sync()

    assert factories.model("person").objects.get().note == "一"
    assert not session.desk.records.rows("person")


def test_what_lies_in_a_grid_that_was_closed_stays_while_the_post_does(session: Session) -> None:
    Grid.objects.filter(code=factories.GRID).update(valid_to=timezone.localdate())  # nothing took over
    edit(session, "一")
    epoch_start()  # the tablet begins again with a snapshot
    session.sync()
    assert len(session.desk.records.rows("person")) == 1


def test_work_that_waits_for_a_restored_hub_reaches_it_when_the_grid_has_left(
    session: Session, weather: list[str]
) -> None:
    edit(session, "一")
    session.sync()
    History.objects.filter(version=2).delete()
    factories.model("person").objects.update(version=1, note=None)
    epoch_start()
    edit(session, "二")
    weather[:] = ["", "lost"]
    with pytest.raises(Offline):
        session.sync()
    leave()
    weather[:] = [""]
    session.sync()

    assert session.desk.outbox.counts().unsent == 0
    refusals = [(row.offered, row.errors[0]["code"]) for row in Inbox.objects.all()]
    assert ({"note": "二"}, "scope") in refusals
    assert not session.desk.records.rows("person")


def test_what_an_old_answer_places_in_another_grid_leaves_where_it_left(
    session: Session, weather: list[str]
) -> None:
    """The visit was made at a home that the same push took to the second grid, and staff to a third one."""
    third = factories.grid(factories.COMMUNITY + "003", shift=2).code
    hub = factories.hub_in(factories.GRID, factories.NEXT, third)
    near, far = (factories.home(hub, lon=factories.EAST + place) for place in (0.005, 0.015))
    session.sync()
    desk = session.desk
    home = Household.objects.get(pk=Person.objects.get().household_id)
    visit = desk.collect.form("visit", parent=str(home.pk))
    for field, value in (("purpose", "01"), ("content", "看望")):
        visit.put(field, value)
    made = str(desk.collect.save(visit).id)
    form = desk.collect.form("household", id=str(home.pk))
    form.put("room", near["room"])
    desk.collect.save(form)
    weather[:] = ["unanswered", "lost"]
    with pytest.raises(Offline):
        session.sync()
    (moved,) = factories.apply(hub, factories.change("household", str(home.pk), 2, room=far["room"]))
    assert moved.status == "updated"
    weather[:] = [""]
    session.sync()
    assert session._store.memory.view(made) is None
