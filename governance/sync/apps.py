"""Django's entry to this room."""

from django.apps import AppConfig


class SyncConfig(AppConfig):
    """终端同步."""

    name = "governance.sync"
    verbose_name = "终端同步"
