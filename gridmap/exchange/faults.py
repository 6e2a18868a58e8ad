"""What can be wrong with a grid file, and the report that names every case."""

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from gridmap.services import Replaced


class FaultKind(StrEnum):
    """The kinds of fault (差错类型)."""

    FILE = "file"
    COLUMNS = "columns"
    CRS = "crs"
    EMPTY = "empty"
    GEOMETRY = "geometry"
    CODE = "code"
    DUPLICATE = "duplicate"
    COMMUNITY = "community"
    MISMATCH = "mismatch"
    CLOSED = "closed"
    NAME = "name"
    KIND = "kind"
    HOUSEHOLDS = "households"
    OUTSIDE = "outside"
    OVERLAP = "overlap"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong.

    Parameters
    ----------
    kind : FaultKind
        What sort of fault it is.
    reason : str
        Chinese, for people.
    feature : int, optional
        Number of the feature in the file, from 1; None for the whole file or a place between features.
    code : str
        Grid code as far as it can be read.
    others : tuple of str
        Codes of the other grids concerned.
    area_m2 : float, optional
        Area of an overlap or gap.
    at : (float, float), optional
        Longitude and latitude of the place, EPSG:4490.
    """

    kind: FaultKind
    reason: str
    feature: int | None = None
    code: str = ""
    others: tuple[str, ...] = ()
    area_m2: float | None = None
    at: tuple[float, float] | None = None

    def line(self) -> str:
        """Write the fault as one line for people."""
        where = [f"第{self.feature}个要素"] if self.feature is not None else []
        where += [f"网格 {self.code}"] if self.code else []
        return f"{' '.join(where)}：{self.reason}" if where else self.reason


@dataclass(slots=True)
class ImportReport:
    """What an import found and did; ``replaced`` is None where nothing was stored."""

    file: str
    crs: str = ""
    features: int = 0
    faults: list[Fault] = field(default_factory=list)
    replaced: Replaced | None = None

    def document(self) -> dict[str, Any]:
        """Give the report as a JSON object."""
        return {
            "file": self.file,
            "crs": self.crs,
            "features": self.features,
            "stored": self.replaced is not None,
            "faults": [asdict(fault) for fault in self.faults],
            "replaced": None if self.replaced is None else asdict(self.replaced),
        }
