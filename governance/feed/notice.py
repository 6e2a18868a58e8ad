"""The word that streams have moved (变更通知), given by PostgreSQL to listeners at the writer's commit.

It only says which streams stand where, so that nothing is lost when nobody hears it. SQLite has
no such word; there the heads are looked at.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from governance.feed.bulk import array, rows_upsert, send_with
from governance.feed.models import Head

CHANNEL = "feed_moved"
_NOBODY = "-"

# A notice is at most 8,000 bytes and a stream takes up to 58 of them (15 + 2 × 20 + 3), hence the parts.
_MOVED = """
    moved AS (
        INSERT INTO feed_head (grid, seq)
        SELECT grid, seq FROM unnest(%s::text[], %s::bigint[]) AS t(grid, seq)
        ON CONFLICT (grid) DO UPDATE SET seq = EXCLUDED.seq RETURNING grid, seq
    ), told AS (
        SELECT t.grid || ':' || t.before || ':' || m.seq AS word, row_number() OVER () / 120 AS part
        FROM moved m JOIN unnest(%s::text[], %s::bigint[]) AS t(grid, before) ON t.grid = m.grid
    )
"""
_TOLD = f"SELECT pg_notify('{CHANNEL}', %s || ' ' || string_agg(word, ' ')) FROM told GROUP BY part"


@dataclass(frozen=True, slots=True)
class Move:
    """A stream's head went from ``before`` to ``seq``."""

    grid: str
    before: int
    seq: int


@dataclass(frozen=True, slots=True)
class Notice:
    """What one transaction moved, and ``by`` which device (empty where by none)."""

    by: str
    moves: tuple[Move, ...]


def heads_move(moves: Sequence[Move], by: str = "") -> None:
    """Store the heads' new numbers and give notice of them at commit; what waits goes along.

    Parameters
    ----------
    moves : sequence of Move
        Of streams whose heads this transaction has locked.
    by : str
        Id of the device that wrote all of it, empty for anyone else.
    """
    if not moves:
        return
    if connection.vendor != "postgresql":
        rows_upsert(Head, [{"grid": move.grid, "seq": move.seq} for move in moves], conflict=("grid",))
        return
    grids = array([move.grid for move in moves])
    before, after = array([str(move.before) for move in moves]), array([str(move.seq) for move in moves])
    send_with(_MOVED, _TOLD, [grids, after, grids, before, by or _NOBODY])


def notice_read(text: str) -> Notice:
    """Read a notice's text as :func:`heads_move` gave it."""
    by, *words = text.split(" ")
    moves = []
    for word in words:
        grid, before, seq = word.split(":")
        moves.append(Move(grid, int(before), int(seq)))
    return Notice("" if by == _NOBODY else by, tuple(moves))
