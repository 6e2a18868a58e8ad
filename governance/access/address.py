"""Where a request came from (来源地址)."""

import re
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest

_WITH_PORT = re.compile(r"\[(.+)\](?::\d+)?|([\d.]+):\d+")
_UNKNOWN = "0.0.0.0"  # noqa: S104 - says that nothing is known, nothing listens there


def address_of(request: HttpRequest) -> str:
    """Give the client's network address, see :func:`address_from`."""
    return address_from(request.META.get("REMOTE_ADDR") or "", request.META.get("HTTP_X_FORWARDED_FOR", ""))


def address_from(peer: str, forwarded: str) -> str:
    """Give the client's address from who is connected and the header ``X-Forwarded-For``.

    Behind ``settings.TRUSTED_PROXIES`` reverse proxies it is that many places from the right of the
    header, the only part that a client cannot invent. Some proxies write a port behind it, another one for
    each connection: it is left out. What is no address, such as ``unknown``, counts as nothing.
    """
    hops = settings.TRUSTED_PROXIES
    if hops:
        passed = [part.strip() for part in forwarded.split(",")]
        told = _address(passed[-hops]) if len(passed) >= hops else ""
        if told:
            return told
    return peer or _UNKNOWN


def _address(text: str) -> str:
    """Give the address in a place of the header; empty where there is none."""
    met = _WITH_PORT.fullmatch(text)
    try:
        return str(ip_address(met[1] or met[2] if met else text)).partition("%")[0]
    except ValueError:
        return ""
