"""Ids that come again with the seed, so that a schedule replays to the letter."""

import random
from types import SimpleNamespace

from governance.contract import ids

_BEGIN = 1_767_225_600_000 << 12  # 2026-01-01, far from any clock that matters


class _Ticks:
    """Counts up from the same number for every schedule."""

    def __init__(self, begin: int) -> None:
        self._last = begin

    def tick(self) -> int:
        """Give the next number."""
        self._last += 1
        return self._last


def ids_fix(seed: int) -> None:
    """Let ids follow from a seed from now on; those of seed 0 come before all others."""
    begin = _BEGIN if seed == 0 else _BEGIN + (1 << 24)
    vars(ids)["_clock"] = _Ticks(begin)
    vars(ids)["os"] = SimpleNamespace(urandom=random.Random(seed).randbytes)
