"""Adding to the audit (审计留痕): the only way in."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from governance.access.actor import Actor
from governance.audit.links import FIRST, HASHED, clean, link_hash, plain
from governance.audit.models import AuditEntry

_NEXT = (
    "INSERT INTO audit_audithead (chain, seq, hash) VALUES (%s, 1, %s) "
    "ON CONFLICT (chain) DO UPDATE SET seq = audit_audithead.seq + 1 RETURNING seq, hash"
)
_NAMES = (*HASHED, "previous", "hash")
_INSERT = "INSERT INTO audit_auditentry ({}) VALUES ({})".format(
    ", ".join(f'"{name}"' for name in _NAMES), ", ".join(["%s"] * len(_NAMES))
)
_PREPARED = {
    field.attname: field
    for field in AuditEntry._meta.concrete_fields
    if field.attname in ("at", "device_id", "subject", "subjects", "detail")
}
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
) -> None:
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
    columns = {
        "chain": chain,
        "seq": seq,
        "at": timezone.now(),
        "actor_id": actor.user_id,
        "username": clean(actor.username, 150),
        "device_id": actor.device_id,
        "source": clean(actor.source, 20),
        "action": action,
        "kind": kind,
        "subject": subject,
        "subjects": [str(item) for item in subjects],
        "scope": clean(scope, 15),
        "count": count or len(subjects) or int(subject is not None),
        "purpose": clean(actor.purpose, 200),
        "address": clean(actor.address, 64),
        "detail": plain(detail) if detail else {},
        "previous": previous,
    }
    columns["hash"] = link_hash(previous, columns)
    _store([_stored(name, columns[name]) for name in _NAMES], [columns["hash"], chain])


def _stored(name: str, value: Any) -> Any:
    """Give a column's value as the database driver takes it."""
    field = _PREPARED.get(name)
    return value if field is None else field.get_db_prep_save(value, connection)


def _store(link: list[Any], head: list[Any]) -> None:
    """Store link and head. SQLite takes no writing part in a WITH, and makes no round trip."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"WITH link AS ({_INSERT}) {_HEAD}", link + head)
        else:
            cursor.execute(_INSERT, link)
            cursor.execute(_HEAD, head)
