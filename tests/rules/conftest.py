"""The small town with the shipped rules."""

from pathlib import Path

import pytest
from django.conf import settings

from governance.access.actor import Actor
from tests import factories, kept

RULES: Path = settings.FIXTURES / "rules"


@pytest.fixture
def town(db: None) -> None:
    """Two grids, the code lists and the rules."""
    factories.codes()
    factories.grid()
    factories.grid(factories.NEXT, shift=1)
    kept.rules()


@pytest.fixture
def worker(town: None) -> Actor:
    """A worker's tablet on the first grid."""
    return factories.tablet(factories.worker())


@pytest.fixture
def home(worker: Actor) -> dict[str, str]:
    """A building, a room and a household made by the worker."""
    return factories.home(worker)
