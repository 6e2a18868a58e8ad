"""Triggers that make the audit table append-only at the database itself (只增不改).

Migrations call :func:`install`. :func:`remove` is for migrations that must rebuild the table and
for test databases, which are emptied between tests: use :func:`lifted` around that.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.backends.base.base import BaseDatabaseWrapper

TABLE = "audit_auditentry"
REASON = "审计记录只能追加，不能修改或删除"

_SQLITE = {
    f"audit_refuse_{verb.lower()}": (
        f"CREATE TRIGGER IF NOT EXISTS audit_refuse_{verb.lower()} BEFORE {verb} ON {TABLE} "
        f"BEGIN SELECT RAISE(ABORT, '{REASON}'); END"
    )
    for verb in ("UPDATE", "DELETE")
}
_POSTGRESQL = (
    "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{REASON}' USING ERRCODE = 'integrity_constraint_violation'; END $$",
    f"CREATE OR REPLACE TRIGGER audit_refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON {TABLE} "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
    f"ALTER TABLE {TABLE} ENABLE ALWAYS TRIGGER audit_refuse",
)


def install(connection: BaseDatabaseWrapper) -> None:
    """Create the triggers where they are missing (SQLite, PostgreSQL)."""
    statements = _SQLITE.values() if connection.vendor == "sqlite" else _POSTGRESQL
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Drop the triggers."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for name in _SQLITE:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
        else:
            cursor.execute(f"DROP TRIGGER IF EXISTS audit_refuse ON {TABLE}")
            cursor.execute("DROP FUNCTION IF EXISTS audit_refuse()")


def installed(connection: BaseDatabaseWrapper) -> bool:
    """Whether all triggers are there and switched on."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s "
                "AND name IN (%s, %s)",
                [TABLE, *_SQLITE],
            )
            return cursor.fetchone()[0] == len(_SQLITE)
        cursor.execute(
            "SELECT count(*) FROM pg_trigger WHERE tgname = 'audit_refuse' AND tgenabled = 'A' "
            "AND tgrelid = to_regclass(%s)",
            [TABLE],
        )
        return cursor.fetchone()[0] == 1


@contextmanager
def lifted(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Take the triggers away for the emptying of a test database."""
    remove(connection)
    try:
        yield
    finally:
        install(connection)
