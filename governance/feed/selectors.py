"""Reading the feed."""

from collections.abc import Collection, Iterator

from django.db import connection

from governance.feed.models import Bookmark, Entry, Epoch, Head
from governance.feed.services import epoch_start


def epoch() -> str:
    """Give the hub's epoch, beginning the first one where there is none."""
    value = Epoch.objects.filter(pk=1).values_list("value", flat=True).first()
    return value or epoch_start()


def heads(grids: Collection[str]) -> dict[str, int]:
    """Give the last committed number of each stream; 0 where nothing was ever told."""
    known = dict(Head.objects.filter(grid__in=grids).values_list("grid", "seq"))
    return {grid: known.get(grid, 0) for grid in grids}


def entries_after(grid: str, seq: int, kinds: Collection[str], limit: int) -> list[Entry]:
    """Give a stream's entries beyond ``seq`` of the kinds named, oldest first."""
    rows = Entry.objects.filter(grid=grid, seq__gt=seq, kind__in=kinds).order_by("seq")
    return list(rows[:limit])


def entries_numbered_after(number: int, kind: str, prefixes: Collection[str], limit: int) -> Iterator[Entry]:
    """Give entries of all streams under the division prefixes by city-wide number.

    Read only after :func:`governance.feed.services.entries_number`.
    """
    rows = Entry.objects.filter(number__gt=number, kind=kind)
    within = Entry.objects.none()
    for prefix in prefixes:
        within = within | rows.filter(grid__startswith=prefix)
    return within.order_by("number")[:limit].iterator()


def grids_behind(follower: str) -> list[str]:
    """Give the streams that hold something beyond the follower's bookmark."""
    sql = """
        SELECT h.grid FROM feed_head h
        LEFT JOIN feed_bookmark b ON b.grid = h.grid AND b.follower = %s
        WHERE h.seq > COALESCE(b.seq, 0) ORDER BY h.grid
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, [follower])
        return [grid for (grid,) in cursor.fetchall()]


def bookmark(follower: str, grid: str) -> int:
    """Give how far the follower has read the stream."""
    return Bookmark.objects.filter(follower=follower, grid=grid).values_list("seq", flat=True).first() or 0
