"""Django's entry to this room."""

from django.apps import AppConfig


class FeedConfig(AppConfig):
    """变更流."""

    name = "governance.feed"
    verbose_name = "变更流"
