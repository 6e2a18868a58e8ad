"""地: buildings and rooms: estates of flats in town, farmhouses by villagers' group in the country."""

from math import ceil
from typing import NamedTuple

from governance.console.population.draw import Weighted
from governance.console.population.ground import Ground
from governance.console.population.names import given, phone, place_names, surname
from governance.console.population.points import Point, points_inside
from governance.console.population.site import Row

_OCCUPIED_IN_TOWN, _OCCUPIED_IN_COUNTRY = 0.91, 0.93
_HOUSES_PER_GROUP = 30


class Style(NamedTuple):
    """How the blocks of one estate are built: floors, staircases, flats on a floor, size of a flat."""

    floors: int
    units: int
    flats: int
    area: int


class Block(NamedTuple):
    """One planned block of flats."""

    estate: str
    name: str
    address: str
    style: Style


_STYLES = Weighted(
    {
        Style(6, 3, 2, 78): 30,
        Style(7, 4, 2, 92): 25,
        Style(7, 2, 2, 110): 15,
        Style(11, 2, 2, 118): 12,
        Style(18, 1, 4, 96): 12,
        Style(26, 1, 4, 105): 6,
    }
)
_SUFFIXES = ("苑", "花园", "小区", "家园", "雅居", "新村", "公寓", "里")
_HAZARDS = Weighted({"00": 97, "02": 3})


def rooms_build(ground: Ground) -> list[Row]:
    """Enter the grid's buildings and rooms.

    Returns
    -------
    list of rows
        The rooms that somebody lives in, one for each household of the site.
    """
    site = ground.site
    if site.rural:
        rooms = _farmhouses(ground, ceil(site.households / _OCCUPIED_IN_COUNTRY))
    else:
        rooms = _flats(ground, ceil(site.households / _OCCUPIED_IN_TOWN))
    chosen = sorted(ground.random.sample(range(len(rooms)), site.households))
    return [rooms[place] for place in chosen]


def _flats(ground: Ground, wanted: int) -> list[Row]:
    blocks = _blocks(ground, wanted)
    points = sorted(points_inside(ground.random, ground.site.polygon, len(blocks)))
    rooms: list[Row] = []
    for block, point in zip(blocks, points, strict=True):
        rooms += _block(ground, block, point, wanted - len(rooms))
    return rooms


def _blocks(ground: Ground, wanted: int) -> list[Block]:
    """Plan estates of one to six blocks until there are flats enough."""
    blocks: list[Block] = []
    names = place_names(ground.random, 90)
    while wanted > 0 or not blocks:
        style = _STYLES.draw(ground.random)
        estate = names.pop() + _SUFFIXES[ground.below(len(_SUFFIXES))]
        road = ground.roads[ground.below(len(ground.roads))]
        address = f"{ground.site.street}{road}{1 + ground.below(280)}号{estate}"
        for number in range(1, 2 + ground.below(6)):
            blocks.append(Block(estate, f"{number}栋", f"{address}{number}栋", style))
            wanted -= style.floors * style.units * style.flats
            if wanted <= 0:
                break
    return blocks


def _block(ground: Ground, block: Block, point: Point, most: int) -> list[Row]:
    """Enter one block and at most so many of its flats."""
    style = block.style
    whole = style.floors * style.units * style.flats
    building = ground.add(
        "building",
        {
            "estate": block.estate,
            "name": block.name,
            "address": block.address,
            "floor_area": float(whole * (style.area + 14)),
            "floors": style.floors,
            "units": style.units,
            "households_count": min(whole, most),
            "leader_name": surname(ground.random) + given(ground.random, "2"),
            "leader_phone": phone(ground.random),
            **_placed(point),
        },
    )
    doors = [
        (unit, floor, f"{floor}{door:02d}")
        for unit in range(1, style.units + 1)
        for floor in range(1, style.floors + 1)
        for door in range(1, style.flats + 1)
    ]
    return [
        ground.add(
            "room",
            {
                "building": building["id"],
                "unit": f"{unit}单元",
                "floor": floor,
                "number": number,
                "address": f"{block.address}{unit}单元{number}室",
                "use": "01",
                "floor_area": float(style.area + 5 * (int(number) % 3)),
                "rented": False,
                "hazard": _HAZARDS.draw(ground.random),
            },
        )
        for unit, floor, number in doors[: max(most, 0)]
    ]


def _farmhouses(ground: Ground, wanted: int) -> list[Row]:
    """Enter farmhouses, each with a room of the whole house; neighbours share a group."""
    rooms = []
    points = sorted(points_inside(ground.random, ground.site.polygon, wanted)) if wanted else []
    for place, point in enumerate(points):
        group, number = divmod(place, _HOUSES_PER_GROUP)
        estate = f"{ground.village}{group + 1}组"
        floors = 1 + ground.below(3)
        area = float(floors * (70 + 5 * ground.below(10)))
        building = ground.add(
            "building",
            {
                "estate": estate,
                "name": f"{number + 1}号",
                "address": f"{estate}{number + 1}号",
                "floor_area": area,
                "floors": floors,
                "units": 1,
                "households_count": 1,
                **_placed(point),
            },
        )
        house: Row = {
            "building": building["id"],
            "floor": 1,
            "number": "1",
            "address": f"{estate}{number + 1}号",
            "use": "01",
            "floor_area": area,
            "rented": False,
            "hazard": _HAZARDS.draw(ground.random),
        }
        rooms.append(ground.add("room", house))
    return rooms


def _placed(point: Point) -> Row:
    return {"lon": point[0], "lat": point[1], "crs": "4490", "accuracy": 3.0}
