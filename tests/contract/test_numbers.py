from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import uscc
from stdnum.iso7064 import mod_11_2

from governance.contract.numbers import (
    citizen_birth_date,
    citizen_problem,
    citizen_sex,
    credit_problem,
    normalise,
)

AREAS = ["420502", "422725", "422701", "429007", "429008", "420521", "420523", "110105", "810000"]
CREDIT_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def with_check_digit(body: str) -> str:
    return body + mod_11_2.calc_check_digit(body)


bodies = st.builds(
    lambda area, day, order: f"{area}{day:%Y%m%d}{order:03d}",
    st.sampled_from(AREAS),
    st.dates(date(1900, 1, 1), date(2099, 12, 31)),
    st.integers(0, 999),
)


@settings(deadline=None)
@given(bodies)
def test_numbers_with_their_check_digit_are_taken(body: str) -> None:
    number = with_check_digit(body)
    assert citizen_problem(number) is None
    assert citizen_birth_date(number) == date(int(body[6:10]), int(body[10:12]), int(body[12:14]))
    assert citizen_sex(number) == ("1" if int(body[16]) % 2 else "2")


@settings(deadline=None)
@given(bodies, st.integers(0, 17), st.sampled_from("0123456789"))
def test_one_wrong_digit_is_noticed(body: str, position: int, digit: str) -> None:
    number = with_check_digit(body)
    if number[position] != digit:
        assert citizen_problem(number[:position] + digit + number[position + 1 :]) is not None


@pytest.mark.parametrize("area", ["422701", "422723", "422729", "429007", "429008", "420521", "420523"])
def test_historic_areas_of_yichang_are_valid_for_life(area: str) -> None:
    assert citizen_problem(with_check_digit(f"{area}19700101001")) is None


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("110105194912310021", "校验码"),
        ("11010519491231002", "应为18位，现为17位"),
        ("01010519491231002X", "只能是数字"),
        ("1101051949123100XX", "只能是数字"),
        ("１1010519491231002X", "只能是数字"),
        (with_check_digit("11010519490230002"), "出生日期"),
        (with_check_digit("11010500011231002"), "出生日期"),
    ],
)
def test_wrong_citizen_numbers_are_explained(number: str, reason: str) -> None:
    assert reason in str(citizen_problem(number))


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("11010519491231002x", "11010519491231002X"),
        (" 110105 19491231 002x ", "11010519491231002X"),
        ("１１０１０５１９４９１２３１００２ｘ", "11010519491231002X"),
        ("0717-000 0000", "07170000000"),
        ("＋86　0717－0000000", "+8607170000000"),
    ],
)
def test_blanks_hyphens_and_full_width_are_made_plain(typed: str, plain: str) -> None:
    assert normalise(typed) == plain


@settings(deadline=None)
@given(
    st.text(CREDIT_SIGNS, min_size=2, max_size=2),
    st.integers(0, 999_999),
    st.text(CREDIT_SIGNS, min_size=9, max_size=9),
)
def test_credit_codes_with_their_check_digit_are_taken(office: str, area: int, body: str) -> None:
    code = f"{office}{area:06d}{body}"
    assert credit_problem(code + uscc.calc_check_digit(code)) is None


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("91350100M000100Y44", "校验码"),
        ("91350100M000100Y4", "应为18位，现为17位"),
        ("91350100M000100I43", "不含I、O、S、V、Z"),
        ("9135010AM000100Y43", "第3至8位"),
    ],
)
def test_wrong_credit_codes_are_explained(code: str, reason: str) -> None:
    assert reason in str(credit_problem(code))
    assert credit_problem("91350100M000100Y43") is None
