"""Who may see which changes that were not taken (收件箱范围)."""

from django.db.models import QuerySet
from django.http import HttpRequest

from governance.records.models import Inbox
from governance.records.registry.purpose import staff_actor
from governance.records.selectors import inbox_seen


def inbox_of(request: HttpRequest) -> "QuerySet[Inbox]":
    """Give the changes that concern the user's area, of kinds he may see."""
    return inbox_seen(staff_actor(request))
