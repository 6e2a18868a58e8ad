"""PINs that are stretched less: proofs open stores by the hundred."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from field_app.store import keyring


@contextmanager
def quick_pins() -> Iterator[None]:
    """Stretch PINs less while the block runs."""
    with patch.object(keyring, "COST", 2**4):
        yield
