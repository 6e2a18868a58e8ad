"""How the devices' routes read requests and shape replies (docs/sync-protocol.md)."""

import logging
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Concatenate, ParamSpec
from uuid import UUID

import msgspec
import psycopg
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.csrf import csrf_exempt

from governance.access.actor import Actor
from governance.access.address import address_of
from governance.access.errors import Refused
from governance.access.services.devices import device_authenticate
from governance.contract import Problem
from governance.contract.report import HEADER
from governance.contract.wire import MAX_BODY, PROTOCOL
from governance.feed.selectors import epoch
from governance.sync.monitor import MONITOR, Sighting
from governance.sync.throttle import THROTTLE
from governance.sync.versions import ProtocolUnknown, refusal_in, version_read

P = ParamSpec("P")
DeviceView = Callable[Concatenate[HttpRequest, Actor, P], HttpResponseBase]
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

PURPOSE = "网格日常服务"
_WORTH_PACKING = 300
_FULL_WAIT = 60
_MEMBERS = 64
_REPORT = "HTTP_" + HEADER.upper().replace("-", "_")
_LINES = "application/x-ndjson"

logger = logging.getLogger(__name__)


class Malformed(Refused):
    """Not of the protocol's form; nothing was stored."""

    status = 400
    code = "malformed"


class TooLarge(Refused):
    """More than one request may carry; ``cap`` names the limit: ``bytes`` or ``count``."""

    status = 413
    code = "too_large"

    def __init__(self, reason: str, cap: str) -> None:
        super().__init__(reason)
        self.problems = (Problem("changes", cap, reason),)


class WrongMethod(Refused):
    """Another method than the route's."""

    status = 405
    code = "method"


class StorageFull(Refused):
    """The hub's disk is full; nothing that was confirmed is touched."""

    status = 507
    code = "storage"


@contextmanager
def storage_full_told() -> Iterator[None]:
    """Say that the disk is full where the database does; what was under way is undone.

    Raises
    ------
    StorageFull
    """
    try:
        yield
    except OperationalError as error:
        cause = error.__cause__
        full = getattr(cause, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL
        if full or isinstance(cause, psycopg.errors.DiskFull):
            logger.error("the database's disk is full")
            said = "平台存储空间已满，未能保存；数据仍在本机，请稍后再同步"
            raise StorageFull(said, wait=_FULL_WAIT) from error
        raise


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
            version = PROTOCOL
            try:
                if request.method != method:
                    raise WrongMethod(f"此地址只接受{method}")
                version = version_read(request.META.get("HTTP_X_PROTOCOL"))
                with storage_full_told():
                    response = view(request, *args, **kwargs)
            except Refused as error:
                if isinstance(error, ProtocolUnknown):
                    _stranger_note(request, error)
                status, code = refusal_in(version, error)
                problems = [problem.as_json() for problem in error.problems]
                content = {"code": code, "reason": error.reason, "problems": problems}
                response = reply(request, content, status=status)
                if error.wait:
                    response["Retry-After"] = str(error.wait)
            if "X-Epoch" not in response.headers:
                response["X-Epoch"] = said or epoch()
            response["X-Protocol"] = str(version)
            return response

        return wrapped

    return decorate


def for_device(view: DeviceView[P]) -> View[P]:
    """Call the view with the device's actor; 401 where the token is not one of an active device."""
    return _for_device(view, handing_in=False)


def for_sender(view: DeviceView[P]) -> View[P]:
    """Do as :func:`for_device`, also for a retired device that may still hand in work: see ``hands_in``."""
    return _for_device(view, handing_in=True)


def _for_device(view: DeviceView[P], *, handing_in: bool) -> View[P]:
    @wraps(view)
    def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        device, actor = _admitted(request, handing_in=handing_in)
        THROTTLE.hit(device)
        response = view(request, actor, *args, **kwargs)
        version = version_read(request.META.get("HTTP_X_PROTOCOL"))
        said, cursor = request.META.get(_REPORT, ""), request.GET.get("cursor", "")
        MONITOR.see(Sighting(device, view.__name__, version, said, cursor))
        return response

    return wrapped


def _admitted(request: HttpRequest, *, handing_in: bool) -> tuple[UUID, Actor]:
    scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    known = token if scheme == "Token" else ""
    return device_authenticate(known, handing_in=handing_in, purpose=PURPOSE, address=address_of(request))


def _stranger_note(request: HttpRequest, error: ProtocolUnknown) -> None:
    """Note a known device whose version the hub does not speak: someone has to update it."""
    try:
        device, _ = _admitted(request, handing_in=True)
    except Refused:
        return
    MONITOR.see(Sighting(device, "refused", error.version))


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
    packing = request.META.get("HTTP_CONTENT_ENCODING", "").strip().lower()
    if packing == "gzip":
        data = _unpack(data)
    elif packing not in ("", "identity"):
        raise Malformed(f"请求体只能用 gzip 压缩，不能用 {packing}")
    if len(data) > MAX_BODY:
        raise _too_large()
    return data


def _unpack(data: bytes) -> bytes:
    """Unpack a body of one or a few members (RFC 1952); each costs, however little it holds."""
    unpacked = b""
    for _ in range(_MEMBERS):
        unpacker = zlib.decompressobj(wbits=31)
        try:
            unpacked += unpacker.decompress(data, MAX_BODY + 1 - len(unpacked))
        except zlib.error:
            raise Malformed("请求体压缩格式损坏") from None
        if len(unpacked) > MAX_BODY:
            return unpacked
        if not unpacker.eof:
            raise Malformed("请求体压缩内容不完整")
        data = unpacker.unused_data
        if not data:
            return unpacked
    raise Malformed("请求体压缩分段过多")


def _too_large() -> TooLarge:
    return TooLarge(f"请求体超过{MAX_BODY // 1024 // 1024}MB，请分批上传", "bytes")


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


def document(request: HttpRequest, lines: Iterator[bytes]) -> HttpResponse:
    """Give a newline-delimited JSON reply that is made before it is sent."""
    response = reply(request, b"".join(lines))
    response["Content-Type"] = _LINES
    return response


def stream(request: HttpRequest, lines: Iterator[bytes]) -> StreamingHttpResponse:
    """Give a newline-delimited JSON reply made line by line: it is packed as it grows.

    The reply closes ``lines`` when it is closed, however far it was read.
    """
    response = StreamingHttpResponse(lines, content_type=_LINES)
    if _packs(request):
        response.streaming_content = _packed(lines)  # beside ``lines``, not in its place, when it is closed
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
    return "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", "")
