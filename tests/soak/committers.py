"""Concurrent committers against polling readers on one PostgreSQL: ``python -m tests.soak.committers``.

Writers append to the feed with its own services and dawdle before they commit. Meanwhile a tablet's
reader polls each stream and a department's reader all of them. Prints how many rows each missed or
got twice, as JSON. Run by `commit_gaps`, which gives the database and the variant.
"""

import argparse
import itertools
import json
import os
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import UUID

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
django.setup()

from django.db import connection, transaction  # noqa: E402  Django had to be set up first

from governance.feed import models  # noqa: E402
from governance.feed.selectors import entries_after, entries_numbered_after, heads  # noqa: E402
from governance.feed.services import Item, entries_number, feed_append, heads_lock  # noqa: E402

GRIDS = ("420502001001001", "420502001001002")
WRITERS = 4
BATCH = 50
LIMIT = 500
KIND = "person"
LONGEST = 0.004


def tables_make() -> None:
    """Make the feed's tables anew."""
    with connection.schema_editor() as editor:
        for model in (models.Epoch, models.Head, models.Entry, models.Counter, models.Bookmark):
            editor.create_model(model)
    with connection.cursor() as cursor:
        cursor.execute("CREATE SEQUENCE plain")


# -- writers ------------------------------------------------------------------------------------


def locked(items: list[Item]) -> None:
    """Append as the hub does: the streams' heads stay locked until the commit."""
    feed_append(heads_lock({item.grid for item in items}), items)


def unlocked(items: list[Item]) -> None:
    """Append with numbers from a snapshot of the heads that nobody holds."""
    feed_append(heads({item.grid for item in items}), items)


def sequence(items: list[Item]) -> None:
    """Append with numbers from a plain sequence."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('plain') FROM generate_series(1, %s)", [len(items)])
        _append(items, [number for (number,) in cursor.fetchall()])


def timestamp(items: list[Item]) -> None:
    """Append with the time as number."""
    begin = time.time_ns() // 1000
    _append(items, list(range(begin, begin + len(items))))


def _append(items: list[Item], numbers: list[int]) -> None:
    models.Entry.objects.bulk_create(
        models.Entry(grid=item.grid, record=item.record, kind=item.kind, version=1, seq=number, number=number)
        for item, number in zip(items, numbers, strict=True)
    )


WRITE: dict[str, Callable[[list[Item]], None]] = {
    "locked": locked,
    "unlocked": unlocked,
    "sequence": sequence,
    "timestamp": timestamp,
}


class Run:
    """Writers and readers on the same feed.

    Parameters
    ----------
    tried : int
        Rows to write.
    seed : int
    variant : str
        How the writers number their rows.
    """

    def __init__(self, tried: int, seed: int, variant: str) -> None:
        self.tried, self.seed, self.variant = tried, seed, variant
        self.batches = itertools.count()
        self.written = threading.Event()
        self.seen: dict[str, Counter[int]] = {"tablet": Counter(), "department": Counter()}

    def play(self) -> dict[str, int]:
        """Write everything under the readers' eyes; give what they missed or got twice."""
        writers = [threading.Thread(target=self._write, args=(place,)) for place in range(WRITERS)]
        readers = [threading.Thread(target=read) for read in (self._tablet, self._department)]
        for thread in (*readers, *writers):
            thread.start()
        for thread in writers:
            thread.join()
        self.written.set()
        for thread in readers:
            thread.join()
        missed = {row for seen in self.seen.values() for row in range(self.tried) if not seen[row]}
        twice = {row for seen in self.seen.values() for row, times in seen.items() if times > 1}
        return {"tried": self.tried, "lost": len(missed), "doubled": len(twice)}

    def _write(self, place: int) -> None:
        chance = random.Random(self.seed * WRITERS + place)
        write = WRITE[self.variant]
        while (first := next(self.batches) * BATCH) < self.tried:
            grid = chance.choice(GRIDS)
            rows = range(first, min(first + BATCH, self.tried))
            with transaction.atomic():
                write([Item(grid, KIND, UUID(int=row), 1) for row in rows])
                time.sleep(chance.random() * LONGEST)
        connection.close()

    def _tablet(self) -> None:
        """Poll each stream behind a cursor of its own, as a pull does."""
        cursors = dict.fromkeys(GRIDS, 0)

        def page() -> int:
            found, tops = 0, heads(GRIDS)
            for grid in GRIDS:
                entries = entries_after(grid, cursors[grid], [KIND], LIMIT)
                last = entries[-1].seq if entries else cursors[grid]
                cursors[grid] = last if len(entries) == LIMIT else max(last, tops[grid])
                found += self._take("tablet", entries)
            return found

        self._poll(page)

    def _department(self) -> None:
        """Poll all streams behind one city-wide number."""
        number = 0

        def page() -> int:
            nonlocal number
            if self.variant in ("locked", "unlocked"):
                entries_number()
            entries = list(entries_numbered_after(number, KIND, ["4205"], LIMIT))
            number = entries[-1].number or number if entries else number
            return self._take("department", entries)

        self._poll(page)

    def _take(self, reader: str, entries: list[Any]) -> int:
        self.seen[reader].update(UUID(str(entry.record)).int for entry in entries)
        return len(entries)

    def _poll(self, page: Callable[[], int]) -> None:
        while True:
            over = self.written.is_set()
            if not page() and over:
                break
        connection.close()


def main() -> int:
    """Run once on the database named by the environment."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tried", type=int)
    parser.add_argument("seed", type=int)
    parser.add_argument("variant", choices=WRITE)
    options = parser.parse_args()
    tables_make()
    sys.stdout.write(json.dumps(Run(options.tried, options.seed, options.variant).play()) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
