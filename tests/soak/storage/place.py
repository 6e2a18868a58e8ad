"""A folder for files that are rewritten thousands of times."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SHARED_MEMORY = Path("/dev/shm")


@contextmanager
def scratch() -> Iterator[Path]:
    """Give an empty folder, in memory where there is such a place, and remove it afterwards."""
    place = tempfile.mkdtemp(prefix="hub-soak-", dir=SHARED_MEMORY if SHARED_MEMORY.is_dir() else None)
    try:
        yield Path(place)
    finally:
        shutil.rmtree(place)
