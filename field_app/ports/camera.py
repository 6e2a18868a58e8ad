"""Camera (拍照)."""

import os
import shutil
from pathlib import Path
from typing import Protocol


class Camera(Protocol):
    """Takes photos. ``chooses`` says that a file may be chosen instead, as on a desktop."""

    chooses: bool

    def take(self, target: Path) -> Path | None:
        """Let the worker take a photo into ``target``; None when none was taken."""


class StatedCamera:
    """A desktop has no camera: the photo is the file that FIELD_APP_PHOTO states, or one chosen."""

    chooses = True

    def take(self, target: Path) -> Path | None:
        """Copy the stated file; None without one, or when it cannot be read."""
        stated = os.environ.get("FIELD_APP_PHOTO", "")
        if not stated:
            return None
        try:
            return Path(shutil.copyfile(stated, target))
        except OSError:
            return None
