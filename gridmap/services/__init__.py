"""Writes to the map: loading divisions, replacing, splitting and merging grids.

Whoever calls has decided before who may do so (the access room lies above this one). Each service is
one transaction, leaves current grids that neither overlap nor miss each other's vertices, keeps what
it replaced, and moves the map's stamp.
"""

from gridmap.services.alignment import MapError
from gridmap.services.divisions import DivisionsLoaded, divisions_load
from gridmap.services.grids import Replaced, grids_replace
from gridmap.services.reshape import Part, grid_merge, grid_split

__all__ = [
    "DivisionsLoaded",
    "MapError",
    "Part",
    "Replaced",
    "divisions_load",
    "grid_merge",
    "grid_split",
    "grids_replace",
]
