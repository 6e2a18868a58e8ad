"""Where the map looks (视野): metres around the local origin to pixels and back; no Kivy."""

from dataclasses import dataclass

_MARGIN = 0.92
_WIDEST = 0.25
_CLOSEST = 12.0


@dataclass(slots=True)
class MapView:
    """Middle of the view in metres (``east``, ``north``), ``scale`` in pixels a metre, window in pixels."""

    east: float = 0.0
    north: float = 0.0
    scale: float = 1.0
    width: float = 1.0
    height: float = 1.0
    widest: float = 0.0001

    def fit(self, box: tuple[float, float, float, float]) -> None:
        """Show a whole box (west, south, east, north)."""
        west, south, east, north = box
        self.east, self.north = (west + east) / 2, (south + north) / 2
        across, up = max(east - west, 1.0), max(north - south, 1.0)
        self.scale = min(_MARGIN * min(self.width / across, self.height / up), _CLOSEST)
        self.widest = self.scale * _WIDEST

    def pan(self, right: float, up: float) -> None:
        """Drag the map by so many pixels."""
        self.east -= right / self.scale
        self.north -= up / self.scale

    def zoom(self, factor: float, right: float, up: float) -> None:
        """Zoom so that the place at a pixel (from the lower left corner) stays where it is."""
        east, north = self.metres(right, up)
        self.scale = max(self.widest, min(_CLOSEST, self.scale * factor))
        self.east = east - (right - self.width / 2) / self.scale
        self.north = north - (up - self.height / 2) / self.scale

    def metres(self, right: float, up: float) -> tuple[float, float]:
        """Turn a pixel into metres east and north of the origin."""
        return (
            self.east + (right - self.width / 2) / self.scale,
            self.north + (up - self.height / 2) / self.scale,
        )

    def pixels(self, east: float, north: float) -> tuple[float, float]:
        """Turn metres into a pixel from the lower left corner."""
        return (
            (east - self.east) * self.scale + self.width / 2,
            (north - self.north) * self.scale + self.height / 2,
        )

    def sees(self, east: float, north: float) -> bool:
        """Say whether a place lies in the window."""
        right, up = self.pixels(east, north)
        return 0 <= right <= self.width and 0 <= up <= self.height
