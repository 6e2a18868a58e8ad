"""A little grid with made-up people, at a hub in this process that can be switched off and can refuse."""

import queue
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from field_app.sync.errors import Unreached
from field_app.sync.poke import Heard
from field_app.sync.transport import Lines, Reply, Request
from field_app.work.times import SHANGHAI
from governance.contract import Problem
from tests.field_app.fake_grids import grid_id
from tests.field_app.fake_hub import GRID, Device, FakeHub, Json
from tests.field_app.fake_transport import FakeTransport
from tests.field_app.town import citizen_number

Judge = Callable[[Mapping[str, object]], Sequence[Problem]]

NAME = "明珠社区第一网格"
_ASKED: dict[int, dict[str, object]] = {
    0: {
        "origin": "rule",
        "asks": "person.phone household.head_phone doc:02 photo signature",
        "note": "老人耳背，请多敲几下门",
    },
    3: {"origin": "plan", "accepted_at": "2026-11-20T02:00:00Z"},
}
"""What some of the tasks ask for, by their number."""

ORIGIN = (111.2850, 30.6935)
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


class StreetHub(FakeHub):
    """Refuses what ``judge`` finds fault with; ``pushed`` keeps what came; unreachable unless ``online``.

    ``ahead`` is how many seconds its clock is before the tablet's.
    """

    def __init__(self) -> None:
        super().__init__()
        self.judge: Judge = lambda _: ()
        self.online = True
        self.ahead = 0.0
        self.pushed: list[Json] = []
        self.open_lines: list[StreetLine] = []

    def call(self) -> None:
        """Poke every tablet that listens."""
        for line in self.open_lines:
            line.told.put(Heard("poke", {"4205": 1}))

    def _decide(self, device: Device, change: Json) -> Json:
        self.pushed.append(change)
        errors = [problem.as_json() for problem in self.judge(change)]
        if not errors:
            return super()._decide(device, change)
        if errors[0]["code"] != "source":
            return {"status": "rejected", "errors": errors}
        record = self.records[change["id"]]
        return {
            "status": "contested",
            "version": record.version,
            "errors": errors,
            "record": dict(record.values),
        }


class StreetLine:
    """A line that stands until it is hung up."""

    def __init__(self, hub: StreetHub) -> None:
        self.told: queue.SimpleQueue[Heard | None] = queue.SimpleQueue()
        self._hub = hub
        hub.open_lines.append(self)

    def __iter__(self) -> Iterator[Heard]:
        """Give the calls."""
        while (heard := self.told.get()) is not None:
            yield heard

    def hang_up(self) -> None:
        """End it."""
        if self in self._hub.open_lines:
            self._hub.open_lines.remove(self)
        self.told.put(None)


class StreetTransport(FakeTransport):
    """Fails as without a network while the hub is not online."""

    def send(self, request: Request) -> Reply:
        """Answer, if there is a network."""
        self._reach()
        return replace(super().send(request), date=time.time() + self.hub.ahead)

    @contextmanager
    def lines(self, request: Request) -> Iterator[Lines]:
        """Answer a snapshot, if there is a network."""
        self._reach()
        with super().lines(request) as lines:
            yield lines

    def dial(self, token: str, cursor: str) -> StreetLine:
        """Open a line, if there is a network."""
        self._reach()
        return StreetLine(self.hub)

    def _reach(self) -> None:
        if not self.hub.online:
            raise Unreached("连不上平台，记录都在本机，有网后再同步")


class Street:
    """All records; ids by a name to find them again: ``ids["楼3"]``, ``ids["王小明"]``."""

    def __init__(self, hub: FakeHub, *, buildings: int = 6, seed: int = 7) -> None:
        self._hub, self._chance = hub, random.Random(seed)
        self.ids: dict[str, str] = {}
        self._city()
        for number in range(1, buildings + 1):
            self._building(number)
        self._landmarks()
        self._tasks()

    def tell(self, what: str, called: str = "", /, **values: object) -> str:
        """Add a record; gives its id."""
        id = self._hub.add(what, {key: value for key, value in values.items() if value is not None})
        if called:
            self.ids.setdefault(called, id)
        return id

    def _city(self) -> None:
        ring = [[ORIGIN[0] + east, ORIGIN[1] + north] for east, north in (*_RING, _RING[0])]
        polygon = {"type": "Polygon", "coordinates": [ring]}
        self._hub.edit(grid_id(GRID), name=NAME, label=list(ORIGIN), polygon=polygon)

    def _point(self, east: float, north: float) -> dict[str, object]:
        return {"lon": ORIGIN[0] + east, "lat": ORIGIN[1] + north, "crs": "4490"}

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
                citizen_number=citizen_number(
                    birth=day, sequence=((number * 3 + place) * 2 + int(sex == "1")) % 1000
                ),
                birth_date=f"{day[:4]}-{day[4:6]}-{day[6:]}",
                sex=sex,
                nation="01",
                phone=f"10002{number:02d}{place}{number:03d}",
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
            due = datetime.now(SHANGHAI).date() + timedelta(days=days)
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
                **_ASKED.get(number, {}),
            )
