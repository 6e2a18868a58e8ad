"""The actor behind a console request (请求的操作者)."""

from django.http import HttpRequest

from governance.access.actor import Actor
from governance.access.address import address_of
from governance.access.models import User
from governance.access.scope import Scope
from governance.access.selectors import actor_for_user

NOBODY = Actor(
    user_id=None,
    username="",
    device_id=None,
    source="",
    scope=Scope(),
    rights=frozenset(),
    read_only=True,
    sees_people=False,
)
"""Whoever has not signed in: sees nothing, may do nothing."""


def actor_of(request: HttpRequest, purpose: str = "") -> Actor:
    """Give the actor for a console request, found once a request: at most one query.

    Parameters
    ----------
    request : HttpRequest
        With the account that the session middleware found.
    purpose : str
        What the page reads for, Chinese; goes into the audit.
    """
    user = request.user
    if not isinstance(user, User):
        return NOBODY
    known: Actor | None = getattr(request, "_actor", None)
    if known is None or known.user_id != user.pk:
        known = actor_for_user(user, address=address_of(request))
        request._actor = known  # type: ignore[attr-defined]
    return known.for_purpose(purpose)
