"""End-to-end tests: a real hub in a process of its own, real HTTP, real tablets' command lines."""

from collections.abc import Iterator

import pytest

from tests.hub_process import Hub, running_hub


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """Give a served hub with its standing data and nobody in it; the tests of a module share it."""
    with running_hub(tmp_path_factory.mktemp("hub")) as running:
        yield running
