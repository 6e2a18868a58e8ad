"""Counts of an area by the areas below it (统计): one query a kind, whatever the number of grids."""

import datetime
import hashlib
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Q
from django.db.models.functions import Substr
from django.utils import timezone

from governance.access.actor import Actor
from governance.contract.kinds.task_states import OPEN_STATES
from governance.records.models import model_of
from governance.records.registry.areas import in_area
from governance.tasks.models import Task

_KEPT_SECONDS = 60
_DONE_DAYS = 30


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts by code of the level below the area: kind (or ``open``, ``overdue``) → code → number."""

    by_code: dict[str, dict[str, int]]

    def total(self, name: str) -> int:
        """Add one column up."""
        return sum(self.by_code.get(name, {}).values())


def figures_of(actor: Actor, area: str, digits: int, kinds: list[str], with_tasks: bool) -> Figures:
    """Count what lies in the area by codes of ``digits`` digits: one query a kind; kept for a minute."""
    mark = repr((sorted(actor.scope.grids), actor.scope.prefixes, area, digits, kinds, with_tasks))
    key = f"dashboard:{hashlib.sha256(mark.encode()).hexdigest()}"
    kept = cache.get(key)
    if kept is None:
        within = actor.scope.q() & in_area(area) & Q(deleted=False, closed_on=None)
        kept = {name: _count(model_of(name), within, digits) for name in kinds}
        if with_tasks:
            kept |= _count_tasks(within, digits, timezone.localdate())
        cache.set(key, kept, _KEPT_SECONDS)
    return Figures(kept)


def _count(model: Any, within: Q, digits: int) -> dict[str, int]:
    rows = model.objects.filter(within).order_by().annotate(code=Substr("grid", 1, digits))
    return dict(rows.values("code").annotate(n=Count("pk")).values_list("code", "n"))


def _count_tasks(within: Q, digits: int, day: datetime.date) -> dict[str, dict[str, int]]:
    since = timezone.now() - datetime.timedelta(days=_DONE_DAYS)
    rows = Task.objects.filter(within).order_by().annotate(code=Substr("grid", 1, digits)).values("code")
    waiting = Q(state__in=OPEN_STATES)
    counted = rows.annotate(
        open=Count("pk", filter=waiting & (Q(opens_on=None) | Q(opens_on__lte=day))),
        overdue=Count("pk", filter=waiting & Q(due_on__lt=day)),
        done=Count("pk", filter=Q(state="done", done_at__gte=since)),
    )
    found: dict[str, dict[str, int]] = {"open": {}, "overdue": {}, "done": {}}
    for code, *numbers in counted.values_list("code", *found):
        for column, number in zip(found.values(), numbers, strict=True):
            column[code] = number
    return found
