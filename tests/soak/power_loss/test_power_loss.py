"""Over the shim the product runs the very statements it runs on the sqlite3 module."""

import re
import sqlite3
from contextlib import nullcontext

import pytest

from tests.soak import power_loss
from tests.soak.power_loss import hub_day, tablet_day
from tests.soak.storage import adapter

VALUE = re.compile(
    r"x'[0-9a-f]*'|'(?:[^']|'')*'|\bNULL\b|(?<!\w):\w+|-?\b\d+(?:\.\d+)?(?:e[+-]?\d+)?\b", re.IGNORECASE
)


def plain(sql):
    """Give a statement without its values: keys, nonces and times differ from run to run."""
    return VALUE.sub("?", " ".join(sql.split()))


@pytest.fixture(autouse=True)
def _own_databases(django_db_blocker):
    """The hub's file here is one of these tests' own."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def statements(monkeypatch):
    """Give a function that lives a day and gives the statements that SQLite ran, on the shim or without."""

    def lived(day, tmp_path, *, on_shim):
        found = []
        note = lambda sql: found.append(plain(sql))  # noqa: E731
        if on_shim:
            real = adapter.Connection.__init__

            def watched(self, raw, *rest):
                raw.trace_v2(adapter.apsw.SQLITE_TRACE_STMT, lambda event: note(event["sql"]))
                real(self, raw, *rest)

            with monkeypatch.context() as patch:
                patch.setattr(adapter.Connection, "__init__", watched)
                day.record(tmp_path, 3, 12)
            return found
        connect = sqlite3.connect

        def traced(*arguments, **options):
            made = connect(*arguments, **options)
            made.set_trace_callback(note)
            return made

        with monkeypatch.context() as patch:
            patch.setattr(day, "through", lambda *_, **__: nullcontext())
            patch.setattr(sqlite3, "connect", traced)
            patch.setattr(sqlite3.dbapi2, "connect", traced)
            day.record(tmp_path, 3, 12)
        return found

    return lived


@pytest.mark.parametrize("day", [tablet_day, hub_day])
def test_the_same_statements_run_with_and_without_the_shim(day, statements, tmp_path):
    ours = statements(day, tmp_path / "shim", on_shim=True)
    theirs = statements(day, tmp_path / "real", on_shim=False)
    writes = [sql for sql in ours if sql.startswith(("INSERT", "COMMIT"))]
    assert len(writes) > 20
    # Newer SQLite libraries check a table of themselves when a column is dropped. What is done once a
    # minute or a process may fall into one of the days only; the kinds of statements are the same.
    assert {sql for sql in ours if "quick_check" not in sql} == set(theirs)


def test_without_the_shim_nothing_is_recorded(tmp_path, monkeypatch):
    monkeypatch.setattr(tablet_day, "through", lambda *_, **__: nullcontext())
    lived = tablet_day.record(tmp_path, 3, 4)
    assert not any(hasattr(event, "file") for event in lived.events)


def test_a_handful_of_cuts_does_no_harm_and_every_side_is_cut():
    tally = power_loss.prove(20, 1, lambda _: None)
    assert tally.good
    assert (tally.tried, tally.controls) == (20, len(power_loss.CONTROLS))
