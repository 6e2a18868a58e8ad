"""Django's entry to this room."""

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    """基础数据."""

    name = "governance.records"
    verbose_name = "基础数据"
