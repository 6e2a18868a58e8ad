"""Backup and restore on PostgreSQL: every table by COPY, read in one snapshot, loaded in one transaction.

No tool of the server's is needed and no version of one has to fit. A backup is a zip file: ``hub.json``
(what it is) and a member for each table in PostgreSQL's text form.
"""

import json
import zipfile
from collections.abc import Sequence
from pathlib import Path

import psycopg
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from psycopg import sql

from governance.audit import triggers
from governance.console.backup.errors import BackupError

FORM = "community-e-link-backup-1"
_ABOUT = "hub.json"
_PART = 1024 * 1024
_ELSEWHERE = frozenset({"django_migrations"})


def database_write(file: Path) -> None:
    """Write all tables as they stood at one moment, while the hub runs."""
    with transaction.atomic(), zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        raw = _raw()
        raw.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        tables, rows = _tables(), {}
        for table, columns in tables.items():
            select = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT").format(_listed(columns), _name(table))
            rows[table] = 0
            with (
                raw.cursor() as cursor,
                archive.open(f"{table}.copy", "w", force_zip64=True) as member,
                cursor.copy(select) as copy,
            ):
                for part in copy:
                    member.write(part)
                    rows[table] += bytes(part).count(b"\n")  # within a value it is written as \\n
        about = {"form": FORM, "taken_at": timezone.now().isoformat(), "migrations": _migrations()}
        archive.writestr(_ABOUT, json.dumps({**about, "rows": rows, "columns": tables}))


def database_check(file: Path) -> None:
    """Make sure that a file is a whole backup made by this edition of the program.

    Raises
    ------
    BackupError
    """
    try:
        with zipfile.ZipFile(file) as archive:
            broken = archive.testzip()
            about = json.loads(archive.read(_ABOUT))
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise BackupError(f"{file} 不是完好的备份：{error}") from error
    if broken is not None or about.get("form") != FORM:
        raise BackupError(f"{file} 已损坏或不是社区e通平台的备份")
    if about["migrations"] != _migrations():
        raise BackupError(f"{file} 由另一版本的平台所做：请用那个版本的程序恢复，再升级平台")


def database_load(file: Path) -> None:
    """Replace the contents of all tables; call it in a transaction.

    Raises
    ------
    BackupError
        A table does not hold what the backup says.
    """
    tables = _tables()
    triggers.remove(connection)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE " + ", ".join(f'"{table}"' for table in tables))
    with zipfile.ZipFile(file) as archive:
        about = json.loads(archive.read(_ABOUT))
        for table in tables:
            number = _copy_in(archive, table, about["columns"][table], table)
            if number != about["rows"][table]:
                raise BackupError(f"表 {table} 应有{about['rows'][table]}行，只载入{number}行")
    _sequences(list(tables))
    triggers.install(connection)


def rows_kept(file: Path, table: str, columns: Sequence[str], missing: str = "") -> list[tuple[object, ...]]:
    """Give a table's rows of a backup; where ``missing`` names its key, those that the database has not."""
    there = f"SELECT 1 FROM {table} new WHERE new.{missing} = old.{missing}" if missing else ""
    where = f"WHERE NOT EXISTS ({there})" if missing else ""
    with transaction.atomic(), zipfile.ZipFile(file) as archive, connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE kept (LIKE {table}) ON COMMIT DROP")
        held = json.loads(archive.read(_ABOUT))["columns"][table]
        _copy_in(archive, table, held, "kept")
        listed = ", ".join(f'old."{column}"' for column in columns)
        cursor.execute(f"SELECT {listed} FROM kept old {where}")
        found: list[tuple[object, ...]] = cursor.fetchall()
        cursor.execute("DROP TABLE kept")
    return found


def others() -> int:
    """Count the other sessions on this database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        return int(cursor.fetchone()[0])


def _copy_in(archive: zipfile.ZipFile, table: str, columns: list[str], into: str) -> int:
    """Copy a member's rows into a table; give their number."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(_name(into), _listed(columns))
    with _raw().cursor() as cursor:
        with archive.open(f"{table}.copy") as member, cursor.copy(statement) as copy:
            while part := member.read(_PART):
                copy.write(part)
        return cursor.rowcount


def _sequences(tables: list[str]) -> None:
    """Let numbers go on behind the highest one loaded."""
    with connection.cursor() as cursor:
        for table in tables:
            for found in connection.introspection.get_sequences(cursor, table):
                column = found["column"]
                cursor.execute(
                    "SELECT setval(pg_get_serial_sequence(%s, %s), "
                    f'COALESCE(max("{column}"), 1), max("{column}") IS NOT NULL) FROM "{table}"',
                    [f'"{table}"', column],
                )


def _tables() -> dict[str, tuple[str, ...]]:
    """Give the hub's tables and their columns, without those the server computes."""
    names = sorted(set(connection.introspection.django_table_names(only_existing=True)) - _ELSEWHERE)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE is_generated = 'NEVER' "
            "AND table_schema = current_schema() AND table_name = ANY(%s) ORDER BY 1, ordinal_position",
            [names],
        )
        found: dict[str, list[str]] = {}
        for table, column in cursor.fetchall():
            found.setdefault(table, []).append(column)
    return {table: tuple(columns) for table, columns in found.items()}


def _migrations() -> list[list[str]]:
    applied = MigrationRecorder(connection).applied_migrations()
    return sorted([app, name] for app, name in applied)


def _raw() -> psycopg.Connection[tuple[object, ...]]:
    connection.ensure_connection()
    raw: psycopg.Connection[tuple[object, ...]] = connection.connection
    return raw


def _name(table: str) -> sql.Identifier:
    return sql.Identifier(table)


def _listed(columns: tuple[str, ...] | list[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))
