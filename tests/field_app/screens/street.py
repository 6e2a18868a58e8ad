"""A little grid with made-up people, as the hub would tell it to a tablet."""

import random
from datetime import timedelta
from pathlib import Path

from stdnum.iso7064 import mod_11_2

from field_app.work.times import today
from governance.contract import CITY, read_code_lists, uuid7

Told = dict[str, object]

GRID = "420502001001001"
NAME = "明珠社区第一网格"
ORIGIN = (111.2905, 30.6935)
FIXTURES = Path(__file__).resolve().parents[3] / "fixtures" / "codes"

_RING = (
    (-0.0022, -0.0016),
    (0.0019, -0.0019),
    (0.0027, 0.0004),
    (0.0016, 0.0021),
    (-0.0009, 0.0019),
    (-0.0027, 0.0006),
)
_SURNAMES = "王李张刘陈杨黄赵周吴徐孙马朱胡林郭何高罗"
_GIVEN = ("小明", "秀英", "建国", "桂兰", "志强", "丽华", "国庆", "春燕", "海涛", "玉梅", "子轩", "雨桐")


def citizen_number(born: str, sex: str, number: int, area: str = "420502") -> str:
    """Make a citizen number with its check digit; ``born`` is YYYYMMDD."""
    odd = number * 2 + (1 if sex == "1" else 0)
    body = f"{area}{born}{odd:03d}"
    return body + str(mod_11_2.calc_check_digit(body))


class Street:
    """All records; ids by a name to find them again: ``ids["楼3"]``, ``ids["王小明"]``."""

    def __init__(self, *, buildings: int = 6, seed: int = 7) -> None:
        self._chance = random.Random(seed)
        self.told: list[Told] = []
        self.ids: dict[str, str] = {}
        self._city()
        for number in range(1, buildings + 1):
            self._building(number)
        self._landmarks()
        self._tasks()

    def tell(self, kind: str, called: str = "", /, **values: object) -> str:
        """Add a record; gives its id."""
        id = str(uuid7())
        if called:
            self.ids.setdefault(called, id)
        record = {key: value for key, value in values.items() if value is not None}
        self.told.append({"kind": kind, "id": id, "version": 1, "grid": GRID, "record": record})
        return id

    def _city(self) -> None:
        for key, codes in read_code_lists(FIXTURES).items():
            items = [[item.code, item.label, item.retired] for item in codes.items.values()]
            record = {"list": key, "label": codes.label, "standard": codes.standard, "items": items}
            row = {"kind": "codelist", "id": str(uuid7()), "version": 1, "grid": CITY, "record": record}
            self.told.append(row)
        ring = [[ORIGIN[0] + east, ORIGIN[1] + north] for east, north in (*_RING, _RING[0])]
        polygon = {"type": "Polygon", "coordinates": [ring]}
        self.tell(
            "grid", code=GRID, name=NAME, kind="urban", households=300, label=list(ORIGIN), polygon=polygon
        )

    def _point(self, east: float, north: float) -> dict[str, object]:
        return {"lon": ORIGIN[0] + east, "lat": ORIGIN[1] + north, "crs": "4490", "grid": GRID}

    def _building(self, number: int) -> None:
        place = self._point((number % 3 - 1) * 0.0011, (number // 3 - 1) * 0.0009)
        building = self.tell(
            "building",
            f"楼{number}",
            estate="明珠花园",
            name=f"{number}栋",
            address=f"明珠路18号明珠花园{number}栋",
            floors=7,
            units=2,
            **place,
        )
        for floor in range(1, 5):
            room = self.tell(
                "room",
                f"{number}-{floor}01",
                building=building,
                unit="1单元",
                floor=floor,
                number=f"{floor}01",
                use="01",
                address=f"明珠路18号明珠花园{number}栋1单元{floor}01",
            )
            self._family(room, number * 10 + floor)

    def _family(self, room: str, number: int) -> None:
        chance = self._chance
        surname = "王" if number == 11 else chance.choice(_SURNAMES)
        head = f"{surname}{'小明' if number == 11 else chance.choice(_GIVEN)}"
        household = self.tell("household", f"户{number}", room=room, kind="1", presence="1", head_name=head)
        for place, (relation, born) in enumerate((("01", 1958), ("10", 1961), ("20", 1988))):
            name = head if place == 0 else f"{chance.choice(_SURNAMES)}{chance.choice(_GIVEN)}"
            sex = "12"[place % 2]
            day = f"{born + number % 5}{chance.randint(1, 12):02d}{chance.randint(1, 28):02d}"
            self.tell(
                "person",
                name,
                household=household,
                name=name,
                citizen_number=citizen_number(day, sex, number * 3 + place),
                birth_date=f"{day[:4]}-{day[4:6]}-{day[6:]}",
                sex=sex,
                nation="01",
                phone=f"138{number:04d}{place}{number:03d}",
                relation=relation,
                residence_kind="1",
                residence_consistent="01",
            )

    def _landmarks(self) -> None:
        self.tell(
            "organisation", "超市", category="3", name="惠民便利店", phone="07176200001", place_kind="04",
            address="明珠路16号", **self._point(0.0004, -0.0012)
        )  # fmt: skip
        self.tell(
            "thing",
            "路灯",
            category="0101",
            name="明珠路12号路灯",
            state="01",
            **self._point(-0.0016, -0.0004),
        )
        self.tell(
            "event", "井盖", category="0101", title="明珠路井盖松动", description="车过有响声，怕夜里伤人",
            occurred_at="2026-11-20T01:30:00Z", urgency="2", state="reported", address="明珠路与隆康路口",
            **self._point(0.0018, 0.0011)
        )  # fmt: skip

    def _tasks(self) -> None:
        plan = (
            ("户11", "王小明", "60岁老年人优待证代办", "本人年满60岁，可以代办老年优待证", -2, "3"),
            ("户11", "王小明", "居住信息核实", "公安与网格登记的住址不一样，请上门看一看", 0, "2"),
            ("户23", "", "季度走访", "本季度还没有走访过这一户", 0, "1"),
            ("户42", "", "高龄老人探访", "年满85岁，请上门探访", 4, "2"),
            ("户61", "", "新生儿服务", "户里有新生儿，可以代办户口和医保", 20, "2"),
        )
        for number, (home, person, title, reason, days, priority) in enumerate(plan):
            due = today() + timedelta(days=days)
            self.tell(
                "task",
                f"任务{number}",
                occasion=f"occasion-{number}",
                item="visit",
                title=title,
                reason=reason,
                subject_kind="person" if person else "household",
                subject=self.ids[person] if person else self.ids[home],
                household=self.ids[home],
                opens_on=(due - timedelta(days=10)).isoformat(),
                due_on=due.isoformat(),
                priority=priority,
                state="open",
                grid=GRID,
            )
