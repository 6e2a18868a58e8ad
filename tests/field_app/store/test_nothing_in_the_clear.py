"""After a day's work no file of the data folder names anybody."""

import json

import pytest

from field_app.store.sealing import Sealer
from field_app.store.state import RecordState
from field_app.sync.errors import Offline
from tests.field_app.conftest import PIN, Tablet
from tests.field_app.fake_hub import FakeHub
from tests.field_app.fake_transport import FakeTransport
from tests.field_app.faulty import FaultyTransport
from tests.field_app.town import ADDRESS, Town, citizen_number

NEWBORN, VISITED, REPORTED = "王新宝", "夜间有人喧哗", "赵钱孙打架"


def _work(tablet: Tablet, town: Town, hub: FakeHub) -> None:
    """Collect, draft, be refused, be contested, send without an answer."""
    tablet.save("person", parent=town.household, name=NEWBORN, birth_date="2026-11-20", sex="1")
    tablet.save("visit", parent=town.household, purpose="01", content=VISITED)
    tablet.session.sync()
    hub.edit(town.person, phone="10004003333")
    tablet.save("person", id=town.person, phone="10003001111")
    hub.delete(town.room)
    tablet.save("household", parent=town.room, kind="1", head_phone="10004004444")
    tablet.session.sync()
    draft = tablet.desk.collect.form("person", id=town.child)
    draft.put("phone", "10004005555")
    tablet.desk.collect.keep(draft)
    tablet.save("event", category="0101", description=REPORTED)
    tablet.transport = FaultyTransport(hub, lambda _: "unanswered")
    try:
        tablet.session.sync()
    except Offline:
        tablet.transport = FakeTransport(hub)


def _found(tablet: Tablet, words: list[str]) -> set[str]:
    files = [path for path in tablet.folder.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"tablet.sqlite3", "tablet.lock"}
    texts = [path.read_bytes() for path in files]
    forms = {word: [word.encode(code) for code in ("utf-8", "utf-16-le", "gb18030")] for word in words}
    return {word for word, codes in forms.items() if any(code in text for code in codes for text in texts)}


def test_nothing_personal_lies_in_the_clear(tablet: Tablet, town: Town, hub: FakeHub) -> None:
    _work(tablet, town, hub)
    counts = tablet.desk.outbox.counts()
    assert (counts.sent, counts.refused, counts.contested) == (1, 1, 1)
    names = ["王建国", "王小明", "王秀英", NEWBORN, "建国", "新宝", "wang"]
    numbers = [citizen_number(), "10002345678", "10003001111", "10004003333", "10004004444", "10004005555"]
    texts = [ADDRESS, "明珠花园", VISITED, REPORTED, "token-0", PIN, "person", "care_", "birth_date"]
    assert (tablet.folder / "tablet.sqlite3-wal").stat().st_size > 0
    assert _found(tablet, names + numbers + texts) == set()
    tablet.session.close()
    assert _found(tablet, names + numbers + texts) == set()
    ids = _found(tablet, [town.person, RecordState.REFUSED.value])
    assert ids == {town.person, "refused"}  # the search itself would find what lies open


def test_an_unsealed_column_is_caught(
    tablet: Tablet, town: Town, hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same search finds the names once one table is written in the clear."""
    seal = Sealer.seal

    def leaky(self: Sealer, table: str, id: str, value: object) -> bytes:
        if table == "draft":
            return json.dumps(value, ensure_ascii=False).encode()
        return seal(self, table, id, value)

    monkeypatch.setattr(Sealer, "seal", leaky)
    _work(tablet, town, hub)
    assert _found(tablet, ["10004005555", REPORTED]) == {"10004005555"}


def test_what_was_deleted_is_gone_from_every_page(tablet: Tablet, town: Town) -> None:
    """A record that left is nowhere in the file, not even sealed."""
    store = tablet.session._store
    query = "SELECT body FROM record WHERE id = ?"
    (body,) = store._connection.execute(query, (town.person,)).fetchone()
    path = tablet.folder / "tablet.sqlite3"
    store._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert body[:64] in path.read_bytes()
    with store.write() as unit:
        unit.drop_held(town.person)
    store._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert body[:64] not in path.read_bytes()
