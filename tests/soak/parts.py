"""A proof in parts of its seeds, each a process; a run that was cut goes on with what is missing.

What each part found is kept in ``var/soak`` until the whole is told, and counts only as long as no source
file has changed.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from tests.soak.sources import VAR, digest
from tests.soak.tally import Tally

Say = Callable[[str], None]


@dataclass(frozen=True)
class Part:
    """Some cases of a proof, from a seed."""

    name: str
    tried: int
    seed: int

    def command(self) -> list[str]:
        """Give how to run it in a process of its own."""
        extra = ["--tried", str(self.tried), "--seed", str(self.seed), "--whole"]
        return [sys.executable, "-m", "tests.soak", self.name, *extra]


def parts_of(name: str, tried: int, seed: int, size: int) -> list[Part]:
    """Divide so many cases into parts of a size."""
    return [
        Part(name, min(size, tried - start), seed + start)
        for start in range(0, tried, max(1, min(size, tried)))
    ]


def joined(tallies: Iterable[Tally]) -> Tally:
    """Add up what the parts found; a control counts as caught where every part caught it."""
    found = list(tallies)
    whole = Tally()
    for tally in found:
        whole.add(tally)
    whole.controls = max(tally.controls for tally in found)
    whole.controls_caught = min(tally.controls_caught for tally in found)
    return whole


class Ledger:
    """What the parts of one proof have found so far, one line each.

    Parameters
    ----------
    name : str
    tried, seed : int
        Of the whole.
    kept : bool
        Whether an earlier run's lines count, and ours are kept for a later one.
    """

    def __init__(self, name: str, tried: int, seed: int, *, kept: bool) -> None:
        self._path: Path | None = VAR / f"{name}-{tried}-{seed}-{digest()}.jsonl" if kept else None
        self._found: dict[Part, tuple[Tally, float]] = {}
        if self._path is not None and self._path.exists():
            for line in self._path.read_text(encoding="utf-8").splitlines():
                told = json.loads(line)
                self._found[Part(**told["part"])] = Tally(**told["tally"]), told["seconds"]

    def missing(self, parts: Sequence[Part]) -> list[Part]:
        """Give the parts that have not been run yet."""
        return [part for part in parts if part not in self._found]

    def enter(self, part: Part, tally: Tally, seconds: float) -> None:
        """Note what a part found."""
        self._found[part] = tally, seconds
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            line = {"part": asdict(part), "tally": asdict(tally), "seconds": seconds}
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")

    def whole(self) -> tuple[Tally, float]:
        """Give what all parts found, and the seconds that they took together."""
        return joined(tally for tally, _ in self._found.values()), sum(
            each for _, each in self._found.values()
        )

    def close(self) -> None:
        """Forget the lines: the whole has been told."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)


def part_run(part: Part) -> tuple[Tally | None, float]:
    """Run a part in a process of its own; gives no tally where it did not come to its end."""
    begun = time.monotonic()
    done = subprocess.run(
        part.command(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=False
    )
    names = {each.name for each in fields(Tally)}
    for line in reversed(done.stdout.splitlines()):
        told = json.loads(line)
        return Tally(**{key: value for key, value in told.items() if key in names}), time.monotonic() - begun
    return None, time.monotonic() - begun


def proof_in_parts(parts: Sequence[Part], ledger: Ledger, pool: ThreadPoolExecutor, say: Say) -> Tally | None:
    """Run what is missing; gives None where a part broke off, which a later run takes up again."""
    missing = ledger.missing(parts)
    cases = sum(part.tried for part in parts)
    if len(missing) < len(parts):
        say(f"goes on: {len(parts) - len(missing)} of {len(parts)} parts were done before")
    begun, done, whole = time.monotonic(), 0, True
    left = sum(part.tried for part in missing)
    before = cases - left

    def run(part: Part) -> tuple[Part, Tally | None, float]:
        return part, *part_run(part)

    for part, tally, seconds in pool.map(run, missing):
        if tally is None:
            say(f"seeds from {part.seed}: broke off")
            whole = False
            continue
        ledger.enter(part, tally, round(seconds, 1))
        done += part.tried
        if len(parts) > 1:
            rest = (time.monotonic() - begun) * (left - done) / done
            faults = ledger.whole()[0]
            wrong = faults.lost + faults.doubled + faults.corrupt + faults.stuck
            say(f"{before + done} of {cases}, {wrong} wrong, {rest / 60:.0f} min left")
    return ledger.whole()[0] if whole else None
