"""Photos of records (照片): taken into a form, shown, and where each is."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from field_app.errors import reason_of
from field_app.store.photos import names_photo, thumb_name
from field_app.store.state import Photo, PhotoState
from field_app.store.store import Store
from field_app.work.errors import NotFound, Refused
from field_app.work.forms import Form
from field_app.work.labels import Labels
from field_app.work.thumbs import thumb_of
from field_app.work.times import moment_now
from governance.contract import Type, uuid7

__all__ = ["PHOTO_LABELS", "PhotoCounts", "PhotoRow", "PhotoState", "Photos", "named"]

MOST_BYTES = 20 * 1024 * 1024
"""Bytes of a photo at most, as the hub takes them unless it is set otherwise."""

_SIGNS = (
    (b"\xff\xd8\xff", "image/jpeg", 0),
    (b"\x89PNG\r\n\x1a\n", "image/png", 0),
    (b"WEBP", "image/webp", 8),
    (b"%PDF-", "application/pdf", 0),
)
_HEAD = 16
PHOTO_LABELS = {PhotoState.HERE: "只在本机", PhotoState.HUB: "已到平台", PhotoState.REFUSED: "平台不收"}

Take = Callable[[Path], Path | None]


@dataclass(frozen=True, slots=True)
class PhotoRow:
    """One photo taken here: ``title`` names its record, masked; ``state_label`` says where it is."""

    id: str
    record: str
    kind: str
    field: str
    title: str
    name: str
    media_type: str
    size: int
    sha256: str
    taken_at: str
    state: PhotoState
    state_label: str
    percent: int
    reason: str
    saved: bool
    copy: bool


@dataclass(frozen=True, slots=True)
class PhotoCounts:
    """Photos that have to reach the hub yet, and those it does not take."""

    waiting: int
    refused: int


class Photos:
    """Got as ``desk.photos``."""

    def __init__(self, store: Store, labels: Labels) -> None:
        self._store = store
        self._labels = labels

    def take(self, form: Form, field: str, camera: Take) -> str | None:
        """Let the worker take a photo into a form; gives its id, None when he took none.

        The plain file that the camera wrote is gone when this returns.
        """
        with tempfile.TemporaryDirectory(prefix="photo-") as folder:
            taken = camera(Path(folder) / f"{uuid7()}.jpg")
            return None if taken is None else self.add(form, field, taken)

    def add(self, form: Form, field: str, source: Path) -> str:
        """Seal a file into the store and put it into a form; gives its id.

        Raises
        ------
        Refused
            The kind has no such field, the record has enough, or the file is no photo.
        StoreError
            There is no room, or the file cannot be read.
        """
        known = form.kind.by_name.get(field)
        if known is None or known.type is not Type.FILES:
            raise Refused.because(field, "unknown_field", f"“{form.kind.label}”没有“{field[:40]}”这一项照片")
        held = named(form, field)
        if known.maximum is not None and len(held) >= known.maximum:
            raise Refused.because(field, "length", f"{known.label}：最多{known.maximum:.0f}{known.unit}")
        media_type = _media_type(source)
        if not media_type:
            raise Refused.because(field, "type", f"{known.label}：只收照片（JPEG、PNG、WebP）和 PDF")
        id, thumb = str(uuid7()), thumb_of(source)
        with self._store.lock:
            if thumb is not None:
                self._store.files.put(thumb_name(id), thumb)
            size, sha256 = self._store.files.write(id, source, MOST_BYTES)
            photo = Photo(
                id=id,
                kind=form.kind.name,
                record=form.id,
                field=field,
                name=source.name.encode(errors="replace").decode()[:100],  # a stick's may be no UTF-8
                media_type=media_type,
                size=size,
                sha256=sha256,
                taken_at=moment_now(self._store.clock),
            )
            with self._store.write() as unit:
                unit.put_photo(photo)
            form.put(field, [*named(form, field), id])  # another may have come while this one was sealed
        return id

    def remove(self, form: Form, field: str, id: str) -> None:
        """Take a photo off a form; its bytes go when nobody needs them any more."""
        left = [each for each in named(form, field) if each != id]
        form.put(field, left or None)

    def thumb(self, id: str) -> bytes | None:
        """Give the small picture of a photo (JPEG); None when it is not here."""
        return self._store.files.whole(thumb_name(id))

    def original(self, id: str) -> bytes | None:
        """Give a photo's original; None when it is not here."""
        photo = self._store.memory.photos.get(id)
        return self._store.files.whole(id) if photo is not None and photo.copy else None

    def label(self, id: str) -> str:
        """Say where a photo is; nothing of one that was taken elsewhere."""
        photo = self._store.memory.photos.get(id)
        return _label(photo) if photo is not None else ""

    def rows(self, record: str | None = None) -> tuple[PhotoRow, ...]:
        """Photos taken here, newest first, of all records or one."""
        with self._store.lock:
            photos = sorted(self._store.memory.photos.values(), key=lambda photo: photo.id, reverse=True)
            return tuple(self._row(photo) for photo in photos if record in (None, photo.record))

    def row(self, id: str) -> PhotoRow:
        """One photo taken here. Raises NotFound."""
        photo = self._store.memory.photos.get(id)
        if photo is None:
            raise NotFound(f"本机没有这张照片：{id[:40]}")
        return self._row(photo)

    def counts(self) -> PhotoCounts:
        """How many saved photos wait, and how many the hub does not take."""
        with self._store.lock:
            states = [photo.state for photo in self._store.memory.photos.values() if self._saved(photo)]
        return PhotoCounts(states.count(PhotoState.HERE), states.count(PhotoState.REFUSED))

    def _saved(self, photo: Photo) -> bool:
        """Whether it belongs to a record that was saved, not to an unfinished form alone."""
        return photo.bound or names_photo(self._store.memory, photo)

    def _row(self, photo: Photo) -> PhotoRow:
        view = self._store.memory.view(photo.record)
        shown = view is not None and view.whole
        return PhotoRow(
            id=photo.id,
            record=photo.record,
            kind=photo.kind,
            field=photo.field,
            title=self._labels.title(view, masked=True) if view is not None and shown else "（未保存的表）",
            name=photo.name,
            media_type=photo.media_type,
            size=photo.size,
            sha256=photo.sha256,
            taken_at=photo.taken_at,
            state=photo.state,
            state_label=_label(photo),
            percent=_percent(photo),
            reason=photo.reason,
            saved=self._saved(photo),
            copy=photo.copy,
        )


def named(form: Form, field: str) -> list[str]:
    """Give the ids of the photos that a form names."""
    ids = form.values.get(field)
    return [str(id) for id in ids] if isinstance(ids, list) else []


def _label(photo: Photo) -> str:
    if photo.state is PhotoState.HERE and photo.exported and not photo.sent:
        return "已导出，待回执"
    if photo.state is PhotoState.HERE and photo.sent:
        return f"已送{_percent(photo)}%"
    if photo.state is PhotoState.REFUSED:
        return f"平台不收：{photo.reason}"
    return PHOTO_LABELS[photo.state]


def _percent(photo: Photo) -> int:
    return 100 if photo.state is PhotoState.HUB else 100 * photo.sent // max(photo.size, 1)


def _media_type(source: Path) -> str:
    try:
        with source.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise Refused.because("", "type", f"读不到 {source.name}：{reason_of(error)}") from None
    return next((name for sign, name, at in _SIGNS if head[at : at + len(sign)] == sign), "")
