"""Where a request came from (来源地址)."""

from django.conf import settings
from django.http import HttpRequest

_UNKNOWN = "0.0.0.0"  # noqa: S104 - says that nothing is known, nothing listens there


def address_of(request: HttpRequest) -> str:
    """Give the client's network address.

    Behind ``settings.TRUSTED_PROXIES`` reverse proxies it is that many places from the right of
    ``X-Forwarded-For``, the only part that a client cannot invent.
    """
    hops = settings.TRUSTED_PROXIES
    if hops:
        forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
        if len(forwarded) >= hops and forwarded[-hops]:
            return forwarded[-hops][:64]
    return request.META.get("REMOTE_ADDR") or _UNKNOWN
