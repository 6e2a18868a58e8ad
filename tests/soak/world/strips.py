"""The map as it should be: grids side by side, each as high as all, split and merged."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

Box = tuple[float, float, float, float]
"""West, south, east, north in degrees."""


class Strips:
    """The grids in force, and those that others took over from.

    Parameters
    ----------
    boxes : mapping
        The grids in force, by code.
    """

    def __init__(self, boxes: Mapping[str, Box]) -> None:
        self.boxes = dict(boxes)
        self.closed: dict[str, Box] = {}
        self.passed: set[str] = set()

    def copy(self) -> "Strips":
        """Give a map that goes on by itself."""
        other = Strips(self.boxes)
        other.closed, other.passed = dict(self.closed), set(self.passed)
        return other

    def at(self, lon: float, lat: float) -> str | None:
        """Give the grid in force at a point."""
        for code, (west, south, east, north) in self.boxes.items():
            if west <= lon <= east and south <= lat <= north:
                return code
        return None

    def middle(self, code: str) -> tuple[float, float]:
        """Give the middle of a grid, be it closed; of any where no such grid is known."""
        west, south, east, north = self.boxes.get(code) or self.closed.get(code) or min(self.boxes.values())
        return (west + east) / 2, (south + north) / 2

    def halves(self, code: str, at: float) -> tuple[Box, Box]:
        """Give what is west and east of a meridian in a grid."""
        west, south, east, north = self.boxes[code]
        return (west, south, at, north), (at, south, east, north)

    def neighbours(self) -> list[tuple[str, str]]:
        """Give the pairs of grids that meet, from west to east."""
        row = sorted(self.boxes, key=lambda code: self.boxes[code])
        return list(pairwise(row))

    def replace(self, old: Sequence[str], new: Mapping[str, Box]) -> None:
        """Let new grids take over from old ones."""
        for code in old:
            self.closed[code] = self.boxes.pop(code)
        self.boxes.update(new)

    def heirs(self, code: str) -> list[str]:
        """Give the grids in force that lie on a closed one, the largest part first."""
        west, _, east, _ = self.closed[code]
        shares = {each: min(east, box[2]) - max(west, box[0]) for each, box in self.boxes.items()}
        found = [each for each, share in shares.items() if share > 1e-6]
        return sorted(found, key=lambda each: -shares[each])

    def unpassed(self) -> list[str]:
        """Give the closed grids whose posts have not been passed on yet."""
        return sorted(self.closed.keys() - self.passed)
