"""Reading tasks in sets, for the rules."""

from collections.abc import Collection, Iterable
from uuid import UUID

from django.db.models import QuerySet

from governance.access.scope import LEVEL_DIGITS
from governance.contract import CITY, KINDS
from governance.feed.bulk import among
from governance.feed.models import Head
from governance.rules.frames import Frame, Sql, household_of, unclosed
from governance.rules.relations import SUBJECTS
from governance.rules.selectors import rows_of
from governance.tasks.models import Task
from governance.tasks.settle import Held, Place

_TOWN = LEVEL_DIGITS[4]
_COLUMNS = (
    "id",
    "version",
    "grid",
    "occasion",
    "subject_kind",
    "subject",
    "household_id",
    "opens_on",
    "due_on",
    "expires_on",
    "priority",
    "asks",
    "item",
    "title",
    "reason",
    "register",
    "state",
    "assignee",
    "outcome",
    "accepted_at",
    "closed_reason",
)


def held_by_id(ids: Collection[UUID]) -> list[Held]:
    """Give tasks by id."""
    return _held(Task.objects.filter(pk__in=ids))


def tasks_about(subjects: Collection[str]) -> list[Held]:
    """Give the tasks about some records, in whatever state; most records have none, which is asked first."""
    chosen, values = among("subject", sorted(subjects))
    ids = rows_of(Sql(f"SELECT id FROM tasks_task WHERE {chosen} AND NOT deleted", tuple(values)))
    return held_by_id([UUID(str(id_)) for (id_,) in ids]) if ids else []


def _held(rows: QuerySet[Task]) -> list[Held]:
    found = []
    for row in rows.values_list(*_COLUMNS):
        values = dict(zip(_COLUMNS, row, strict=True))
        household = values.pop("household_id")
        values["occasion"] = values["occasion"] or ""
        found.append(Held(household=str(household) if household else None, **values))
    return found


def subjects_of(tasks: Collection[str]) -> dict[str, set[str]]:
    """Give the records that some tasks are about: ids by kind."""
    if not tasks:
        return {}
    rows = Task.objects.filter(pk__in=tasks, subject__isnull=False).values_list("subject_kind", "subject")
    found: dict[str, set[str]] = {}
    for kind, subject in rows:
        if kind in SUBJECTS:
            found.setdefault(kind, set()).add(str(subject))
    return found


def places_of(tasks: Iterable[Held]) -> dict[str, Place]:
    """Give where the open records that tasks are about lie, by id."""
    by_kind: dict[str, set[str]] = {}
    for task in tasks:
        if task.subject_kind in SUBJECTS:
            by_kind.setdefault(task.subject_kind, set()).add(task.subject)
    found = {}
    for kind, ids in by_kind.items():
        frame = Frame(KINDS[kind], "t")
        household = household_of(frame)
        chosen, values = among("t.id", sorted(ids), "uuid")
        such = f"{chosen} AND {unclosed('t')}"
        text = f"SELECT t.id, t.grid, {household} FROM {frame.source} WHERE {such}"
        for id_, grid, home in rows_of(Sql(text, tuple(values))):
            found[str(id_)] = Place(str(grid), str(home) if home else None)
    return found


def towns() -> list[str]:
    """Give the first digits of every town that ever held a record, in their order."""
    grids = Head.objects.exclude(grid=CITY).values_list("grid", flat=True)
    return sorted({grid[:_TOWN] for grid in grids})
