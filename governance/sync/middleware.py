"""The devices' routes are answered at once: sessions, forms and pages are none of theirs."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponse, HttpResponseBase
from django.middleware.security import SecurityMiddleware
from django.urls import Resolver404, ResolverMatch, get_resolver

PREFIX = "/api/v1"
"""Where the routes of this room hang."""

_routes = get_resolver("governance.sync.urls")


class _Security(SecurityMiddleware):
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        super().__init__(get_response)
        self.referrer_policy: str | None = None
        self.cross_origin_opener_policy: str | None = None


class DeviceRoutes:
    """Call the devices' views without the middleware of pages, and leave everything else to it.

    What holds for a tablet too stays: the host it asks for must be ours, and the headers of
    ``SecurityMiddleware`` that are not only meant for a page in a browser; in the hills each byte counts.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._pages = get_response
        self._devices: Callable[[HttpRequest], Any] = _Security(_answer)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer a device's request, or pass the request on."""
        request.resolver_match = _match(request.path_info)
        answer = self._pages if request.resolver_match is None else self._devices
        response: HttpResponseBase = answer(request)
        return response


def _match(path: str) -> ResolverMatch | None:
    """Give the device's route at a path; None where there is none."""
    if not path.startswith(PREFIX):
        return None
    try:
        return _routes.resolve(path.removeprefix(PREFIX))
    except Resolver404:
        return None


def _answer(request: HttpRequest) -> HttpResponseBase:
    request.get_host()
    match: Any = request.resolver_match
    response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
    if isinstance(response, HttpResponse):
        response.headers.setdefault("Content-Length", str(len(response.content)))
    return response
