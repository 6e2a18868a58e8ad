"""Events in the console (事件登记簿)."""

from typing import ClassVar

from django.contrib import admin

from governance.events.models import Event
from governance.records.registry.admin import RecordAdmin


@admin.register(Event)
class EventAdmin(RecordAdmin):
    """Events, the newest first; closing follows the life cycle and is not done by hand."""

    ordering = ("-occurred_at", "-id")
    closes: ClassVar[bool] = False
