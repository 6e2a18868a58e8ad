"""Django's entry to this room."""

from django.apps import AppConfig


class VerifyConfig(AppConfig):
    """核查比对."""

    name = "governance.verify"
    verbose_name = "核查比对"
