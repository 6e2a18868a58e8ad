"""The small town, ready for records."""

import pytest

from governance.access.actor import Actor
from tests import factories


@pytest.fixture
def town(db: None) -> None:
    """Two grids and the code lists."""
    factories.codes()
    factories.grid()
    factories.grid(factories.NEXT, shift=1)


@pytest.fixture
def worker(town: None) -> Actor:
    """A worker's tablet on the first grid."""
    return factories.tablet(factories.worker())


@pytest.fixture
def home(worker: Actor) -> dict[str, str]:
    """A building, a room and a household made by the worker."""
    return factories.home(worker)
