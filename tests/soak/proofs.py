"""Which proofs there are, and how one is run.

A proof is a module or package of its name beside this one. It has ``FIRST`` and ``SOAK``, how
many cases `make test` and `make soak` try, and ``prove(tried, seed, say)``, which gives a `Tally`.
Case ``i`` of seed ``s`` is case 0 of seed ``s + i``, so any case can be run alone.
"""

import importlib
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Protocol, cast

from tests.soak.tally import Tally

NAMES: tuple[str, ...] = (
    "power_loss",
    "schedules",
    "mutants",
    "sockets",
    "cut_bytes",
    "kills",
    "restore",
    "disk_full",
    "commit_gaps",
    "clocks",
    "bundles",
)
"""In the order in which their lines are asked for."""

Say = Callable[[str], None]


class Proof(Protocol):
    """What a proof's module offers."""

    FIRST: int
    SOAK: int

    def prove(self, tried: int, seed: int, say: Say) -> Tally:
        """Try so many cases from a seed; ``say`` takes lines for people."""


def proof(name: str) -> Proof:
    """Give a proof by name."""
    return cast(Proof, importlib.import_module(f"tests.soak.{name}"))


def proof_run(name: str, found: Proof, *, tried: int, seed: int, say: Say) -> tuple[dict[str, object], bool]:
    """Run a proof.

    Returns
    -------
    tuple of dict and bool
        The line to print as JSON, and whether the proof holds.
    """
    begun = time.monotonic()
    tally = found.prove(tried, seed, lambda text: say(f"{name}: {text}"))
    line = {"test": name, **asdict(tally), "seconds": round(time.monotonic() - begun, 1)}
    return line, tally.good
