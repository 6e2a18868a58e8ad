"""What becomes of edits that wait when their record is withdrawn."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from field_app.store import keyring
from field_app.store.state import RecordState
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
    desk.collect("household", id=household(), head_name="改过")
    desk.session.desk.records.withdraw(household())
    yield desk
    desk.session.close()


def household() -> str:
    return str(Household.objects.get().pk)


def test_an_edit_is_at_the_hub_though_the_withdrawal_behind_it_is_refused(tablet: Desk) -> None:
    """Somebody moved in meanwhile."""
    factories.person(factories.hub_in(factories.GRID), household())
    tablet.sync()
    held = Household.objects.get()
    assert (held.head_name, held.deleted) == ("改过", False)
    view = tablet.view(household())
    assert view is not None
    assert (view.values["head_name"], view.state) == ("改过", RecordState.REFUSED)


def test_both_are_at_the_hub_and_in_its_history(tablet: Desk) -> None:
    tablet.sync()
    assert Household.objects.get().deleted
    told = History.objects.filter(record=household()).order_by("version")
    assert [each.set.get("head_name") for each in told][1:] == ["改过", None]
    assert not tablet.holds(household())
    assert tablet.unsent() == 0
