"""The fixtures' code lists, rules, calendar, levels, services and roles, kept in tables of their own.

Nearly every database test begins with the lists, many with the others, and loading them costs more than
most tests. Once a test database is made they are loaded, copied and taken out again; from then on the
database copies the rows back by itself. `codelists_load` still does the rest of its work.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cache
from typing import Any
from unittest import mock

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import connection, models, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from governance.access.actor import HUB
from governance.access.models import Department
from governance.access.services.roles import roles_sync
from governance.contract import CITY, read_code_lists
from governance.contract import CodeList as Fixture
from governance.feed.services import Item, feed_append, heads_lock
from governance.records.codes import lists_forget
from governance.records.models import Code, CodeList
from governance.records.services import lists as service
from governance.rules.calendar_services import calendar_seed
from governance.rules.loading import rules_load
from governance.rules.models import Rule, RuleVersion, SpecialDay
from governance.tasks.cases.catalogue import services_load
from governance.tasks.models import PlanLevel, ProxyService
from governance.tasks.plans.levels import levels_load

LISTS: tuple[type[models.Model], ...] = (CodeList, Code)
RULES: tuple[type[models.Model], ...] = (Rule, RuleVersion)
CALENDAR: tuple[type[models.Model], ...] = (SpecialDay,)
LEVELS: tuple[type[models.Model], ...] = (PlanLevel,)
SERVICES: tuple[type[models.Model], ...] = (ProxyService,)
ROLES: tuple[type[models.Model], ...] = (Group, Department)
LOADED_ON = date(2001, 1, 1)
"""In the kept rules, instead of the day of loading."""
_GRANTED = """
SELECT g.name, c.app_label, p.codename FROM auth_group_permissions t JOIN auth_group g ON g.id = t.group_id
JOIN auth_permission p ON p.id = t.permission_id JOIN django_content_type c ON c.id = p.content_type_id
"""
_GRANT = """
INSERT INTO auth_group_permissions (group_id, permission_id) SELECT g.id, p.id FROM kept_grants k
JOIN auth_group g ON g.name = k.role JOIN auth_permission p ON p.codename = k.codename
JOIN django_content_type c ON c.id = p.content_type_id AND c.app_label = k.app
"""
"""By name: emptying the tables gives permissions new numbers."""
_read = cache(read_code_lists)
_there: set[str] = set()
"""Names of the databases that hold the kept tables; only test databases ever do."""


def keep() -> None:
    """Make the kept tables in this process's test database."""
    with connection.cursor() as cursor:
        with transaction.atomic(), mock.patch.object(timezone, "localdate", return_value=LOADED_ON):
            service.codelists_load(actor=HUB, folder=settings.FIXTURES / "codes")
            lists_forget()
            rules_load(actor=HUB, folder=settings.FIXTURES / "rules")
            calendar_seed(actor=HUB)
            levels_load(actor=HUB, folder=settings.FIXTURES / "plans")
            roles_sync()
            services_load(actor=HUB, folder=settings.FIXTURES / "services")
            tables = (*LISTS, *RULES, *CALENDAR, *LEVELS, *SERVICES, *ROLES)
            kept = [(table, _rows(cursor, table)) for table in tables]
            cursor.execute(_GRANTED)
            granted = cursor.fetchall()
            transaction.set_rollback(True)
        lists_forget()
        for table, rows in kept:
            name, columns = table._meta.db_table, ", ".join(_columns(table))
            marks = ", ".join(["%s"] * len(_columns(table)))
            cursor.execute(f"CREATE TABLE kept_{name} AS SELECT {columns} FROM {name} WHERE 1 = 0")
            cursor.executemany(f"INSERT INTO kept_{name} ({columns}) VALUES ({marks})", rows)
        cursor.execute("CREATE TABLE kept_grants (role text, app text, codename text)")
        cursor.executemany("INSERT INTO kept_grants VALUES (%s, %s, %s)", granted)
    _there.add(str(connection.settings_dict["NAME"]))


@contextmanager
def lists() -> Iterator[None]:
    """Let `codelists_load` take its rows from the kept tables, where this database has them."""
    if connection.settings_dict["NAME"] not in _there:
        yield
        return
    make = service._lists_create

    def copied(fixtures: Sequence[Fixture]) -> None:
        if len(fixtures) < len(_read(settings.FIXTURES / "codes")):
            make(fixtures)
        else:
            _copy(LISTS)

    with (
        mock.patch.object(service, "_lists_create", copied),
        mock.patch.object(service, "read_code_lists", _read),
    ):
        yield


def rules() -> None:
    """Load the fixtures' rules as they are after `rules_load`, but for the trace in the audit."""
    _copy(RULES)
    for version in RuleVersion.objects.filter(content__moment__start=LOADED_ON.isoformat()):
        version.content["moment"]["start"] = timezone.localdate().isoformat()
        version.save()


def calendar() -> None:
    """Seed the calendar as `calendar_seed` does, but for the trace in the audit."""
    _copy(CALENDAR)


def levels() -> None:
    """Load the fixtures' levels as `levels_load` does, but for the traces in the audit."""
    _copy(LEVELS)


def services() -> None:
    """Load the fixtures' services, and tell of them, as `services_load` does but for the audit's traces."""
    _copy(SERVICES)
    told = ProxyService.objects.order_by("code").values_list("uid", "version")
    with transaction.atomic():
        feed_append(heads_lock([CITY]), [Item(CITY, "service", uid, version) for uid, version in told])


def roles() -> None:
    """Make roles and departments as `roles_sync` does, unless there are roles already."""
    if Group.objects.exists():
        return
    if connection.settings_dict["NAME"] not in _there:
        roles_sync()
        return
    _copy(ROLES)
    with connection.cursor() as cursor:
        cursor.execute(_GRANT)


def _copy(tables: Sequence[type[models.Model]]) -> None:
    """Put the kept rows into their tables."""
    with connection.cursor() as cursor:
        for table in tables:
            name, columns = table._meta.db_table, ", ".join(_columns(table))
            cursor.execute(f"INSERT INTO {name} ({columns}) SELECT {columns} FROM kept_{name}")


def _rows(cursor: CursorWrapper, table: type[models.Model]) -> list[tuple[Any, ...]]:
    """Read a table as the database holds it."""
    cursor.execute(f"SELECT {', '.join(_columns(table))} FROM {table._meta.db_table}")
    return list(cursor.fetchall())


def _columns(table: type[models.Model]) -> list[str]:
    """Name the columns but for a number that the database gives."""
    return [
        str(field.column) for field in table._meta.concrete_fields if not isinstance(field, models.AutoField)
    ]
