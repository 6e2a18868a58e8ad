"""What the event loop hands on to Django's threads: whole requests, or what there was of them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from types import SimpleNamespace

import pytest

from governance.config import bridge
from governance.config.bridge import Web


class Line:
    """A connection that brings some chunks, and then ends or falls silent."""

    def __init__(self, *chunks: bytes, silent: bool = False) -> None:
        self.chunks = chunks
        self.silent = silent
        self.answer: tuple[int, Sequence[tuple[str, str]], bytes] | None = None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self.chunks:
            yield chunk
        if self.silent:
            await asyncio.sleep(3600)

    def response_bytes(self, status: int, headers: Sequence[tuple[str, str]], data: bytes) -> None:
        self.answer = status, headers, data


class Seen:
    """A WSGI application that notes what it was given."""

    def __init__(self) -> None:
        self.environ: dict = {}
        self.body = b""
        self.closed = False

    def __call__(self, environ: dict, start: Callable[..., object]) -> Iterable[bytes]:
        self.environ, self.body = environ, environ["wsgi.input"].read()
        start("201 Created", [("X-Epoch", "a")])
        return self

    def __iter__(self):
        return iter((b"one", b"two"))

    def close(self) -> None:
        self.closed = True


def asked(line: Line, *headers: tuple[str, str], path: str = "/", method: str = "POST") -> Seen:
    seen = Seen()
    scope = SimpleNamespace(
        method=method, path=path, query_string="a=%20b", server="127.0.0.1:80", client="[::1]:5",
        http_version="1.1", scheme="http", headers=Pairs(headers),
    )  # fmt: skip
    asyncio.run(Web(seen, threads=1, silence=0.05).__rsgi__(scope, line))
    return seen


class Pairs:
    """Headers as granian gives them, lower case, some more than once."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        self.pairs = pairs

    def __contains__(self, name: str) -> bool:
        return any(name == each for each, _ in self.pairs)

    def items(self) -> Sequence[tuple[str, str]]:
        return self.pairs


def test_a_whole_request_goes_to_django_and_its_answer_back() -> None:
    line = Line(b"ab", b"cd")
    seen = asked(line, ("content-length", "4"), ("content-type", "text/plain"), path="/网格/x")
    assert seen.body == b"abcd"
    assert seen.environ["PATH_INFO"].encode("latin-1").decode() == "/网格/x"
    wanted = {
        "REQUEST_METHOD": "POST", "QUERY_STRING": "a=%20b", "CONTENT_TYPE": "text/plain",
        "CONTENT_LENGTH": "4", "REMOTE_ADDR": "::1", "SERVER_PORT": "80",
    }  # fmt: skip
    assert {name: seen.environ[name] for name in wanted} == wanted
    assert line.answer == (201, [("x-epoch", "a")], b"onetwo")
    assert seen.closed


def test_headers_sent_twice_are_joined_and_such_as_pass_for_others_dropped() -> None:
    cookies = (("cookie", "a=1"), ("cookie", "b=2"))
    seen = asked(Line(), *cookies, ("x-a", "1"), ("x-a", "2"), ("x_forwarded_for", "10.0.0.1"), method="GET")
    assert seen.environ["HTTP_COOKIE"] == "a=1; b=2"
    assert seen.environ["HTTP_X_A"] == "1,2"
    assert "HTTP_X_FORWARDED_FOR" not in seen.environ


@pytest.mark.parametrize("silent", [False, True], ids=["broken off", "silent"])
def test_what_came_of_a_cut_request_is_told_with_the_length_it_should_have_had(silent: bool) -> None:
    seen = asked(Line(b"ab", silent=silent), ("content-length", "4"))
    assert (seen.body, seen.environ["CONTENT_LENGTH"]) == (b"ab", "4")


def test_a_body_without_length_is_measured() -> None:
    seen = asked(Line(b"ab", b"c"), ("transfer-encoding", "chunked"))
    assert (seen.body, seen.environ["CONTENT_LENGTH"]) == (b"abc", "3")


def test_no_more_is_read_than_any_view_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge, "MOST", 4)
    seen = asked(Line(b"ab", b"cd", b"ef"), ("content-length", "6"))
    assert (seen.body, seen.environ["CONTENT_LENGTH"]) == (b"abcd", "6")
