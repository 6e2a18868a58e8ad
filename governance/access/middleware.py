"""Limits of a console session (会话限制): idle, absolute, and the password that must be changed first."""

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse

from governance.access.requests import actor_of
from governance.access.signals import tell

BEGAN, SEEN = "began", "seen"
_SEEN_EVERY = 60
_DONE = 302


class SessionLimits:
    """End a session idle for ``SESSION_IDLE_SECONDS`` or older than ``SESSION_COOKIE_AGE``.

    Both are told from the server's own notes in the session, not from the cookie. The note of the
    last use is written at most once a minute.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on, as a stranger's when the session is over; tablets have none."""
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return self.get_response(request)
        if request.user.is_authenticated:
            _hold_limits(request)
        if request.user.is_authenticated and getattr(request.user, "must_change_password", False):
            change = _change_password_page(request.path)
            if change:
                return redirect(change)
        reply = self.get_response(request)
        _tell_own_password(request, reply)
        return reply


def _hold_limits(request: HttpRequest) -> None:
    now = int(time.time())
    session = request.session
    began, seen = session.get(BEGAN), session.get(SEEN)
    if began is None or seen is None:
        session[BEGAN] = session[SEEN] = now
    elif now - began > settings.SESSION_COOKIE_AGE or now - seen > settings.SESSION_IDLE_SECONDS:
        logout(request)
    elif now - seen >= _SEEN_EVERY:
        session[SEEN] = now


def _tell_own_password(request: HttpRequest, reply: HttpResponse) -> None:
    """Tell the audit that a person changed his own password on Django's page."""
    match = request.resolver_match
    if match is not None and match.view_name == "admin:password_change" and reply.status_code == _DONE:
        with transaction.atomic():
            actor = actor_of(request)
            tell(actor, "account.own_password", actor.username)


def _change_password_page(path: str) -> str:
    """Give the page to go to instead of ``path``, empty when ``path`` may be opened."""
    try:
        index = reverse("admin:index")
        change = reverse("admin:password_change")
        free = {change, reverse("admin:logout"), reverse("admin:jsi18n")}
    except NoReverseMatch:
        return ""
    return change if path.startswith(index) and path not in free else ""
