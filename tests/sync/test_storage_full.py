"""A hub whose disk is full says so in the protocol's form, and takes the same push when there is room."""

import sqlite3

import psycopg
import pytest
from django.db import OperationalError, connection

from governance.sync import views
from tests import factories
from tests.sync.tablet import offer


@pytest.fixture
def full(monkeypatch):
    """Have the database refuse to write, as it does on a full disk."""
    if connection.vendor == "postgresql":
        cause: Exception = psycopg.errors.DiskFull("no space left on device")
    else:
        cause = sqlite3.OperationalError("database or disk is full")
        cause.sqlite_errorcode = sqlite3.SQLITE_FULL

    def refuse(*_):
        raise OperationalError from cause

    return lambda: monkeypatch.setattr(views, "push_apply", refuse)


def push(household):
    changes = [offer("person", household=household, name="王示例", residence_kind="1")]
    return factories.client().post("/api/v1/sync/push", {"changes": changes}, content_type="application/json")


def test_a_full_disk_is_told_in_the_protocols_form(home, full):
    full()
    response = push(home["household"])
    assert response.status_code == 507
    assert response.json()["code"] == "storage"
    assert "存储空间已满" in response.json()["reason"]
    assert int(response["Retry-After"]) > 0
    assert response["X-Epoch"]


def test_any_other_trouble_of_the_database_is_not_taken_for_it(home, monkeypatch):
    def refuse(*_):
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr(views, "push_apply", refuse)
    with pytest.raises(OperationalError):
        push(home["household"])
