"""Where a grid stands among all grids of the city, so that grids can share out numbers alone.

Two grids that know nothing of each other must never give the same citizen number or record
id. Their codes are too sparse to share a number space by; their place in the list of the
city's communities is dense enough.
"""

from functools import lru_cache
from pathlib import Path

from gridmap.divisions import communities_read

GRIDS_PER_COMMUNITY = 40
"""Greatest sequence number (last three digits of a grid code) that is provided for."""

_FILE = Path(__file__).parents[3] / "fixtures" / "divisions" / "yichang_villages.csv"


@lru_cache(maxsize=1)
def _ranks() -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
    """Give rank in the city and rank in the county by community code, and sizes by county."""
    city: dict[str, int] = {}
    county: dict[str, int] = {}
    sizes: dict[str, int] = {}
    for rank, community in enumerate(communities_read(_FILE)):
        code = community.code
        city[code] = rank
        county[code] = sizes.get(code[:6], 0)
        sizes[code[:6]] = county[code] + 1
    return city, county, sizes


def _split(grid: str) -> tuple[str, int]:
    """Give community and place in it (from 0) of a grid code.

    Raises
    ------
    ValueError
        In Chinese: not a grid code, unknown community, or a sequence number out of range.
    """
    if len(grid) != 15 or not (grid.isascii() and grid.isdigit()):
        raise ValueError(f"网格编码“{grid}”应为15位数字")
    community, place = grid[:12], int(grid[12:]) - 1
    if community not in _ranks()[0]:
        raise ValueError(f"网格 {grid}：区划表中没有社区 {community}")
    if not 0 <= place < GRIDS_PER_COMMUNITY:
        raise ValueError(f"网格 {grid}：社区内序号应在1到{GRIDS_PER_COMMUNITY}之间")
    return community, place


def grid_number(grid: str) -> int:
    """Give a number (below 100,000) that no other grid of the city has."""
    community, place = _split(grid)
    return _ranks()[0][community] * GRIDS_PER_COMMUNITY + place


def grid_share(grid: str) -> tuple[int, int]:
    """Give the grid's number within its county and how many such numbers the county has."""
    community, place = _split(grid)
    _, ranks, sizes = _ranks()
    size = sizes[community[:6]]
    return place * size + ranks[community], size * GRIDS_PER_COMMUNITY
