"""A grid before it is stored: what the partition makes, the import reads, the services write."""

from dataclasses import dataclass

import shapely
from shapely import Polygon

COORDINATE_DIGITS = 7
"""Decimal places of a degree that are kept: one centimetre."""

SYNTHETIC = "合成"
"""First word of the source of polygons that were made up and are no survey."""

LONGEST_NAME = 60
"""Characters of a grid's name, and of the source of its polygon."""

GRID_CODE_LENGTH = 15
COMMUNITY_CODE_LENGTH = 12


@dataclass(frozen=True, slots=True)
class GridDraft:
    """One grid (网格) in EPSG:4490.

    Parameters
    ----------
    code : str
        15 digits: community 12 + sequence 3.
    name : str
        What people read.
    kind : str
        ``urban``, ``rural`` or ``special`` (城镇基础、农村基础、专属).
    households : int
        Number of households.
    polygon : shapely.Polygon
        Degrees in EPSG:4490, valid, rounded to :data:`COORDINATE_DIGITS`.
    source : str
        Where the polygon comes from.
    """

    code: str
    name: str
    kind: str
    households: int
    polygon: Polygon
    source: str

    @property
    def community(self) -> str:
        """The 12-digit code of the community it lies in."""
        return self.code[:COMMUNITY_CODE_LENGTH]


def polygon_to_wkb(polygon: Polygon) -> bytes:
    """Write a polygon as WKB in normal form, so that equal polygons have equal bytes."""
    return bytes(shapely.to_wkb(polygon.normalize()))


def polygon_from_wkb(wkb: bytes | memoryview) -> Polygon:
    """Read a polygon as a database row holds it."""
    return shapely.from_wkb(bytes(wkb))
