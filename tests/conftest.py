"""What every test stands on: no internet, and a mark for tests that touch the database."""

import gc
import ipaddress
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.test import TransactionTestCase

from governance.access.actor import Actor
from governance.audit.triggers import lifted
from tests import factories, kept
from tests.hub_process import hub_template_drop

UNCHANGED = {ContentType._meta.db_table, Permission._meta.db_table}
DATABASE_FIXTURES = {"db", "transactional_db", "django_db_reset_sequences", "live_server"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests that touch the database, so that they run again on PostgreSQL; put long ones first."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
    for item in items:
        names = set(getattr(item, "fixturenames", ()))
        if item.get_closest_marker("one_database"):
            continue
        if item.get_closest_marker("django_db") or names & DATABASE_FIXTURES:
            item.add_marker(pytest.mark.database)


def pytest_collection_finish() -> None:
    """Leave the thousands of collected tests out of the search for circles, and search rarely.

    Looking through all of them time and again takes a twelfth of a run.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Drop what the hub processes of the whole run were copied from."""
    if not hasattr(session.config, "workerinput"):
        hub_template_drop()


@pytest.fixture
def one_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no minute end while a test counts requests."""
    now = time.time()
    monkeypatch.setattr("time.time", lambda: now)


class InternetError(RuntimeError):
    """A test tried to reach an address outside this machine."""


def _hold_back(host: object) -> None:
    """Let loopback names and addresses through and nothing else."""
    name = host.decode() if isinstance(host, bytes) else str(host or "localhost")
    if name == "localhost":
        return
    try:
        local = ipaddress.ip_address(name).is_loopback
    except ValueError:
        local = False
    if not local:
        raise InternetError(name)


@pytest.fixture(scope="session", autouse=True)
def no_internet() -> Iterator[None]:
    """Refuse connections and look-ups beyond loopback."""
    resolve = socket.getaddrinfo

    class Guarded(socket.socket):
        def connect(self, address: Any) -> None:
            if isinstance(address, tuple):
                _hold_back(address[0])
            super().connect(address)

        def connect_ex(self, address: Any) -> int:
            if isinstance(address, tuple):
                _hold_back(address[0])
            return super().connect_ex(address)

    def guarded(host: Any, *args: Any, **kwargs: Any) -> Any:
        _hold_back(host)
        return resolve(host, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "socket", Guarded)
        patch.setattr(socket, "getaddrinfo", guarded)
        yield


@pytest.fixture(scope="session", autouse=True)
def tables_are_emptied() -> Iterator[None]:
    """Empty what a transactional test wrote, the append-only audit too.

    Content types and permissions stay: making them anew, and emptying what is empty, takes ten times as long.
    """

    def emptied(case: TransactionTestCase) -> None:
        tables = set(connection.introspection.django_table_names()) - UNCHANGED
        filled = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {name})" for name in tables)
        with lifted(connection), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(filled)
            for (name,) in cursor.fetchall():
                cursor.execute(f"DELETE FROM {name}")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", emptied)
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Keep the code lists beside the new test database's tables."""
    with django_db_blocker.unblock():
        kept.keep()


@pytest.fixture
def file_folders(tmp_path: Path, settings: Any) -> Path:
    """Keep photos and uploads of one test in a folder of its own."""
    settings.UPLOADS_DIR = tmp_path / "uploads"
    files = {**settings.STORAGES["files"], "OPTIONS": {"location": str(tmp_path / "files")}}
    settings.STORAGES = {**settings.STORAGES, "files": files}
    return tmp_path


@pytest.fixture
def town(db: None) -> None:
    """Two grids and the code lists."""
    factories.town()


@pytest.fixture
def worker(town: None) -> Actor:
    """A worker's tablet on the first grid."""
    return factories.tablet(factories.worker())


@pytest.fixture
def home(worker: Actor) -> dict[str, str]:
    """A building, a room and a household made by the worker."""
    return factories.home(worker)
