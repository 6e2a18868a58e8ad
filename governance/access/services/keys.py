"""Keys of systems outside (外部系统密钥): given once, made void, found by their text."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any, TypeVar

from django.db.models import Q, QuerySet
from django.utils import timezone

from governance.access.actor import Actor
from governance.access.models import OutsideKey
from governance.access.policy import check_can

_Key = TypeVar("_Key", bound=OutsideKey)

_USED_EVERY = timedelta(minutes=1)


def outside_key_make(*, actor: Actor, model: type[_Key], name: str, **holder: Any) -> tuple[_Key, str]:
    """Make a key for ``holder``, and its text, which cannot be shown again; the caller leaves the trace.

    Raises
    ------
    Forbidden
        Unless the actor manages the platform.
    """
    check_can(actor, "manage_system")
    text = secrets.token_urlsafe(32)
    key = model(
        name=name.strip()[:100],
        key_hash=secret_digest(text),
        created_at=timezone.now(),
        created_by_id=actor.user_id,
        **holder,
    )
    key.save()
    return key, text


def outside_key_void(*, actor: Actor, key: OutsideKey) -> bool:
    """Make a key void at once; whether it was not so before. The caller leaves the trace.

    Raises
    ------
    Forbidden
        Unless the actor manages the platform.
    """
    check_can(actor, "manage_system")
    rows = type(key)._default_manager.filter(pk=key.pk, revoked_at=None)
    changed = rows.update(revoked_at=timezone.now())
    key.refresh_from_db()
    return bool(changed)


def outside_key_find(rows: QuerySet[_Key], text: str) -> _Key | None:
    """Give the valid key that a text is, if any: one query, and a write at most once a minute."""
    key = rows.filter(key_hash=secret_digest(text), revoked_at=None).first()
    if key is None:
        return None
    now = timezone.now()
    stale = now - _USED_EVERY
    if key.last_used_at is None or key.last_used_at < stale:
        mine = type(key)._default_manager.filter(pk=key.pk)
        mine.filter(Q(last_used_at=None) | Q(last_used_at__lt=stale)).update(last_used_at=now)
    return key


def secret_digest(text: str) -> str:
    """Give what is kept of a key or token: SHA-256, hex. They are random, so no salt is needed."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
