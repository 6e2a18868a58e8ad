"""Photos in a bundle (随包照片): pieces in further parts behind the changes, settled by the receipt."""

import json
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from field_app.store.errors import StoreError
from field_app.store.state import Photo, PhotoState
from field_app.store.store import Store
from field_app.sync.errors import BundleError
from field_app.sync.photos import photos_waiting
from field_app.sync.tus import told

MOST_BYTES = 256 * 1024 * 1024
"""Bytes of photos in one bundle; the next one carries others first."""

PART_BYTES = 5 * 1024 * 1024
"""Bytes of photos in one part: a third more as Base64, which a part's limit has to hold."""


Fate = tuple[str, str, int, str]
"""What a receipt says of a file: id, status (stored, waiting, refused), bytes there, reason."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes of a photo, from ``offset`` on."""

    photo: Photo
    offset: int
    size: int


def photos_pick(store: Store, most: int = MOST_BYTES) -> tuple[list[Photo], int]:
    """Give the photos of the next bundle, those that none has carried first, and how many stay behind."""
    waiting = sorted(photos_waiting(store), key=lambda photo: (photo.exported, photo.id))
    picked: list[Photo] = []
    for photo in waiting:
        most -= photo.size
        if most < 0 and picked:
            break
        picked.append(photo)
    return picked, len(waiting) - len(picked)


def photos_parted(photos: Iterable[Photo], most: int = PART_BYTES) -> list[list[Piece]]:
    """Lay photos one behind the other into as few parts as the limit allows, large ones in pieces."""
    parts: list[list[Piece]] = []
    room = 0
    for photo in photos:
        offset = 0
        while offset < photo.size:
            if room == 0:
                parts.append([])
                room = most
            size = min(room, photo.size - offset)
            parts[-1].append(Piece(photo, offset, size))
            offset += size
            room -= size
    return parts


def pieces_body(store: Store, pieces: Sequence[Piece]) -> bytes:
    """Give the body of a part; a photo that cannot be read is left out and hinders no other."""
    files = [file for piece in pieces if (file := _file(store, piece)) is not None]
    return json.dumps({"changes": [], "files": files}, ensure_ascii=False).encode()


def photos_note(store: Store, photos: Iterable[str], counter: int) -> None:
    """Note which export carries the photos."""
    with store.write() as unit:
        for id in photos:
            photo = store.memory.photos.get(id)
            if photo is not None and photo.state is PhotoState.HERE:
                unit.put_photo(replace(photo, exported=counter))


def fates_read(content: Mapping[str, object]) -> tuple[Fate, ...]:
    """Read what a receipt says of files: id, status, offset, reason. Raises BundleError."""
    try:
        files = content.get("files", [])
        return tuple(
            (str(file["id"]), str(file["status"]), int(file["offset"]), str(file["reason"]))
            for file in files  # type: ignore[attr-defined]
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BundleError("回执的内容不是约定的格式") from error


def fates_settle(store: Store, fates: Sequence[Fate], counter: int) -> tuple[int, int, int]:
    """Store what became of photos; gives how many are at the hub, are refused, and wait to go out again.

    What the hub gives a reason for it has not taken: no receipt of export ``counter`` will bring more.
    """
    stored = refused = 0
    again: set[str] = set()
    with store.write() as unit:
        for id, status, offset, reason in fates:
            photo = store.memory.photos.get(id)
            if photo is None or photo.state is not PhotoState.HERE:
                continue
            if status == "stored":
                unit.put_photo(replace(photo, state=PhotoState.HUB, sent=photo.size, reason=""))
                stored += 1
            elif status == "refused":
                unit.put_photo(replace(photo, state=PhotoState.REFUSED, reason=reason))
                refused += 1
            else:
                exported = 0 if reason and photo.exported <= counter else photo.exported
                sent = min(max(offset, 0), photo.size)
                unit.put_photo(replace(photo, sent=sent, reason=reason, exported=exported))
                again |= {id} if reason else set()
    return stored, refused, len(again)


def _file(store: Store, piece: Piece) -> dict[str, object] | None:
    photo = piece.photo
    try:
        data = store.files.read(photo.id, photo.size, piece.offset, piece.size)
    except StoreError:
        return None
    return {
        "id": photo.id,
        "size": photo.size,
        "offset": piece.offset,
        "data": b64encode(data).decode(),
        "told": told(photo),
    }
