"""What of a personal value may stand in a list."""

import pytest

from governance.contract import KINDS
from governance.contract.masking import HIDDEN, masked, masked_name


@pytest.mark.parametrize(
    ("name", "shown"), [("王建国", "王**"), ("欧阳修", "欧阳*"), ("李", "李*"), ("Smith", "S****")]
)
def test_a_name_keeps_its_surname(name: str, shown: str) -> None:
    assert masked_name(name) == shown


@pytest.mark.parametrize(
    ("kind", "field", "value", "shown"),
    [
        ("person", "phone", "10002345678", "100****5678"),
        ("person", "phone", "1234567", HIDDEN),
        ("person", "citizen_number", "420502199001010129", "420502********0129"),
        ("person", "birth_date", "1990-01-01", "1990-**-**"),
        ("person", "workplace", "示例单位", HIDDEN),
        ("person", "phone", None, ""),
        ("household", "household_no", "420500123", "*****0123"),
        ("building", "name", "1号楼", "1号楼"),
    ],
)
def test_a_value_shows_no_more_than_its_field_allows(
    kind: str, field: str, value: object, shown: str
) -> None:
    assert masked(KINDS[kind].by_name[field], value) == shown
