"""Putting the tables of roles and departments into the database (角色同步)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import translate

from django.contrib.auth.models import Group, Permission
from django.db import transaction

from governance.access.departments import DEPARTMENTS
from governance.access.models import Department
from governance.access.roles import ROLES


@dataclass(frozen=True, slots=True)
class RolesSynced:
    """What a run changed: groups made, permissions granted and taken back, patterns that met nothing."""

    created: int
    granted: int
    withdrawn: int
    unmet: tuple[str, ...]


@transaction.atomic
def roles_sync() -> RolesSynced:
    """Make groups, their permissions and the departments equal to the tables; may be run at any time.

    Rights that an administrator gave to single accounts stay; those of the groups follow the table.
    """
    known = {
        f"{app}.{codename}": key
        for key, app, codename in Permission.objects.values_list("id", "content_type__app_label", "codename")
    }
    names = [role.name for role in ROLES.values()]
    there = set(Group.objects.filter(name__in=names).values_list("name", flat=True))
    Group.objects.bulk_create(Group(name=name) for name in names if name not in there)
    groups = dict(Group.objects.filter(name__in=names).values_list("name", "id"))
    wanted: set[tuple[int, int]] = set()
    unmet: set[str] = set()
    for role in ROLES.values():
        for pattern in role.permissions:
            met = _matches(pattern, known)
            wanted |= {(groups[role.name], key) for key in met}
            if not met:
                unmet.add(pattern)
    granted, withdrawn = _grants(wanted, groups.values())
    _departments()
    return RolesSynced(len(names) - len(there), granted, withdrawn, tuple(sorted(unmet)))


def _grants(wanted: set[tuple[int, int]], groups: Iterable[int]) -> tuple[int, int]:
    """Let the groups have these permissions and no other; give how many came and how many went."""
    rows = Group.permissions.through.objects
    held = {
        (row[1], row[2]): row[0]
        for row in rows.filter(group__in=groups).values_list("id", "group", "permission")
    }
    rows.bulk_create(rows.model(group_id=group, permission_id=key) for group, key in wanted - held.keys())
    gone = held.keys() - wanted
    if gone:
        rows.filter(id__in=[held[pair] for pair in gone]).delete()
    return len(wanted - held.keys()), len(gone)


def _matches(pattern: str, known: dict[str, int]) -> set[int]:
    if "*" not in pattern:
        return {known[pattern]} if pattern in known else set()
    fits = re.compile(translate(pattern)).match
    return {key for name, key in known.items() if fits(name)}


def _departments() -> None:
    rows = [
        Department(code=code, name=name, position=at)
        for at, (code, name) in enumerate(DEPARTMENTS.items(), 1)
    ]
    Department.objects.bulk_create(rows, ignore_conflicts=True)
