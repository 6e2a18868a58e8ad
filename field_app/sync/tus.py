"""Sending photos by tus 1.0, piece by piece, over the same transport as records (docs/sync-protocol.md)."""

# ruff: noqa: N818 - outcomes, named as such

import base64
import hashlib

from field_app.store.state import Photo
from field_app.sync.client import HubClient, error_of
from field_app.sync.errors import HubTrouble, SyncError
from field_app.sync.transport import Reply, Request

_VERSION = {"Tus-Resumable": "1.0.0"}
_ROUTE = "files/"
_TYPE = "application/offset+octet-stream"
_UNLIKE = frozenset({404, 409, 410, 423, 460})
_NEVER = frozenset({"unacceptable", "taken", "too_large"})
_NOT_FOUND = 404


class PhotoRefused(SyncError):
    """The hub will never take this photo; the reason is Chinese."""


class PhotoAgain(SyncError):
    """Hub and tablet do not agree how far the photo has come: ask, and go on from there."""


class FilesClient:
    """The routes of files."""

    def __init__(self, hub: HubClient) -> None:
        self._hub = hub

    def begin(self, photo: Photo) -> int:
        """Begin or resume a photo; gives the bytes that the hub has.

        Raises
        ------
        PhotoRefused, PhotoAgain, SyncError
        """
        headers = _VERSION | {
            "Upload-Length": str(photo.size),
            "Upload-Metadata": ",".join(
                f"{key} {_based(value.encode())}" for key, value in told(photo).items()
            ),
        }
        return _offset(self._hub.ask(Request("POST", _ROUTE, headers=headers, content=b"")), photo.size)

    def append(self, photo: Photo, offset: int, data: bytes) -> int:
        """Send the bytes from an offset; gives the bytes that the hub has then. Raises as :meth:`begin`."""
        headers = _VERSION | {
            "Content-Type": _TYPE,
            "Upload-Offset": str(offset),
            "Upload-Checksum": f"sha256 {_based(hashlib.sha256(data).digest())}",
        }
        return _offset(
            self._hub.ask(Request("PATCH", _ROUTE + photo.id, headers=headers, content=data)), photo.size
        )

    def read(self, id: str, *, thumb: bool = False) -> bytes | None:
        """Fetch a file, or its thumbnail; None where the hub has none for this tablet."""
        route = f"{_ROUTE}{id}/thumb" if thumb else _ROUTE + id
        reply = self._hub.ask(Request("GET", route))
        if reply.status == _NOT_FOUND:
            return None
        if not reply.content:
            raise error_of(reply)
        return reply.content


def told(photo: Photo) -> dict[str, str]:
    """Give what is told of a photo, by the keys of ``Upload-Metadata``."""
    return {
        "id": photo.id,
        "sha256": photo.sha256,
        "filename": photo.name,
        "filetype": photo.media_type,
        "kind": photo.kind,
        "record": photo.record,
        "taken_at": photo.taken_at,
    }


def _offset(reply: Reply, size: int) -> int:
    if reply.status in (201, 204):
        text = reply.headers.get("upload-offset", "")
        if text.isascii() and text.isdecimal() and int(text) <= size:
            return int(text)
        raise HubTrouble("平台的答复不是约定的格式，请稍后再试")
    data = reply.data if isinstance(reply.data, dict) else {}
    code, reason = str(data.get("code", "")), str(data.get("reason") or "")
    if code in _NEVER:
        raise PhotoRefused(reason)
    if reply.status in _UNLIKE:
        raise PhotoAgain(reason or "平台收到的与本机送出的对不上，下次接着传")
    raise error_of(reply)


def _based(data: bytes) -> str:
    return base64.b64encode(data).decode()
