import math
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.contract import CodeItem, Field, Type
from governance.contract.parse import BadValue, moment, parse

BOOK = MappingProxyType(
    {"size": {"1": CodeItem("1", "小"), "2": CodeItem("2", "大"), "9": CodeItem("9", "旧", True)}}
)


ID_A, ID_B = "0190f5e0-0000-7000-8000-00000000000a", "0190f5e0-0000-7000-8000-00000000000b"


def field(type_: Type, **more: object) -> Field:
    if type_ in (Type.CODE, Type.CODES):
        more.setdefault("codes", "size")
    return Field("item", "某项", type_, **more)  # type: ignore[arg-type]


GOOD = [
    (field(Type.TEXT), "  张三 ", "张三"),
    (field(Type.TEXT, length=2), "张三", "张三"),
    (field(Type.TEXT, length=500), "一\r\n二", "一\n二"),
    (field(Type.TEXT), "\u200b张\u202e三\ufeff", "张三"),
    (field(Type.TEXT), "\ue863\U00020bb7", "\ue863\U00020bb7"),
    (field(Type.CODE), "1", "1"),
    (field(Type.CODES), ["2", "1", "2"], ["1", "2"]),
    (field(Type.DATE), "2024-02-29", "2024-02-29"),
    (field(Type.MOMENT), "2026-01-31T16:00:00.5+08:00", "2026-01-31T08:00:00Z"),
    (field(Type.MOMENT), "2026-01-31T08:00:00Z", "2026-01-31T08:00:00Z"),
    (field(Type.INTEGER), 3.0, 3),
    (field(Type.NUMBER), 3, 3.0),
    (field(Type.INTEGER, minimum=-2), -2, -2),
    (field(Type.FLAG), False, False),
    (field(Type.REF), "0190F5E0-0000-7000-8000-00000000000A", "0190f5e0-0000-7000-8000-00000000000a"),
    (
        field(Type.FILES, maximum=2),
        ["0190F5E0-0000-7000-8000-00000000000A", "0190f5e0-0000-7000-8000-00000000000a"],
        ["0190f5e0-0000-7000-8000-00000000000a"],
    ),
    (field(Type.FILES), [], None),
    (field(Type.CITIZEN), "11010519491231002x", "11010519491231002X"),
    (field(Type.CREDIT), "91350100M000100Y43", "91350100M000100Y43"),
    (field(Type.PHONE), "+86 0717-0000000", "+8607170000000"),
    (field(Type.AREA), "422725", "422725"),
    (field(Type.GRID), "420502001001003", "420502001001003"),
    (field(Type.LON), 111.28651234567, 111.2865123),
    (field(Type.LAT), -30, -30.0),
]

BAD = [
    (field(Type.TEXT), 5, "type"),
    (field(Type.TEXT), ["张三"], "type"),
    (field(Type.TEXT, length=2), "张三丰", "length"),
    (field(Type.TEXT), "张\x00三", "control"),
    (field(Type.TEXT), "张\t三", "control"),
    (field(Type.TEXT), "张\x7f三", "control"),
    (field(Type.TEXT), "张\ud800三", "control"),
    (field(Type.TEXT, length=50), "张\n三", "control"),
    (field(Type.CODE), 1, "type"),
    (field(Type.CODE), "3", "code"),
    (field(Type.CODE), "9", "code"),
    (field(Type.CODE, codes="nowhere"), "1", "code"),
    (field(Type.FILES), "0190f5e0-0000-7000-8000-00000000000a", "type"),
    (field(Type.FILES), ["a"], "type"),
    (field(Type.FILES), [7], "type"),
    (field(Type.FILES, maximum=1), [ID_A, ID_B], "length"),
    (field(Type.CODES), "1", "type"),
    (field(Type.CODES), ["1", "3"], "code"),
    (field(Type.CODES), [["1"]], "type"),
    (field(Type.DATE), 20260131, "type"),
    (field(Type.DATE), "2026-02-30", "date"),
    (field(Type.DATE), "20260131", "date"),
    (field(Type.DATE), "2026-W05-1", "date"),
    (field(Type.DATE), "1849-12-31", "date"),
    (field(Type.MOMENT), 0, "type"),
    (field(Type.MOMENT), "2026-01-31T08:00:00", "date"),
    (field(Type.MOMENT), "0001-01-01T00:00:00+14:00", "date"),
    (field(Type.MOMENT), "9999-12-31T23:59:59-14:00", "date"),
    (field(Type.MOMENT), "3000-01-01T00:00:00Z", "date"),
    (field(Type.MOMENT), "now", "date"),
    (field(Type.INTEGER), "3", "type"),
    (field(Type.INTEGER), True, "type"),
    (field(Type.INTEGER), 3.5, "type"),
    (field(Type.INTEGER), -1, "range"),
    (field(Type.INTEGER), 10**400, "range"),
    (field(Type.INTEGER), math.inf, "range"),
    (field(Type.NUMBER), math.nan, "range"),
    (field(Type.NUMBER, maximum=10), 10.5, "range"),
    (field(Type.NUMBER), None.__class__, "type"),
    (field(Type.FLAG), 1, "type"),
    (field(Type.FLAG), "是", "type"),
    (field(Type.REF), 7, "type"),
    (field(Type.REF), "{0190f5e0-0000-7000-8000-00000000000a}", "type"),
    (field(Type.REF), "0190f5e000007000800000000000000a", "type"),
    (field(Type.CITIZEN), 110105194912310020, "type"),
    (field(Type.CITIZEN), "110105194912310021", "check"),
    (field(Type.CITIZEN), "11010519491231002X" + " " * 30 + "9", "length"),
    (field(Type.CREDIT), "91350100M000100Y44", "check"),
    (field(Type.PHONE), "1234", "format"),
    (field(Type.PHONE), "电话", "format"),
    (field(Type.PHONE), 10004000000, "type"),
    (field(Type.AREA), "042050", "format"),
    (field(Type.GRID), "42050200100100", "format"),
    (field(Type.LON), 180.1, "range"),
    (field(Type.LON), "111.2", "type"),
    (field(Type.LON), math.nan, "range"),
    (field(Type.LAT), 90.5, "range"),
    (field(Type.LAT), True, "type"),
]


@pytest.mark.parametrize(("item", "offered", "stored"), GOOD)
def test_good_values_are_stored_in_one_form(item: Field, offered: object, stored: object) -> None:
    found = parse(item, offered, BOOK)
    assert found == stored
    assert type(found) is type(stored)
    assert parse(item, found, BOOK) == stored


@pytest.mark.parametrize(("item", "offered", "code"), BAD)
def test_bad_values_are_refused_with_code_and_reason(item: Field, offered: object, code: str) -> None:
    with pytest.raises(BadValue) as caught:
        parse(item, offered, BOOK)
    found, reason = caught.value.args
    assert found == code
    assert any("一" <= sign <= "龥" for sign in reason)


def test_good_and_bad_values_are_tried_for_every_type() -> None:
    assert {item.type for item, *_ in GOOD} == {item.type for item, *_ in BAD} == set(Type)


@pytest.mark.parametrize("type_", list(Type))
def test_null_and_empty_text_mean_no_value(type_: Type) -> None:
    assert parse(field(type_), None, BOOK) is None
    assert parse(field(type_), "", BOOK) is None


@pytest.mark.parametrize("type_", [Type.TEXT, Type.CITIZEN, Type.CREDIT, Type.PHONE, Type.AREA, Type.GRID])
def test_blank_text_means_no_value(type_: Type) -> None:
    assert parse(field(type_), " 　", BOOK) is None


def test_no_codes_mean_no_value() -> None:
    assert parse(field(Type.CODES), [], BOOK) is None


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@settings(deadline=None)
@given(st.sampled_from(list(Type)), anything)
def test_whatever_is_offered_gives_a_value_or_a_printable_reason(type_: Type, offered: object) -> None:
    try:
        stored = parse(field(type_, length=20), offered, BOOK)
    except BadValue as error:
        code, reason = error.args
        assert code.isidentifier()
        assert reason.isprintable()
        reason.encode()
    else:
        assert stored is None or parse(field(type_, length=20), stored, BOOK) == stored


@settings(deadline=None)
@given(st.datetimes(timezones=st.timezones()))
def test_moments_keep_their_second(time: object) -> None:
    text = time.isoformat()  # type: ignore[attr-defined]
    try:
        stored = moment(text)
    except BadValue:
        return
    assert stored.endswith("Z")
    assert moment(stored) == stored
    assert len(stored) == len("2026-01-31T08:00:00Z")
