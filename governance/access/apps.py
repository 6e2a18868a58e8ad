"""Django's entry to this room."""

from importlib import import_module

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """账号与权限."""

    name = "governance.access"
    verbose_name = "账号与权限"

    def ready(self) -> None:
        """Connect the receivers, which need the models."""
        import_module("governance.access.receivers")
