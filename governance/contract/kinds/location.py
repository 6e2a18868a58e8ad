"""Items of records that have a place of their own (定位): point, its origin, grid.

A point is stored in EPSG:4490. ``crs`` says in which system it was measured and offered;
the hub converts it, and ``crs`` keeps saying what was measured.
"""

from governance.contract.fields import Field, Owner, Type
from governance.contract.kind import Rule
from governance.contract.kinds.rules import needs, together


def location(*, owner: Owner = Owner.WORKER) -> tuple[Field, ...]:
    """Give the fields of a place; the hub finds ``grid`` where there is a point."""
    return (
        Field("lon", "经度", Type.LON, standard="GB 22021-2008", owner=owner, unit="°"),
        Field("lat", "纬度", Type.LAT, standard="GB 22021-2008", owner=owner, unit="°"),
        Field("crs", "定位坐标系", Type.CODE, 5, "crs", owner=owner),
        Field("accuracy", "定位精度", Type.NUMBER, owner=owner, minimum=0, maximum=100_000, unit="m"),
        Field("grid", "所在网格", Type.GRID, 15, standard="GB/T 34300-2017", owner=owner),
    )


PLACE_RULES: tuple[Rule, ...] = (
    together("lon", "lat", "经度与纬度应一起填写"),
    needs("accuracy", "lon", "经度：填写定位精度时必填"),
)
"""A point is whole; its accuracy goes with it."""
