"""What the accounts room and Django's sign-in tell, written to the audit (登录与账号留痕).

Entries go to the chain of the account concerned, ``user:<name>``; tries with a name that no
account has go to ``user:?``, so that nobody can make chains by guessing.
"""

from typing import Any

from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest

from governance.access.actor import Actor
from governance.access.address import address_of
from governance.access.models import User
from governance.access.scope import Scope
from governance.access.signals import happened
from governance.audit.links import clean
from governance.audit.services import audit_append

_NOBODY = "user:?"


@receiver(happened, dispatch_uid="audit.access_happened")
def access_happened(actor: Actor, action: str, username: str, detail: dict[str, Any], **_: Any) -> None:
    """Enter a change of accounts, roles, posts, devices or area rights."""
    audit_append(actor=actor, action=action, chain=f"user:{username}", detail={"account": username, **detail})


@receiver(user_logged_in, dispatch_uid="audit.logged_in")
def logged_in(request: HttpRequest | None, user: User, **_: Any) -> None:
    """Enter a sign-in."""
    _append(user, user.username, request, "session.login")


@receiver(user_logged_out, dispatch_uid="audit.logged_out")
def logged_out(request: HttpRequest | None, user: User | None, **_: Any) -> None:
    """Enter a sign-out, by the person or by the session's limits."""
    if user is not None:
        _append(user, user.username, request, "session.logout")


@receiver(user_login_failed, dispatch_uid="audit.login_failed")
def login_failed(credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    """Enter a failed sign-in; the password is not kept."""
    username = str(credentials.get("username") or "")
    _append(_account(username), username, request, "session.fail")


@receiver(user_locked_out, dispatch_uid="audit.locked_out")
def locked_out(request: HttpRequest | None, username: str | None, **_: Any) -> None:
    """Enter a lock-out after too many failures."""
    _append(_account(username or ""), username or "", request, "session.lock")


def _account(username: str) -> User | None:
    return User.objects.filter(username=clean(username, 150)).first()


def _append(user: User | None, username: str, request: HttpRequest | None, action: str) -> None:
    actor = Actor(
        user_id=user.pk if user else None,
        username=username,
        device_id=None,
        source="",
        scope=Scope(),
        rights=frozenset(),
        address=address_of(request) if request is not None else "",
    )
    with transaction.atomic():
        audit_append(actor=actor, action=action, chain=f"user:{user.username}" if user else _NOBODY)
