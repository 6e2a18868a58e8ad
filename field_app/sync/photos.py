"""Photos after records (照片上传): resumed where cut, one bad one never in the way of the others."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from field_app.store.errors import StoreError
from field_app.store.photos import files_tidy, names_photo, photo_drop, thumb_name
from field_app.store.state import Photo, PhotoState
from field_app.store.store import Store
from field_app.sync.errors import TooLarge
from field_app.sync.tus import FilesClient, PhotoAgain, PhotoRefused

SMALLEST, LARGEST = 128 * 1024, 1024 * 1024
"""Bytes of a piece: they grow while all goes well, so that a bad line loses little."""

KEPT = 200 * 1024 * 1024
"""Bytes of originals kept after the hub has them, for a hub that is restored from an old backup."""

AT_A_STRETCH = 20.0
"""Seconds of sending after which records have their turn again."""

_TRIES = 3


@dataclass(slots=True)
class PhotosReport:
    """What became of photos: ``sent`` now, ``left`` here, ``refused`` now; ``note`` says what stopped it."""

    sent: int = 0
    left: int = 0
    refused: int = 0
    note: str = ""

    def as_json(self) -> dict[str, object]:
        """Give it as the command line prints it."""
        return {"sent": self.sent, "left": self.left, "refused": self.refused, "note": self.note}


class PhotoSender:
    """Sends the photos of one sync.

    Parameters
    ----------
    store : Store
    client : FilesClient
    waiting : callable
        Says whether a record waits to go out: records go first.
    say : callable
        Is told of progress, Chinese.
    clock : callable, optional
        Seconds that only rise.
    """

    def __init__(
        self,
        store: Store,
        client: FilesClient,
        waiting: Callable[[], bool],
        say: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._client = client
        self._waiting = waiting
        self._say = say
        self._clock = clock
        self._piece = SMALLEST
        self._until = 0.0
        self._aside: set[str] = set()
        self.report = PhotosReport()

    def run(self) -> bool:
        """Send what waits; says False where records have to have their turn first.

        Raises
        ------
        SyncError
            The line broke, the hub is full ...: what was confirmed stands.
        """
        self._until = self._clock() + AT_A_STRETCH
        try:
            while (photo := self._next()) is not None:
                if not self._send(photo):
                    return False
        finally:
            self.report.left = len(photos_waiting(self._store))
        originals_thin(self._store)
        return True

    def _next(self) -> Photo | None:
        left = [photo for photo in photos_waiting(self._store) if photo.id not in self._aside]
        return min(left, key=lambda photo: photo.id, default=None)

    def _send(self, photo: Photo) -> bool:
        """Send one photo; says False when it was interrupted for records."""
        try:
            return self._pieces(photo)
        except PhotoRefused as error:
            self._put(replace(photo, state=PhotoState.REFUSED, reason=str(error)))
            self.report.refused += 1
        except (PhotoAgain, TooLarge, StoreError) as error:
            self._aside.add(photo.id)  # this one the next time; now the others
            self._put(replace(self._store.memory.photos[photo.id], reason=str(error)))
        return True

    def _pieces(self, photo: Photo) -> bool:
        offset, tries = self._client.begin(photo), 1
        while offset < photo.size:
            if self._waiting() or self._clock() > self._until:
                return False
            self._progress(photo, offset)
            data = self._store.files.read(photo.id, photo.size, offset, self._piece)
            try:
                offset = self._client.append(photo, offset, data)
                self._piece = min(LARGEST, self._piece * 2)
            except (PhotoAgain, TooLarge):
                self._piece = SMALLEST
                if tries >= _TRIES:
                    raise
                offset, tries = self._client.begin(photo), tries + 1
        self._stored(photo)
        return True

    def _progress(self, photo: Photo, offset: int) -> None:
        if offset != photo.sent:
            self._put(replace(photo, sent=offset, reason=""))
        done = self.report.sent
        self._say(f"正在送照片：已送{done}张，这张{100 * offset // photo.size}%")

    def _stored(self, photo: Photo) -> None:
        """Note that the hub has it, by its hash; only from here on may the copy go."""
        self._put(replace(photo, state=PhotoState.HUB, sent=photo.size, reason=""))
        self.report.sent += 1
        thumb_fetch(self._store, self._client, photo.id)

    def _put(self, photo: Photo) -> None:
        with self._store.write() as unit:
            unit.put_photo(photo)


def thumb_fetch(store: Store, client: FilesClient, id: str) -> bytes | None:
    """Give a photo's thumbnail, fetched and sealed where it is not here yet; None where there is none."""
    known = store.files.whole(thumb_name(id))
    if known is not None:
        return known
    thumb = client.read(id, thumb=True)
    if thumb is not None:
        with store.lock:  # or what tidies up takes its unfinished file for one that belongs to nothing
            store.files.put(thumb_name(id), thumb)
    return thumb


def photos_bind(store: Store) -> None:
    """Note which photos their records were saved with: from now on they are sent whatever happens."""
    with store.lock:
        fresh = [photo for photo in store.memory.photos.values() if not photo.bound]
        fresh = [photo for photo in fresh if names_photo(store.memory, photo)]
    if fresh:
        with store.write() as unit:
            for photo in fresh:
                unit.put_photo(replace(photo, bound=True))


def photos_waiting(store: Store) -> list[Photo]:
    """Give the photos that have to reach the hub yet."""
    with store.lock:
        return [
            photo
            for photo in store.memory.photos.values()
            if photo.bound and photo.copy and photo.state is PhotoState.HERE
        ]


def photos_leave(store: Store) -> None:
    """Wipe the photos of records that are gone from here, once the hub has them or will never take them."""
    with store.lock:
        done = [photo for photo in store.memory.photos.values() if photo.state is not PhotoState.HERE]
    for photo in done:
        if store.memory.view(photo.record) is None:
            photo_drop(store, photo)
    files_tidy(store)


def originals_thin(store: Store, kept: int = KEPT) -> None:
    """Remove the oldest originals that the hub has, beyond so many bytes; thumbnails stay."""
    with store.lock:
        at_hub = [p for p in store.memory.photos.values() if p.state is PhotoState.HUB and p.copy]
    for photo in sorted(at_hub, key=lambda photo: photo.id, reverse=True):
        kept -= photo.size
        if kept < 0:
            with store.write() as unit:
                unit.put_photo(replace(photo, copy=False))
            store.files.remove(photo.id)
