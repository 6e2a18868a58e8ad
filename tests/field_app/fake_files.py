"""The files part of the fake hub: uploads by offset, hash at the end, thumbnails."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from field_app.sync.transport import Reply, Request


@dataclass
class Upload:
    """Bytes that came so far."""

    length: int
    sha256: str
    data: bytes = b""


@dataclass
class FakeFiles:
    """What arrived: ``stored`` by id; ``refuse`` are hashes whose content is not taken."""

    uploads: dict[str, Upload] = field(default_factory=dict)
    stored: dict[str, bytes] = field(default_factory=dict)
    refuse: set[str] = field(default_factory=set)
    full: bool = False
    asked: list[str] = field(default_factory=list)

    def answer(self, request: Request, epoch: str) -> Reply:
        """Answer one request below ``files/``."""
        self.asked.append(request.method)
        rest = request.route.removeprefix("files/")
        if request.method == "POST":
            return self._begin(request.headers, epoch)
        if request.method == "PATCH":
            return self._append(rest, request.headers, request.content or b"", epoch)
        id_ = rest.removesuffix("/thumb")
        if id_ not in self.stored:
            return _error(404, "missing", epoch)
        content = b"thumb of " + id_.encode() if rest.endswith("/thumb") else self.stored[id_]
        return Reply(200, None, epoch, content=content)

    def _begin(self, headers: Mapping[str, str], epoch: str) -> Reply:
        told = dict(pair.split(" ") for pair in headers["Upload-Metadata"].split(","))
        id_, sha256 = (base64.b64decode(told[key]).decode() for key in ("id", "sha256"))
        if sha256 in self.refuse:
            return _error(422, "unacceptable", epoch)
        if self.full:
            return _error(429, "quota", epoch)
        length = int(headers["Upload-Length"])
        if id_ in self.stored:
            return _progress(201, length, epoch)
        upload = self.uploads.setdefault(id_, Upload(length, sha256))
        assert (upload.length, upload.sha256) == (length, sha256)
        return _progress(201, len(upload.data), epoch)

    def _append(self, id_: str, headers: Mapping[str, str], data: bytes, epoch: str) -> Reply:
        upload = self.uploads.get(id_)
        if upload is None:
            return _error(404, "missing", epoch)
        if int(headers["Upload-Offset"]) != len(upload.data):
            return _error(409, "offset", epoch)
        digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
        if headers["Upload-Checksum"] != f"sha256 {digest}":
            return _error(460, "checksum", epoch)
        upload.data += data
        if len(upload.data) < upload.length:
            return _progress(204, len(upload.data), epoch)
        if hashlib.sha256(upload.data).hexdigest() != upload.sha256:
            upload.data = b""
            return _error(460, "checksum", epoch)
        self.stored[id_] = self.uploads.pop(id_).data
        return _progress(204, upload.length, epoch)


def _progress(status: int, offset: int, epoch: str) -> Reply:
    return Reply(status, None, epoch, headers={"upload-offset": str(offset)})


def _error(status: int, code: str, epoch: str) -> Reply:
    return Reply(status, {"code": code, "reason": f"平台答复{code}", "problems": []}, epoch)
