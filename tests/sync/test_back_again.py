"""A record that left while a change of it waited, and was back before the change went out."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from field_app.store import keyring
from field_app.sync.errors import Offline
from governance.access.models import Post, User
from tests import factories
from tests.factories import apply, change
from tests.sync.desks import Desk

pytestmark = pytest.mark.django_db

_FIRST = date(2026, 1, 2)


@pytest.fixture
def tablet(town: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A tablet of the first grid."""
    monkeypatch.setattr(keyring, "COST", 2**4)
    factories.worker("wang", factories.GRID)
    made = Desk(tmp_path, "wang")
    yield made
    made.session.close()


def test_what_came_back_before_its_change_went_out_stays(tablet: Desk) -> None:
    """The hub does not tell it again, as the answer to the push said how it stands."""
    hub = factories.hub_in(factories.GRID, factories.NEXT)
    here = factories.home(hub)["household"]
    there = factories.home(hub, lon=factories.EAST + 0.005)["household"]
    person = factories.person(hub, here)
    tablet.sync()

    def move(version: int, household: str) -> None:
        (result,) = apply(hub, change("person", person, version, household=household))
        assert result.status == "updated"

    move(1, there)
    pulling = iter([True])

    def fault() -> str:
        """Let the worker write while the tablet pulls; then the line is gone."""
        if not next(pulling, False):
            return "lost"
        tablet.collect("person", id=person, phone="10001234567")
        return ""

    tablet.transport.fault = fault
    with pytest.raises(Offline):
        tablet.sync()
    tablet.transport.fault = lambda: ""
    move(2, here)
    tablet.sync()
    assert tablet.unsent() == 0
    view = tablet.view(person)
    assert view is not None
    assert (view.grid, view.values["phone"]) == (factories.GRID, "10001234567")


@pytest.mark.parametrize(
    "offered",
    [{"phone": "10001234567"}, {"phone": "10001234567", "note": "门口有犬"}],
    ids=["merged", "contested"],
)
def test_what_others_wrote_is_told_though_the_post_had_ended_for_a_moment(
    tablet: Desk, offered: dict[str, str]
) -> None:
    """The answer was lost, and came again without the record, which no pull tells then."""
    hub = factories.hub_in()
    person = factories.person(hub, factories.home(hub)["household"])
    Post.objects.create(
        worker=User.objects.get(username="wang"), grid=factories.NEXT, kind="stand_in", starts_on=_FIRST
    )
    tablet.sync()
    tablet.collect("person", id=person, **offered)
    (told,) = apply(hub, change("person", person, 1, note="有犬", workplace="示例厂"))
    assert told.status == "updated"
    tablet.transport.fault = _faults("unanswered")
    with pytest.raises(Offline):
        tablet.sync()
    here = Post.objects.filter(grid=factories.GRID)
    here.update(starts_on=_FIRST, ends_on=_FIRST)
    tablet.transport.fault = _faults("", "lost")
    with pytest.raises(Offline):
        tablet.sync()
    here.update(ends_on=None)
    tablet.transport.fault = lambda: ""
    tablet.sync()
    view = tablet.view(person)
    assert view is not None
    assert (view.values["note"], view.values["workplace"]) == ("有犬", "示例厂")


def _faults(*faults: str) -> Callable[[], str]:
    """Give what befalls the next requests; the line is gone then."""
    left = iter(faults)
    return lambda: next(left, "lost")
