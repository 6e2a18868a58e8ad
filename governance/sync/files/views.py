"""``/api/v1/files/``: each view reads the headers, calls one function and shapes the reply."""

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.http import http_date
from django.views.decorators.csrf import csrf_exempt

from governance.access.actor import Actor
from governance.records.files.reading import file_read
from governance.sync.files import tus
from governance.sync.files.tus import resumable, version_check
from governance.sync.files.uploads import (
    Progress,
    max_size,
    upload_append,
    upload_begin,
    upload_end,
    upload_get,
)
from governance.sync.http import for_device, for_sender, route

_CREATED, _OK, _DONE = 201, 200, 204

View = Callable[..., HttpResponseBase]


def _by_method(**views: View) -> View:
    """Give one view that calls the one for the request's method; the first says no to other methods."""

    @csrf_exempt
    @resumable
    @wraps(next(iter(views.values())))
    def chosen(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        view = views.get(request.method or "", next(iter(views.values())))
        return view(request, *args, **kwargs)

    return chosen


@route("OPTIONS")
def _options(request: HttpRequest, id_: UUID | None = None) -> HttpResponseBase:
    response = HttpResponse(status=_DONE)
    response["Tus-Version"] = tus.VERSION
    response["Tus-Extension"] = tus.EXTENSIONS
    response["Tus-Max-Size"] = str(max_size())
    response["Tus-Checksum-Algorithm"] = ",".join(tus.ALGORITHMS)
    return response


@route("POST")
@for_sender
def _create(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    version_check(request)
    length, said = tus.number(request, "Upload-Length"), tus.said(request)
    check = tus.checksum(request)
    upload = upload_begin(actor, length, said)
    carried = int(request.headers.get("Content-Length") or 0)
    if carried and request.content_type == tus.CONTENT_TYPE and upload.offset == 0:
        upload = upload_append(actor, upload.id, 0, carried, request, check)
    response = _progress(upload, _CREATED)
    response["Location"] = f"/api/v1/files/{upload.id}"
    return response


@route("PATCH")
@for_sender
def _append(request: HttpRequest, actor: Actor, id_: UUID) -> HttpResponseBase:
    version_check(request)
    tus.body_check(request)
    offset, carried = tus.number(request, "Upload-Offset"), tus.number(request, "Content-Length")
    return _progress(upload_append(actor, id_, offset, carried, request, tus.checksum(request)), _DONE)


@route("HEAD")
@for_sender
def _where(request: HttpRequest, actor: Actor, id_: UUID) -> HttpResponseBase:
    version_check(request)
    upload = upload_get(actor, id_)
    response = _progress(upload, _OK)
    response["Upload-Length"] = str(upload.length)
    response["Cache-Control"] = "no-store"
    if upload.metadata:
        response["Upload-Metadata"] = upload.metadata
    return response


@route("DELETE")
@for_sender
def _end(request: HttpRequest, actor: Actor, id_: UUID) -> HttpResponseBase:
    version_check(request)
    upload_end(actor, id_)
    return HttpResponse(status=_DONE)


@route("GET")
@for_device
def _read(request: HttpRequest, actor: Actor, id_: UUID, *, thumb: bool = False) -> HttpResponseBase:
    served = file_read(actor, id_, thumb=thumb)
    response = HttpResponse(served.data, content_type=served.media_type)
    response["Content-Disposition"] = f'attachment; filename="{served.name}"'
    response["Cache-Control"] = "no-store"
    return response


def _progress(upload: Progress, status: int) -> HttpResponse:
    response = HttpResponse(status=status)
    response["Upload-Offset"] = str(upload.offset)
    if upload.expires_at is not None:
        response["Upload-Expires"] = http_date(upload.expires_at.timestamp())
    return response


files = _by_method(POST=_create, OPTIONS=_options)
file = _by_method(PATCH=_append, HEAD=_where, GET=_read, DELETE=_end, OPTIONS=_options)
thumb = _by_method(GET=_read)
