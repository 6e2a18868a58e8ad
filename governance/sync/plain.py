"""Replies to devices carry no headers meant for pages in a browser: in the hills each byte counts."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

_FOR_PAGES = ("X-Frame-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy")


class PlainReplies:
    """Take the browsers' headers from the answers of the devices' routes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on; an answer that names the protocol is one to a device."""
        response = self.get_response(request)
        if "X-Protocol" in response.headers:
            for name in _FOR_PAGES:
                del response[name]
        return response
