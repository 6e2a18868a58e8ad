"""Divisions, grids, their polygons and history (网格地图)."""
