"""The way to the fake hub within one process; from the request to the answer."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from field_app.sync.transport import Reply, Request
from tests.field_app.fake_hub import FakeHub, Json


class FakeLines:
    """Lines of a stream that arrives whole."""

    def __init__(self, head: Reply, lines: list[Json]) -> None:
        self.head = head
        self.bytes_down = sum(len(json.dumps(line)) for line in lines)
        self._lines = lines

    def __iter__(self) -> Iterator[object]:
        return iter(self._lines)


class FakeTransport:
    """Reaches a :class:`FakeHub` within this process; from the request to the answer."""

    def __init__(self, hub: FakeHub) -> None:
        self.hub = hub
        self.requests: list[str] = []

    def send(self, request: Request) -> Reply:
        """Answer at once."""
        self.requests.append(request.route)
        text = json.dumps(request.body)
        asked = replace(request, body=json.loads(text))
        reply = self.hub.answer(asked)
        down = json.dumps(reply.data)
        return replace(reply, data=json.loads(down), bytes_up=len(text), bytes_down=len(down))

    @contextmanager
    def lines(self, request: Request) -> Iterator[FakeLines]:
        """Answer a snapshot at once."""
        self.requests.append(request.route)
        head, lines = self.hub.stream(request)
        yield FakeLines(head, json.loads(json.dumps(lines)))
