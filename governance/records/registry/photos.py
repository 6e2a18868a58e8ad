"""Photos on a record's page (照片): which have arrived, where to see them, who may."""

from collections.abc import Callable, Mapping
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse

from governance.access.actor import Actor
from governance.access.errors import Refused
from governance.records.files.inspect import PDF
from governance.records.files.reading import file_read, files_arrived, may_view, named
from governance.records.models import StoredFile
from governance.records.registry.lines import Line, Photo
from governance.records.registry.values import local
from governance.records.rows import Held


def photos_lay(actor: Actor, held: Held, drawn: Mapping[str, Line], address: Callable[..., str]) -> None:
    """Put its photos at each line that names some: one query a record that has any."""
    wanted = [id_ for field in held.kind.files for id_ in named(held, field)]
    arrived = files_arrived(wanted)
    for field in held.kind.files:
        line = drawn.get(field.name)
        if line is not None:
            seen = may_view(actor, held, field)
            line.photos = tuple(
                _photo(held, id_, arrived.get(id_), seen, address) for id_ in named(held, field)
            )


def photo(request: HttpRequest, actor: Actor, held: Held, file: UUID) -> HttpResponse:
    """Give a photo of the record, its thumbnail for ``?thumb``; leaves a trace."""
    if not any(str(file) in named(held, field) for field in held.kind.files):
        raise Http404
    try:
        served = file_read(actor, file, thumb="thumb" in request.GET)
    except Refused as error:
        return HttpResponse(error.reason, status=error.status, content_type="text/plain; charset=utf-8")
    response = HttpResponse(served.data, content_type=served.media_type)
    way = "attachment" if served.media_type == PDF else "inline"
    response["Content-Disposition"] = f'{way}; filename="{served.name}"'
    response["Cache-Control"] = "no-store"
    return response


def _photo(held: Held, id_: str, stored: StoredFile | None, seen: bool, address: Callable[..., str]) -> Photo:
    if stored is None:
        return Photo(id_, note="照片待上传")
    if not seen:
        return Photo(id_, note="您的角色不能查看")
    where = address("photo", held.id, id_)
    taken = stored.content.taken_at or stored.taken_at
    note = f"拍摄于 {local(taken.isoformat())}" if taken else ""
    return Photo(id_, where, "" if stored.content.media_type == PDF else f"{where}?thumb", note)
