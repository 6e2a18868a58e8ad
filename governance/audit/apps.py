"""Django's entry to this room."""

from importlib import import_module

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """审计."""

    name = "governance.audit"
    verbose_name = "审计"

    def ready(self) -> None:
        """Connect the receivers, which need the models."""
        import_module("governance.audit.receivers")
