"""What a browser may load on the console's pages (内容安全): nothing from outside the hub."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

# Alpine, which draws the menus, evaluates expressions in attributes; MapLibre's worker is a blob.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; worker-src 'self' blob:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)


class ContentPolicy:
    """Give the console's answers a Content-Security-Policy."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on and set the header."""
        response = self.get_response(request)
        if request.path.startswith((reverse("admin:index"), reverse("help"))):
            response.setdefault("Content-Security-Policy", POLICY)
        return response
