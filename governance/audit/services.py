"""Adding to the audit (审计留痕): the only way in."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from governance.access.actor import Actor
from governance.audit.links import FIRST, HASHED, clean, link_halves, link_hash, plain
from governance.audit.models import AuditEntry

_OWN = [
    field for field in AuditEntry._meta.concrete_fields if field.attname in HASHED and field.attname != "seq"
]
_PREPARED = {"at", "device_id", "subject", "subjects", "detail"}
_NAMES = ", ".join(f'"{field.column}"' for field in _OWN)
_VALUES = ", ".join(["%s"] * len(_OWN))

# PostgreSQL makes the hash itself, which spares the round trip that would bring the one before it.
_LINK = f"""
    WITH held AS (SELECT seq + 1 AS seq, hash FROM audit_audithead WHERE chain = %s FOR UPDATE),
    link AS (
        INSERT INTO audit_auditentry ({_NAMES}, seq, previous, hash)
        SELECT {_VALUES}, seq, hash, encode(sha256(convert_to(hash || %s || seq || %s, 'UTF8')), 'hex')
        FROM held RETURNING seq, hash
    )
    UPDATE audit_audithead head SET seq = link.seq, hash = link.hash FROM link WHERE head.chain = %s
"""
_BEGIN = "INSERT INTO audit_audithead (chain, seq, hash) VALUES (%s, 0, %s) ON CONFLICT DO NOTHING"
_HELD = "SELECT seq + 1, hash FROM audit_audithead WHERE chain = %s"
_INSERT = f"INSERT INTO audit_auditentry ({_NAMES}, seq, previous, hash) VALUES ({_VALUES}, %s, %s, %s)"
_HEAD = "UPDATE audit_audithead SET seq = %s, hash = %s WHERE chain = %s"


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
    """Add one entry to a chain within the caller's transaction: one statement, on SQLite three.

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
    columns = {
        "chain": chain,
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
    }
    store = _link if connection.vendor == "postgresql" else _link_there
    with connection.cursor() as cursor:
        if not store(cursor, chain, columns):
            cursor.execute(_BEGIN, [chain, FIRST])
            store(cursor, chain, columns)


def _link(cursor: CursorWrapper, chain: str, columns: Mapping[str, Any]) -> bool:
    """Store link and head on PostgreSQL; False where the chain has not begun."""
    cursor.execute(_LINK, [chain, *_stored(columns), *link_halves(columns), chain])
    return bool(cursor.rowcount)


def _link_there(cursor: CursorWrapper, chain: str, columns: Mapping[str, Any]) -> bool:
    """Do as :func:`_link` where the database makes no hashes; its writers come one by one."""
    cursor.execute(_HELD, [chain])
    held = cursor.fetchone()
    if held is None:
        return False
    seq, previous = held
    hash_ = link_hash(previous, {**columns, "seq": seq})
    cursor.execute(_INSERT, [*_stored(columns), seq, previous, hash_])
    cursor.execute(_HEAD, [seq, hash_, chain])
    return True


def _stored(columns: Mapping[str, Any]) -> list[Any]:
    """Give a link's own columns as the database driver takes them."""
    return [
        field.get_db_prep_save(value, connection) if field.attname in _PREPARED else value
        for field, value in ((field, columns[field.attname]) for field in _OWN)
    ]
