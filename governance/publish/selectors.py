"""Reading agreements: which hold, and what a department's actor is."""

from datetime import date

from django.db.models import Q, QuerySet
from django.utils import timezone

from governance.access.actor import Actor
from governance.access.errors import Forbidden
from governance.access.models import Department
from governance.access.scope import Scope
from governance.publish.catalogue import BASE
from governance.publish.models import Agreement


def agreements_on(day: date, department: Department) -> QuerySet[Agreement]:
    """Give a department's agreements in force on a day."""
    held = Q(valid_to=None) | Q(valid_to__gte=day)
    return Agreement.objects.filter(held, department=department, enabled=True, valid_from__lte=day)


def agreement_for(department: Department, kind: str) -> Agreement:
    """Give the agreement by which a department may pull a kind today.

    Raises
    ------
    Forbidden
        Where there is none.
    """
    found = (
        agreements_on(timezone.localdate(), department).filter(kind=kind).first() if kind in BASE else None
    )
    if found is None:
        raise Forbidden(f"{department.name}没有获取“{kind[:32]}”的约定，或约定不在有效期内")
    return found


def actor_for_department(department: Department, area: str, purpose: str, address: str) -> Actor:
    """Give the actor for a department's system within the area of an agreement: it reads and never writes."""
    return Actor(
        user_id=None,
        username=f"department:{department.code}",
        device_id=None,
        source=department.code,
        scope=Scope(frozenset(), (area,)),
        rights=frozenset(),
        purpose=purpose,
        address=address,
        abilities=frozenset({"pull_published"}),
        read_only=True,
    )
