"""The real hub in this process with one grid and two workers, and their tablets, put back before each day."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from http import HTTPStatus
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpResponseBase
from django.test import RequestFactory
from django.urls import resolve

from field_app.ports.secret import SecretFile
from field_app.store import keyring
from field_app.store.vault import Vault
from field_app.sync.errors import Offline, Unreached
from field_app.sync.transport import Lines, Reply, Request
from field_app.work.session import Session
from governance.access.actor import HUB
from governance.access.models import Post
from governance.contract import ids
from governance.contract.wire import PROTOCOL
from governance.records.services.lists import codelists_load
from governance.sync import pull
from gridmap.models import Grid
from tests import factories
from tests.soak.clocks.time import Dial, World, by
from tests.soak.storage.beneath import Beneath
from tests.soak.storage.tables import tables_make

PIN = "246810"
USERS = ("first", "second")
_LISTS = ("residence_kind", "sex", "crs")
_LONG_AGO = date(1990, 1, 1)
_requests = RequestFactory()
Fault = Callable[[], str]


class Town:
    """Hub and tablets as they are when everyone has synced once.

    Parameters
    ----------
    folder : Path
        For the tablets' stores.
    """

    def __init__(self, folder: Path) -> None:
        keyring.COST = 2**4
        settings.ENROL_PER_MINUTE = 10_000
        vars(pull)["grids_follow"] = lambda _: None  # other rooms' answers to changes are not the matter here
        self._beneath = Beneath()
        tables_make()
        self.folder = folder
        self.world = World()
        self.hub = Dial(self.world)
        self.asking = ""
        with by(self.hub):
            self.people = self._people()
            self._enrol()
        self._kept = self._beneath.copy()

    def begin(self) -> None:
        """Put everything back."""
        self.world.__init__()  # type: ignore[misc]
        self.hub.off = 0.0
        self._beneath.put_back(self._kept)
        for user in USERS:
            shutil.rmtree(self.folder / user, ignore_errors=True)
            shutil.copytree(self.folder / f"{user}.kept", self.folder / user)

    def session(self, user: str, dial: Dial, fault: Fault, *, pin: str = PIN) -> Session:
        """Start a tablet's program and unlock it."""
        ids._clock._last = 0  # what a program knew of earlier ids ends with it
        folder = self.folder / user
        vault = Vault(folder, SecretFile(folder / "secret"), dial.device())
        session = Session(vault, lambda _: Line(self, fault, dial), searching=False)
        try:
            if session.state == "locked":
                session.unlock(pin)
        except BaseException:
            session.close()
            raise
        return session

    def ask(self, request: Request) -> HttpResponseBase:
        """Have the hub answer, by its own clock."""
        self.asking = request.token
        path = f"/api/v1/{request.route}"
        headers = {"X-Protocol": str(PROTOCOL)}
        if request.token:
            headers["Authorization"] = f"Token {request.token}"
        if request.method == "GET":
            asked = _requests.get(path, dict(request.query), headers=headers)
        else:
            body = json.dumps(request.body, ensure_ascii=False)
            asked = _requests.post(path, body, content_type="application/json", headers=headers)
        with by(self.hub):
            return resolve(path).func(asked)

    def _people(self) -> list[str]:
        codes = self.folder / "codes"
        codes.mkdir()
        for found in (settings.FIXTURES / "codes").glob("*.csv"):
            head, *rows = found.read_text(encoding="utf-8-sig").splitlines()
            kept = [row for row in rows if row.partition(",")[0] in _LISTS]
            (codes / found.name).write_text("\n".join([head, *kept]), encoding="utf-8")
        codelists_load(actor=HUB, folder=codes)
        factories.grid()
        for user in USERS:
            factories.worker(user, factories.GRID)
        Post.objects.update(starts_on=_LONG_AGO)
        Grid.objects.update(valid_from=_LONG_AGO)
        self.household = factories.home(factories.hub_in())["household"]
        actor = factories.hub_in()
        return [factories.person(actor, self.household, name=f"王示{number}") for number in range(3)]

    def _enrol(self) -> None:
        for user in USERS:
            session = self.session(user, Dial(self.world), lambda: "")
            session.enrol(
                hub="https://hub.example", username=user, password=factories.PASSWORD, device=user, pin=PIN
            )
            session.sync()
            session.close()
            (self.folder / user).rename(self.folder / f"{user}.kept")


class Line:
    """The way from a tablet to the hub; ``fault`` says what befalls the next request."""

    def __init__(self, town: Town, fault: Fault, dial: Dial) -> None:
        self._town, self._fault, self._dial = town, fault, dial

    def send(self, request: Request) -> Reply:
        """Send and wait for the reply."""
        what = self._fault()
        if what == "off":
            raise Unreached("连不上平台")
        if what == "lost":
            raise Offline("请求没有到达平台")
        response = self._town.ask(request)
        if what == "twice":
            response = self._town.ask(request)
        if what == "unanswered":
            raise Offline("平台的答复没有到达")
        content: bytes = response.content  # type: ignore[attr-defined]
        return self._reply(response, json.loads(content) if content else None)

    @contextmanager
    def lines(self, request: Request) -> Iterator[Lines]:
        """Send and read the reply line by line."""
        response: Any = self._town.ask(request)
        with by(self._town.hub):
            found = response.getvalue().splitlines()
        if response.status_code != HTTPStatus.OK:
            yield Whole(self._reply(response, json.loads(found[0])), [])
            return
        yield Whole(self._reply(response, None), found)

    def _reply(self, response: HttpResponseBase, data: object) -> Reply:
        self._dial.hear(self._town.hub.off)
        epoch = response.headers["X-Epoch"]
        return Reply(response.status_code, data, epoch, date=float(int(self._town.hub.wall())))


class Whole:
    """A stream that arrives whole."""

    def __init__(self, head: Reply, found: list[bytes]) -> None:
        self.head = head
        self.bytes_down = sum(map(len, found))
        self._lines = found

    def __iter__(self) -> Iterator[object]:
        return map(json.loads, self._lines)
