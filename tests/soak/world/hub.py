"""The real hub in this process; its database is put back between schedules, not made anew."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.backends.sqlite3.base import SQLiteCursorWrapper
from django.http import HttpResponseBase
from django.test import RequestFactory
from django.urls import resolve

from field_app.sync.transport import Request
from governance.access.actor import Actor
from governance.contract import Change, Result
from governance.contract.wire import PROTOCOL
from governance.feed.services import epoch_start
from governance.records.codes import lists_forget
from governance.records.services import apply, follow_map
from governance.sync import pull
from governance.sync.bundles import take
from tests.soak.storage.beneath import Beneath, Copy
from tests.soak.storage.tables import tables_make
from tests.soak.world import plug

_requests = RequestFactory()


_wrapper: Any = SQLiteCursorWrapper
_convert: Any = _wrapper.convert_query


@cache
def _plain(sql: str) -> str:
    return str(_convert(None, sql))


def _converted(cursor: object, sql: str, *, param_names: list[str] | None = None) -> str:
    """Turn %s into ? but once a statement."""
    return _plain(sql) if param_names is None else str(_convert(cursor, sql, param_names=param_names))


TOLD_APART = ("staff", "inbox.apply")
"""Actions of which the world hears by those who do them."""

Offers = Sequence[Mapping[str, Any]]
"""Changes as they travel."""


class Listener:
    """What the world wants to hear of the hub, once it is committed."""

    def wrote(self, actor: Actor, changes: Sequence[Change]) -> None:
        """The hub's own rooms wrote something."""

    def handed_over(self) -> None:
        """Posts at closed grids were passed on."""

    def followed(self, ids: Sequence[str]) -> None:
        """Records of closed grids went elsewhere, parents first."""

    def bundled(self, device: str, user: int | None, offers: Offers, results: Sequence[Result]) -> None:
        """What a bundle brought was applied, as the work of this device and account."""

    def meanwhile(self) -> None:
        """The hub is in the midst of reading for a tablet."""


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
    listener : Listener
    took : bool
        Whether a push was committed since this was set to False.
    """

    def __init__(self, people: Callable[[], None]) -> None:
        settings.ENROL_PER_MINUTE = settings.BUNDLES_PER_MINUTE = 10_000
        self._beneath = Beneath()
        tables_make()
        _wrapper.convert_query = _converted
        database: Any = connection
        commit, back = database._commit, database._rollback
        self._notes: list[Callable[[], object]] = []
        database._commit = lambda: plug.HUB.commit(partial(self._ended, commit), partial(self._undone, back))
        database._rollback = partial(self._undone, back)
        self.following = True
        self.listener = Listener()
        self.took = False
        self._listen_to_pulls()
        self._listen_to_writes()
        people()
        self.people = self.backup()

    def _ended(self, commit: Callable[[], object]) -> None:
        commit()
        notes, self._notes = self._notes, []
        for note in notes:
            note()

    def _undone(self, back: Callable[[], object]) -> None:
        self._notes = []
        back()

    def _listen_to_pulls(self) -> None:
        """Stand between what the hub reads for a tablet."""
        follow, chunks, entries = (
            vars(pull)[name] for name in ("grids_follow", "grid_chunks", "entries_after")
        )

        def chunks_then(*arguments: Any) -> Iterator[bytes]:
            yield from chunks(*arguments)
            self.listener.meanwhile()

        def entries_then(*arguments: Any) -> Any:
            self.listener.meanwhile()
            return entries(*arguments)

        vars(pull)["grids_follow"] = lambda grids: follow(grids) if self.following else None
        vars(pull).update(grid_chunks=chunks_then, entries_after=entries_then)

    def _listen_to_writes(self) -> None:
        """Stand behind what the hub takes, and what its own rooms write."""
        written = vars(apply)["_in_one_transaction"]
        relocate, posts_follow = vars(follow_map)["relocate"], vars(follow_map)["posts_follow"]
        applied = vars(take)["push_apply"]

        def heard(actor: Any, changes: Any, action: str) -> Any:
            if action == "push":
                self._notes.append(self._taken)
            elif action not in TOLD_APART:
                self._notes.append(lambda: self.listener.wrote(actor, changes))
            return written(actor, changes, action)

        def relocated(*, movings: Any, **others: Any) -> None:
            relocate(movings=movings, **others)
            self._notes.append(lambda: self.listener.followed([moving.id for moving in movings]))

        def handed_over(*, grids: Any) -> Any:
            self._notes.append(self.listener.handed_over)
            return posts_follow(grids=grids)

        def bundled(actor: Any, body: bytes) -> Any:
            done = applied(actor, body)
            offers = json.loads(body)["changes"]
            self.listener.bundled(str(actor.device_id), actor.user_id, offers, done.results)
            return done

        vars(apply)["_in_one_transaction"] = heard
        vars(follow_map).update(relocate=relocated, posts_follow=handed_over)
        vars(take)["push_apply"] = bundled

    def _taken(self) -> None:
        self.took = True

    def backup(self) -> Copy:
        """Copy the whole database."""
        return self._beneath.copy()

    def put_back(self, copy: Copy) -> None:
        """Put a copy in the place of the database, and forget what the process knew."""
        self._beneath.put_back(copy)
        self._forget()

    def restore(self, copy: Copy) -> None:
        """Restore a backup as `manage.py` does: with a new epoch."""
        self.put_back(copy)
        epoch_start()

    def restart(self) -> None:
        """Forget whatever only the process knew."""
        self._forget()

    def _forget(self) -> None:
        plug.HUB.disarm()
        lists_forget()
        self._notes = []
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
        headers = {"X-Protocol": str(PROTOCOL), **request.headers}
        headers |= {"Authorization": f"Token {request.token}"} if request.token else {}
        if request.method == "GET":
            asked = _requests.get(path, dict(request.query), headers=headers)
        elif request.content is not None:
            kind = request.headers.get("Content-Type", "application/octet-stream")
            asked = _requests.generic(request.method, path, request.content, kind, headers=headers)
        else:
            body = json.dumps(request.body, ensure_ascii=False)
            asked = _requests.post(path, body, content_type="application/json", headers=headers)
        try:
            found = resolve(path)
            return found.func(asked, *found.args, **found.kwargs)
        except plug.HubDied:
            self._forget()
            raise


def content(response: HttpResponseBase) -> tuple[Any, bytes]:
    """Give a reply's JSON, None where it has none, and its bytes where they are a file."""
    whole: bytes = response.content  # type: ignore[attr-defined]
    if response.headers.get("Content-Type") == "application/json":
        return json.loads(whole), b""
    return None, whole


def lines(response: HttpResponseBase) -> list[bytes]:
    """Give the lines of a streamed reply."""
    whole: bytes = response.getvalue()
    return whole.splitlines()
