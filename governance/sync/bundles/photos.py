"""Photos that travel in a bundle (随包照片): taken in as their sender's upload, piece by piece.

A piece goes where the tus upload of the same file has come to, so that a photo half sent by network and
half carried, or carried twice, is stored once.
"""

import io
from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import msgspec

from governance.access.actor import Actor
from governance.access.errors import Refused
from governance.records.files.errors import Unacceptable
from governance.sync.files.tus import OffsetWrong, said_of
from governance.sync.files.uploads import FileTooLarge, Progress, Taken, upload_append, upload_begin
from governance.sync.http import Malformed

_NEVER = (Unacceptable, Taken, FileTooLarge, Malformed)


class Piece(msgspec.Struct):
    """Bytes of a file from ``offset`` on; ``size`` is the whole, ``told`` as in ``Upload-Metadata``."""

    id: UUID
    size: Annotated[int, msgspec.Meta(ge=1)]
    offset: Annotated[int, msgspec.Meta(ge=0)]
    data: bytes
    told: dict[str, str]


class FileResult(msgspec.Struct):
    """What became of a file: ``stored``, ``waiting`` at ``offset``, or ``refused`` for good and why."""

    id: UUID
    status: str
    offset: int = 0
    reason: str = ""


def pieces_take(actor: Actor, pieces: Sequence[Piece]) -> list[FileResult]:
    """Take in the pieces of one bundle's file, in their order; one bad one spoils no other."""
    return [_one(actor, piece) for piece in pieces]


def _one(actor: Actor, piece: Piece) -> FileResult:
    reached = 0
    try:
        progress = upload_begin(actor, piece.size, said_of({**piece.told, "id": str(piece.id)}))
        reached = progress.offset
        reached = _append(actor, piece, progress)
    except _NEVER as error:
        return FileResult(piece.id, "refused", reason=error.reason)
    except Refused as error:  # busy, over its quota, no room: it can be carried, or sent, again
        return FileResult(piece.id, "waiting", reached, error.reason)
    return FileResult(piece.id, "stored" if reached == piece.size else "waiting", reached)


def _append(actor: Actor, piece: Piece, progress: Progress) -> int:
    """Append what of a piece is not there yet; gives how far the file has come then."""
    if progress.offset < piece.offset:
        raise OffsetWrong(f"缺前面的一段，已收到{progress.offset}字节")
    fresh = piece.data[progress.offset - piece.offset :]
    if not fresh:
        return progress.offset
    body = io.BytesIO(fresh)
    return upload_append(actor, piece.id, progress.offset, len(fresh), body, None).offset
