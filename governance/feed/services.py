"""Writing the feed: number changes under a lock that holds until commit."""

import secrets
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction

from governance.feed.bulk import among, rows_upsert, together
from governance.feed.models import Bookmark, Counter, Entry, Epoch, Head
from governance.feed.notice import Move, heads_move

_NUMBERED_AT_ONCE = 5000


@dataclass(frozen=True, slots=True)
class Item:
    """What is told to a stream: a record as of ``version``, or that it is ``gone``.

    ``by`` is the device that knows it already, from the answer to its own push.
    """

    grid: str
    kind: str
    record: UUID | str
    version: int
    gone: str = ""
    by: UUID | None = None


class Told(NamedTuple):
    """What a follower reads: which record changed (its id as text), or is ``gone``."""

    seq: int
    kind: str
    record: str
    gone: str


class Locked(NamedTuple):
    """The locked streams' numbers; where the stream ``beside`` stands, unlocked; the epoch as of then."""

    heads: dict[str, int]
    beside: int
    epoch: str


def heads_lock(grids: Collection[str]) -> dict[str, int]:
    """Lock the streams' heads until the transaction ends and give their numbers.

    Always in the order of the codes, so two writers cannot wait for each other in a circle.

    Parameters
    ----------
    grids : collection of str
        Grid codes, or the city's code.
    """
    return heads_lock_beside(grids, "").heads


def heads_lock_beside(grids: Collection[str], beside: str, alone: str = "") -> Locked:
    """Do as :func:`heads_lock`; tell in the same statement what a batch asks beside it.

    Who names himself ``alone`` waits, behind the heads, for whoever did so under the same name: a request
    and its repetition may stand in different streams. SQLite's writers come one by one anyway.
    """
    wanted = sorted(set(grids))
    locked = _locked(wanted, beside, alone)
    if len(locked.heads) < len(wanted):
        missing = [Head(grid=grid) for grid in wanted if grid not in locked.heads]
        Head.objects.bulk_create(missing, ignore_conflicts=True)
        locked = _locked(wanted, beside, alone)
    return locked


def _locked(grids: Sequence[str], beside: str, alone: str) -> Locked:
    chosen, parameters = among("grid", grids)
    lock = "FOR UPDATE" if connection.features.has_select_for_update else ""
    names = [alone] if alone and connection.vendor == "postgresql" else []
    sql = _LOCK.format(chosen=chosen, lock=lock) + (_ALONE if names else "")
    with connection.cursor() as cursor:
        cursor.execute(sql, [*parameters, beside, *names])
        *rows, (_, number, epoch) = cursor.fetchall()
    return Locked({grid: seq for grid, seq, _ in rows}, number, epoch)


_LOCK = """
    WITH mine AS (SELECT grid, seq FROM feed_head WHERE {chosen} ORDER BY grid {lock})
    SELECT grid, seq, '' FROM mine
    UNION ALL SELECT '', COALESCE((SELECT seq FROM feed_head WHERE grid = %s), 0),
        COALESCE((SELECT value FROM feed_epoch WHERE id = 1), '')
"""
_ALONE = " FROM pg_advisory_xact_lock(hashtextextended(%s, 0))"


def feed_append(heads: dict[str, int], items: Iterable[Item], by: str = "") -> None:
    """Number the items, store them and give notice; the heads must be locked by this transaction.

    Parameters
    ----------
    heads : dict
        What :func:`heads_lock` gave; advanced in place.
    items : iterable of Item
        Of several items for one record in one stream the last stands.
    by : str
        Id of the device that all of them come from, empty where from none.
    """
    before = dict(heads)
    rows: dict[tuple[str, str], dict[str, object]] = {}
    touched = set()
    for item in items:
        heads[item.grid] += 1
        touched.add(item.grid)
        rows[item.grid, str(item.record)] = {
            "grid": item.grid,
            "record": str(item.record),
            "kind": item.kind,
            "version": item.version,
            "seq": heads[item.grid],
            "gone": item.gone,
            "number": None,
            "by": str(item.by) if item.by else None,
        }
    with together():
        rows_upsert(Entry, list(rows.values()), conflict=("grid", "record"))
        heads_move([Move(grid, before[grid], heads[grid]) for grid in sorted(touched)], by)


def entries_number() -> int:
    """Give city-wide numbers to committed entries that have none yet; give the last number.

    One numberer at a time: the counter's row stays locked until its numbers are committed,
    so a reader who saw number *n* can never later find a new one below it.
    """
    with transaction.atomic():
        Counter.objects.get_or_create(name="entries")
        counter = Counter.objects.select_for_update().get(name="entries")
        # Rows that a writer holds are passed over: he is about to take their number away anyway,
        # and waiting for him while holding others' rows could close a circle.
        skip = "FOR UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
        with connection.cursor() as cursor:
            cursor.execute(_NUMBER.format(skip=skip), [counter.value, _NUMBERED_AT_ONCE])
            counter.value += cursor.rowcount
        counter.save(update_fields=["value"])
        return counter.value


_NUMBER = """
    UPDATE feed_entry SET number = ranked.place + %s
    FROM (
        SELECT grid, record, ROW_NUMBER() OVER (ORDER BY grid, seq) AS place
        FROM (SELECT grid, record, seq FROM feed_entry WHERE number IS NULL
              ORDER BY grid, seq LIMIT %s {skip}) AS chosen
    ) AS ranked
    WHERE feed_entry.grid = ranked.grid AND feed_entry.record = ranked.record
"""


def follower_catch_up(
    *,
    follower: str,
    grid: str,
    handle: Callable[[Sequence[Told]], None],
    idle: Callable[[Sequence[Told]], bool] | None = None,
    limit: int = 2000,
) -> int:
    """Let an upper room read what a stream holds beyond its bookmark.

    Each page is handled and its bookmark moved in one transaction, so a crash repeats or
    loses nothing. Returns how many entries were handled; 0 costs one look-up.

    Parameters
    ----------
    follower : str
        Name of the reading room.
    grid : str
    handle : callable
        Takes the entries of a page, oldest first, within the transaction.
    idle : callable, optional
        Tells, outside of any transaction, whether a page asks for nothing as things stand. Then its bookmark
        is moved and nothing locked: whatever changes meanwhile is told by an entry of its own.
    limit : int
        Entries a page.
    """
    done = 0
    while True:
        page = _page_read(follower, grid, limit)
        if page.last <= (page.begun or 0):
            return done
        asks = bool(page.entries) and (idle is None or not idle(page.entries))
        if page.begun is not None and not asks:
            top = _mark_move(follower, grid, page)
        else:
            page, top = _page_handle(follower, grid, limit, handle, first=page.begun is None)
        if top is not None:  # otherwise another reader was faster, whose bookmark counts
            done += len(page.entries)
            if page.last >= top:
                return done


class _Page(NamedTuple):
    """Entries beyond a bookmark, where that is (None where there is none yet), where it goes with them."""

    entries: list[Told]
    begun: int | None
    last: int


def _page_handle(
    follower: str, grid: str, limit: int, handle: Callable[[Sequence[Told]], None], *, first: bool
) -> tuple[_Page, int | None]:
    """Handle a page with its bookmark locked; give it, and where the stream's head is by now."""
    with transaction.atomic():
        if first:
            mine = Bookmark(follower=follower, grid=grid)
            Bookmark.objects.bulk_create([mine], ignore_conflicts=True)
        page = _page_read(follower, grid, limit, lock=True)
        if page.entries:
            handle(page.entries)
        return page, _mark_move(follower, grid, page)


def _page_read(follower: str, grid: str, limit: int, *, lock: bool = False) -> _Page:
    """Read the entries beyond a bookmark, which may be locked.

    Head and page are of one snapshot, so what commits in between lies above both. Who waited for the lock
    gets the bookmark as it was left, which may lie beyond that head already: then there is nothing to read.
    """
    held = "FOR UPDATE" if lock and connection.features.has_select_for_update else ""
    with connection.cursor() as cursor:
        cursor.execute(_PAGE.format(lock=held), [follower, grid, grid, grid, limit])
        rows = cursor.fetchall()
    top = rows.pop()[0]
    begun = rows.pop()[0]
    page = [Told._make(row) for row in rows]
    return _Page(page, begun, page[-1].seq if len(page) == limit else max(begun or 0, top))


def _mark_move(follower: str, grid: str, page: _Page) -> int | None:
    """Move a bookmark behind a page; give where the stream's head is by now, None where it lay elsewhere."""
    with connection.cursor() as cursor:
        cursor.execute(_MARK_MOVE, [page.last, follower, grid, page.begun, grid])
        row = cursor.fetchone()
    return int(row[0]) if row else None


_PAGE = """
    WITH mine AS (SELECT seq FROM feed_bookmark WHERE follower = %s AND grid = %s {lock}),
        head AS (SELECT seq FROM feed_head WHERE grid = %s)
    SELECT seq, kind, CAST(record AS text), gone FROM (
        SELECT seq, kind, record, gone FROM feed_entry
        WHERE grid = %s AND seq > (SELECT seq FROM mine) AND seq <= (SELECT seq FROM head)
        ORDER BY seq LIMIT %s
    ) AS page
    UNION ALL SELECT (SELECT seq FROM mine), '', NULL, ''
    UNION ALL SELECT COALESCE((SELECT seq FROM head), 0), '', NULL, ''
"""
_MARK_MOVE = """
    UPDATE feed_bookmark SET seq = %s WHERE follower = %s AND grid = %s AND seq = %s
    RETURNING (SELECT seq FROM feed_head WHERE grid = %s)
"""


def epoch_first() -> str:
    """Begin the first epoch where there is none yet; give the one that stands."""
    held, _ = Epoch.objects.get_or_create(pk=1, defaults={"value": secrets.token_hex(4)})
    return held.value


def epoch_start() -> str:
    """Begin a new epoch, as after a restore; give its word. Running hub processes notice by themselves."""
    value = secrets.token_hex(4)
    Epoch.objects.update_or_create(pk=1, defaults={"value": value})
    return value
