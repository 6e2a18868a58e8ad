"""How departments' requests are told apart, limited and answered (部门接口)."""

from typing import Any
from urllib.parse import unquote

from django.conf import settings
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from governance.access.errors import Throttled
from governance.access.models import Department
from governance.access.services.throttle import throttle_hit
from governance.publish.models import DepartmentKey
from governance.publish.services import key_authenticate
from governance.records.outside import SCHEME, Malformed, OutsideView, key_given

_LONGEST = 200


class KeyAuthentication(BaseAuthentication):
    """``Authorization: Key <key>``; the department is the user."""

    def authenticate(self, request: Request) -> tuple[Any, DepartmentKey]:
        """Find the key.

        Raises
        ------
        KeyUnknown
            Where there is none, or not such a one.
        """
        key = key_authenticate(key_given(request))
        return key.department, key

    def authenticate_header(self, request: Request) -> str:
        """Name the scheme."""
        return SCHEME


class HasKey(BasePermission):
    """Only departments with a key."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether a key was found."""
        return isinstance(request.auth, DepartmentKey)


class KeyThrottle(BaseThrottle):
    """So many requests a minute with one key, counted exactly over all processes."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Count one.

        Raises
        ------
        Throttled
            Beyond the limit, with the seconds to wait.
        """
        wait = throttle_hit(key=f"publish:{request.auth.pk}", limit=settings.PUBLISH_PER_MINUTE, seconds=60)
        if wait:
            raise Throttled("请求过于频繁，请稍后再试", wait=wait)
        return True


class DepartmentView(OutsideView):
    """A route of the department interface."""

    authentication_classes = (KeyAuthentication,)
    permission_classes = (HasKey,)
    throttle_classes = (KeyThrottle,)


def department_of(request: Request) -> Department:
    """Give the department whose key the request carries."""
    key: Any = request.auth
    department: Department = key.department
    return department


def number_of(request: Request, name: str, default: int, *, least: int = 1, most: int) -> int:
    """Read a whole number of the query.

    Raises
    ------
    Malformed
        Where it is none, or out of bounds.
    """
    text = request.query_params.get(name, str(default))
    digits = text.isascii() and text.isdigit() and len(text) <= len(str(most))
    if not (digits and least <= int(text) <= most):
        raise Malformed(f"{name} 应为{least}到{most}的整数")
    return int(text)


def purpose_of(request: Request) -> str:
    """Read what the data are pulled for from ``X-Purpose``: percent-encoded UTF-8.

    Raises
    ------
    Malformed
        Where it is missing, too long or not of that form.
    """
    given = request.headers.get("X-Purpose", "")
    try:
        purpose = unquote(given, errors="strict").strip()
    except UnicodeDecodeError:
        raise Malformed("请求头 X-Purpose 应为百分号编码的 UTF-8 文字") from None
    if not given.isascii():
        raise Malformed("请求头 X-Purpose 应为百分号编码的 UTF-8 文字")
    if not purpose:
        raise Malformed("请求头 X-Purpose 必填：写明调用数据的用途")
    if len(purpose) > _LONGEST or not purpose.isprintable():
        raise Malformed(f"请求头 X-Purpose 最多{_LONGEST}个字，不含控制字符")
    return purpose
