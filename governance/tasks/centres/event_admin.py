"""Events in the console, with what leads them to a centre's desk (事件转中心办理)."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from governance.access.errors import Refused
from governance.events.admin import EventAdmin
from governance.events.models import Event
from governance.records.registry.purpose import staff_actor
from governance.tasks.centres.giving import takers_of
from governance.tasks.centres.handing import event_hand_on
from gridmap.naming import grid_names

_AT_ONCE = 100

admin.site.unregister(Event)


@admin.register(Event)
class HandedEventAdmin(EventAdmin):
    """Events, the newest first; whoever sends events on hands them to a centre."""

    actions: ClassVar[tuple[str, ...]] = ("hand_on",)

    def has_hand_on_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Open handing on to those who send events on or plan tasks."""
        actor = staff_actor(request)
        return actor.can("dispatch_events") or actor.can("plan_tasks")

    @admin.action(description="转中心（站）办理…", permissions=["hand_on"])
    def hand_on(self, request: HttpRequest, queryset: "QuerySet[Event]") -> HttpResponse | None:
        """Ask which centre, then hand the chosen events on."""
        events: list[Any] = list(queryset.select_related(None).order_by("grid", "id")[:_AT_ONCE])
        if request.POST.get("sure") == "1":
            self._hand(request, events)
            return None
        takers = takers_of({event.grid for event in events})
        names = grid_names({event.grid for event in events})
        context = {
            **admin.site.each_context(request),
            "title": "转中心（站）办理",
            "events": [(event, names.get(event.grid, event.grid)) for event in events],
            "stations": [(code, row.name) for code, row in takers.stations.items()],
        }
        return TemplateResponse(request, "console/event_hand_on.html", context)

    @staticmethod
    def _hand(request: HttpRequest, events: list[Any]) -> None:
        actor, done, refused = staff_actor(request), 0, []
        for event in events:
            try:
                event_hand_on(
                    actor=actor,
                    event=event,
                    station=request.POST.get("station", ""),
                    note=request.POST.get("note", "").strip()[:200],
                    day=timezone.localdate(),
                )
                done += 1
            except Refused as error:
                refused.append(error.reason)
        if done:
            messages.success(request, f"已转办{done}件事件")
        for reason in dict.fromkeys(refused):
            messages.warning(request, f"没有转办：{reason}")
