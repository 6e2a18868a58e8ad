"""What a restored hub lost and a tablet brings back late, because it stands on what another brings back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import transaction

from field_app.store import keyring
from field_app.store.state import RecordState
from governance.feed.services import epoch_start
from tests import factories
from tests.sync.desks import Desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(town: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Desk]]:
    """Make a worker of the first grid with a tablet."""
    monkeypatch.setattr(keyring, "COST", 2**4)
    made = []

    def make(name: str) -> Desk:
        factories.worker(name)
        made.append(Desk(tmp_path / name, name))
        made[-1].sync()
        return made[-1]

    yield make
    for each in made:
        each.session.close()


@contextmanager
def forgotten() -> Iterator[None]:
    """Set the hub back to where the block began."""
    began = transaction.savepoint()
    yield
    transaction.savepoint_rollback(began)
    epoch_start()


@pytest.mark.parametrize("edited", [False, True])
def test_what_had_to_wait_stays_on_the_tablet_that_made_it(desk: Callable[[str], Desk], edited: bool) -> None:
    room = factories.home(factories.hub_in())["room"]
    first, second = desk("first"), desk("second")
    with forgotten():
        household = first.collect("household", parent=room, head_name="新来的")
        first.sync()
        second.sync()
        made = second.person(household, "赵敏")
        second.sync()
        if edited:
            second.collect("person", id=made, phone="10003001111")
            second.sync()
    people = factories.model("person").objects.filter(pk=made)
    second.sync()
    assert not people.exists()
    first.sync()
    for _ in range(3):
        second.sync()
    assert people.get().phone == ("10003001111" if edited else None)
    assert second.session.desk.outbox.counts().unsent == 0
    view = second.view(made)
    assert view is not None
    assert (view.state, view.version) == (RecordState.HUB, people.get().version)
    assert view.values.get("phone") == people.get().phone
