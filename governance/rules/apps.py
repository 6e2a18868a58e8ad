"""Django's entry to this room."""

from django.apps import AppConfig


class RulesConfig(AppConfig):
    """规则."""

    name = "governance.rules"
    verbose_name = "规则"
