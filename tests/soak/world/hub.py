"""The real hub in this process; its database is put back between schedules, not made anew."""

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.http import HttpResponseBase
from django.test import RequestFactory
from django.urls import resolve

from field_app.sync.transport import Request
from governance.contract import Change
from governance.contract.wire import PROTOCOL
from governance.feed.services import epoch_start
from governance.records.codes import lists_forget
from governance.records.services import apply
from governance.sync import pull
from tests.soak.world import plug

_requests = RequestFactory()


class Hub:
    """Views, services and database of the hub, without server and middleware.

    Parameters
    ----------
    people : callable
        Fills the migrated database, once.

    Attributes
    ----------
    following : bool
        Whether the rooms that answer changes with tasks and flags catch up before a pull; it takes most
        of the time.
    meanwhile : callable
        Called in the midst of what the hub reads for a tablet.
    wrote : callable
        Told what the hub's own rooms wrote.
    """

    def __init__(self, people: Callable[[], None]) -> None:
        settings.ENROL_PER_MINUTE = 10_000
        connections.databases["default"]["NAME"] = ":memory:"
        connections.databases["default"]["OPTIONS"]["cached_statements"] = 1_000
        call_command("migrate", verbosity=0)
        database: Any = connection
        commit, back = database._commit, database._rollback
        database._commit = lambda: plug.HUB.commit(commit, back)
        self.following = True
        self.meanwhile: Callable[[], None] = lambda: None
        self.wrote: Callable[[Sequence[Change]], None] = lambda _: None
        self._listen()
        people()
        self.people = self.backup()

    def _listen(self) -> None:
        """Stand between what the hub reads for a tablet, and behind what its own rooms write."""
        follow, chunks, entries = (
            vars(pull)[name] for name in ("grids_follow", "grid_chunks", "entries_after")
        )
        written = vars(apply)["_in_one_transaction"]

        def chunks_then(*arguments: Any) -> Iterator[bytes]:
            yield from chunks(*arguments)
            self.meanwhile()

        def entries_then(*arguments: Any) -> Any:
            self.meanwhile()
            return entries(*arguments)

        def heard(actor: Any, changes: Any, action: str) -> Any:
            results = written(actor, changes, action)
            if action not in ("push", "staff"):
                self.wrote(changes)
            return results

        vars(pull)["grids_follow"] = lambda grids: follow(grids) if self.following else None
        vars(pull).update(grid_chunks=chunks_then, entries_after=entries_then)
        vars(apply)["_in_one_transaction"] = heard

    def backup(self) -> sqlite3.Connection:
        """Copy the whole database."""
        copy = sqlite3.connect(":memory:", check_same_thread=False)
        connection.connection.backup(copy)
        return copy

    def put_back(self, copy: sqlite3.Connection) -> None:
        """Put a copy in the place of the database, and forget what the process knew."""
        copy.backup(connection.connection)
        self._forget()

    def restore(self, copy: sqlite3.Connection) -> None:
        """Restore a backup as `manage.py` does: with a new epoch."""
        self.put_back(copy)
        epoch_start()

    def restart(self) -> None:
        """Forget whatever only the process knew."""
        self._forget()
        lists_forget()

    @staticmethod
    def _forget() -> None:
        plug.HUB.disarm()
        connection.run_on_commit = []
        connection.needs_rollback = False

    def ask(self, request: Request) -> HttpResponseBase:
        """Answer one request.

        Raises
        ------
        HubDied
            When the plug was pulled; the hub is up again then.
        """
        path = f"/api/v1/{request.route}"
        headers = {"X-Protocol": str(PROTOCOL)}
        headers |= {"Authorization": f"Token {request.token}"} if request.token else {}
        if request.method == "GET":
            asked = _requests.get(path, dict(request.query), headers=headers)
        else:
            body = json.dumps(request.body, ensure_ascii=False)
            asked = _requests.post(path, body, content_type="application/json", headers=headers)
        try:
            return resolve(path).func(asked)
        except plug.HubDied:
            self.restart()
            raise


def content(response: HttpResponseBase) -> Any:
    """Give a reply's JSON; None where it says all with its status."""
    whole: bytes = response.content  # type: ignore[attr-defined]
    return json.loads(whole) if whole else None


def lines(response: HttpResponseBase) -> list[bytes]:
    """Give the lines of a streamed reply."""
    whole: bytes = response.getvalue()
    return whole.splitlines()
