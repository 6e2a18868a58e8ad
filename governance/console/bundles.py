"""The page where a centre's computer hands in what came on a stick (代交数据包)."""

import io
import zipfile
from dataclasses import dataclass

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from governance.access.actor import Actor
from governance.access.errors import Refused
from governance.access.requests import actor_of
from governance.contract.envelope import MAX_FILE, order_key
from governance.sync.bundles.take import PURPOSE, Taken, bundle_take

_MOST = 20
_MOST_BYTES = 60 << 20
"""Of a form beyond some 64 MiB the hub reads only the beginning: the last files would be missed by nobody."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one file: taken, or the reason why not."""

    name: str
    taken: Taken | None
    reason: str = ""


def bundles_page(request: HttpRequest) -> HttpResponse:
    """Take bundles in; give their receipts back, where all were taken, else say which were not.

    What was taken stays so: handed in again with the others, it gets the same receipt.
    """
    actor = actor_of(request, PURPOSE)
    if not actor.can("carry_bundles"):
        raise PermissionDenied
    fates: list[Fate] = []
    problem = ""
    if request.method == "POST":
        files = request.FILES.getlist("files")
        problem = _problem(files, int(request.META.get("CONTENT_LENGTH") or 0))
        fates = [] if problem else _handed(actor, files)
        if fates and all(fate.taken for fate in fates):
            return _receipts(fates)
    context = {**admin.site.each_context(request), "title": "代交数据包", "fates": fates, "problem": problem}
    return TemplateResponse(request, "console/bundles.html", context)


def _problem(files: list[UploadedFile], size: int) -> str:
    if size > _MOST_BYTES:
        return f"所选文件合计超过{_MOST_BYTES >> 20}MB，一个也没有收：请分几次交，同一次导出的先交前面的部分"
    if not files:
        return "请选择终端导出的数据包（.bundle）"
    if len(files) > _MOST:
        return f"一次最多{_MOST}个文件"
    return ""


def _handed(actor: Actor, files: list[UploadedFile]) -> list[Fate]:
    read = [(str(file.name), file.read(MAX_FILE + 1)) for file in files]
    return [_one(actor, name, data) for name, data in sorted(read, key=lambda file: order_key(file[1]))]


def _one(actor: Actor, name: str, data: bytes) -> Fate:
    try:
        return Fate(name, bundle_take(carrier=actor, data=data))
    except Refused as error:
        return Fate(name, None, error.reason)


def _receipts(fates: list[Fate]) -> HttpResponse:
    """Give the receipt as a file, several packed into one."""
    named = [(f"{fate.name}.receipt", fate.taken.receipt) for fate in fates if fate.taken]
    name, content = named[0]
    if len(named) > 1:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for number, (inner, receipt) in enumerate(named, 1):
                archive.writestr(f"{number}-{inner}", receipt)
        name, content = "receipts.zip", packed.getvalue()
    response = HttpResponse(content, content_type="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="{_plain(name)}"'
    return response


def _plain(name: str) -> str:
    """Give a file name that may stand in a header."""
    return "".join(sign if sign.isascii() and (sign.isalnum() or sign in "-._") else "_" for sign in name)
