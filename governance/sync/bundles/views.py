"""The routes of bundles: keys, and handing a bundle in."""

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from governance.access.actor import Actor
from governance.contract.envelope import MAX_FILE
from governance.sync.bundles.device_keys import KeysForm, device_keys_register
from governance.sync.bundles.hub_keys import hub_key_newest
from governance.sync.bundles.refusals import BundleRefused
from governance.sync.bundles.take import bundle_take
from governance.sync.http import Malformed, TooLarge, body, for_device, reply, route

BINARY = "application/octet-stream"


@route("POST")
@for_device
def keys(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """``POST devices/keys``: the tablet's public keys for the hub's."""
    try:
        given = msgspec.json.decode(body(request), type=KeysForm)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Malformed("应为含 sign、receipt 的 JSON") from None
    device_keys_register(actor=actor, keys=given)
    return reply(request, hub_key_newest().public())


@route("POST")
@for_device
def bundle(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """``POST sync/bundle``: a bundle's file in, its receipt out."""
    taken = bundle_take(carrier=actor, data=_file(request))
    return HttpResponse(taken.receipt, content_type=BINARY)


def _file(request: HttpRequest) -> bytes:
    """Read the body, and never more than a bundle may have."""
    data = request.read(MAX_FILE + 1)
    if len(data) > MAX_FILE:
        raise TooLarge(f"数据包超过{MAX_FILE // 1024 // 1024}MB", "bytes")
    declared = request.META.get("CONTENT_LENGTH") or ""
    if declared.isdigit() and len(data) < int(declared):
        raise BundleRefused("cut", "没有传完，请重试")
    return data
