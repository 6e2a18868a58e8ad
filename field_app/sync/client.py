"""The routes of the sync protocol, typed; every odd answer becomes a :class:`SyncError`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Protocol

from field_app.store.state import Entry, Values
from field_app.sync.errors import (
    BadCredentials,
    DeviceLimit,
    Forbidden,
    HubTrouble,
    Lost,
    Malformed,
    Retired,
    Revoked,
    SyncError,
    Throttled,
    TooLarge,
    TooOld,
)
from field_app.sync.transport import Reply, Request, Transport
from governance.contract import Gone, Problem, Status

_NOTHING_NEW = 204
_TAKEN = (200, 201, _NOTHING_NEW)
_SERVER_ERROR = 500
_TURNED_AWAY: Mapping[str, type[SyncError]] = {
    "credentials": BadCredentials,
    "retired": Retired,
    "lost": Lost,
}
_ODD = "平台的答复不是约定的格式，请稍后再试"


@dataclass(frozen=True, slots=True)
class Told:
    """One change the hub tells: a record, or that it has gone."""

    kind: str
    id: str
    version: int
    grid: str
    record: Values | None
    gone: Gone | None


@dataclass(frozen=True, slots=True)
class Duty:
    """The worker's grids and the kinds he may hold, told when they are others than before."""

    grids: tuple[Values, ...]
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A pulled page, or one part of a snapshot (``end`` marks its last)."""

    changes: tuple[Told, ...]
    cursor: str | None
    epoch: str
    more: bool = False
    resync: bool = False
    end: bool = False
    duty: Duty | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one pushed change."""

    change: str
    status: Status
    version: int | None
    errors: tuple[Problem, ...]
    record: Values | None
    grid: str = ""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What enrolling gave."""

    token: str
    device: str
    epoch: str
    worker: Values
    grids: tuple[Values, ...]
    kinds: tuple[str, ...]
    hub_key: Values | None


class Speaker(Protocol):
    """Says how the tablet stands, along with requests: ``field_app.sync.report`` has the one there is."""

    def text(self) -> str:
        """Give the header to send along, empty for none."""

    def heard(self, text: str) -> None:
        """Take note that the hub got it."""


class HubClient:
    """One hub; counts the bytes both ways.

    Parameters
    ----------
    transport : Transport
    token : str
        Empty before enrolment.
    hear : callable, optional
        Is told the hub's time, in seconds since 1970, with each reply.
    reporter : Speaker, optional
        Says how the tablet stands, along with the requests.
    """

    def __init__(
        self,
        transport: Transport,
        token: str = "",
        hear: Callable[[float], object] | None = None,
        reporter: Speaker | None = None,
    ) -> None:
        self._transport = transport
        self._token = token
        self._hear = hear
        self._reporter = reporter
        self.bytes_up = 0
        self.bytes_down = 0

    def enrol(self, username: str, password: str, device: str, keys: Values) -> Enrolment:
        """Enrol this device with its public keys. Raises BadCredentials, DeviceLimit, Forbidden ..."""
        body = {"username": username, "password": password, "device": device, "keys": keys}
        data = self._send(Request("POST", "devices/enrol", body=body, repeatable=False)).data
        try:
            return Enrolment(
                token=_text(_at(data, "token")),
                device=_text(_at(data, "device")),
                epoch=_text(_at(data, "epoch")),
                worker=_mapping(_at(data, "worker")),
                grids=tuple(_mapping(grid) for grid in _items(_at(data, "grids"))),
                kinds=tuple(_text(kind) for kind in _items(_at(data, "kinds"))),
                hub_key=_mapping(_mapping(data)["hub_key"]) if "hub_key" in _mapping(data) else None,
            )
        except (KeyError, TypeError) as error:
            raise HubTrouble(_ODD) from error

    def push(self, entries: Sequence[Entry]) -> tuple[tuple[Answer, ...], str]:
        """Send changes; gives one answer a change, in the same order, and the hub's epoch."""
        body = {"changes": [wire_form(entry) for entry in entries]}
        reply = self._send(Request("POST", "sync/push", self._token, body=body))
        try:
            answers = answers_read(reply.data)
        except (KeyError, TypeError, ValueError) as error:
            raise HubTrouble(_ODD) from error
        if [answer.change for answer in answers] != [entry.change for entry in entries]:
            raise HubTrouble("平台的答复与送出的记录对不上，请稍后再试")
        return answers, reply.epoch

    def tell(self) -> None:
        """Say how the tablet stands where the hub does not know, with a push of nothing.

        Where that is lost it is said with the next request.
        """
        if self._reporter is not None and self._reporter.text():
            with suppress(SyncError):
                self.push(())

    def pull(self, cursor: str, limit: int) -> Page:
        """Ask for what came after the cursor."""
        query = {"cursor": cursor, "limit": str(limit)}
        reply = self._send(Request("GET", "sync/pull", self._token, query))
        if reply.status == _NOTHING_NEW:
            return Page((), cursor, reply.epoch)
        try:
            if _at(reply.data, "resync") is True:
                return Page((), None, reply.epoch, resync=True)
            changes = tuple(_told(item) for item in _items(_at(reply.data, "changes")))
            more = _at(reply.data, "more") is True
            cursor = _text(_at(reply.data, "cursor"))
            return Page(changes, cursor, reply.epoch, more=more, duty=_duty(reply.data))
        except (KeyError, TypeError, ValueError) as error:
            raise HubTrouble(_ODD) from error

    def snapshot(self, cursor: str | None) -> Iterator[Page]:
        """Read the snapshot part by part; a cut raises Offline after the last whole part."""
        request = Request("GET", "sync/snapshot", self._token, {"cursor": cursor} if cursor else {})
        with self._transport.lines(request) as lines:
            self._heard(lines.head)
            self._checked(lines.head)
            changes: list[Told] = []
            counted = 0
            for line in lines:
                self.bytes_down += lines.bytes_down - counted
                counted = lines.bytes_down
                try:
                    if "cursor" not in _mapping(line):
                        changes.append(_told(line))
                        continue
                    end = _mapping(line).get("end") is True
                    cursor, duty = _text(_at(line, "cursor")), _duty(line)
                except (KeyError, TypeError, ValueError) as error:
                    raise HubTrouble(_ODD) from error
                yield Page(tuple(changes), cursor, lines.head.epoch, end=end, duty=duty)
                if end:
                    return
                changes = []
        raise HubTrouble("平台的数据没有传完，下次从断处接着传")

    def keys(self, public: Values) -> Values:
        """Register this device's public keys; gives the hub's."""
        reply = self._send(Request("POST", "devices/keys", self._token, body=public))
        try:
            return _mapping(reply.data)
        except TypeError as error:
            raise HubTrouble(_ODD) from error

    def hand_in(self, bundle: bytes) -> bytes:
        """Hand a bundle's file in, one's own or another tablet's; gives the receipt's file."""
        receipt = self._send(Request("POST", "sync/bundle", self._token, content=bundle)).content
        if not receipt:
            raise HubTrouble(_ODD)
        return receipt

    def ask(self, request: Request) -> Reply:
        """Send any request with this device's token; gives the hub's reply, whatever its status.

        Raises
        ------
        Offline, HubTrouble
            There is none, or it was not the hub that answered.
        """
        request = replace(request, token=self._token)
        if self._reporter is not None and self._token:
            request = replace(request, report=self._reporter.text())
        reply = self._transport.send(request)
        if self._reporter is not None and request.report and reply.epoch and reply.status in _TAKEN:
            self._reporter.heard(request.report)
        self.bytes_up += reply.bytes_up
        self.bytes_down += reply.bytes_down
        self._heard(reply)
        return reply

    def _send(self, request: Request) -> Reply:
        return self._checked(self.ask(request))

    def _checked(self, reply: Reply) -> Reply:
        if reply.status in _TAKEN:
            return reply
        error = error_of(reply)
        error.untaken = error.untaken and not reply.again
        raise error

    def _heard(self, reply: Reply) -> None:
        if not reply.epoch:
            if reply.status >= _SERVER_ERROR:
                said = f"平台出错（{reply.status}），请稍后再试；数据仍在本机"
                raise HubTrouble(said, reply.retry_after)
            raise HubTrouble("应答的不是社区e通平台，请检查网络是否需要先登录")
        if reply.date is not None and self._hear is not None:
            self._hear(reply.date)


def answers_read(data: object) -> tuple[Answer, ...]:
    """Give the answers of a push or a receipt. Raises KeyError, TypeError, ValueError where they are none."""
    return tuple(_answer(item) for item in _items(_at(data, "results")))


def wire_form(entry: Entry) -> dict[str, object]:
    """Give a change as it goes over the wire; always the same for the same change id."""
    form: dict[str, object] = {
        "change": entry.change,
        "kind": entry.kind,
        "id": entry.id,
        "base": entry.base,
        "set": dict(entry.set),
        "delete": entry.delete,
        "captured_at": entry.captured_at or None,
        "position": entry.position,
    }
    if entry.known:
        form["known"] = dict(entry.known)
    return form


def error_of(reply: Reply) -> SyncError:
    """Give the error that a reply of the hub stands for."""
    data = reply.data if isinstance(reply.data, dict) else {}
    code, reason = str(data.get("code", "")), str(data.get("reason") or "")
    said = reason or f"平台出错（{reply.status}），请稍后再试"
    turned_away = _TURNED_AWAY.get(code, Revoked)(said)
    if isinstance(turned_away, Revoked):
        turned_away.epoch = reply.epoch
    errors: dict[int, SyncError] = {
        400: Malformed(said, _problems(data.get("problems"))),
        401: turned_away,
        403: Forbidden(said),
        409: DeviceLimit(said),
        413: TooLarge(said),
        426: TooOld(said),
        429: Throttled(said, reply.retry_after),
    }
    if code or reply.status not in (400, 401):
        return errors.get(reply.status, HubTrouble(said, reply.retry_after))
    return HubTrouble(said)


def _answer(item: object) -> Answer:
    version, record = _at(item, "version"), _mapping(item).get("record")
    return Answer(
        change=_text(_at(item, "change")),
        status=Status(_text(_at(item, "status"))),
        version=None if version is None else _number(version),
        errors=_problems(_mapping(item).get("errors")),
        record=None if record is None else _mapping(record),
        grid=str(_mapping(item).get("grid") or ""),
    )


def _duty(item: object) -> Duty | None:
    values = _mapping(item)
    if "grids" not in values:
        return None
    grids = tuple(_mapping(grid) for grid in _items(values["grids"]))
    return Duty(grids, tuple(_text(kind) for kind in _items(_at(item, "kinds"))))


def _told(item: object) -> Told:
    values = _mapping(item)
    gone = values.get("gone")
    return Told(
        kind=_text(values["kind"]),
        id=_text(values["id"]),
        version=_number(values["version"]),
        grid=_text(values["grid"]),
        record=None if gone is not None else _mapping(values["record"]),
        gone=None if gone is None else Gone(_text(gone)),
    )


def _problems(value: object) -> tuple[Problem, ...]:
    items = [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
    return tuple(
        Problem(str(item.get("field", "")), str(item.get("code", "")), str(item.get("reason", "")))
        for item in items
    )


def _at(data: object, name: str) -> object:
    return _mapping(data)[name]


def _mapping(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise TypeError
    return value


def _items(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _number(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError
    return value
