"""A small town of square grids, and the city's own lists."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import shapely
from django.conf import settings
from shapely import Polygon

from gridmap.divisions import Community, communities_read, outlines_read
from gridmap.drafts import GridDraft
from gridmap.services import divisions_load, grids_replace

WEST, SOUTH, STEP = 111.28, 30.70, 0.01
ONE, OTHER, EMPTY = "420502001001", "420502001002", "420502002001"


def square(column: float, row: float, width: float = 1, height: float = 1) -> Polygon:
    """Draw a rectangle of the town's lattice, with a vertex at each lattice point of its border."""
    left, bottom = WEST + column * STEP, SOUTH + row * STEP
    box = shapely.box(left, bottom, left + width * STEP, bottom + height * STEP)
    return shapely.transform(box, lambda xy: xy.round(7)).normalize()


def draft(code: str, polygon: Polygon, **values: object) -> GridDraft:
    """Make a draft whose other values say nothing."""
    made = GridDraft(code, f"网格{code[-3:]}", "urban", 300, polygon, "测试")
    return replace(made, **values)


@pytest.fixture(scope="session")
def communities() -> list[Community]:
    return communities_read(Path(settings.FIXTURES) / "divisions" / "yichang_villages.csv")


@pytest.fixture(scope="session")
def outlines() -> Mapping[str, Polygon]:
    return outlines_read(Path(settings.FIXTURES) / "divisions" / "yichang_districts_approx.geojson")


@pytest.fixture
def divisions(db: None) -> None:
    """One county of three communities, within 111.27–111.37 east, 30.69–30.79 north."""
    names = {ONE: "土街头社区居民委员会", OTHER: "樵湖岭社区居民委员会", EMPTY: "四方堰社区居民委员会"}
    divisions_load(
        communities=[Community(code, name, f"街道{code[8]}", "西陵区") for code, name in names.items()],
        outlines={"420502": shapely.box(111.27, 30.69, 111.37, 30.79)},
        city_name="宜昌市",
    )


@pytest.fixture
def town_drafts() -> list[GridDraft]:
    """Two communities of 2 × 2 squares, the second east of the first; numbered like a page."""
    places = ((0, 1), (1, 1), (0, 0), (1, 0))
    return [
        draft(f"{community}{number:03d}", square(column + shift, row))
        for community, shift in ((ONE, 0), (OTHER, 2))
        for number, (column, row) in enumerate(places, start=1)
    ]


@pytest.fixture
def town(divisions: None, town_drafts: list[GridDraft]) -> list[GridDraft]:
    """Store the town's grids."""
    grids_replace(drafts=town_drafts)
    return town_drafts
