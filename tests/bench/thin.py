"""A thin line: bytes of a sync with nothing to do, and of ten changed records, both ways with headers."""

import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from governance.contract import uuid7
from tests.bench.driver import exchange, request
from tests.bench.figures import Figure, of_runs, say
from tests.bench.hub import SYNC, hub, tablet_headers
from tests.bench.push import HELD, JSON, database_make
from tests.postgres import running

CHANGED = 10
ROUNDS = 3
MOST_EMPTY = 450.0
READER, WRITER = 1, 0


def empty_sync_bytes() -> list[Figure]:
    """Measure a pull with nothing new, both ways with headers, against what it may take."""
    with _small_hub() as port:
        reader = Reader(port)
        sizes = [float(sum(reader.pull()[:2])) for _ in range(ROUNDS)]
    return [of_runs("empty_sync_bytes", sizes, [MOST_EMPTY], "bytes, limit as baseline")]


def incremental_bytes() -> list[Figure]:
    """Measure a pull of ten changed records against the records' own JSON with kind, id, version and grid."""
    figures = []
    with _small_hub() as port:
        for name, coding in (("incremental_bytes", "identity"), ("incremental_bytes_gzip", "gzip")):
            reader = Reader(port, coding)
            ours, own = [], []
            for number in range(ROUNDS):
                reader.others_change(CHANGED)
                up, down, records = reader.pull()
                if len(records) != CHANGED:
                    raise RuntimeError(f"{len(records)} records instead of {CHANGED}")
                ours.append(float(up + down))
                own.append(float(sum(len(_json(record)) for record in records)))
                say(f"{name} {number + 1}/{ROUNDS}: {ours[-1]:.0f} · {own[-1]:.0f} bytes")
            figures.append(of_runs(name, ours, own, "bytes"))
    return figures


@contextmanager
def _small_hub() -> Iterator[int]:
    with running() as url, hub(database_make(url, "ours"), 1, HELD) as (port, _):
        yield port


class Reader:
    """A tablet that holds everything, and counts what goes over its line."""

    def __init__(self, port: int, coding: str = "identity") -> None:
        self._port = port
        self._headers = tablet_headers(READER) | {"Accept-Encoding": coding}
        self._people: dict[str, int] = {}
        self._cursor = ""
        for _ in range(100):  # the rooms that follow the feed write of their own at first
            if not self._settle():
                return
        raise RuntimeError("the hub never came to rest")

    def _settle(self) -> bool:
        _, _, records = self.pull()
        return bool(records)

    def pull(self) -> tuple[int, int, list[dict[str, object]]]:
        """Pull one page; give bytes up, bytes down and the changes."""
        query = f"?cursor={self._cursor}" if self._cursor else ""
        raw = request("GET", f"{SYNC}/pull{query}", self._headers)
        head, body = exchange(self._port, raw)
        records: list[dict[str, object]] = []
        if body:
            packed = b"content-encoding: gzip" in head.lower()
            page = json.loads(zlib.decompress(body, 31) if packed else body)
            self._cursor, records = page["cursor"], page["changes"]
        for record in records:
            if record["kind"] == "person" and "record" in record:
                self._people[str(record["id"])] = int(str(record["version"]))
        return len(raw), len(head) + len(body), records

    def others_change(self, number: int) -> None:
        """Let another tablet of the grid change so many people."""
        changes = [
            {
                "change": str(uuid7()),
                "kind": "person",
                "id": id_,
                "base": version,
                "set": {"workplace": f"示例单位{version}"},
            }
            for id_, version in list(self._people.items())[:number]
        ]
        body = _json({"changes": changes})
        _, answer = exchange(self._port, request("POST", f"{SYNC}/push", JSON | tablet_headers(WRITER), body))
        if {result["status"] for result in json.loads(answer)["results"]} != {"updated"}:
            raise RuntimeError(answer.decode()[:500])


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
