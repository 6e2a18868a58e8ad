"""The measure of a tablet's opening can be taken: what it fills is what the program opens."""

import pytest

from tests.bench import tablet


def test_a_filled_tablet_is_opened_and_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tablet, "ROUNDS", 1)
    cpu, memory = tablet.tablet_open_5000()
    assert (cpu.measure, memory.measure) == ("tablet_open_5000", "tablet_open_5000_memory")
    assert cpu.ours > 0
    assert memory.ours > 0
