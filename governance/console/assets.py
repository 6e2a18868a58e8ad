"""Addresses of the console's own static files (静态文件)."""

from django.http import HttpRequest
from django.templatetags.static import static


def style(request: HttpRequest) -> str:
    """Give the style sheet's address."""
    return static("console/console.css")


def script(request: HttpRequest) -> str:
    """Give the script's address."""
    return static("console/console.js")


def signed_in(request: HttpRequest) -> str:
    """Give the address of the script that keeps what was typed when the session is over."""
    return static("console/signed_in.js")


def icon(request: HttpRequest) -> str:
    """Give the icon's address."""
    return static("console/icon.svg")
