"""Grids in and out as GeoPackage, Shapefile and GeoJSON (the only room for geopandas and pyogrio)."""
