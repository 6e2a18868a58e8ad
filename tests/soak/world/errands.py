"""What takes other ways than a push: bundles by hand, photos apart from their records."""

import hashlib
import random
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from field_app.store.state import UNANSWERED, View
from field_app.sync.errors import BundleError, SyncError
from field_app.work.forms import Form
from field_app.work.labels import is_open
from governance.contract import Result
from governance.contract.kinds.photos import MOST_PHOTOS
from tests.pictures import picture
from tests.soak.world import forms
from tests.soak.world.hub import Offers
from tests.soak.world.model import Model, codes_of
from tests.soak.world.network import Network
from tests.soak.world.tablet import Tablet
from tests.soak.world.terms import Answer

SIDE = 16
"""Pixels of a photo."""

AGAIN = 0.6
"""How often something is photographed that is known already."""

AT_ONCE = 0.5
"""How often a bundle is handed in at once, and a receipt taken in."""


@dataclass(frozen=True)
class Photo:
    """A photo that a worker took and saved with a record."""

    id: str
    record: str
    sha256: str


class Errands:
    """Acts with files; each says in a few words what it did, or nothing if there was nothing to do.

    Attributes
    ----------
    photos : list of Photo
    """

    def __init__(
        self, chance: random.Random, model: Callable[[], Model], text: Callable[[], str], folder: Path
    ) -> None:
        self.network: Network
        self.shared: Callable[[Tablet], AbstractContextManager[None]]
        self.photos: list[tuple[Tablet, Photo]] = []
        self._chance = chance
        self._model = model
        self._text = text
        self._folder = folder
        self._bundles: list[Path] = []
        self._receipts: list[tuple[Tablet, Path]] = []
        self._senders: dict[Path, Tablet] = {}

    # -- bundles --------------------------------------------------------------------------------

    def export(self, tablet: Tablet) -> str:
        """Write what waits into a file; it stays on the tablet."""
        file = self._folder / f"{tablet.user}-{len(self._bundles)}.bundle"
        try:
            with self.shared(tablet):
                done = tablet.session.carry.export(file)
        except BundleError:
            return ""
        self._bundles += done.files
        self._senders.update(dict.fromkeys(done.files, tablet))
        told = f"exports {done.changes} changes"
        if self._chance.random() < AT_ONCE:
            told += f"; {self.hand_in(tablet)}"
        return told

    def hand_in(self, tablet: Tablet) -> str:
        """Hand any bundle in, one's own or another's, old ones again too; its receipt goes to its sender."""
        if not self._bundles:
            return ""
        file = self._chance.choice(self._bundles[-3:])
        try:
            done = tablet.session.carry.hand_in(file)
        except SyncError as error:
            return f"{type(error).__name__} {error}"
        self._receipts.append((self._senders[file], done.receipt))
        told = f"hands in {file.name}"
        if self._chance.random() < AT_ONCE:
            told += f"; {self.take_in(tablet)}"
        return told

    def take_in(self, _: Tablet) -> str:
        """Take any receipt in, old ones again too."""
        if not self._receipts:
            return ""
        tablet, file = self._chance.choice(self._receipts[-3:])
        before = _unanswered(tablet)
        try:
            with self.shared(tablet):
                told = tablet.session.carry.receipt(file)
        except SyncError as error:
            return f"{tablet.user}: {type(error).__name__} {error}"
        settled = before - _unanswered(tablet)
        entries = tablet.memory.entries
        taken = {key for key in settled if key in entries and entries[key].status not in ("", "rejected")}
        self.network.acknowledged |= taken
        return f"{tablet.user}: {told.text}"

    def bundled(self, device: str, user: int | None, offers: Offers, results: Sequence[Result]) -> None:
        """Hold what the hub made of a bundle against the model: the work of whoever exported it."""
        who = self._model().sender(device)
        if who is None or who.user != user:
            self.network.wrong.append(f"bundle of {device} taken as work of {user}, not {who}")
            return
        for told, answer in zip(results, self._model().push(who, offers), strict=True):
            errors = [problem.as_json() for problem in told.errors]
            if Answer(told.status.value, told.version, codes_of(errors)) != answer:
                self.network.wrong.append(f"bundle: {told}, expected {answer}")

    # -- photos ---------------------------------------------------------------------------------

    def photo(self, tablet: Tablet) -> str:
        """Report something with a photo or two, or photograph again what someone reported."""
        known = sorted(view.id for view in tablet.memory.views("event") if _photographed(view))
        if known and self._chance.random() < AGAIN:
            return self._one_more(tablet, self._chance.choice(known))
        grids = sorted(each.grid for each in tablet.memory.held.values() if each.kind == "grid")
        if not grids:
            return ""
        form = tablet.session.desk.collect.form("event")
        form.place(*self._model().map.middle(self._chance.choice(grids)))
        for name, value in forms.required("event", self._text).items():
            form.put(name, value)
        taken = []
        for _ in range(self._chance.choice((1, 1, 2))):
            taken.append((tablet, self._shot(tablet, form)))
        values = [(form.id, "description", form.values["description"])]
        waits = lambda: bool(tablet.memory.entries_of(form.id))  # noqa: E731
        with tablet.noting(waits, lambda: self._saved(tablet, values, taken)):
            tablet.session.desk.collect.save(form)
        return f"makes event {form.id[-4:]} with {len(taken)} photos"

    def _one_more(self, tablet: Tablet, event: str) -> str:
        form = tablet.session.desk.collect.form("event", id=event)
        before = len(tablet.memory.entries_of(event))
        taken = [(tablet, self._shot(tablet, form))]
        waits = lambda: taken[0][1].id in str(tablet.memory.entries_of(event))  # noqa: E731
        with tablet.noting(waits, lambda: self._saved(tablet, (), taken)):
            tablet.session.desk.collect.save(form)
        return f"adds a photo to event {event[-4:]}, {before} changes before"

    def _shot(self, tablet: Tablet, form: Form) -> Photo:
        data = picture(side=SIDE, colour=self._chance.randrange(1 << 16), exif=False)
        file = self._folder / "camera.jpg"
        file.write_bytes(data)
        id_ = tablet.session.desk.photos.add(form, "photos", file)
        return Photo(id_, form.id, hashlib.sha256(data).hexdigest())

    def _saved(self, tablet: Tablet, values: Any, taken: Sequence[tuple[Tablet, Photo]]) -> None:
        tablet.saved += values
        self.photos += taken


def _photographed(view: View) -> bool:
    photos = view.values.get("photos")
    there = isinstance(photos, list) and 0 < len(photos) < MOST_PHOTOS
    return there and is_open(view) and not view.withdrawn


def _unanswered(tablet: Tablet) -> set[str]:
    return {change for change, entry in tablet.memory.entries.items() if entry.state in UNANSWERED}
