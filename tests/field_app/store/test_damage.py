"""A bit of the tablet's memory has turned: what it stood in is told, all else goes on."""

import sqlite3
from pathlib import Path

import pytest

from field_app.store.database import FILE
from field_app.store.errors import StoreError
from field_app.store.state import RecordState
from tests.field_app.conftest import PIN, Tablet
from tests.field_app.fake_hub import FakeHub
from tests.field_app.town import Town
from tests.pictures import picture


def turn(tablet: Tablet, table: str, where: str = "1", column: str = "body") -> None:
    """Turn one bit of rows while the program is not running, then open it again."""
    tablet.session.close()
    with sqlite3.connect(tablet.folder / FILE) as raw:
        raw.create_function("turned", 1, lambda body: body[:-1] + bytes([body[-1] ^ 1]))
        changed = raw.execute(f"UPDATE {table} SET {column} = turned({column}) WHERE {where}")
        assert changed.rowcount
    raw.close()
    tablet.session = tablet._open()
    tablet.session.unlock(PIN)


def test_a_record_comes_anew_from_the_hub_and_what_was_done_to_it_goes_out(
    tablet: Tablet, town: Town, hub: FakeHub
) -> None:
    tablet.save("person", id=town.person, phone="10002000001")
    turn(tablet, "record", f"id = '{town.person}'")
    overview = tablet.desk.today.overview()
    assert (overview.notice, overview.people) == ("有的数据要重新下载，请联网同步一次", 1)

    tablet.session.sync()

    overview = tablet.desk.today.overview()
    assert (overview.notice, overview.people) == ("", 2)
    assert hub.records[town.person].values["phone"] == "10002000001"
    tablet.restart()
    assert tablet.session.meta["cursor"]


def test_a_change_is_told_and_keeps_no_other_back(tablet: Tablet, town: Town, hub: FakeHub) -> None:
    lost = tablet.save("person", id=town.person, phone="10002000001")
    tablet.save("person", id=town.child, phone="10002000002")
    turn(tablet, "outbox", f"change = '{lost.change}'")

    assert tablet.desk.today.damaged() == {"changes": 1}
    assert "1条修改读不出来，可能没有送到平台" in tablet.desk.today.overview().notice
    assert tablet.session.sync().pushed == {"updated": 1}
    assert hub.records[town.child].values["phone"] == "10002000002"
    tablet.restart()
    assert "换一台平板" in tablet.desk.today.overview().notice


def test_an_answer_is_asked_for_again(tablet: Tablet, town: Town, hub: FakeHub) -> None:
    hub.edit(town.person, phone="10002000009")
    saved = tablet.save("person", id=town.person, phone="10002000001")
    tablet.session.sync()
    turn(tablet, "outbox", column="result")
    assert tablet.desk.outbox.counts().sent == 1

    report = tablet.session.sync()

    assert [line["change"] for line in report.contested] == [saved.change]
    assert tablet.desk.today.damaged() == {}


def test_what_was_answered_long_ago_is_not_laid_over_what_came_since(
    tablet: Tablet, town: Town, hub: FakeHub
) -> None:
    old = tablet.save("person", id=town.person, phone="10002000001")
    tablet.session.sync()
    tablet.save("person", id=town.person, phone="10002000002")
    tablet.session.sync()
    turn(tablet, "outbox", f"change = '{old.change}'", column="result")
    assert tablet.desk.records.sheet(town.person).state is RecordState.HUB
    assert tablet.session._store.memory.view(town.person).values["phone"] == "10002000002"


@pytest.mark.parametrize(
    ("column", "value"), [("state", "'herd'"), ("change", "CAST(X'ff' || substr(change, 2) AS TEXT)")]
)
def test_what_lies_in_the_clear_may_turn_too(
    tablet: Tablet, town: Town, hub: FakeHub, column: str, value: str
) -> None:
    tablet.save("person", id=town.person, phone="10002000001")
    tablet.save("person", id=town.child, phone="10002000002")
    tablet.session.close()
    with sqlite3.connect(tablet.folder / FILE) as raw:
        raw.execute("PRAGMA ignore_check_constraints = ON")
        raw.execute(f"UPDATE outbox SET {column} = {value} WHERE seq = 1")
    raw.close()
    tablet.session = tablet._open()
    tablet.session.unlock(PIN)

    assert tablet.desk.today.damaged() == {"changes": 1}
    assert tablet.session.sync().pushed == {"updated": 1}
    assert hub.records[town.child].values["phone"] == "10002000002"


def test_drafts_and_photos_are_told_and_their_files_stay(tablet: Tablet, town: Town, tmp_path: Path) -> None:
    camera = tmp_path / "photo.jpg"
    camera.write_bytes(picture())
    form = tablet.desk.collect.form("building", id=town.building)
    file = tablet.folder / "files" / tablet.desk.photos.add(form, "photos", camera)
    tablet.desk.collect.keep(form)
    assert file.exists()
    turn(tablet, "draft")
    turn(tablet, "photo")

    assert tablet.desk.today.damaged() == {"drafts": 1, "photos": 1}
    assert "1份没填完的表单、1张照片读不出来" in tablet.desk.today.overview().notice
    tablet.session.sync()
    assert file.exists()


def test_lines_of_what_became_of_changes_are_left_out(tablet: Tablet, town: Town) -> None:
    tablet.save("person", id=town.person, phone="10002000001")
    turn(tablet, "trail")
    assert tablet.desk.today.damaged() == {}
    assert tablet.session.sync().pushed == {"updated": 1}


def test_without_what_stands_for_the_tablet_itself_it_does_not_open(tablet: Tablet) -> None:
    with pytest.raises(StoreError, match="已损坏（meta token）"):
        turn(tablet, "meta", "key = 'token'")
