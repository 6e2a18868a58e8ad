"""Reading the audit (审计查询)."""

import datetime
from collections.abc import Collection
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from governance.audit.models import AuditEntry
from governance.contract import CITY, KINDS

_NEAR_PEOPLE = ("visit", "task", "paper", "case")
_OF_PEOPLE = ("", *_NEAR_PEOPLE, *(kind.name for kind in KINDS.values() if kind.element == "人"))
_AREA_DIGITS = (6, 9, 12)


def traces_of(
    subject: UUID,
    *,
    grids: Collection[str] = (),
    since: datetime.datetime | None = None,
    until: datetime.datetime | None = None,
) -> QuerySet[AuditEntry]:
    """Give every trace that reading or changing a person's data left, the oldest first.

    That is: entries about the person, batches that name him, and reads in bulk (a tablet's first
    load, an export) of the grids he lived in or of an area around them.

    The first are found by index. Batches by an index on PostgreSQL; on SQLite every entry in the
    chains of ``grids`` is looked through, or the whole table when none are named.

    Parameters
    ----------
    subject : UUID
        Id of the person's record.
    grids : collection of str
        Codes of the grids the person has lived in.
    since, until : datetime, optional
        First moment, and the moment after the last.
    """
    entries = AuditEntry.objects.alias(named=Cast("subjects", TextField()))
    batch = _names(subject)
    if grids and connection.vendor == "sqlite":
        batch &= Q(chain__in=[*grids, CITY])
    wanted = Q(subject=subject) | batch
    if grids:
        wanted |= Q(scope__in=areas_around(grids), subject__isnull=True, subjects=[], kind__in=_OF_PEOPLE)
    if since is not None:
        wanted &= Q(at__gte=since)
    if until is not None:
        wanted &= Q(at__lt=until)
    return entries.filter(wanted).order_by("at", "id")


def areas_around(grids: Collection[str]) -> set[str]:
    """Give the codes of grids and of the divisions they lie in, as a scope may name them."""
    found = {*grids, CITY}
    for code in grids:
        for digits in _AREA_DIGITS:
            found |= {code[:digits], code[:digits].ljust(12, "0")}
    return found


def _names(subject: UUID) -> Q:
    if connection.vendor == "postgresql":
        return Q(subjects__contains=[str(subject)])
    return Q(named__contains=str(subject))
