"""Single records behind a right (遮蔽): a planned visit tells of the care register it comes from.

A kind's ``veil`` is the field that names the other kind; whoever lacks that one's right does not see the
record at all, neither on a tablet nor in a list.
"""

from collections.abc import Mapping

from django.db.models import Q

from governance.access.actor import Actor
from governance.contract import Kind


def unveiled(actor: Actor, kind: Kind) -> Q:
    """Give the filter on the records of a kind that are behind no right the actor lacks."""
    if kind.veil is None or not actor.barred:
        return Q()
    return ~Q(**{f"{kind.veil}__in": sorted(actor.barred)}) | Q(**{f"{kind.veil}__isnull": True})


def veiled(actor: Actor, kind: Kind, values: Mapping[str, object]) -> bool:
    """Whether a record is behind a right that the actor lacks."""
    return kind.veil is not None and values.get(kind.veil) in actor.barred
