"""Putting the tables of roles and departments into the database (角色同步)."""

from dataclasses import dataclass
from fnmatch import fnmatchcase

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
    created = granted = withdrawn = 0
    unmet: set[str] = set()
    for role in ROLES.values():
        group, new = Group.objects.get_or_create(name=role.name)
        wanted: set[int] = set()
        for pattern in role.permissions:
            met = _matches(pattern, known)
            wanted |= met
            if not met:
                unmet.add(pattern)
        held = set(group.permissions.values_list("id", flat=True))
        group.permissions.add(*wanted - held)
        group.permissions.remove(*held - wanted)
        created, granted, withdrawn = (
            created + new,
            granted + len(wanted - held),
            withdrawn + len(held - wanted),
        )
    _departments()
    return RolesSynced(created, granted, withdrawn, tuple(sorted(unmet)))


def _matches(pattern: str, known: dict[str, int]) -> set[int]:
    if "*" not in pattern:
        return {known[pattern]} if pattern in known else set()
    return {key for name, key in known.items() if fnmatchcase(name, pattern)}


def _departments() -> None:
    rows = [
        Department(code=code, name=name, position=at)
        for at, (code, name) in enumerate(DEPARTMENTS.items(), 1)
    ]
    Department.objects.bulk_create(rows, ignore_conflicts=True)
