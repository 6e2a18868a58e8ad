"""Reading the feed."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from django.db import connection

from governance.feed.bulk import among
from governance.feed.models import Bookmark, Entry
from governance.feed.services import epoch_first


def epoch() -> str:
    """Give the hub's epoch as it stands: a restore begins a new one under running processes too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM feed_epoch WHERE id = 1")
        row = cursor.fetchone()
    return str(row[0]) if row else epoch_first()


def heads(grids: Collection[str]) -> dict[str, int]:
    """Give the last committed number of each stream; 0 where nothing was ever told."""
    found = dict.fromkeys(grids, 0)
    if found:
        chosen, parameters = among("grid", found)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT grid, seq FROM feed_head WHERE {chosen}", parameters)
            found.update(cursor.fetchall())
    return found


@dataclass(frozen=True, slots=True)
class Stand:
    """How things stood at one moment.

    Parameters
    ----------
    epoch : str
    map_number : int
        How often the map was changed.
    heads : dict
        Stream to its last number; 0 where nothing was ever told.
    marks : dict
        Stream and follower to how far he has read.
    """

    epoch: str
    map_number: int
    heads: dict[str, int]
    marks: dict[tuple[str, str], int]

    def behind(self, followers: Collection[str], grids: Collection[str]) -> list[tuple[str, str]]:
        """Give which of the followers have something to read in which of the streams."""
        return [
            (follower, grid)
            for grid in sorted(grids)
            for follower in sorted(followers)
            if self.marks.get((grid, follower), 0) < self.heads[grid]
        ]


_STANDING = """
    SELECT 'head', h.grid, h.seq, '' FROM feed_head h WHERE {heads}
    UNION ALL SELECT 'mark', b.grid, b.seq, b.follower FROM feed_bookmark b WHERE {marks}
    UNION ALL SELECT 'epoch', '', 0, value FROM feed_epoch WHERE id = 1
    UNION ALL SELECT 'map', '', number, '' FROM gridmap_mapstamp WHERE id = 1
"""


def streams_stand(grids: Collection[str]) -> Stand:
    """Give how streams, epoch and map stood together: one look-up, whatever they hold.

    A restore changes epoch and numbers in one transaction: numbers of one never go out under another.
    """
    heads_chosen, of_heads = among("h.grid", grids)
    marks_chosen, of_marks = among("b.grid", grids)
    heads, marks, epoch_said, map_number = dict.fromkeys(grids, 0), {}, "", 0
    with connection.cursor() as cursor:
        cursor.execute(_STANDING.format(heads=heads_chosen, marks=marks_chosen), [*of_heads, *of_marks])
        for what, grid, number, text in cursor.fetchall():
            if what == "head":
                heads[grid] = number
            elif what == "mark":
                marks[grid, text] = number
            elif what == "epoch":
                epoch_said = text
            else:
                map_number = number
    return Stand(epoch_said or epoch_first(), map_number, heads, marks)


def entries_after(grid: str, seq: int, kinds: Collection[str], limit: int) -> list[Entry]:
    """Give a stream's entries beyond ``seq`` of the kinds named, oldest first."""
    rows = Entry.objects.filter(grid=grid, seq__gt=seq, kind__in=kinds).order_by("seq")
    return list(rows[:limit])


def entries_count(grids: Collection[str]) -> int:
    """Count the records that the streams tell of: one look-up in their index."""
    return Entry.objects.filter(grid__in=list(grids)).count()


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
