"""Django's entry to this room."""

from django.apps import AppConfig


class GridmapConfig(AppConfig):
    """网格地图."""

    name = "gridmap"
    verbose_name = "网格地图"
