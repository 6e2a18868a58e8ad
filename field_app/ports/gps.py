"""Position (定位)."""

import os
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Fix:
    """A measured point: degrees, metres of uncertainty (None unknown), source CRS code."""

    lon: float
    lat: float
    accuracy: float | None = None
    crs: str = "4326"


class Gps(Protocol):
    """Where the device is."""

    def fix(self, *, timeout: float = 10.0) -> Fix | None:
        """Wait up to ``timeout`` seconds for a fix; None when there is none."""


class StatedGps:
    """A desktop has no receiver: the point is what FIELD_APP_FIX states as ``lon,lat[,accuracy]``."""

    def fix(self, *, timeout: float = 10.0) -> Fix | None:
        """Give the stated point, None without one or when it is not numbers."""
        parts = os.environ.get("FIELD_APP_FIX", "").split(",")
        try:
            numbers = [float(part) for part in parts]
        except ValueError:
            return None
        if len(numbers) not in (2, 3):
            return None
        return Fix(numbers[0], numbers[1], numbers[2] if len(numbers) == 3 else None)
