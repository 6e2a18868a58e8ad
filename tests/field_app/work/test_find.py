"""Search by name, pinyin, digits and address; the index follows every change."""

import pytest

from field_app.work.pinyin import initials, spellings
from tests.field_app.conftest import Tablet
from tests.field_app.fake_hub import FakeHub
from tests.field_app.town import Town, citizen_number


def found(tablet: Tablet, text: str, *kinds: str) -> list[str]:
    return [hit.row.id for hit in tablet.desk.find.search(text, kinds=kinds)]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("王小明", "姓名"),
        ("王小", "姓名"),
        ("小明", "姓名"),
        ("wxm", "拼音"),
        ("WXM", "拼音"),
        ("wangxiaoming", "拼音"),
        ("wangxiao", "拼音"),
    ],
)
def test_by_name_and_pinyin(tablet: Tablet, town: Town, text: str, why: str) -> None:
    hits = tablet.desk.find.search(text, kinds=("person",))
    assert [(hit.row.id, hit.why) for hit in hits] == [(town.child, why)]


@pytest.mark.parametrize(
    ("text", "why"), [("5678", "电话"), ("0129", "证件号码"), ("10002345678", "电话"), ("1985", "证件号码")]
)
def test_by_digits(tablet: Tablet, town: Town, text: str, why: str) -> None:
    hits = tablet.desk.find.search(text, kinds=("person",))
    expected = [] if text == "1985" else [(town.person, why)]
    assert [(hit.row.id, hit.why) for hit in hits] == expected


def test_a_number_ending_in_x(tablet: Tablet, town: Town) -> None:
    number = next(n for s in range(900) if (n := citizen_number(sequence=s + 1)).endswith("X"))
    saved = tablet.save(
        "person", parent=town.household, name="赵敏", citizen_number=number, residence_kind="1"
    )
    assert found(tablet, number[-4:].lower()) == [saved.id]


def test_by_address_and_by_several_words(tablet: Tablet, town: Town) -> None:
    assert set(found(tablet, "明珠花园", "building", "room")) == {town.building, town.room}
    assert set(found(tablet, "3栋1单元502", "person")) == {town.person, town.child}
    assert found(tablet, "小明 502") == [town.child]
    assert found(tablet, "小明 9栋") == []
    assert found(tablet, "   ") == []


def test_a_whole_name_comes_before_a_part_of_it(tablet: Tablet, town: Town) -> None:
    longer = tablet.save("person", parent=town.household, name="王小明月", residence_kind="1")
    assert found(tablet, "王小明", "person") == [town.child, longer.id]
    assert found(tablet, "wxm", "person") == [town.child, longer.id]


def test_the_index_follows_edits_syncs_and_what_hangs_below(tablet: Tablet, town: Town, hub: FakeHub) -> None:
    assert found(tablet, "zhaomin") == []
    saved = tablet.save("person", parent=town.household, name="赵敏", residence_kind="1")
    assert found(tablet, "zm") == [saved.id]
    tablet.save("person", id=saved.id, name="钱敏")
    assert found(tablet, "zm") == []
    assert found(tablet, "qm") == [saved.id]
    hub.edit(town.building, name="8栋")
    tablet.session.sync()
    assert set(found(tablet, "明珠花园8栋", "person")) == {town.person, town.child, saved.id}
    assert found(tablet, "明珠花园3栋") == []
    tablet.desk.records.withdraw(saved.id)
    assert found(tablet, "qm") == []


def test_closed_people_come_last(tablet: Tablet, town: Town) -> None:
    tablet.desk.records.close(town.child, reason="01")
    other = tablet.save("person", parent=town.household, name="王小明", residence_kind="1")
    assert found(tablet, "wxm") == [other.id, town.child]


def test_all_readings_of_a_surname_count() -> None:
    first, whole = spellings("单曾")
    assert {"sz", "dz", "cc"} <= first
    assert {"shanzeng", "danceng"} <= whole
    assert "lvbu" in spellings("吕布")[1]
    assert initials("西陵一路 5号") == "xlyl5h"
    assert len(spellings("重" * 20)[1]) <= 16


def test_what_is_stored_while_one_searches_is_found_from_then_on(tablet: Tablet, town: Town) -> None:
    """A page that shows hits looks anew as soon as it hears of a change, also from another thread."""
    assert found(tablet, "赵敏") == []
    stop = tablet.session.watch(lambda: found(tablet, "王"))
    saved = tablet.save("person", parent=town.household, name="赵敏", residence_kind="1")
    stop()
    assert found(tablet, "赵敏") == [saved.id]
