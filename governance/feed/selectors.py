"""Reading the feed."""

from collections.abc import Collection, Iterator

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


def heads_told(grids: Collection[str]) -> tuple[str, dict[str, int]]:
    """Give the epoch and the streams' last numbers as they stood together: one look-up.

    A restore changes both in one transaction, so numbers of one epoch never go out under another.
    """
    found = dict.fromkeys(grids, 0)
    chosen, parameters = among("grid", found)
    sql = f"""
        SELECT grid, seq, '' FROM feed_head WHERE {chosen}
        UNION ALL SELECT '', 0, value FROM feed_epoch WHERE id = 1
    """
    said = ""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        for grid, seq, value in cursor.fetchall():
            if value:
                said = value
            else:
                found[grid] = seq
    return said or epoch_first(), found


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


def behind_in(followers: Collection[str], grids: Collection[str]) -> list[tuple[str, str]]:
    """Give which of the followers have something to read in which of the streams: one look-up."""
    if not followers or not grids:
        return []
    names = ", ".join(["(%s)"] * len(followers))
    chosen, parameters = among("h.grid", sorted(grids))
    sql = f"""
        WITH f(name) AS (VALUES {names})
        SELECT f.name, h.grid FROM feed_head h CROSS JOIN f
        LEFT JOIN feed_bookmark b ON b.grid = h.grid AND b.follower = f.name
        WHERE {chosen} AND h.seq > COALESCE(b.seq, 0) ORDER BY h.grid, f.name
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, [*followers, *parameters])
        return [(name, grid) for name, grid in cursor.fetchall()]
