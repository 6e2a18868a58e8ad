"""Django's entry to this room."""

from django.apps import AppConfig


class EventsConfig(AppConfig):
    """事件."""

    name = "governance.events"
    verbose_name = "事件"
