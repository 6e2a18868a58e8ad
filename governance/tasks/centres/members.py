"""Looking for somebody to take into a team (查找队员): by name, as far as whoever leads it has to know."""

from typing import Any

from django.db.models import Q
from django.forms import Widget
from django.http import HttpRequest, JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from unfold.widgets import INPUT_CLASSES

from governance.access.models import User
from governance.access.roles import ADMIN_ROLES

_MOST = 20
_LEAST = 2
"""Characters to be typed: nobody looks through the accounts."""

_NEVER = frozenset({"department"}) | ADMIN_ROLES


class MemberSearch(Widget):
    """A search by name or user name; its value is the user name."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Draw the search with who is chosen in words."""
        username = str(value or "")
        row = User.objects.filter(username=username).first() if username else None
        context = {
            "name": name,
            "choices": reverse("admin:tasks_teammember_people"),
            "hint": "输入姓名或用户名查找",
            "none": "没有找到：请输入姓名或用户名的至少两个字；账号由安全管理员开通",
            "text": _text(row) if row else username,
            "field": {"value": username},
            "css": " ".join(INPUT_CLASSES),
        }
        return render_to_string("console/search.html", context)


def members_page(request: HttpRequest) -> JsonResponse:
    """Give the accounts that fit ``q`` and may belong to a team, by user name; name and user name alone.

    Answers ``{"choices": [{"id", "text"}], "more": bool}``.
    """
    words = request.POST.get("q", "").split()
    if len("".join(words)) < _LEAST:
        return JsonResponse({"choices": [], "more": False})
    rows = User.objects.filter(is_active=True).exclude(groups__name__in=_NEVER).exclude(is_superuser=True)
    for word in words:
        rows = rows.filter(Q(name__contains=word) | Q(username__startswith=word))
    found = list(rows.order_by("username")[: _MOST + 1])
    shown = [{"id": row.username, "text": _text(row)} for row in found[:_MOST]]
    return JsonResponse({"choices": shown, "more": len(found) > _MOST})


def _text(row: User) -> str:
    return f"{row.name}（{row.username}）"
