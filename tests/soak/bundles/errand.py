"""One errand: a worker without network, another who carries his files, a thief, a hub."""

import hashlib
import random
from collections.abc import Callable
from contextlib import suppress

from django.db import connection

from field_app.store.state import UNANSWERED, RecordState
from field_app.store.store import Store
from field_app.sync.bundle import Bundle, bundle_make, bundle_note, receipt_take
from field_app.sync.bundle_keys import hub_key_newest, keys_own
from field_app.sync.errors import BundleError, Offline
from field_app.sync.photos import photos_waiting
from field_app.work.photos import named as photos_named
from governance.access.models import Device
from governance.access.selectors import actor_for_device
from governance.contract.kinds.photos import MOST_PHOTOS
from governance.feed.selectors import epoch
from governance.records.models import History, Inbox, Person, StoredFile
from governance.sync.bundles.refusals import BundleRefused
from governance.sync.bundles.take import bundle_take
from tests.pictures import picture
from tests.soak.bundles.thief import BadWorker, Thief
from tests.soak.world.fixed import ids_fix
from tests.soak.world.network import CALM, Network
from tests.soak.world.tablet import Tablet, scratch, unpack
from tests.soak.world.town import GRIDS, Town

Faults = dict[str, str]

SENDER, CARRIER = "first", "second"
WINDY = ("", "", "lost", "unanswered", "cut")
_FOLDER, _CAMERA = scratch(), scratch() / "camera.jpg"
_FEW = 2
PHOTOS = 0.25
"""How often work is a photo."""

_STEPS = 8


class Errand:
    """Plays what follows from a seed.

    ``faults`` says what went wrong, by name of the tally; ``tried`` counts files put before hub or tablet.
    """

    def __init__(
        self, town: Town, carrier: BadWorker, seed: int, say: Callable[[str], None] | None = None
    ) -> None:
        self.chance = random.Random(seed)
        self.faults: Faults = {}
        self.tried = 0
        self._say = say or (lambda _: None)
        self._town = town
        town.hub.put_back(town.hub.people)
        ids_fix(seed)
        self._network = Network(town.hub, self.chance, lambda *_: None)
        unpack(town.tablets[SENDER], _FOLDER)
        self.sender = Tablet(SENDER, _FOLDER, self._network)
        self._carrier = carrier
        self.thief = Thief(self.chance, self._store, self._carrier)
        self._wanted: dict[tuple[str, str], str] = {}
        self._photos: dict[str, str] = {}
        self._files: list[bytes] = []
        self._receipts: list[bytes] = []
        self._backup = town.hub.people
        self._restored = False

    def played(self) -> Faults:
        """Play it to its end and give what is wrong."""
        honest = (self._work, self._export, self._hand_in, self._take)
        odd = (self._damage, self._steal, self._forge, self._spoil, self._sync, self._restart, self._restore)
        some = (*honest, *self.chance.sample(odd, k=3))
        try:
            for act in (self._work, self._export, *self.chance.choices(some, k=_STEPS)):
                self._say(act.__name__)
                act()
            self._rest()
        finally:
            self.sender.close()
        return self.faults

    # -- what the honest do ---------------------------------------------------------------------

    def _work(self) -> None:
        """Register someone, or change something of someone."""
        desk = self.sender.session.desk
        if self.chance.random() < PHOTOS:
            self._photograph()
            return
        people, homes = desk.records.views("person"), desk.records.views("household")
        home = next(view.id for view in homes if view.grid == GRIDS[0])
        mine = [view.id for view in people if view.grid in ("", GRIDS[0])][:_FEW]
        text = f"字{len(self._wanted)}"
        if self.chance.random() < 0.2:
            form, name = desk.collect.form("person", parent=home), "name"
            form.put("residence_kind", "1")
        else:
            form, name = desk.collect.form("person", id=self.chance.choice(mine)), "note"
        form.put(name, text)
        desk.collect.save(form)
        self._wanted[form.id, name] = text

    def _photograph(self) -> None:
        """Take a photo of a building."""
        desk = self.sender.session.desk
        building = next(view.id for view in desk.records.views("building") if view.grid == GRIDS[0])
        form = desk.collect.form("building", id=building)
        if len(photos_named(form, "photos")) >= MOST_PHOTOS:
            return
        data = picture(side=16, colour=self.chance.randrange(1 << 16), exif=False)
        _CAMERA.write_bytes(data)
        self._photos[desk.photos.add(form, "photos", _CAMERA)] = hashlib.sha256(data).hexdigest()
        desk.collect.save(form)

    def _export(self) -> None:
        """Write the outbox; sometimes into parts, sometimes the stick breaks before it is written."""
        store = self._store
        try:
            most, photo_bytes = self.chance.choice((1, 5000)), self.chance.choice((200, 5000))
            bundle = bundle_make(store=store, most=most, photo_bytes=photo_bytes)
        except BundleError:
            return
        if self.chance.random() < 0.9:
            bundle_note(store=store, bundle=bundle)
            self._files += bundle.files

    def _hand_in(self) -> None:
        """Hand any file in, older ones again too."""
        if self._files:
            self._handed(self.chance.choice(self._files))

    def _handed(self, data: bytes) -> None:
        self.tried += 1
        try:
            self._receipts.append(bundle_take(carrier=self._carrier.actor, data=data).receipt)
        except BundleRefused as error:
            if error.code != "bundle_order":
                self._fault("stuck", f"an honest file was refused: {error.code}")

    def _take(self) -> None:
        """Take any receipt in, older ones again too; what it settles is at the hub."""
        if self._receipts:
            self._taken(self.chance.choice(self._receipts))

    def _taken(self, receipt: bytes) -> None:
        store = self._store
        self.tried += 1
        before, knows = _open(store), store.memory.meta["epoch"] == epoch()
        here = {photo.id for photo in photos_waiting(store)}
        try:
            receipt_take(store=store, data=receipt)
        except BundleError:
            if not self._restored:
                self._fault("stuck", "an honest receipt was refused")
            return
        if knows and store.memory.meta["epoch"] != epoch():
            self._fault("corrupt", "a receipt from before a restore was believed")
        settled = before - _open(store)
        # A tablet that has not heard of the restore believes an older receipt; it sends again when it hears.
        if knows and len(settled & _at_hub(settled)) < len(settled & store.memory.entries.keys()):
            self._fault("lost", "a receipt settled what the hub does not have")
        gone = here - {photo.id for photo in photos_waiting(store)}
        if knows and StoredFile.objects.filter(pk__in=gone).count() < len(gone):
            self._fault("lost", "a receipt settled a photo that the hub does not have")

    def _sync(self) -> None:
        """The sender finds a network after all, a bad one."""
        self._network.weather = WINDY
        with suppress(Offline):
            self.sender.session.sync()
        self._network.weather = CALM

    def _restart(self) -> None:
        self.sender.restart()
        self.thief.sender = self._store

    def _restore(self) -> None:
        """The hub makes a backup, or goes back to the last one."""
        if self.chance.random() < 0.5:
            self._backup = self._town.hub.backup()
        else:
            self._town.hub.restore(self._backup)
            self._restored = True

    # -- what must be refused -------------------------------------------------------------------

    def _damage(self) -> None:
        """Cut or flip a file on its way."""
        if self._files:
            self._refused("damaged", self.thief.damaged(self.chance.choice(self._files)))

    def _steal(self) -> None:
        """Pass the sender's work off as another's, or another's as the sender's."""
        if self._files:
            self._refused(*self.thief.stolen(self.chance.choice(self._files)))

    def _refused(self, what: str, data: bytes) -> None:
        self.tried += 1
        before = _counts()
        try:
            bundle_take(carrier=self._carrier.actor, data=data)
        except BundleRefused:
            if _counts() == before:
                return
        self._fault("corrupt", f"taken or stored: {what}")

    def _forge(self) -> None:
        """Tell the sender that the hub has it all."""
        self._unmoved(*self.thief.receipt(self._receipts))

    def _spoil(self) -> None:
        """Cut or flip a receipt on its way."""
        if self._receipts:
            self._unmoved("damaged receipt", self.thief.damaged(self.chance.choice(self._receipts)))

    def _unmoved(self, what: str, receipt: bytes) -> None:
        store = self._store
        self.tried += 1
        before = dict(store.memory.entries), dict(store.memory.photos)
        try:
            receipt_take(store=store, data=receipt)
        except BundleError:
            if (store.memory.entries, store.memory.photos) == before:
                return
        self._fault("corrupt", f"taken: {what}")

    # -- the end --------------------------------------------------------------------------------

    def _rest(self) -> None:
        """Let everything come to rest: over the network, or by files alone; then look."""
        if self._restored or self.chance.random() < 0.3:
            self.sender.session.sync()
            if _open(self._store):
                self.sender.session.sync()
        else:
            self._rest_by_files()
        store = self._store
        if _open(store):
            self._fault("stuck", f"{len(_open(store))} changes wait")
        if waiting := photos_waiting(store):
            self._fault("stuck", f"{len(waiting)} photos wait")
        if any(entry.state is RecordState.REFUSED for entry in store.memory.entries.values()):
            self._fault("corrupt", "good work was refused")
        for data in self._files:  # once more, when all is over
            self._handed(data)
        for receipt in self._receipts:
            self._taken(receipt)
        self._look_at_hub()
        self.sender.session.sync()
        for (record, name), text in self._wanted.items():
            view = store.memory.view(record)
            if view is None or view.values.get(name) != text:
                self._fault("corrupt", f"the tablet shows another {name}")

    def _rest_by_files(self) -> None:
        store = self._store
        try:
            bundle = bundle_make(store=store)
        except BundleError:
            return
        bundle_note(store=store, bundle=bundle)
        self._by_file(bundle)

    def _by_file(self, bundle: Bundle) -> None:
        for data in bundle.files:
            self._handed(data)
            if self._receipts:
                self._taken(self._receipts[-1])

    def _look_at_hub(self) -> None:
        held = {str(row.pk): row for row in Person.objects.all()}
        for (record, name), text in self._wanted.items():
            if record not in held or getattr(held[record], name) != text:
                self._fault("lost", f"{name} of {record[-4:]} is not at the hub")
        stored = {str(row.pk): row for row in StoredFile.objects.all()}
        for id_, digest in self._photos.items():
            if id_ not in stored or stored[id_].content_id != digest:
                self._fault("lost", f"photo {id_[-4:]} is not at the hub")
        if len(stored) > len(self._photos):
            self._fault("doubled", "the hub has photos that nobody took")
        users, device = self._town.users, self.sender.session.meta["device"]
        applied = list(History.objects.filter(user__in=users.values()).values_list("record", "version"))
        if len(applied) != len(set(applied)):
            self._fault("doubled", "a change was applied twice")
        for row in (*History.objects.filter(user__isnull=False), *Inbox.objects.filter(user__isnull=False)):
            if (row.user, str(row.device)) != (users[SENDER], device):
                self._fault("corrupt", "work stands under another name")

    def _fault(self, name: str, what: str) -> None:
        self.faults.setdefault(name, what)

    @property
    def _store(self) -> Store:
        store = self.sender.session._store
        assert store is not None
        return store


def bad_worker(town: Town) -> BadWorker:
    """Give the other worker, who carries files and does worse."""
    folder = scratch()
    unpack(town.tablets[CARRIER], folder)
    tablet = Tablet(CARRIER, folder, Network(town.hub, random.Random(0), lambda *_: None))
    store = tablet.session._store
    assert store is not None
    device = str(store.memory.meta["device"])
    keys = keys_own(store.memory, device)
    assert keys is not None
    actor = actor_for_device(Device.objects.select_related("worker").get(pk=device))
    return BadWorker(actor, device, keys, hub_key_newest(store.memory))


def _open(store: Store) -> set[str]:
    return {change for change, entry in store.memory.entries.items() if entry.state in UNANSWERED}


def _counts() -> object:
    with connection.cursor() as cursor:
        cursor.execute("SELECT (SELECT count(*) FROM records_history), (SELECT count(*) FROM records_inbox)")
        return cursor.fetchone()


def _at_hub(changes: set[str]) -> set[str]:
    found = {*History.objects.filter(change__in=changes).values_list("change", flat=True)}
    found |= {*Inbox.objects.filter(change__in=changes).values_list("change", flat=True)}
    return {str(change) for change in found}
