"""What a tablet pulls: the next page of its streams, or everything from the start."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

import msgspec
from django.db import transaction

from governance.access.actor import Actor
from governance.access.services.devices import grids_told
from governance.audit.services import audit_append
from governance.contract import CITY, Gone
from governance.contract.wire import MAX_PAGE_BYTES
from governance.feed.selectors import Stand, entries_after, entries_count, epoch, heads, streams_stand
from governance.records.models import kept_kinds
from governance.sync.cursor import Cursor, cursor_read
from governance.sync.follow import FOLLOWERS, grids_follow, map_follow
from governance.sync.http import Malformed
from governance.sync.lines import (
    CITY_KINDS,
    chunk,
    city_chunk,
    entry_lines,
    gone_line,
    grid_chunks,
    grid_line,
)
from gridmap.models import grid_uid
from gridmap.selectors import grids_changed, map_number


@dataclass(slots=True)
class Page:
    """One answer to a pull: change lines, the cursor behind them, the epoch, whether more waits."""

    lines: list[bytes]
    cursor: Cursor | None
    epoch: str
    more: bool = False
    resync: bool = False
    duty: str = ""

    def is_nothing_behind(self, text: str) -> bool:
        """Whether there is nothing to tell a tablet whose cursor is ``text``, not even a new cursor."""
        return not (self.lines or self.more or self.resync or self.duty) and str(self.cursor) == text

    def as_bytes(self) -> bytes:
        """Give the protocol's JSON."""
        cursor = f'"{self.cursor}"' if self.cursor else "null"
        flags = f'"more":{str(self.more).lower()},"resync":{str(self.resync).lower()}{self.duty}'
        return b'{"changes":[%b],"cursor":%b,%b}' % (b",".join(self.lines), cursor.encode(), flags.encode())


def page_read(actor: Actor, text: str, limit: int, *, echo: bool = False) -> Page:
    """Give the next page of changes behind a cursor.

    With nothing to do this costs a fixed number of look-ups, whatever the grid holds.

    Parameters
    ----------
    actor : Actor
        A device; its posts say which streams it follows, its rights which kinds.
    text : str
        Cursor, or empty for the beginning.
    limit : int
        Changes at most.
    echo : bool
        Tell also what the device wrote itself and knows from the hub's answer.

    Raises
    ------
    Malformed
        Where the cursor is not one.
    """
    kinds = _kinds(actor)
    asked = _read(text)
    actor, standing, number = _caught_up(actor, asked)
    said, tops, streams = standing.epoch, standing.heads, _streams(actor)
    cursor = _cursor(asked, kinds, said, number)
    if cursor is None or any(cursor.seqs.get(grid, 0) > tops[grid] for grid in streams):
        # A number never given out in this epoch: the hub was set back and nobody began a new one.
        return Page([], None, said, resync=True)
    cursor.joins.update((grid, tops[grid]) for grid in streams if grid not in cursor.seqs)
    own = None if echo else actor.device_id
    lines = _entered(actor, cursor, number)
    sent: dict[str, int] = {}
    size, more = 0, False
    for grid in streams:
        start = cursor.seqs.get(grid, 0)
        if start >= tops[grid]:
            cursor.seqs[grid] = start
            continue
        room = limit - len(lines)
        if room <= 0 or size >= MAX_PAGE_BYTES:
            more = True
            break
        entries = entries_after(grid, start, CITY_KINDS if grid == CITY else kinds, room)
        joined = cursor.joins.get(grid, 0)
        known = {entry.record for entry in entries if entry.by and entry.by == own and entry.seq > joined}
        found = entry_lines(grid, entries, actor.scope.grids, known, actor.barred, joined)
        fits = _fitting(found, MAX_PAGE_BYTES - size)
        lines += filter(None, found[:fits])
        sent[grid] = sum(map(bool, found[:fits]))
        size += sum(map(len, found[:fits]))
        full = fits < len(entries) or len(entries) == room
        cursor.seqs[grid] = (
            entries[fits - 1].seq if full else max(tops[grid], entries[-1].seq if entries else 0)
        )
        more = more or full
    if not more:
        lines += _left(actor, cursor)
    _trace(actor, "pull", sent)
    return Page(lines, cursor, said, more, duty=_duty(actor, cursor, kinds))


def _streams(actor: Actor) -> list[str]:
    return [CITY, *sorted(actor.scope.grids)]


def _caught_up(actor: Actor, asked: Cursor | None) -> tuple[Actor, Stand, int]:
    """Let the records and the other rooms follow first, where they are behind.

    Returns
    -------
    Actor
        With the posts as they are then.
    Stand
        How his streams stand then.
    int
        The map's number from before: what changes meanwhile is told with the next pull.
    """
    standing = streams_stand(_streams(actor))
    number = standing.map_number
    moved = asked is None or asked.map_stamp != number
    if moved or actor.closed:
        actor = map_follow(actor, moved=moved)
        standing = streams_stand(_streams(actor))
    behind = standing.behind(FOLLOWERS, actor.scope.grids)
    if behind:
        grids_follow(behind)
        standing = streams_stand(_streams(actor))
    return actor, standing, number


def _fitting(lines: list[bytes], most: int) -> int:
    """Give how many lines ``most`` bytes hold, one at least."""
    sizes = accumulate(map(len, lines))
    return max(1, sum(1 for size in sizes if size <= most))


def snapshot_read(actor: Actor, text: str) -> tuple[int, Iterator[bytes]]:
    """Give everything a tablet may hold, stream by stream, each closed by a cursor line.

    Parameters
    ----------
    actor : Actor
    text : str
        Cursor line up to which an earlier, cut snapshot arrived, or empty.

    Returns
    -------
    int
        Records to come, about.
    iterator of bytes
        Lines, some at a time, read from the database as they are asked for.

    Raises
    ------
    Malformed
        Where the cursor is not one, or the worker has other rights than when the cut one began: of what
        came then nothing would say that it must go.
    """
    kinds, asked = _kinds(actor), _read(text)
    said, number = epoch(), map_number()
    actor = map_follow(actor, moved=True)
    cursor = _cursor(asked, kinds, said, number)
    if cursor is None and asked is not None and asked.epoch == said:
        raise Malformed("权限已变动，不能接着下载，请从头下载")
    cursor = cursor or _fresh(kinds, said, number)
    streams = [grid for grid in [CITY, *sorted(actor.scope.grids)] if grid not in cursor.seqs]
    return entries_count(streams), _snapshot_lines(actor, kinds, cursor, streams)


def _snapshot_lines(actor: Actor, kinds: list[str], cursor: Cursor, streams: list[str]) -> Iterator[bytes]:
    for grid in streams:
        # The head is read first: what commits while the records are read comes again with a pull.
        cursor.seqs[grid] = heads([grid])[grid]
        if grid == CITY:
            yield city_chunk()
        else:
            yield from _grid_chunks(actor, grid, kinds)
        yield f'{{"cursor":"{cursor}"}}\n'.encode()
    cursor.posts = ""
    duty = _duty(actor, cursor, kinds)
    yield f'{{"cursor":"{cursor}","end":true{duty}}}\n'.encode()


def _grid_chunks(actor: Actor, grid: str, kinds: list[str]) -> Iterator[bytes]:
    _trace(actor, "snapshot", {grid: 0})
    line = grid_line(grid)
    if line is not None:
        yield chunk([line])
    yield from grid_chunks(grid, kinds, actor.barred)


def _kinds(actor: Actor) -> list[str]:
    return [kind for kind in kept_kinds() if actor.may_read(kind)]


def _mark(kinds: list[str]) -> str:
    return hashlib.sha256(" ".join(kinds).encode()).hexdigest()[:8]


def _fresh(kinds: list[str], said: str, number: int) -> Cursor:
    return Cursor(said, _mark(kinds), number)


def _read(text: str) -> Cursor | None:
    """Read a cursor; None for the beginning."""
    cursor = cursor_read(text) if text else None
    if text and cursor is None:
        raise Malformed("游标无法识别")
    return cursor


def _cursor(asked: Cursor | None, kinds: list[str], said: str, number: int) -> Cursor | None:
    if asked is None:
        return _fresh(kinds, said, number)
    return asked if asked.epoch == said and asked.rights == _mark(kinds) else None


def _duty(actor: Actor, cursor: Cursor, kinds: list[str]) -> str:
    """Tell the worker's grids and kinds, as at enrolment, where they are others than the tablet was told."""
    mark = _mark(list(actor.posts))[:6]
    if cursor.posts == mark:
        return ""
    cursor.posts = mark
    told = msgspec.json.encode({"grids": grids_told(actor), "kinds": kinds}).decode()
    return "," + told[1:-1]


def _left(actor: Actor, cursor: Cursor) -> list[bytes]:
    """Tell of grids that left, last of all: by then what moved on within the scope has come with another."""
    return [
        gone_line("grid", grid_uid(grid), cursor.seqs.pop(grid), grid, Gone.REVOKED.value)
        for grid in sorted(cursor.seqs.keys() - actor.scope.grids - {CITY})
    ]


def _entered(actor: Actor, cursor: Cursor, number: int) -> list[bytes]:
    """Tell of grids that came, and whose polygon changed; moves the cursor along."""
    lines = []
    redrawn = _redrawn(actor, cursor, number)
    for grid in sorted(actor.scope.grids):
        if grid not in cursor.seqs or grid in redrawn:
            line = grid_line(grid)
            lines += [line] if line else []
            cursor.seqs.setdefault(grid, 0)
    return lines


def _redrawn(actor: Actor, cursor: Cursor, number: int) -> set[str]:
    if number == cursor.map_stamp:
        return set()
    changed = grids_changed(cursor.map_stamp).filter(code__in=actor.scope.grids)
    cursor.map_stamp = number
    return set(changed.values_list("code", flat=True))


def _trace(actor: Actor, action: str, told: dict[str, int]) -> None:
    for grid, count in told.items():
        if grid != CITY and (count or action == "snapshot"):
            with transaction.atomic():
                audit_append(actor=actor, action=action, scope=grid, count=count, chain=grid)
