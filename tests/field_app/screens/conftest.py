"""A tablet in a window that nobody sees: real session, real presenters, a hub made of paper."""

import os

os.environ.setdefault("KIVY_LOG_MODE", "PYTHON")

from collections.abc import Iterator  # noqa: E402
from pathlib import Path  # noqa: E402

import pytest  # noqa: E402

from field_app.store import keyring  # noqa: E402
from tests.field_app.screens.paper_hub import PaperHub  # noqa: E402
from tests.field_app.screens.stage import Stage  # noqa: E402
from tests.field_app.screens.street import GRID, NAME, Street  # noqa: E402


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
    return PaperHub(held=list(street.told), grids=[{"code": GRID, "name": NAME, "post": "main", "until": None}])


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
