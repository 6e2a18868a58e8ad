"""A hub made of paper: answers the tablet's requests from memory, in this process."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from field_app.sync.errors import Offline
from field_app.sync.transport import Reply, Request
from governance.contract import KINDS, Problem, uuid7

Told = dict[str, object]
Judge = Callable[[Mapping[str, object]], Sequence[Problem]]


def _content(_: Mapping[str, object]) -> Sequence[Problem]:
    return ()


@dataclass
class PaperHub:
    """Holds what a tablet may pull; ``judge`` says what is wrong with a pushed change.

    ``online`` False makes every request fail as without a network. ``pushed`` keeps what came.
    """

    held: list[Told] = field(default_factory=list)
    grids: list[Told] = field(default_factory=list)
    judge: Judge = _content
    online: bool = True
    password: str = "right"
    pushed: list[Mapping[str, object]] = field(default_factory=list)
    news: list[Told] = field(default_factory=list)
    versions: dict[str, int] = field(default_factory=dict)

    def send(self, request: Request) -> Reply:
        """Answer one request."""
        if not self.online:
            raise Offline("连不上平台，记录都在本机，有网后再同步")
        routes = {"devices/enrol": self._enrol, "sync/push": self._push, "sync/pull": self._pull}
        return routes[request.route](request)

    @contextmanager
    def lines(self, request: Request) -> Iterator["PaperLines"]:
        """Answer with the snapshot."""
        if not self.online:
            raise Offline("连不上平台，记录都在本机，有网后再同步")
        yield PaperLines([*self.held, {"cursor": "0", "end": True}])

    def _enrol(self, request: Request) -> Reply:
        body = request.body or {}
        if body["password"] != self.password:
            return Reply(401, {"code": "credentials", "reason": "账号或密码不对"}, "e1")
        data = {
            "token": "t",
            "device": str(uuid7()),
            "epoch": "e1",
            "worker": {"username": body["username"], "name": "陈晓梅"},
            "grids": self.grids,
            "kinds": list(KINDS),
        }
        return Reply(201, data, "e1")

    def _push(self, request: Request) -> Reply:
        changes = (request.body or {})["changes"]
        assert isinstance(changes, list)
        return Reply(200, {"results": [self._answer(change) for change in changes]}, "e1")

    def _answer(self, change: Mapping[str, object]) -> Told:
        self.pushed.append(change)
        problems = [problem.as_json() for problem in self.judge(change)]
        answer: Told = {"change": change["change"], "errors": problems, "record": None, "version": None}
        if problems and problems[0]["code"] != "source":
            return {**answer, "status": "rejected"}
        version = self.versions[str(change["id"])] = self.versions.get(str(change["id"]), 1) + 1
        status = "contested" if problems else "updated" if change["base"] else "created"
        return {**answer, "status": status, "version": version}

    def _pull(self, _: Request) -> Reply:
        news, self.news = self.news, []
        return Reply(
            200, {"changes": news, "cursor": str(len(self.pushed)), "more": False, "resync": False}, "e1"
        )


@dataclass
class PaperLines:
    """A snapshot's lines."""

    rows: list[Told]
    bytes_down: int = 0

    @property
    def head(self) -> Reply:
        """Say that it went well."""
        return Reply(200, None, "e1")

    def __iter__(self) -> Iterator[object]:
        """Give each line."""
        return iter(self.rows)
