"""What the tablet's tests share: a hub in memory, a street in it, a tablet on it."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from field_app.ports.clock import DeviceClock
from field_app.ports.secret import SecretFile
from field_app.store import keyring
from field_app.store.vault import Vault
from field_app.sync.transport import Lines, Reply, Request, Transport
from field_app.work.session import Session
from tests.field_app.fake_hub import PASSWORD, FakeHub
from tests.field_app.fake_transport import FakeTransport
from tests.field_app.town import Town, town_make

PIN = "246810"


@pytest.fixture(autouse=True)
def _quick_pins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stretch PINs less: the tests open stores by the hundred."""
    monkeypatch.setattr(keyring, "COST", 2**4)
    assert hashlib.scrypt(b"x", salt=b"y", n=2**4, r=8, p=1)


@pytest.fixture
def hub() -> FakeHub:
    return FakeHub()


@pytest.fixture
def town(hub: FakeHub) -> Town:
    """One building with a room, a household and two people, already at the hub."""
    return town_make(hub)


class Tablet:
    """A data folder with a session on it that can be killed and started again."""

    def __init__(self, folder: Path, transport: Transport, clock: DeviceClock | None = None) -> None:
        self.folder = folder
        self.clock = clock or DeviceClock()
        self.transport = transport
        self.session = self._open()

    @property
    def desk(self):
        return self.session.desk

    def enrol(self, username: str = "wang") -> "Tablet":
        self.session.enrol(
            hub="https://hub.example", username=username, password=PASSWORD, device="平板1", pin=PIN
        )
        return self

    def restart(self) -> "Tablet":
        """Kill the program, start it again and unlock it."""
        self.kill()
        self.session.unlock(PIN)
        return self

    def kill(self) -> None:
        """Kill the program and start it again."""
        self.session.close()
        self.session = self._open()

    def save(self, kind: str, /, *, id: str | None = None, parent: str | None = None, **values: object):
        form = self.desk.collect.form(kind, id=id, parent=parent)
        for name, value in values.items():
            form.put(name, value)
        return self.desk.collect.save(form)

    def _open(self) -> Session:
        secret = SecretFile(self.folder.with_name(f"{self.folder.name}.secret"))
        vault = Vault(self.folder, secret, self.clock)
        return Session(vault, lambda _: Relay(self), searching=False)


class Relay:
    """Passes requests to whatever transport the tablet has at the moment."""

    def __init__(self, tablet: Tablet) -> None:
        self._tablet = tablet

    def send(self, request: Request) -> Reply:
        return self._tablet.transport.send(request)

    def lines(self, request: Request) -> AbstractContextManager[Lines]:
        return self._tablet.transport.lines(request)


@pytest.fixture
def tablet_make(tmp_path: Path) -> Iterator[Callable[[Transport], Tablet]]:
    """Make tablets, each in a folder of its own, closed at the end."""
    made: list[Tablet] = []

    def make(transport: Transport) -> Tablet:
        made.append(Tablet(tmp_path / f"tablet{len(made)}", transport))
        return made[-1]

    yield make
    for tablet in made:
        tablet.session.close()


@pytest.fixture
def tablet(hub: FakeHub, town: Town, tablet_make: Callable[[Transport], Tablet]) -> Tablet:
    """A tablet of worker Wang, enrolled and synced once."""
    tablet = tablet_make(FakeTransport(hub)).enrol()
    tablet.session.sync()
    return tablet
