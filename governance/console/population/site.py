"""What the population is made from and what is made: a grid's site and its batch of records."""

from dataclasses import dataclass, field
from typing import NamedTuple

from shapely.geometry.base import BaseGeometry

Row = dict[str, object]
"""A record in the contract's JSON forms with ``id`` and ``grid``; items without value are absent."""

ORDER = (
    "building",
    "room",
    "household",
    "person",
    "care_hardship",
    "care_left_behind",
    "care_mental",
    "care_drug",
    "care_correction",
    "care_release",
    "care_youth",
    "care_pregnancy",
    "care_disability",
    "organisation",
    "thing",
)
"""Kinds in the order in which they can be stored: each after those it refers to."""


class Site(NamedTuple):
    """One grid to fill.

    Parameters
    ----------
    code : str
        Grid code, 15 digits.
    kind : str
        ``urban``, ``rural`` or ``special``.
    households : int
        Households that live there.
    polygon : shapely geometry
        EPSG:4490.
    community : str
        Name of the community or village.
    street : str
        Name of the street or town.
    """

    code: str
    kind: str
    households: int
    polygon: BaseGeometry
    community: str
    street: str

    @property
    def rural(self) -> bool:
        """Whether people live in houses of their own instead of flats."""
        return self.kind == "rural"


@dataclass(slots=True)
class Batch:
    """The records of one grid: kind → rows, kinds in :data:`ORDER`."""

    grid: str
    rows: dict[str, list[Row]] = field(default_factory=lambda: {kind: [] for kind in ORDER})

    @property
    def count(self) -> int:
        """Number of records of all kinds."""
        return sum(map(len, self.rows.values()))
