"""Days from seeds: nothing is lost, nothing is doubled, all agree in the end; and the checks would notice."""

from collections.abc import Callable
from pathlib import Path

import pytest

from field_app.store.unit import Unit
from field_app.sync import engine, pages
from tests.field_app.sync.schedule import run


@pytest.mark.parametrize("seed", range(24))
def test_a_day_with_a_bad_network_and_crashes(seed: int, tmp_path: Path) -> None:
    assert run(seed, tmp_path) == []


@pytest.mark.parametrize("seed", range(100, 112))
def test_a_day_on_which_the_hub_is_restored_from_a_backup(seed: int, tmp_path: Path) -> None:
    assert run(seed, tmp_path, restores=True) == []


def _sent_means_done(patch: pytest.MonkeyPatch) -> None:
    """Known wrong: what goes out is taken off the outbox before the answer."""
    proper = engine.Engine._next_batch

    def drop(self, most):
        batch = proper(self, most)
        with self._store.write() as unit:
            for entry in batch:
                unit.drop_entry(entry.change)
        return batch

    patch.setattr(engine.Engine, "_next_batch", drop)


def _cursor_first(patch: pytest.MonkeyPatch) -> None:
    """Known wrong: the cursor is stored before the page, in a transaction of its own."""
    proper = pages.page_store

    def store_apart(*, store, page):
        with store.write() as unit:
            unit.put_meta("cursor", page.cursor)
        proper(store=store, page=page)

    patch.setattr(engine, "page_store", store_apart)


def _memory_only(patch: pytest.MonkeyPatch) -> None:
    """Known wrong: changes reach the memory but not the disk."""
    proper = Unit.put_entry

    def forget(self, entry):
        stored = proper(self, entry)
        self._connection.execute("DELETE FROM outbox WHERE change = ? AND state = 'here'", (entry.change,))
        return stored

    patch.setattr(Unit, "put_entry", forget)


@pytest.mark.parametrize("spoil", [_sent_means_done, _cursor_first, _memory_only])
def test_known_wrong_programs_are_found_out(
    spoil: Callable[[pytest.MonkeyPatch], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seed in range(60):
        with monkeypatch.context() as patch:
            if run(seed, tmp_path / str(seed), crashes=0.9, spoil=lambda patch=patch: spoil(patch)):
                return
    pytest.fail("60 days and nothing was noticed")
