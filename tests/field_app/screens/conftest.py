"""A tablet in a window that nobody sees: real session, real presenters, a hub in this process."""

import copy
import os

os.environ.setdefault("KIVY_LOG_MODE", "PYTHON")
os.environ.setdefault("KCFG_GRAPHICS_MAXFPS", "150")

from collections.abc import Iterator
from pathlib import Path

import pytest

import field_app.screens  # noqa: F401 - sets what Kivy is to find before anything imports it
from tests.field_app.screens import hand
from tests.field_app.screens.stage import Stage
from tests.field_app.screens.street import Street, StreetHub


@pytest.fixture(autouse=True)
def closed_eyes() -> Iterator[None]:
    """Draw nothing, unless a test opens its eyes."""
    hand.eyes.close()
    yield
    hand.eyes.close()


@pytest.fixture(scope="session")
def full_hub() -> tuple[StreetHub, Street]:
    """A hub with the street, made once."""
    hub = StreetHub()
    return hub, Street(hub)


@pytest.fixture
def street(full_hub: tuple[StreetHub, Street]) -> Street:
    """Where the records are."""
    return full_hub[1]


@pytest.fixture
def hub(full_hub: tuple[StreetHub, Street]) -> StreetHub:
    """A hub of one's own that holds the street."""
    return copy.deepcopy(full_hub[0])


@pytest.fixture
def fresh(tmp_path: Path, hub: StreetHub) -> Iterator[Stage]:
    """A tablet nobody has enrolled."""
    with Stage(tmp_path, hub) as stage:
        yield stage


@pytest.fixture
def stage(tmp_path: Path, hub: StreetHub) -> Iterator[Stage]:
    """A tablet enrolled, loaded and open on its first screen."""
    with Stage(tmp_path, hub, enrolled=True) as stage:
        yield stage
