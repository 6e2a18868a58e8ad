"""Adding to the audit (审计留痕): the only way in."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from governance.access.actor import Actor
from governance.audit.links import FIRST, clean, link_hash, plain
from governance.audit.models import AuditEntry

_NEXT = (
    "INSERT INTO audit_audithead (chain, seq, hash) VALUES (%s, 1, %s) "
    "ON CONFLICT (chain) DO UPDATE SET seq = audit_audithead.seq + 1 RETURNING seq, hash"
)
_COLUMNS = [field for field in AuditEntry._meta.concrete_fields if not field.primary_key]
_INSERT = "INSERT INTO audit_auditentry ({}) VALUES ({}) RETURNING id".format(
    ", ".join(f'"{field.column}"' for field in _COLUMNS), ", ".join(["%s"] * len(_COLUMNS))
)
_HEAD = "UPDATE audit_audithead SET hash = %s WHERE chain = %s"


def audit_append(
    *,
    actor: Actor,
    action: str,
    kind: str = "",
    subject: UUID | None = None,
    subjects: Sequence[UUID | str] = (),
    scope: str = "",
    count: int = 0,
    detail: Mapping[str, Any] | None = None,
    chain: str,
) -> AuditEntry:
    """Add one entry to a chain within the caller's transaction: two statements, three on SQLite.

    The chain's head row stays locked until the caller commits, so links never fork; writers of
    other chains do not wait. Who adds to several chains in one transaction does so in sorted order.

    Parameters
    ----------
    actor : Actor
        Who; its purpose and address are kept.
    action : str
        What, as ``room.verb``, such as ``records.apply``.
    kind : str
        Record kind, empty where several or none.
    subject, subjects : UUID, sequence of UUID
        Whose datum: one record, or those of a batch.
    scope : str
        Grid or division code.
    count : int
        Records concerned; the number of subjects when left out.
    detail : mapping, optional
        JSON; never a value that the entry's readers may not see.
    chain : str
        Grid code, ``wire.CITY`` or ``user:<name>``.

    Raises
    ------
    TransactionManagementError
        When called outside a transaction.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("audit_append must run in the transaction of what it records")
    chain = clean(chain, 160)
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [chain, FIRST])
        seq, previous = cursor.fetchone()
    entry = AuditEntry(
        chain=chain,
        seq=seq,
        at=timezone.now(),
        actor_id=actor.user_id,
        username=clean(actor.username, 150),
        device_id=actor.device_id,
        source=clean(actor.source, 20),
        action=action,
        kind=kind,
        subject=subject,
        subjects=[str(item) for item in subjects],
        scope=clean(scope, 15),
        count=count or len(subjects) or int(subject is not None),
        purpose=clean(actor.purpose, 200),
        address=clean(actor.address, 64),
        detail=plain(detail or {}),
        previous=previous,
    )
    entry.hash = link_hash(previous, vars(entry))
    columns = [field.get_db_prep_save(getattr(entry, field.attname), connection) for field in _COLUMNS]
    entry.pk = _store(columns, [entry.hash, chain])
    entry._state.adding = False
    return entry


def _store(columns: list[Any], head: list[str]) -> int:
    """Store link and head; gives the link's id. SQLite takes no writing part in a WITH, and no round trip."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                f"WITH link AS ({_INSERT}) {_HEAD} RETURNING (SELECT id FROM link)", columns + head
            )
            return int(cursor.fetchone()[0])
        cursor.execute(_INSERT, columns)
        (key,) = cursor.fetchone()
        cursor.execute(_HEAD, head)
        return int(key)
