"""The tablet as a whole (会话): enrol, unlock, lock, PIN, sync."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from enum import StrEnum

from field_app.store.clock import META as CLOCK
from field_app.store.errors import LockedOut, NotEnrolled
from field_app.store.keyring import pin_problem, pin_weak
from field_app.store.memory import Memory
from field_app.store.store import Store
from field_app.store.vault import Vault
from field_app.sync.bundle_keys import OwnKeys, keys_exchange, keys_keep
from field_app.sync.client import Enrolment, HubClient
from field_app.sync.endings import TROUBLE, trouble_code, wait_check
from field_app.sync.engine import Engine, Progress, SyncReport
from field_app.sync.errors import Revoked, SyncError, Wiped
from field_app.sync.photos import thumb_fetch
from field_app.sync.poke import Heard, Line, Listener
from field_app.sync.recall import all_safe, unsent
from field_app.sync.recovery import epoch_note
from field_app.sync.report import Reporter
from field_app.sync.transport import Closable, Dialling, Transport
from field_app.sync.tus import FilesClient
from field_app.work.carry import Carry
from field_app.work.desk import Desk, desk_make
from field_app.work.errors import Locked, Refused
from field_app.work.grounds import grids_now

__all__ = ["Identity", "Session", "SessionState", "SyncReport"]


class SessionState(StrEnum):
    """What the app must ask for first."""

    EMPTY = "empty"
    LOCKED = "locked"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who works here and for which grids; ``revoked`` once the hub has refused the device."""

    hub: str
    device: str
    device_name: str
    username: str
    name: str
    grids: tuple[tuple[str, str], ...]
    kinds: tuple[str, ...]
    revoked: bool


class Session:
    """One data folder, open in this process alone; close it at the end.

    Parameters
    ----------
    vault : Vault
    transport : callable
        Makes the transport to a hub from its address.
    searching : bool
        Build the search index at unlock; without, at the first search.
    """

    def __init__(
        self, vault: Vault, transport: Callable[[str], Transport], *, searching: bool = True
    ) -> None:
        self._vault = vault
        self._transport_make = transport
        self._transports: dict[str, Transport] = {}
        self._searching = searching
        self._store: Store | None = None
        self._desk: Desk | None = None
        self._identity: Identity | None = None
        self._watchers: list[Callable[[], object]] = []
        self._syncing = threading.Lock()
        self._busy: list[Store | None] = []

    @property
    def state(self) -> SessionState:
        """Whether to enrol, to ask for the PIN, or to work."""
        if self._store is not None:
            return SessionState.OPEN
        return SessionState.LOCKED if self._vault.exists else SessionState.EMPTY

    @property
    def desk(self) -> Desk:
        """The presenters. Raises Locked unless the session is open."""
        if self._desk is None:
            raise Locked("请先输入 PIN 解锁" if self._vault.exists else "本机还没有登记，请先联网登记")
        return self._desk

    @property
    def revision(self) -> int:
        """Grows with every change of what is held; 0 while locked."""
        return self._store.revision if self._store is not None else 0

    @property
    def meta(self) -> Mapping[str, object]:
        """What is kept beside the records: cursor, epoch, last_sync ..."""
        return self._open().memory.meta

    @property
    def identity(self) -> Identity | None:
        """Who works here; after a lock still whoever was there, None before the first unlock."""
        if self._store is not None:
            self._identity = identity_of(self._store.memory)
        return self._identity

    def watch(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Have ``callback`` called after each change, from whichever thread made it.

        It stays through lock and unlock; gives the way to stop.
        """
        self._watchers.append(callback)
        return lambda: self._watchers.remove(callback) if callback in self._watchers else None

    def enrol(
        self, *, hub: str, username: str, password: str, device: str, pin: str, erase: bool = False
    ) -> tuple[str, ...]:
        """Register this tablet at the hub, or anew after it was revoked; unsent work stays.

        With ``erase`` the PIN is a new one and everything here is given up, unsent work too, but only
        once the hub has taken account, password and device.

        Returns
        -------
        tuple of str
            Remarks in Chinese, such as a PIN that is easily guessed.

        Raises
        ------
        Refused
            Not a PIN; another worker's unsent work lies here.
        BadCredentials, DeviceLimit, Offline, WrongPin, SyncError ...
        """
        problem = pin_problem(pin)
        if problem:
            raise Refused.because("pin", "format", problem)
        with self._alone():  # what a sync under the old token is told is not of the new one
            self._enrol(hub, username, password, device, pin, erase=erase)
        return ("PIN 容易被猜到，建议另换一个",) if pin_weak(pin) else ()

    def _enrol(self, hub: str, username: str, password: str, device: str, pin: str, *, erase: bool) -> None:
        heard: list[float] = []
        client = HubClient(self._transport(hub), hear=heard.append)
        locked_out = not erase and self._locked_out(pin, username)
        keys = OwnKeys.make()
        enrolment = client.enrol(username, password, device, keys.public())
        if erase:
            self.erase()
        if locked_out:
            self._vault.forgive()
            self._unlock(pin)
            self._check_owner(self._open(), username)
        store = self._store or self._vault.make(pin)
        for seconds in heard:
            store.clock.hear(seconds)
        self._enrolled(store, enrolment, hub, device, keys)
        if self._store is None:
            self._take(store)
            self._changed(None)

    def _locked_out(self, pin: str, username: str) -> bool:
        """Open what is here for its own worker; says whether no try is left for it."""
        if self.state is SessionState.LOCKED:
            try:
                self._unlock(pin)
            except LockedOut:
                return True
        if self._store is not None:
            self._check_owner(self._store, username)
        return False

    def unlock(self, pin: str) -> None:
        """Open everything held into memory. Raises NotEnrolled, WrongPin, TooSoon, LockedOut, Locked."""
        if self.state is SessionState.OPEN:
            return
        if self._syncing.locked() and self._held is None and self._vault.exists:
            raise SyncError("正在登记本机，请稍候再解锁")
        self._unlock(pin)

    def _unlock(self, pin: str) -> None:
        """Open the folder, or join what is still held of it: a sync behind the lock may last for hours."""
        if self.state is SessionState.EMPTY:
            raise NotEnrolled("本机还没有登记，请先联网登记")
        with self._quiet():  # nothing is wiped between the PIN and the screen
            held = self._held
            if held is not None:
                self._vault.check(pin)
            self._take(held or self._vault.unlock(pin))

    def lock(self) -> None:
        """Drop the key and everything decrypted."""
        if self._store is not None:
            self._store.unwatch()
        self._store = self._desk = None

    def hold(self) -> Callable[[], None]:
        """Keep what is open for whoever unlocks before another thread is done; gives the way to let it go.

        A second store on the same file would not see what that thread writes.
        """
        busy, store = self._busy, self._store
        busy.append(store)
        return lambda: busy.remove(store)

    def change_pin(self, old: str, new: str) -> None:
        """Change the PIN; nothing but the key's wrapping is written. Raises WrongPin, Refused."""
        problem = pin_problem(new)
        if problem:
            raise Refused.because("pin", "format", f"新 {problem}")
        with self._quiet():  # a sync in its thread writes by the same connection
            self._vault.change_pin(old, new)

    def sync(self, progress: Progress | None = None) -> SyncReport:
        """Push everything, then pull; blocks, so run it in a thread.

        Raises
        ------
        Offline, Revoked, SyncError, StoreError
            What was done until then stands; nothing is lost.
        Wiped
            The hub wants the device back, has all that was unsent, and nothing is left here.
        """
        store = self._open()
        recalled = trouble_code(store) in ("retired", "lost")
        if store.memory.meta.get("revoked") and not unsent(store) and not recalled:
            raise SyncError("平台已停用本机，请重新登记后再同步")
        with self._alone():
            wait_check(store)
            client = self._client(store)
            try:
                report = Engine(store, client, progress).run()
            except Revoked as error:
                with store.lock:  # nobody saves between the last look and the wipe
                    if not all_safe(store, error):
                        raise
                    self.erase()
                raise Wiped("平台已收回本机：送出的都在平台，本机资料已全部清除") from error
            with suppress(SyncError):  # nothing of this sync hangs on it; the next one asks again
                keys_exchange(store=store, client=client)
            return report

    def listener(self, heard: Callable[[Heard], object]) -> Listener | None:
        """Give who listens for the hub's call, yet to be started; None where the transport holds no line.

        ``heard`` is told from the listener's thread. It is to be stopped before the session is locked.
        """
        self._open()
        transport = self._transport(str(self.meta.get("hub")))
        if not isinstance(transport, Dialling):
            return None

        def dial() -> Line:
            meta = self.meta  # as it stands then; Locked ends the attempt
            return transport.dial(str(meta.get("token")), str(meta.get("cursor") or ""))

        return Listener(dial, heard)

    @property
    def carry(self) -> Carry:
        """Work that goes by file where there is no network. Raises Locked unless the session is open."""
        store = self._open()
        return Carry(store, lambda: self._client(store), self._alone)

    def photo(self, id: str, *, thumb: bool = False) -> bytes | None:
        """Give a photo, or its small picture: from this tablet, else from the hub; blocks.

        None where the hub has none for this worker. Raises Offline, SyncError.
        """
        store = self._open()
        client = FilesClient(self._client(store))
        if thumb:
            return thumb_fetch(store, client, id)
        kept = self.desk.photos.original(id)
        return kept if kept is not None else client.read(id)

    def erase(self) -> None:
        """Give up everything on this tablet, unsent work too."""
        with self._quiet():
            if (store := self._held) is not None:
                store.end()
            self.lock()
            self._busy = []
            self._vault.erase()
        self._changed(None)

    def close(self) -> None:
        """Lock, close the file and free the folder; a sync under way ends between two transactions."""
        quiet = self._quiet()
        self.lock()
        with quiet:
            self._vault.close()
        for transport in self._transports.values():
            if isinstance(transport, Closable):
                transport.close()

    def _quiet(self) -> AbstractContextManager[object]:
        """Keep whoever works in another thread from writing."""
        store = self._held
        return store.lock if store is not None else nullcontext()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep sync and files from settling the same changes at the same time. Raises SyncError."""
        if not self._syncing.acquire(blocking=False):
            raise SyncError("正在同步，请稍候")
        let_go = self.hold()
        try:
            yield
        finally:
            let_go()
            self._syncing.release()

    @property
    def _held(self) -> Store | None:
        return self._store or next(filter(None, self._busy), None)

    def _client(self, store: Store) -> HubClient:
        meta = store.memory.meta
        hub, token = str(meta.get("hub")), str(meta.get("token"))
        reporter = Reporter(store, self._vault.folder, self._vault.clock)
        return HubClient(self._transport(hub), token, store.clock.hear, reporter)

    def _transport(self, hub: str) -> Transport:
        """Give the one transport to a hub, whose connections stay open between syncs."""
        if hub not in self._transports:
            self._transports[hub] = self._transport_make(hub)
        return self._transports[hub]

    def _open(self) -> Store:
        if self._store is None:
            raise Locked("请先输入 PIN 解锁" if self._vault.exists else "本机还没有登记，请先联网登记")
        return self._store

    def _take(self, store: Store) -> None:
        store.watch(self._changed)
        desk = desk_make(store)
        if self._searching:
            desk.find.prepare()
        self._store, self._desk = store, desk

    def _changed(self, _: object) -> None:
        for watcher in tuple(self._watchers):
            watcher()

    def _check_owner(self, store: Store, username: str) -> None:
        """Refuse another worker while unsent work of the first lies here."""
        known = _mapping(store.memory.meta.get("worker")).get("username")
        if known in (None, username):
            return
        if unsent(store):
            raise Refused.because("username", "state", "本机还有另一位网格员未送出的记录，请先由他同步")
        raise Refused.because("username", "state", "本机登记的是另一位网格员；换人请先清空本机")

    def _enrolled(self, store: Store, enrolment: Enrolment, hub: str, device: str, keys: OwnKeys) -> None:
        with store.write() as unit:
            epoch_note(store, unit, enrolment.epoch)
            keys_keep(unit, enrolment.device, keys, enrolment.hub_key)
            for key, value in {
                "hub": hub,
                "token": enrolment.token,
                "device": enrolment.device,
                "device_name": device,
                "worker": dict(enrolment.worker),
                "grids": [dict(grid) for grid in enrolment.grids],
                "kinds": list(enrolment.kinds),
                "revoked": False,
                TROUBLE: None,
                CLOCK: store.clock.kept(),
            }.items():
                unit.put_meta(key, value)
            unit.ask_anew()


def identity_of(memory: Memory) -> Identity:
    """Read who works here, and where, from what is held."""
    meta = memory.meta
    worker, kinds = _mapping(meta.get("worker")), meta.get("kinds")
    return Identity(
        hub=str(meta.get("hub") or ""),
        device=str(meta.get("device") or ""),
        device_name=str(meta.get("device_name") or ""),
        username=str(worker.get("username") or ""),
        name=str(worker.get("name") or ""),
        grids=grids_now(memory),
        kinds=tuple(str(kind) for kind in kinds) if isinstance(kinds, list) else (),
        revoked=bool(meta.get("revoked")),
    )


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}
