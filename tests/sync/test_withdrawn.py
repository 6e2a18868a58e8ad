"""What becomes of edits that wait when their record is withdrawn."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from field_app.store import keyring
from field_app.store.state import RecordState
from field_app.sync.errors import Offline
from field_app.sync.transport import Reply, Request
from governance.records.models import History, Household
from tests import factories
from tests.sync.desks import Desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def tablet(town: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A tablet that holds a household nobody lives in."""
    monkeypatch.setattr(keyring, "COST", 2**4)
    factories.worker("wang")
    factories.home(factories.hub_in(factories.GRID))
    desk = Desk(tmp_path / "tablet", "wang")
    desk.sync()
    yield desk
    desk.session.close()


def household() -> str:
    return str(Household.objects.get().pk)


def edit_and_withdraw(tablet: Desk) -> None:
    tablet.collect("household", id=household(), head_name="改过")
    tablet.session.desk.records.withdraw(household())


def test_an_edit_is_at_the_hub_though_the_withdrawal_behind_it_is_refused(tablet: Desk) -> None:
    """Somebody moved in meanwhile."""
    edit_and_withdraw(tablet)
    factories.person(factories.hub_in(factories.GRID), household())
    tablet.sync()
    held = Household.objects.get()
    assert (held.head_name, held.deleted) == ("改过", False)
    view = tablet.view(household())
    assert view is not None
    assert (view.values["head_name"], view.state) == ("改过", RecordState.REFUSED)


def test_so_is_an_edit_of_what_the_hub_has_without_the_tablet_knowing(tablet: Desk) -> None:
    """The answer to the new household was lost, and somebody moved in meanwhile."""
    room = str(Household.objects.get().room_id)
    made = tablet.collect("household", parent=room, head_name="新来的")
    tablet.transport.fault = lambda: "unanswered"
    with pytest.raises(Offline):
        tablet.sync()
    tablet.transport.fault = lambda: ""
    tablet.collect("household", id=made, head_name="改过")
    tablet.session.desk.records.withdraw(made)
    factories.person(factories.hub_in(factories.GRID), made)
    tablet.sync()
    held = Household.objects.get(pk=made)
    assert (held.head_name, held.deleted) == ("改过", False)


def test_both_are_at_the_hub_and_in_its_history(tablet: Desk) -> None:
    edit_and_withdraw(tablet)
    tablet.sync()
    assert Household.objects.get().deleted
    told = History.objects.filter(record=household()).order_by("version")
    assert [each.set.get("head_name") for each in told][1:] == ["改过", None]
    assert not tablet.holds(household())
    assert tablet.unsent() == 0


def test_a_page_from_before_the_withdrawal_does_not_bring_the_record_back(
    tablet: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reply that something between hub and tablet had kept: the cursor goes back with it."""
    replies: list[Reply] = []
    send = tablet.transport.send

    def kept(request: Request) -> Reply:
        reply = send(request)
        if request.route == "sync/pull":
            replies.append(reply)
            return replies[0]
        return reply

    hub, id = factories.hub_in(factories.GRID), household()
    factories.apply(hub, factories.change("household", id, 1, note="旧"))
    monkeypatch.setattr(tablet.transport, "send", kept)
    tablet.sync()
    assert tablet.view(id) is not None
    tablet.session.desk.records.withdraw(id)
    tablet.sync()
    monkeypatch.undo()
    tablet.sync()
    assert Household.objects.get().deleted
    assert not tablet.holds(id)
