"""Drawing by chance, seeded: the same seed and words give the same draws on every machine."""

from bisect import bisect
from collections.abc import Mapping
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")


def seeded(*words: object) -> Random:
    """Give a generator that depends on these words only."""
    return Random(" ".join(map(str, words)))  # noqa: S311 - repeatable, not secret


class Weighted(Generic[T]):
    """Things to draw from, each with its weight.

    Parameters
    ----------
    weights : mapping
        Thing → weight, above nought.
    """

    def __init__(self, weights: Mapping[T, float]) -> None:
        self._things = tuple(weights)
        self._sums = tuple(accumulate(weights.values()))

    def draw(self, random: Random) -> T:
        """Draw one thing."""
        return self._things[bisect(self._sums, random.random() * self._sums[-1])]
