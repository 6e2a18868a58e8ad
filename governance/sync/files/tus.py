"""tus 1.0 as headers say it (断点续传协议): version, metadata, lengths, check sums, and its refusals."""

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase

from governance.access.errors import Refused
from governance.contract.parse import BadValue, moment
from governance.sync.http import Malformed

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,expiration,checksum,termination"
ALGORITHMS = ("sha256", "sha1")
CONTENT_TYPE = "application/offset+octet-stream"

_NUMBER = re.compile(r"[0-9]{1,15}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_LONGEST_METADATA = 8192

Plain = Callable[..., HttpResponseBase]


class VersionUnknown(Refused):
    """The client speaks another version of tus, or does not say which."""

    status = 412
    code = "tus_version"


class OffsetWrong(Refused):
    """The bytes offered do not continue those that are here."""

    status = 409
    code = "offset"


class TypeWrong(Refused):
    """The body is not what a PATCH carries."""

    status = 415
    code = "media_type"


class ChecksumWrong(Refused):
    """The bytes are not those that the check sum was made of; none of them is kept."""

    status = 460
    code = "checksum"


@dataclass(frozen=True, slots=True)
class Said:
    """What ``Upload-Metadata`` says of a file; ``whole`` is the header as it came."""

    id: UUID | None = None
    sha256: str = ""
    name: str = ""
    kind: str = ""
    record: UUID | None = None
    taken_at: datetime | None = None
    whole: str = ""


def resumable(view: Plain) -> Plain:
    """Wrap a route: hear ``X-HTTP-Method-Override``, say the tus version in every reply."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        request.method = request.headers.get("X-HTTP-Method-Override", request.method or "").upper()
        response = view(request, *args, **kwargs)
        response["Tus-Resumable"] = VERSION
        if response.status_code == VersionUnknown.status:
            response["Tus-Version"] = VERSION
        return response

    return wrapped


def version_check(request: HttpRequest) -> None:
    """Raise VersionUnknown unless the request says ``Tus-Resumable: 1.0.0``."""
    if request.headers.get("Tus-Resumable") != VERSION:
        raise VersionUnknown("请求头 Tus-Resumable 应为 1.0.0")


def number(request: HttpRequest, name: str) -> int:
    """Give a header's whole number. Raises Malformed where it is none."""
    text = request.headers.get(name, "")
    if not _NUMBER.fullmatch(text):
        raise Malformed(f"请求头 {name} 应为非负整数")
    return int(text)


def body_check(request: HttpRequest) -> None:
    """Raise TypeWrong unless the body is declared as a part of an upload."""
    if request.content_type != CONTENT_TYPE:
        raise TypeWrong(f"Content-Type 应为 {CONTENT_TYPE}")


def checksum(request: HttpRequest) -> "Checksum | None":
    """Give what ``Upload-Checksum`` asks for. Raises Malformed for an unknown algorithm."""
    text = request.headers.get("Upload-Checksum")
    if text is None:
        return None
    algorithm, _, digest = text.partition(" ")
    if algorithm not in ALGORITHMS:
        raise Malformed(f"Upload-Checksum 只支持 {'、'.join(ALGORITHMS)}")
    return Checksum(algorithm, _unbased(digest, "Upload-Checksum"))


class Checksum:
    """Adds up the bytes of one part and says whether they are the ones meant."""

    def __init__(self, algorithm: str, meant: bytes) -> None:
        self._meant = meant
        self._sum = hashlib.new(algorithm, usedforsecurity=False)

    def add(self, data: bytes) -> None:
        """Take some more."""
        self._sum.update(data)

    @property
    def right(self) -> bool:
        """Whether what was taken is what was meant."""
        return self._sum.digest() == self._meant


def said(request: HttpRequest) -> Said:
    """Read ``Upload-Metadata``; keys that mean nothing here are passed over.

    Raises
    ------
    Malformed
        It is not of the form tus gives it, or a known key has no sensible value.
    """
    header = request.headers.get("Upload-Metadata", "")
    if len(header) > _LONGEST_METADATA:
        raise Malformed("请求头 Upload-Metadata 过长")
    told: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in header.split(","))):
        key, _, value = pair.partition(" ")
        told[key] = _unbased(value, f"Upload-Metadata {key[:20]}").decode("utf-8", "replace")
    return said_of(told, header)


def said_of(told: Mapping[str, str], whole: str = "") -> Said:
    """Read what is told of a file, by key. Raises Malformed as :func:`said`."""
    digest = told.get("sha256", "").lower()
    if digest and not _SHA256.fullmatch(digest):
        raise Malformed("Upload-Metadata sha256 应为64位十六进制")
    return Said(
        id=_uuid(told, "id"),
        sha256=digest,
        name="".join(c for c in told.get("filename", "") if c.isprintable())[:200],
        kind=told.get("kind", "")[:32] if told.get("kind", "").isidentifier() else "",
        record=_uuid(told, "record"),
        taken_at=_time(told.get("taken_at")),
        whole=whole,
    )


def _uuid(told: Mapping[str, str], key: str) -> UUID | None:
    text = told.get(key)
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise Malformed(f"Upload-Metadata {key} 应为 UUID") from None


def _time(text: str | None) -> datetime | None:
    """Read a time; evidence only, so a clock gone wrong is no reason to refuse the photo."""
    if not text:
        return None
    try:
        return datetime.fromisoformat(moment(text))
    except BadValue:
        return None


def _unbased(text: str, what: str) -> bytes:
    try:
        return base64.b64decode(text.encode(), validate=True)
    except (binascii.Error, ValueError):
        raise Malformed(f"{what} 应为 Base64") from None
