"""Synthetic grids for a city whose real grid polygons cannot be had.

The rough outlines of the counties are divided by a seeded Voronoi diagram into exactly as many
cells as the city has grids; neighbouring cells are grouped into communities and towns that carry
the real codes. The polygons are synthetic: no border within a county is a real one.
"""

from gridmap.partition.build import PartitionError, outlines_clean, partition
from gridmap.partition.quota import DEFAULT_SEED

__all__ = ["DEFAULT_SEED", "PartitionError", "outlines_clean", "partition"]
