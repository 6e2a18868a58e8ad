"""The devices' routes; each reads the request, calls one function and shapes the reply."""

from typing import Any
from urllib.parse import urlencode

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from governance.access.actor import Actor
from governance.access.address import address_of
from governance.access.services.devices import device_enrol
from governance.contract.wire import MAX_PAGE
from governance.feed.selectors import epoch
from governance.sync.admission import ADMISSION, LONG, Seated
from governance.sync.bundles.device_keys import KeysForm, device_keys_enrol
from governance.sync.bundles.hub_keys import hub_key_newest
from governance.sync.http import Malformed, body, document, for_device, for_sender, reply, route, stream
from governance.sync.poke.address import poke_address
from governance.sync.poke.opening import ticket_make
from governance.sync.pull import page_read, snapshot_read
from governance.sync.push import push_apply
from governance.sync.versions import hears_echo, knows_nothing_new, version_read

_PAGE = 500


class _Credentials(msgspec.Struct):
    username: str
    password: str
    device: str
    keys: KeysForm | None = None


@route("POST")
def enrol(request: HttpRequest) -> HttpResponseBase:
    """``POST devices/enrol``: an account's name and password for a device token."""
    try:
        given = msgspec.json.decode(body(request), type=_Credentials)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Malformed("应为含 username、password、device 的 JSON") from None
    if given.keys is not None:
        given.keys.raw()  # refused before the device is made, not after
    hub_key = hub_key_newest().public()
    enrolment = device_enrol(
        request=request, username=given.username, password=given.password, name=given.device
    )
    if given.keys is not None:
        device_keys_enrol(device=enrolment.device, keys=given.keys, address=address_of(request))
    content = {
        "token": enrolment.token,
        "device": enrolment.device,
        "epoch": epoch(),
        "worker": {"username": enrolment.username, "name": enrolment.name},
        "grids": enrolment.grids,
        "kinds": enrolment.kinds,
        "hub_key": hub_key,
    }
    return reply(request, content, status=201)


@route("POST", tells_epoch=True)
@for_sender
def push(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """``POST sync/push``: changes in, one result each out."""
    applied = push_apply(actor, body(request))
    response = reply(request, {"results": applied.results})
    if applied.epoch:
        response["X-Epoch"] = applied.epoch
    return response


@route("GET", tells_epoch=True)
@for_device
def pull(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """``GET sync/pull``: the changes behind a cursor."""
    version, cursor = version_read(request.META.get("HTTP_X_PROTOCOL")), request.GET.get("cursor", "")
    page = page_read(actor, cursor, _limit(request.GET.get("limit")), echo=hears_echo(version))
    if knows_nothing_new(version) and page.is_nothing_behind(cursor):
        response = HttpResponse(status=204)
        del response["Content-Type"]
    else:
        response = reply(request, page.as_bytes())
    response["X-Epoch"] = page.epoch
    return response


@route("GET")
@for_device
def snapshot(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """``GET sync/snapshot``: everything the tablet may hold, line by line.

    A long one has a thread for seconds, so it is made from a seat.
    """
    size, lines = snapshot_read(actor, request.GET.get("cursor", ""))
    if size <= LONG or actor.device_id is None:
        return document(request, lines)
    ADMISSION.enter(actor.device_id)
    return stream(request, Seated(ADMISSION, actor.device_id, lines))


@route("GET")
@for_device
def poke(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """``GET sync/poke``: the way to the process that holds open lines, with a ticket for it."""
    ticket = ticket_make(actor.device_id) if actor.device_id else ""
    query = urlencode({"cursor": request.GET.get("cursor", ""), "ticket": ticket})
    return HttpResponse(status=307, headers={"Location": f"{poke_address(request)}?{query}"})


def _limit(text: Any) -> int:
    if text is None:
        return _PAGE
    said = str(text)
    if not (said.isascii() and said.isdecimal() and len(said) < len("10000") and 1 <= int(said) <= MAX_PAGE):
        raise Malformed(f"limit 应为1到{MAX_PAGE}的整数")
    return int(said)
