"""What is done with items is entered in the audit (事项留痕)."""

from collections.abc import Sequence
from uuid import UUID

from governance.access.actor import Actor
from governance.audit.services import audit_append
from governance.contract import CITY
from governance.tasks.models import WorkItem


def trace(actor: Actor, action: str, item: WorkItem, subjects: Sequence[UUID] = (), **detail: object) -> None:
    """Enter in the audit what was done with an item, and whose data it concerned."""
    told = {"item": str(item.pk), "department": item.department_id, "ref": item.ref, **detail}
    audit_append(
        actor=actor,
        action=action,
        kind=item.subject_kind,
        subjects=subjects,
        scope=item.area,
        detail=told,
        chain=CITY,
    )
