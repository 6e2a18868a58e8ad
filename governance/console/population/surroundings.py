"""组织 and 物: shops, clinics, firms and societies; street lamps, manhole covers, bins."""

from typing import NamedTuple

from governance.console.population.draw import Weighted
from governance.console.population.ground import Ground
from governance.console.population.names import given, phone, place_names, surname
from governance.console.population.numbers import credit_code
from governance.console.population.points import Point, points_inside
from governance.console.population.site import Row


class Trade(NamedTuple):
    """A kind of organisation: end of its name, category, kind of place, most staff."""

    suffix: str
    category: str
    place: str
    staff: int


_SHOPS = Weighted(
    {
        Trade("便利店", "3", "04", 3): 20,
        Trade("小吃店", "3", "06", 5): 16,
        Trade("餐馆", "3", "06", 12): 12,
        Trade("理发店", "3", "99", 4): 10,
        Trade("大药房", "3", "02", 5): 7,
        Trade("口腔诊所", "4", "02", 8): 4,
        Trade("幼儿园", "4", "01", 30): 4,
        Trade("宾馆", "3", "07", 15): 4,
        Trade("棋牌室", "3", "08", 2): 4,
        Trade("商贸有限公司", "1", "", 25): 8,
        Trade("物业服务有限公司", "1", "", 40): 5,
        Trade("志愿者协会", "2", "", 0): 3,
        Trade("居家养老服务中心", "2", "03", 10): 3,
    }
)
_FARMS = Weighted(
    {
        Trade("便民超市", "3", "04", 2): 30,
        Trade("农家乐", "3", "06", 6): 20,
        Trade("柑橘专业合作社", "1", "", 20): 25,
        Trade("养殖场", "1", "", 8): 15,
        Trade("卫生室", "4", "02", 2): 10,
    }
)
_SITES = Weighted(
    {
        Trade("小学", "4", "01", 90): 1,
        Trade("农贸市场", "4", "05", 60): 1,
        Trade("产业园管理有限公司", "1", "", 30): 1,
    }
)
_REGISTRANT = {"1": "91", "2": "52", "3": "92", "4": "52"}
_HAZARD = Weighted({"00": 94, "02": 5, "01": 1})

_IN_TOWN = {
    "0118": 14,
    "0101": 5,
    "0102": 6,
    "0103": 5,
    "0305": 6,
    "0402": 5,
    "0126": 2,
    "0209": 2,
    "0509": 1,
}
_IN_COUNTRY = {"0118": 5, "0305": 2, "0136": 1, "0113": 1}
_LABELS = {
    "0101": "上水井盖",
    "0102": "污水井盖",
    "0103": "雨水井盖",
    "0113": "消防栓",
    "0118": "路灯",
    "0126": "健身器材",
    "0136": "民用水井",
    "0209": "交通标志牌",
    "0305": "垃圾箱",
    "0402": "行道树",
    "0509": "宣传栏",
}
_STATE = Weighted({"01": 96, "02": 4})


def organisations_enter(ground: Ground) -> None:
    """Enter the grid's organisations: 8 to 15 in town, 1 to 3 in the country, 3 on a special grid."""
    kind = ground.site.kind
    count = {"urban": 8 + ground.below(8), "rural": 1 + ground.below(3)}.get(kind, 3)
    points = points_inside(ground.random, ground.site.polygon, count)
    names = place_names(ground.random, count)
    for place, (name, point) in enumerate(zip(names, points, strict=True)):
        trades = _FARMS if kind == "rural" else _SITES if kind == "special" and place == 0 else _SHOPS
        _organisation(ground, trades.draw(ground.random), name, point, place)


def _organisation(ground: Ground, trade: Trade, name: str, point: Point, place: int) -> None:
    values: Row = {
        "category": trade.category,
        "name": name + trade.suffix,
        "credit_code": credit_code(ground.site.code, place, _REGISTRANT[trade.category]),
        "address": _address(ground),
        "phone": phone(ground.random),
        "manager_name": surname(ground.random) + given(ground.random, "12"[ground.below(2)]),
        "manager_phone": phone(ground.random),
        "hazardous": False,
        "hazard": _HAZARD.draw(ground.random),
        "attention": "00",
        "approved_on": ground.ago(200 + ground.below(4000)),
        **_placed(point),
    }
    if trade.place:
        values["place_kind"] = trade.place
    if trade.staff:
        values["staff_count"] = 1 + ground.below(trade.staff)
    if trade.category == "2":
        values["society_kind"] = "02" if trade.place else "01"
        values["society_state"] = "1"
    if trade.category in ("1", "3"):
        cooperative = trade.suffix.endswith("合作社")
        values["enterprise_kind"] = "04" if cooperative else "01" if trade.category == "1" else "03"
        values["legal_name"] = values["manager_name"]
        values["legal_phone"] = values["manager_phone"]
    ground.add("organisation", values)


def _address(ground: Ground) -> str:
    if ground.site.rural:
        return f"{ground.village}{1 + ground.below(4)}组{1 + ground.below(30)}号"
    road = ground.roads[ground.below(len(ground.roads))]
    return f"{ground.site.street}{road}{1 + ground.below(280)}号附{1 + ground.below(20)}号"


def things_enter(ground: Ground) -> None:
    """Enter the grid's things: about 45 in town, fewer in the country."""
    wanted = _IN_COUNTRY if ground.site.rural else _IN_TOWN
    categories = [category for category, count in wanted.items() for _ in range(count)]
    points = points_inside(ground.random, ground.site.polygon, len(categories))
    first = ground.numbers.share * 100
    for place, (category, point) in enumerate(zip(categories, points, strict=True)):
        ground.add(
            "thing",
            {
                "category": category,
                "part_class": category[:2],
                "part_code": f"{ground.county}{category}{first + place:06d}",
                "name": f"{_LABELS[category]}{place + 1:02d}号",
                "address": _address(ground),
                "state": _STATE.draw(ground.random),
                **_placed(point),
            },
        )


def _placed(point: Point) -> Row:
    return {"lon": point[0], "lat": point[1], "crs": "4490", "accuracy": 5.0}
