"""A change is held against what its worker saw when he made it: nothing is overwritten unseen."""

import pytest

from field_app.sync.errors import Offline
from tests.field_app.conftest import Tablet
from tests.field_app.fake_hub import FakeHub
from tests.field_app.fake_transport import FakeTransport
from tests.field_app.faulty import FaultyTransport
from tests.field_app.town import Town


@pytest.mark.parametrize("phone", ["10003001111", "10004002222"])
def test_a_clash_shows_though_an_earlier_change_of_the_record_met_the_same_value(
    tablet: Tablet, town: Town, hub: FakeHub, phone: str
) -> None:
    """What he wrote second was made on what he then saw, and not on what came with the first answer."""
    tablet.save("person", id=town.person, phone="10003001111")
    tablet.transport = FaultyTransport(hub, lambda _: "lost")
    with pytest.raises(Offline):
        tablet.session.sync()
    tablet.transport = FakeTransport(hub)
    tablet.save("person", id=town.person, note="敲门无人")
    hub.edit(town.person, phone=phone, note="他人改的")
    tablet.session.sync()
    assert hub.records[town.person].values["note"] == "他人改的"
    assert "note" in tablet.desk.records.view(town.person).contested


@pytest.mark.parametrize("way", ["retry", "repair"])
def test_a_refused_change_offered_again_stays_one_made_on_what_was_seen(
    tablet: Tablet, town: Town, hub: FakeHub, way: str
) -> None:
    other = hub.add("household", {"room": town.room, "kind": "1"})
    tablet.session.sync()
    hub.delete(other)
    saved = tablet.save("person", id=town.person, household=other, phone="10003001111")
    assert dict(tablet.session.sync().pushed) == {"rejected": 1}
    hub.edit(town.person, phone="10004002222")
    tablet.session.sync()
    if way == "retry":
        hub.records[other].deleted = False
        tablet.desk.outbox.retry(saved.change)
    else:
        form = tablet.desk.outbox.repair(saved.change)
        form.put("household", town.household)
        tablet.desk.collect.save(form)
    assert dict(tablet.session.sync().pushed) == {"contested": 1}
    assert hub.records[town.person].values["phone"] == "10004002222"


def test_what_was_refused_brings_back_nothing_that_was_said_anew_since(
    tablet: Tablet, town: Town, hub: FakeHub
) -> None:
    other = hub.add("household", {"room": town.room, "kind": "1"})
    tablet.session.sync()
    hub.delete(other)
    tablet.save("person", id=town.person, household=other, phone="10003001111")
    tablet.transport = FaultyTransport(hub, lambda _: "lost")
    with pytest.raises(Offline):
        tablet.session.sync()
    tablet.save("person", id=town.person, phone="10004002222")
    pushes = iter(["", "lost"])
    tablet.transport = FaultyTransport(hub, lambda route: next(pushes) if route == "sync/push" else "")
    with pytest.raises(Offline):
        tablet.session.sync()

    tablet.transport = FakeTransport(hub)
    tablet.save("person", id=town.person, household=town.household, note="敲门无人")
    tablet.session.sync()
    values = hub.records[town.person].values
    assert (values["phone"], values["note"]) == ("10004002222", "敲门无人")
