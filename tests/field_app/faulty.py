"""A transport that loses requests, loses answers, repeats and cuts, as a bad network does."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from field_app.sync.errors import Offline
from field_app.sync.transport import Lines, Reply, Request
from tests.field_app.fake_hub import FakeHub
from tests.field_app.fake_transport import FakeLines, FakeTransport

Fault = Callable[[str], str]
"""Route → what happens: "", "lost", "unanswered", "twice" or "cut"."""


class FaultyTransport(FakeTransport):
    """Asks ``fault`` before each request what will befall it."""

    def __init__(self, hub: FakeHub, fault: Fault) -> None:
        super().__init__(hub)
        self.fault = fault

    def send(self, request: Request) -> Reply:
        what = self.fault(request.route)
        if what == "lost":
            raise Offline("请求没有到达平台")
        reply = super().send(request)
        if what == "twice":
            reply = super().send(request)
        if what in ("unanswered", "cut"):
            raise Offline("平台的答复没有到达")
        return reply

    @contextmanager
    def lines(self, request: Request) -> Iterator[Lines]:
        what = self.fault(request.route)
        if what in ("lost", "unanswered"):
            raise Offline("请求没有到达平台")
        with super().lines(request) as lines:
            yield CutLines(lines) if what == "cut" else lines


class CutLines:
    """A stream that breaks off two lines behind its second cursor line."""

    def __init__(self, lines: FakeLines) -> None:
        self.head = lines.head
        self.bytes_down = lines.bytes_down
        self._lines = lines

    def __iter__(self) -> Iterator[object]:
        cursors, after = 0, 0
        for line in self._lines:
            after += cursors >= 2
            if after > 2:
                break
            cursors += isinstance(line, dict) and "cursor" in line
            yield line
        raise Offline("平台的数据没有传完")
