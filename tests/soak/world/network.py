"""A network that loses, doubles, delays and cuts, between a tablet and the hub, with the model beside it."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from field_app.sync.errors import Offline
from field_app.sync.transport import Lines, Reply, Request
from tests.soak.world import plug
from tests.soak.world.hub import Hub, content, lines
from tests.soak.world.model import codes_of
from tests.soak.world.terms import Answer
from tests.sync.django_transport import Streamed

CALM = ("",)
STORMY = ("", "", "", "", "lost", "unanswered", "twice", "cut", "late", "stale", "dies", "died")
PUSH = "sync/push"
ONE_COMMIT = (PUSH, "sync/pull")
"""Routes at which the hub dies; what others commit in several steps is tried by proofs of their own."""

CURSOR = b'{"cursor"'
"""How the line begins that ends a stream."""

AT_AN_END = 0.6

Judge = Callable[[Request, Sequence[Mapping[str, Any]]], list[Answer] | None]
"""Gives what the model makes of a push; None when the device ought to be turned away."""


@dataclass
class Network:
    """What lies between; one for all tablets.

    Parameters
    ----------
    hub : Hub
    chance : random.Random
    judge : callable
        Told each push that the hub took.
    wrong : list of str
        Answers of the hub that are not the model's.
    left : int or None
        So many requests more get through, and then none.
    tears : bool
        Whether whatever is read line by line breaks off.
    acknowledged : set of str
        Changes that a tablet knows to be taken. Of a refused one it keeps the values, not the answer: a
        hub restored since may know nothing of it, once the worker has replaced it.
    """

    hub: Hub
    chance: random.Random
    judge: Judge
    weather: Sequence[str] = CALM
    wrong: list[str] = field(default_factory=list)
    acknowledged: set[str] = field(default_factory=set)
    late: list[Request] = field(default_factory=list)
    last: dict[tuple[str, str], Reply] = field(default_factory=dict)
    left: int | None = None
    tears: bool = False

    def send(self, request: Request) -> Reply:
        """Send and wait for the reply, as `Transport` has it."""
        what = self._befalls()
        if request.route not in ONE_COMMIT:
            what = {"dies": "lost", "died": "unanswered"}.get(what, what)
        key = (request.token, request.route)
        if what == "late" and request.route == PUSH:
            self.late.append(request)
        if what in ("lost", "late"):
            raise Offline("请求没有到达平台")
        if what == "stale" and key in self.last:
            return self.last[key]
        reply = self._deliver(request, what)
        if what == "twice":
            reply = self._deliver(request, what)
        if what in ("unanswered", "cut"):
            raise Offline("平台的答复没有到达")
        self._note(request, reply)
        self.last[key] = reply
        return reply

    @contextmanager
    def lines(self, request: Request) -> Iterator[Lines]:
        """Send and read the reply line by line, as `Transport` has it."""
        what = "cut" if self.tears else self._befalls()
        if what in ("lost", "unanswered", "late"):
            raise Offline("请求没有到达平台")
        response = self.hub.ask(request)
        epoch = response.headers["X-Epoch"]
        if response.status_code != HTTPStatus.OK:
            yield Streamed(Reply(response.status_code, content(response)[0], epoch), [], None)
            return
        found = lines(response)
        cut = self._cut(found) if what == "cut" else None
        yield Streamed(Reply(response.status_code, None, epoch), found, cut)

    def _befalls(self) -> str:
        what = self.chance.choice(self.weather)
        if self.left is not None:
            self.left -= 1
            what = "" if self.left >= 0 else "lost"
        return what

    def _cut(self, found: Sequence[bytes]) -> int:
        """Say behind how many lines a reply breaks off: most often where a stream ends."""
        *ends, _ = [at for at, line in enumerate(found, 1) if line.startswith(CURSOR)]
        if ends and self.chance.random() < AT_AN_END:
            return self.chance.choice(ends)
        return self.chance.randrange(len(found))

    def arrive(self) -> None:
        """Let one delayed request arrive, out of its order; nobody waits for its answer any more."""
        if self.late:
            self._deliver(self.late.pop(self.chance.randrange(len(self.late))), "")

    def _deliver(self, request: Request, what: str) -> Reply:
        if what in ("dies", "died"):
            plug.HUB.arm(1, behind=what == "died")
        self.hub.took = False
        try:
            response = self.hub.ask(request)
        except plug.HubDied:
            if self.hub.took:
                self._judged(request, None)
            raise Offline("平台的答复没有到达") from None
        finally:
            plug.HUB.disarm()
        told = {name.lower(): value for name, value in response.headers.items()}
        data, file = content(response)
        reply = Reply(response.status_code, data, told["x-epoch"], headers=told, content=file)
        if request.route == PUSH:
            self._judged(request, reply)
        return reply

    def _judged(self, request: Request, reply: Reply | None) -> None:
        """Hold the hub's answer against the model's."""
        changes = _changes(request)
        expected = self.judge(request, changes)
        if reply is None:
            return
        if (expected is None) != (reply.status == 401):
            self.wrong.append(f"device answered {reply.status}")
        if expected is None or reply.status != 200:
            return
        for change, answer, told in zip(changes, expected, _results(reply), strict=True):
            got = Answer(told["status"], told["version"], codes_of(told["errors"]))
            if got != answer:
                self.wrong.append(f"{_short(change)}: {got}, expected {answer}")

    def _note(self, request: Request, reply: Reply) -> None:
        if request.route == PUSH and reply.status == 200:
            told = _results(reply)
            self.acknowledged |= {each["change"] for each in told if each["status"] != "rejected"}


def _changes(request: Request) -> list[Mapping[str, Any]]:
    body: Any = request.body
    changes: list[Mapping[str, Any]] = body["changes"]
    return changes


def _results(reply: Reply) -> list[dict[str, Any]]:
    data: Any = reply.data
    results: list[dict[str, Any]] = data["results"]
    return results


def _short(change: Mapping[str, Any]) -> str:
    what = "delete" if change["delete"] else change["set"]
    return f"{change['kind']} {str(change['id'])[-4:]} base {change['base']} {what}"
