"""Values that went to review: told, and no longer told once they are settled."""

import pytest

from field_app.store.state import RecordState
from tests.field_app.conftest import Tablet
from tests.field_app.fake_hub import FakeHub
from tests.field_app.town import Town

HUB, CONTESTED = RecordState.HUB, RecordState.CONTESTED


def state(tablet: Tablet, record: str) -> RecordState:
    return tablet.desk.records.view(record).state


def test_a_clash_is_contested_shown_and_the_rest_applied(tablet: Tablet, town: Town, hub: FakeHub) -> None:
    saved = tablet.save("person", id=town.person, phone="10003001111", note="敲门无人")
    hub.edit(town.person, phone="10004002222")
    report = tablet.session.sync()
    assert dict(report.pushed) == {"contested": 1}
    assert [line["change"] for line in report.contested] == [saved.change]
    view = tablet.desk.records.view(town.person)
    assert (view.values["phone"], view.values["note"]) == ("10004002222", "敲门无人")
    assert (view.state, view.contested) == (CONTESTED, {"phone"})
    sheet = tablet.desk.records.sheet(town.person)
    assert [line.note for line in sheet.lines if line.name == "phone"] == ["已送核实，待定"]
    assert "已送核" in sheet.message
    tablet.desk.outbox.dismiss(saved.change)
    assert state(tablet, town.person) is HUB


def test_a_contest_is_over_once_the_hub_takes_the_offered_value(
    tablet: Tablet, town: Town, hub: FakeHub
) -> None:
    hub.owned.add(("person", "name"))
    tablet.save("person", id=town.person, name="王健国")
    tablet.session.sync()
    assert tablet.desk.outbox.counts().contested == 1
    hub.edit(town.person, name="王健国")
    tablet.session.sync()
    assert tablet.desk.outbox.counts().contested == 0
    assert state(tablet, town.person) is HUB


@pytest.mark.parametrize("phone", ["10003001111", "10005003333"])
def test_a_contest_is_over_once_the_worker_has_said_it_anew(
    tablet: Tablet, town: Town, hub: FakeHub, phone: str
) -> None:
    """What the hub says then is his own word: nothing of it is told as another's."""
    saved = tablet.save("person", id=town.person, phone="10003001111", note="敲门无人")
    hub.edit(town.person, phone="10004002222", note="他人改的")
    assert dict(tablet.session.sync().pushed) == {"contested": 1}
    tablet.save("person", id=town.person, phone=phone)
    assert dict(tablet.session.sync().pushed) == {"updated": 1}
    (row,) = tablet.desk.outbox.rows()
    assert [(contest.field, contest.theirs) for contest in row.contests] == [("note", "他人改的")]
    assert tablet.desk.records.view(town.person).contested == {"note"}
    tablet.save("person", id=town.person, note=phone)
    tablet.session.sync()
    assert (saved.change, tablet.desk.outbox.counts().contested) == (row.change, 0)
    assert state(tablet, town.person) is HUB
