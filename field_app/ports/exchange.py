"""The folder in which files are handed over (交换目录): what a stick, a cable or another app can reach."""

import os
from pathlib import Path
from typing import Protocol


class Exchange(Protocol):
    """Where bundles and receipts are looked for and written."""

    def folder(self) -> Path:
        """Give the folder offered to the worker first; it exists."""


class StatedExchange:
    """Desktop: FIELD_APP_EXCHANGE, else the user's home; the worker may name another."""

    def folder(self) -> Path:
        """Give the folder."""
        return Path(os.environ.get("FIELD_APP_EXCHANGE") or Path.home())
