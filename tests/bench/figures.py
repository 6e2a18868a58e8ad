"""One measured figure, and how figures of several runs come together."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Figure:
    """What was measured: ours against a baseline, medians of ``runs`` runs in turn."""

    measure: str
    ours: float
    baseline: float
    unit: str
    runs: int

    def as_json(self) -> dict[str, object]:
        """Give the line that `make bench` prints."""
        ratio = self.ours / self.baseline if self.baseline else None
        return {
            "measure": self.measure,
            "ours": round(self.ours, 4),
            "baseline": round(self.baseline, 4),
            "ratio": None if ratio is None else round(ratio, 3),
            "unit": self.unit,
            "runs": self.runs,
        }


def of_runs(measure: str, ours: Sequence[float], baseline: Sequence[float], unit: str) -> Figure:
    """Make the figure of runs that took turns."""
    return Figure(measure, median(ours), median(baseline), unit, len(ours))


def say(text: str) -> None:
    """Tell of progress without touching the JSON lines."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
