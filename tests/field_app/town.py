"""Records to begin with, and citizen numbers that check out."""

from dataclasses import dataclass

from tests.field_app.fake_hub import FakeHub

ADDRESS = "珍珠路18号"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True)
class Town:
    """Ids of the records at the hub."""

    building: str
    room: str
    household: str
    person: str
    child: str
    task: str


def citizen_number(area: str = "420502", birth: str = "19850315", sequence: int = 12) -> str:
    """Make a number with a right check digit (GB 11643)."""
    digits = f"{area}{birth}{sequence:03d}"
    return digits + "10X98765432"[sum(int(d) * w for d, w in zip(digits, _WEIGHTS, strict=True)) % 11]


def town_make(hub: FakeHub) -> Town:
    """Put one building with a room, a household, two people and a task at the hub."""
    place = {"lon": 111.285, "lat": 30.695}
    building = hub.add("building", {"estate": "明珠花园", "name": "3栋", "address": ADDRESS, **place})
    room = hub.add("room", {"building": building, "unit": "1单元", "number": "502"})
    household = hub.add("household", {"room": room, "kind": "1", "head_name": "王建国"})
    shared = {
        "household": household,
        "residence_kind": "1",
        "nation": "15",
        "registered_address": "珍珠路18号",
    }
    person = hub.add(
        "person",
        {
            **shared,
            "name": "王建国",
            "citizen_number": citizen_number(),
            "sex": "2",
            "birth_date": "1985-03-15",
            "phone": "10002345678",
            "relation": "02",
        },
    )
    child = hub.add("person", {**shared, "name": "王小明", "birth_date": "2015-06-01", "sex": "1"})
    task = hub.add(
        "task",
        {
            "item": "elder_card",
            "title": "代办老年优待证",
            "subject_kind": "person",
            "subject": person,
            "household": household,
            "due_on": "2099-12-31",  # never on today's round
            "state": "open",
        },
    )
    return Town(building, room, household, person, child, task)
