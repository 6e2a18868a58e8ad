"""What a browser is shown after too many failed sign-ins (登录锁定)."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse


def locked_out(request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
    """Answer 429 with how long to wait; django-axes calls it."""
    seconds = int(settings.AXES_COOLOFF_TIME.total_seconds())
    reply = HttpResponse(
        f"连续多次登录失败，账号在本机暂时锁定。请{seconds // 60}分钟后再试，或联系安全管理员。",
        content_type="text/plain; charset=utf-8",
        status=429,
    )
    reply["Retry-After"] = str(seconds)
    return reply
