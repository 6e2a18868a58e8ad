"""Two tablets used by their command lines: one without network, one that carries."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from field_app import wiring
from field_app.store import keyring
from tests import factories
from tests.sync.tablet_lines import PIN, Air, Line


@pytest.fixture
def air(monkeypatch: pytest.MonkeyPatch, settings, tmp_path: Path) -> Air:
    air = Air()
    settings.BUNDLE_KEYS = tmp_path / "bundle_keys.json"
    monkeypatch.setattr(wiring, "http_transport", lambda _: air.transport)
    monkeypatch.setattr(keyring, "COST", 2**4)
    monkeypatch.setattr("sys.excepthook", lambda *_: None)
    monkeypatch.setenv("FIELD_APP_PIN", PIN)
    monkeypatch.setenv("FIELD_APP_PASSWORD", factories.PASSWORD)
    return air


@pytest.fixture
def lines(air: Air, town: None, tmp_path: Path) -> Iterator[Callable[[str], Line]]:
    """Give command lines by name of a worker, enrolled and synced."""
    factories.worker("first", factories.GRID)
    factories.worker("second", factories.NEXT)
    factories.home(factories.hub_in())

    def made(name: str) -> Line:
        line = Line(tmp_path / name)
        line("enrol", "--hub", "https://hub.example", "--username", name, "--device", name)
        line("sync", "--quiet")
        return line

    return made


@pytest.fixture
def first(lines: Callable[[str], Line]) -> Line:
    """The tablet without network."""
    return lines("first")


@pytest.fixture
def second(lines: Callable[[str], Line], first: Line) -> Line:
    """The tablet that carries."""
    return lines("second")
