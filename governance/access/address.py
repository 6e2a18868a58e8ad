"""Where a request came from (来源地址)."""

from django.conf import settings
from django.http import HttpRequest

_UNKNOWN = "0.0.0.0"  # noqa: S104 - says that nothing is known, nothing listens there


def address_of(request: HttpRequest) -> str:
    """Give the client's network address, see :func:`address_from`."""
    return address_from(request.META.get("REMOTE_ADDR") or "", request.META.get("HTTP_X_FORWARDED_FOR", ""))


def address_from(peer: str, forwarded: str) -> str:
    """Give the client's address from who is connected and the header ``X-Forwarded-For``.

    Behind ``settings.TRUSTED_PROXIES`` reverse proxies it is that many places from the right of the
    header, the only part that a client cannot invent.
    """
    hops = settings.TRUSTED_PROXIES
    if hops:
        passed = [part.strip() for part in forwarded.split(",")]
        if len(passed) >= hops and passed[-hops]:
            return passed[-hops][:64]
    return peer or _UNKNOWN
