"""Camera (拍照)."""

from pathlib import Path
from typing import Protocol


class Camera(Protocol):
    """Takes photos."""

    def take(self, target: Path) -> Path | None:
        """Let the worker take a photo into ``target``; None when none was taken."""


class NoCamera:
    """A desktop takes no photos."""

    def take(self, target: Path) -> Path | None:
        """Give None."""
        return None
