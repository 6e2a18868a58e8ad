"""How systems outside are answered (对外接口): JSON, errors of one form, the epoch in every reply."""

from collections.abc import Iterable, Mapping
from typing import Any

from rest_framework.exceptions import APIException, MethodNotAllowed, ParseError
from rest_framework.parsers import JSONParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.access.errors import Refused
from governance.contract import Problem
from governance.feed.selectors import epoch

SCHEME = "Key"
"""Scheme of ``Authorization`` that such a system names its key with."""

_UNREAD = "内容不是正确的 JSON（应为 UTF-8 编码的 JSON 对象）"


class Malformed(Refused):
    """Not of the form this interface takes."""

    status = 400
    code = "malformed"


class KeyUnknown(Refused):
    """No such key, or it was revoked (密钥无效)."""

    status = 401
    code = "key"


class Missing(Refused):
    """There is no such thing, or not for this key (没有)."""

    status = 404
    code = "missing"


class Conflict(Refused):
    """It contradicts what was sent before or how things stand (冲突)."""

    status = 409
    code = "conflict"


class Invalid(Refused):
    """Of the right form, but not acceptable; each problem names its field (内容有误)."""

    status = 422
    code = "invalid"

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("；".join(problem.reason for problem in self.problems))


class OutsideView(APIView):
    """A route for systems outside: ``Authorization: Key …``, JSON in and out."""

    parser_classes = (JSONParser,)
    renderer_classes = (JSONRenderer,)

    def handle_exception(self, exc: Exception) -> Response:
        """Give a refusal its form ``{"code", "reason", "problems"}``."""
        if isinstance(exc, Refused):
            response = _refusal(exc.status, exc.code, exc.reason, exc.problems)
            if exc.wait:
                response["Retry-After"] = str(exc.wait)
        elif isinstance(exc, APIException):
            code = "method" if isinstance(exc, MethodNotAllowed) else "malformed"
            unread = isinstance(exc, ParseError)
            response = _refusal(exc.status_code, code, _UNREAD if unread else str(exc.detail))
        else:
            return super().handle_exception(exc)
        response.exception = True
        if response.status_code == 401:
            response["WWW-Authenticate"] = SCHEME
        return response

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Add the epoch."""
        response = super().finalize_response(request, response, *args, **kwargs)
        response["X-Epoch"] = epoch()
        return response


def key_given(request: Request) -> str:
    """Read the key a request names; empty where there is none."""
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    return text if scheme == SCHEME else ""


def body_of(request: Request, known: Iterable[str]) -> Mapping[str, Any]:
    """Give the body's object.

    Raises
    ------
    Malformed
        Where it is no object, or has a member that is not ``known``.
    """
    body = request.data
    if not isinstance(body, dict):
        raise Malformed("内容应为一个 JSON 对象")
    strange = sorted(set(body) - set(known))
    if strange:
        raise Malformed(f"没有“{str(strange[0])[:32]}”这一项")
    return body


def _refusal(status: int, code: str, reason: str, problems: Iterable[Problem] = ()) -> Response:
    content = {"code": code, "reason": reason, "problems": [problem.as_json() for problem in problems]}
    return Response(content, status=status)
