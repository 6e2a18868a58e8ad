"""Cutting a grid along a line (划线拆分)."""

from collections.abc import Sequence

import shapely
from shapely import LineString, Point, Polygon
from shapely.ops import split

from gridmap.drafts import polygon_from_wkb
from gridmap.models import Grid
from gridmap.services.alignment import MapError


def parts_cut(code: str, line: Sequence[tuple[float, float]]) -> list[Polygon]:
    """Give the parts into which a line cuts a current grid, from west to east.

    Parameters
    ----------
    code : str
    line : sequence of (float, float)
        Longitude and latitude of its points, EPSG:4490; its ends lie outside the grid or on its border.

    Raises
    ------
    MapError
        Unknown or closed grid, or a line that does not cut it.
    """
    grid = Grid.objects.filter(code=code, valid_to=None).first()
    if grid is None:
        raise MapError(f"网格 {code} 不存在或已停用")
    if len(set(line)) < 2:
        raise MapError("分割线至少要有两个不同的点")
    whole = polygon_from_wkb(grid.polygon)
    cut = LineString(line)
    inside = [end for end in (line[0], line[-1]) if whole.contains(Point(end))]
    if inside:
        raise MapError("分割线的两端应在网格边界上或网格之外")
    parts = [part for part in split(whole, cut).geoms if isinstance(part, Polygon) and part.area > 0]
    if len(parts) < 2:
        raise MapError("分割线没有把网格分开")
    return sorted(parts, key=lambda part: tuple(shapely.get_coordinates(part.centroid)[0]))
