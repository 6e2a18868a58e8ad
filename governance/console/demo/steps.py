"""The steps of the day: each printed in two languages, with figures, and checked."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager


class StepError(Exception):
    """What a step should have brought about did not come about; the message says what."""


class Steps:
    """Counts and prints steps; remembers whether one failed."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self.number = 0

    @contextmanager
    def step(self, chinese: str, english: str) -> Iterator[None]:
        """Announce a step; a fault within is told and goes on to the caller."""
        self.number += 1
        self._say(f"\n{self.number}. {chinese} · {english}")
        try:
            yield
        except StepError as error:
            self._say(f"   ✗ {error}")
            raise

    def fact(self, text: str) -> None:
        """Print a figure or finding of the step."""
        self._say(f"   {text}")

    @staticmethod
    def must(holds: object, otherwise: str) -> None:
        """Hold the step to what it promises.

        Raises
        ------
        StepError
            With ``otherwise`` when ``holds`` is false.
        """
        if not holds:
            raise StepError(otherwise)
