"""How the devices' routes read requests and shape replies (docs/sync-protocol.md)."""

import zlib
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Concatenate, ParamSpec

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.csrf import csrf_exempt

from governance.access.actor import Actor
from governance.access.address import address_of
from governance.access.errors import Refused
from governance.access.selectors import actor_for_device
from governance.access.services.devices import device_authenticate
from governance.contract.wire import MAX_BODY, PROTOCOL
from governance.feed.selectors import epoch

P = ParamSpec("P")
DeviceView = Callable[Concatenate[HttpRequest, Actor, P], HttpResponseBase]
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

PURPOSE = "网格日常服务"
_WORTH_PACKING = 300


class Malformed(Refused):
    """Not of the protocol's form; nothing was stored."""

    status = 400
    code = "malformed"


class TooLarge(Refused):
    """More bytes or changes than one request may carry."""

    status = 413
    code = "too_large"


class WrongMethod(Refused):
    """Another method than the route's."""

    status = 405
    code = "method"


class ProtocolUnknown(Refused):
    """The client speaks another version of the protocol."""

    status = 426
    code = "protocol"


def route(method: str, *, tells_epoch: bool = False) -> Callable[[View[P]], View[P]]:
    """Wrap a view of this room: one method, errors in the protocol's form, epoch in every reply.

    The epoch is read before the view does anything: what was stored before a restore is then never
    answered under the epoch that begins with it. A view that ``tells_epoch`` sets it itself.
    """

    def decorate(view: View[P]) -> View[P]:
        @csrf_exempt
        @wraps(view)
        def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            said = "" if tells_epoch else epoch()
            try:
                if request.method != method:
                    raise WrongMethod(f"此地址只接受{method}")
                _check_protocol(request)
                response = view(request, *args, **kwargs)
            except Refused as error:
                content = {"code": error.code, "reason": error.reason, "problems": []}
                response = reply(request, content, status=error.status)
                if error.wait:
                    response["Retry-After"] = str(error.wait)
            if "X-Epoch" not in response.headers:
                response["X-Epoch"] = said or epoch()
            response["X-Protocol"] = str(PROTOCOL)
            return response

        return wrapped

    return decorate


def for_device(view: DeviceView[P]) -> View[P]:
    """Call the view with the device's actor; 401 where the token is not one of an active device."""

    @wraps(view)
    def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        device = device_authenticate(token if scheme == "Token" else "")
        actor = actor_for_device(device, purpose=PURPOSE, address=address_of(request))
        return view(request, actor, *args, **kwargs)

    return wrapped


def _check_protocol(request: HttpRequest) -> None:
    spoken = request.headers.get("X-Protocol", str(PROTOCOL))
    if spoken != str(PROTOCOL):
        raise ProtocolUnknown("终端程序版本过旧或过新，请更新；未上传的数据会保留")


def body(request: HttpRequest) -> bytes:
    """Give the request's body, unpacked, at most ``MAX_BODY`` bytes.

    Raises
    ------
    TooLarge, Malformed
        Where it is larger, or cannot be unpacked.
    """
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        raise Malformed("请求头 Content-Length 不是数字") from None
    if length > MAX_BODY:
        raise _too_large()
    data = request.read(MAX_BODY + 1)
    if request.headers.get("Content-Encoding") == "gzip":
        data = _unpack(data)
    if len(data) > MAX_BODY:
        raise _too_large()
    return data


def _unpack(data: bytes) -> bytes:
    unpacker = zlib.decompressobj(wbits=31)
    try:
        unpacked = unpacker.decompress(data, MAX_BODY + 1)
    except zlib.error:
        raise Malformed("请求体压缩格式损坏") from None
    if len(unpacked) <= MAX_BODY and not unpacker.eof:
        raise Malformed("请求体压缩内容不完整")
    return unpacked


def _too_large() -> TooLarge:
    return TooLarge(f"请求体超过{MAX_BODY // 1024 // 1024}MB，请分批上传")


def reply(request: HttpRequest, content: object, *, status: int = 200) -> HttpResponse:
    """Give a JSON reply, gzipped where the client takes it and it is worth it.

    ``content`` is encoded unless it is bytes already.
    """
    data = content if isinstance(content, bytes) else msgspec.json.encode(content)
    response = HttpResponse(content_type="application/json", status=status)
    if len(data) > _WORTH_PACKING and _packs(request):
        data = zlib.compress(data, level=1, wbits=31)
        response["Content-Encoding"] = "gzip"
    response.content = data
    return response


def stream(request: HttpRequest, lines: Iterator[bytes]) -> StreamingHttpResponse:
    """Give a newline-delimited JSON reply that is sent while it is made."""
    packs = _packs(request)
    response = StreamingHttpResponse(_packed(lines) if packs else lines, content_type="application/x-ndjson")
    if packs:
        response["Content-Encoding"] = "gzip"
    return response


def _packed(chunks: Iterator[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(1, wbits=31)
    for chunk in chunks:
        data = packer.compress(chunk) + packer.flush(zlib.Z_SYNC_FLUSH)
        if data:
            yield data
    yield packer.flush()


def _packs(request: HttpRequest) -> bool:
    return "gzip" in request.headers.get("Accept-Encoding", "")
