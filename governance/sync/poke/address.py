"""Where open lines are served, as a tablet sees it (唤醒地址)."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest

ROUTE = "/api/v1/sync/poke"


def poke_address(request: HttpRequest) -> str:
    """Give ``settings.POKE_URL``, or else the host that was called at the poke port."""
    if settings.POKE_URL:
        return str(settings.POKE_URL)
    host = urlsplit(f"//{request.get_host()}").hostname or ""
    port = settings.POKE_PORT or int(request.META["SERVER_PORT"]) + 1
    return f"{request.scheme}://{f'[{host}]' if ':' in host else host}:{port}{ROUTE}"
