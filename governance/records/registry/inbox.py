"""Who may see which changes that were not taken (收件箱范围)."""

from django.db.models import QuerySet
from django.http import HttpRequest

from governance.access.selectors import posts_active
from governance.contract import KINDS
from governance.records.models import Inbox
from governance.records.registry.purpose import staff_actor


def inbox_of(request: HttpRequest) -> "QuerySet[Inbox]":
    """Give the changes of the workers whose posts lie in the user's area, of kinds he may see."""
    actor = staff_actor(request)
    kinds = ["", *(name for name in KINDS if actor.may_read(name))]
    rows = Inbox.objects.filter(kind__in=kinds)
    if actor.scope.unbounded:
        return rows
    return rows.filter(user__in=posts_active().filter(actor.scope.q()).values("worker"))
