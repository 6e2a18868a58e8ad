"""Which proofs there are, how much of each is tried, and how one is run.

A proof is a module or package of its name beside this one, with ``prove(tried, seed, say)``, which gives
a `Tally`. Case ``i`` of seed ``s`` is case 0 of seed ``s + i``, so any case can be run alone, and
a proof in parts.
"""

import importlib
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Protocol, cast

from tests.soak.tally import Tally


@dataclass(frozen=True)
class Figures:
    """How many cases `make test` (``first``) and `make soak` try, and how many go into one part."""

    first: int
    soak: int
    part: int


NAMES: Mapping[str, Figures] = {
    "power_loss": Figures(10_000, 100_000, 10_000),
    "schedules": Figures(5_000, 100_000, 2_500),
    "mutants": Figures(100, 100, 100),  # more than there are
    "sockets": Figures(200, 20_000, 400),
    "cut_bytes": Figures(5_000, 1_000_000, 1_000_000),  # more than there are
    "kills": Figures(20, 500, 50),
    "restore": Figures(20, 200, 100),
    "disk_full": Figures(100, 1_000, 200),
    "commit_gaps": Figures(100_000, 1_000_000, 250_000),
    "clocks": Figures(500, 10_000, 1_000),
    "bundles": Figures(1_000, 10_000, 1_000),
}
"""In the order in which their lines are asked for."""

Say = Callable[[str], None]


class Proof(Protocol):
    """What a proof's module offers."""

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
