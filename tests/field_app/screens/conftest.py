"""A tablet in a window that nobody sees: real session, real presenters, a hub made of paper."""

import os

os.environ.setdefault("KIVY_LOG_MODE", "PYTHON")

from collections.abc import Iterator
from pathlib import Path

import pytest

import field_app.screens  # noqa: F401 - sets what Kivy is to find before anything imports it
from field_app.store import keyring
from tests.field_app.screens.paper_hub import PaperHub
from tests.field_app.screens.stage import Stage
from tests.field_app.screens.street import GRID, NAME, Street


@pytest.fixture(autouse=True)
def cheap_pin(monkeypatch: pytest.MonkeyPatch) -> None:
    """Guessing a PIN may be cheap here."""
    monkeypatch.setattr(keyring, "COST", 2**4)


@pytest.fixture(scope="session")
def street() -> Street:
    """The grid's records."""
    return Street()


@pytest.fixture
def hub(street: Street) -> PaperHub:
    """A hub that holds the street."""
    return PaperHub(
        held=list(street.told), grids=[{"code": GRID, "name": NAME, "post": "main", "until": None}]
    )


@pytest.fixture
def fresh(tmp_path: Path, hub: PaperHub) -> Iterator[Stage]:
    """A tablet nobody has enrolled."""
    with Stage(tmp_path, hub) as stage:
        yield stage


@pytest.fixture
def stage(tmp_path: Path, hub: PaperHub) -> Iterator[Stage]:
    """A tablet enrolled, loaded and open on its first screen."""
    with Stage(tmp_path, hub, enrolled=True) as stage:
        yield stage
