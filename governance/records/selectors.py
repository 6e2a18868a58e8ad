"""Reading what was not taken (收件箱), by area."""

from django.db.models import Q, QuerySet

from governance.access.actor import Actor
from governance.access.models import Post
from governance.access.selectors import posts_active
from governance.contract import KINDS
from governance.records.models import Inbox
from governance.records.veil import told_unveiled


def inbox_seen(actor: Actor) -> "QuerySet[Inbox]":
    """Give the changes that were not taken and concern the actor's area, of kinds he may see.

    Where a change does not say what it is about, it is the community's whose grid its worker holds, or held
    where he holds none any more.
    """
    kinds = ["", *(name for name in KINDS if actor.may_read(name))]
    rows = Inbox.objects.filter(told_unveiled(actor), kind__in=kinds)
    if actor.scope.unbounded:
        return rows
    held = posts_active()
    here = Post.objects.filter(actor.scope.q())
    workers = here.filter(Q(pk__in=held.values("pk")) | ~Q(worker__in=held.values("worker"))).values("worker")
    return rows.filter(actor.scope.q() | Q(grid="", user__in=workers))
