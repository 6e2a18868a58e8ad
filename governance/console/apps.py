"""Django's entry to this room."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """管理台."""

    name = "governance.console"
    verbose_name = "管理台"
