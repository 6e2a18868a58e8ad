"""What a staff session reads people's data for (使用目的): chosen once, kept in the session, audited."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse

from governance.access.actor import PEOPLE_KINDS, Actor
from governance.access.requests import actor_of

PURPOSES = ("日常服务", "核查信息", "走访准备", "来电咨询", "数据治理", "督导检查")
"""Purposes to choose from; another may be written instead."""

MOST = 100
_KEY = "purpose"
_OFFICE = "后台办理"


def purpose_of(request: HttpRequest) -> str:
    """Give the session's purpose, "" while none was chosen."""
    return str(request.session.get(_KEY, ""))


def purpose_set(request: HttpRequest, purpose: str) -> None:
    """Keep the purpose for the rest of the session."""
    request.session[_KEY] = purpose.strip()[:MOST]


def staff_actor(request: HttpRequest) -> Actor:
    """Give the actor of a console request with the session's purpose."""
    return actor_of(request, purpose_of(request) or _OFFICE)


def purpose_missing(request: HttpRequest, kind: str) -> HttpResponseRedirect | None:
    """Send whoever opens people's data without a purpose to where it is chosen."""
    if kind not in PEOPLE_KINDS or purpose_of(request):
        return None
    return redirect(f"{reverse('admin:purpose')}?{urlencode({'next': request.get_full_path()})}")
