"""A person of 26 columns, as both our hub and the peers are given."""

COLUMNS: dict[str, object] = {
    "name": "王示例",
    "former_name": "王样",
    "sex": "1",
    "birth_date": "1980-05-06",
    "nation": "01",
    "native_place": "420502",
    "marital": "20",
    "education": "20",
    "occupation": "教师",
    "workplace": "示例学校",
    "phone": "10001234567",
    "residence_kind": "2",
    "relation": "02",
    "residence_consistent": "01",
    "registered_area": "420502",
    "registered_address": "示例路1号",
    "inflow_reason": "01",
    "permit_kind": "01",
    "permit_number": "A12345678",
    "permit_issued_on": "2026-01-01",
    "permit_expires_on": "2027-01-01",
    "dwelling_kind": "01",
    "verification": "3",
    "note": "合成数据",
}
"""24 values; with the household and the citizen number, which differ, 26."""

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def citizen_number(place: int) -> str:
    """Give the ``place``-th valid number of men born on 6 May 1980; the area part counts on."""
    area, sequence = divmod(place, 500)
    digits = f"{420000 + area:06d}19800506{sequence * 2 + 1:03d}"
    rest = sum(int(digit) * weight for digit, weight in zip(digits, WEIGHTS, strict=True)) % 11
    return digits + "10X98765432"[rest]


def person(household: str, place: int) -> dict[str, object]:
    """Give the values of one person."""
    return {**COLUMNS, "household": household, "citizen_number": citizen_number(place)}
