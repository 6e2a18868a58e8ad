"""Single records behind a right (遮蔽): a planned visit tells of the care register it comes from.

A kind's ``veil`` is the field that names the other kind; whoever lacks that one's right does not see the
record at all, neither on a tablet nor in a list.
"""

from collections.abc import Mapping

from django.db.models import Exists, OuterRef, Q

from governance.access.actor import Actor
from governance.contract import KINDS, Kind
from governance.records.models import model_of


def unveiled(actor: Actor, kind: Kind) -> Q:
    """Give the filter on the records of a kind that are behind no right the actor lacks."""
    if kind.veil is None or not actor.barred:
        return Q()
    return ~Q(**{f"{kind.veil}__in": sorted(actor.barred)}) | Q(**{f"{kind.veil}__isnull": True})


def told_unveiled(actor: Actor) -> Q:
    """Give the like filter on what is said of records: changes not taken, values under review."""
    found = Q()
    for kind in KINDS.values() if actor.barred else ():
        if kind.veil is not None:
            rows = model_of(kind.name)._default_manager.filter(~unveiled(actor, kind), pk=OuterRef("record"))
            found &= ~Q(Exists(rows), kind=kind.name)
    return found


def veiled(actor: Actor, kind: Kind, values: Mapping[str, object]) -> bool:
    """Whether a record is behind a right that the actor lacks."""
    return kind.veil is not None and values.get(kind.veil) in actor.barred
