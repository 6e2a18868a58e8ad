"""The round of today's doors: one line a door, a short walk, floor by floor."""

from datetime import timedelta

import pytest

from field_app.work.times import today
from tests.field_app.fake_hub import FakeHub

SOUTH_WEST = (111.2802, 30.6902)


class Quarter:
    """Buildings in a row, 111 metres apart; doors and tasks by name."""

    def __init__(self, hub: FakeHub, day) -> None:
        self.hub, self.day = hub, day

    def door(self, building: str, number: str, floor: int | None = None) -> str:
        values = {"building": building, "number": number, "floor": floor}
        room = self.hub.add("room", {key: value for key, value in values.items() if value is not None})
        return self.hub.add("household", {"room": room, "kind": "1", "head_name": f"王{number}"})

    def building(self, place: int) -> str:
        point = {"lon": 111.2805, "lat": 30.6905 + place * 0.001}
        return self.hub.add("building", {"name": f"{place}栋", "address": f"示例路{place}号", **point})

    def task(self, household: str | None, title: str, days: int = 0, **values: object) -> str:
        due = (self.day + timedelta(days=days)).isoformat()
        shared = {"item": "visit", "title": title, "due_on": due, "state": "open", "priority": "1"}
        return self.hub.add("task", {**shared, "household": household, **values})


@pytest.fixture
def quarter(hub: FakeHub, tablet) -> Quarter:
    return Quarter(hub, today(tablet.session._open().clock))


def way(tablet, start=None) -> list[tuple[str, int | None, list[str]]]:
    tablet.session.sync()
    return [
        (door.address, door.walk, [row.title for row in door.tasks])
        for door in tablet.desk.route.doors(start)
    ]


def test_one_line_a_door_with_all_its_tasks(tablet, quarter: Quarter) -> None:
    first = quarter.building(0)
    home = quarter.door(first, "501")
    quarter.task(home, "核实", 3)
    quarter.task(home, "代办", 0)
    quarter.task(home, "以后", 40)
    assert way(tablet) == [("0栋 501", None, ["代办", "核实", "以后"])]
    (door,) = tablet.desk.route.doors()
    assert (door.place, door.floor, door.household, door.title) == (1, 5, home, "王***户")


def test_buildings_by_the_way_walked_then_floors_then_what_presses(tablet, quarter: Quarter) -> None:
    far, near, middle = quarter.building(4), quarter.building(0), quarter.building(2)
    for building in (far, near, middle):
        quarter.task(quarter.door(building, "301"), "三楼")
    quarter.task(quarter.door(middle, "102"), "一楼", 2)
    quarter.task(quarter.door(middle, "101", floor=1), "一楼急", 0)
    assert way(tablet, SOUTH_WEST) == [
        ("0栋 301", 44, ["三楼"]),
        ("2栋 101", 223, ["一楼急"]),
        ("2栋 102", 0, ["一楼"]),
        ("2栋 301", 0, ["三楼"]),
        ("4栋 301", 223, ["三楼"]),
    ]
    quarter.task(quarter.door(far, "201"), "报警", 30, priority="3", due_on=quarter.day.isoformat())
    assert way(tablet)[0][0] == "4栋 201"


def test_what_is_not_for_today_is_left_out(tablet, quarter: Quarter) -> None:
    building = quarter.building(0)
    later = (quarter.day + timedelta(days=1)).isoformat()
    quarter.task(quarter.door(building, "101"), "下个月", 30)
    quarter.task(quarter.door(building, "102"), "还没开始", 5, opens_on=later)
    quarter.task(quarter.door(building, "103"), "别人的", assignee="user:li")
    quarter.task(quarter.door(building, "104"), "办完了", state="done", outcome="done")
    quarter.task(quarter.door(building, "105"), "已转交", state="handed_on", outcome="handed_on")
    assert way(tablet) == []


def test_visits_that_were_planned_are_on_the_way(tablet, quarter: Quarter) -> None:
    home = quarter.door(quarter.building(0), "101")
    values = {"household": home, "purpose": "02"}
    quarter.hub.add(
        "visit", {**values, "visited_at": "2026-01-05T02:00:00Z", "next_on": quarter.day.isoformat()}
    )
    assert way(tablet) == [("0栋 101", None, [])]
    assert tablet.desk.route.doors()[0].visits == (quarter.day.isoformat(),)
    quarter.hub.add("visit", {**values, "visited_at": "2026-01-06T02:00:00Z"})
    assert way(tablet) == []


def test_a_task_without_a_door_comes_by_its_own_point_or_last(tablet, quarter: Quarter) -> None:
    quarter.task(quarter.door(quarter.building(3), "101"), "三栋")
    quarter.task(None, "没有地点", -3)
    quarter.task(None, "路口", lon=111.2805, lat=30.6915, crs="4490")
    assert [titles for _, _, titles in way(tablet, SOUTH_WEST)] == [["路口"], ["三栋"], ["没有地点"]]
    assert tablet.desk.route.doors(SOUTH_WEST)[0].household == ""
