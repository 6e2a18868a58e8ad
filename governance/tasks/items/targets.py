"""An item's targets (对象): a department's rows are looked up in sets, and each is answered.

What a row was looked up by is not kept. A person outside the item's area is answered as one that is not
known, so that a list cannot be used to find out who lives elsewhere.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from governance.access.actor import Actor
from governance.access.policy import check_can
from governance.contract.numbers import citizen_problem, normalise
from governance.records.models import Household, Person
from governance.records.outside import Conflict
from governance.tasks.items.traces import trace
from governance.tasks.models import Chosen, ItemState, Target, TargetState, WorkItem
from gridmap.selectors import code_range

MOST_ROWS = 5000
"""Rows in one call."""

_KEY = 64
_NAMED = 50

REASONS: Mapping[str, str] = {
    TargetState.MALFORMED: "行标识（key）为空或过长，或者既没有编号也没有正确的身份证号码",
    TargetState.UNKNOWN: "本区域内没有这个人",
    TargetState.MISMATCH: "姓名、编号与身份证号码对不上",
    TargetState.AMBIGUOUS: "平台有多条记录对应，已请社区核实",
    TargetState.DOUBLED: "名单中另有一行是同一对象",
}
"""Why a row names nobody to ask."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a list: the department's own name for it, and a citizen number or a record's id.

    ``name``, where given, is compared with the name held.
    """

    key: str
    citizen_number: str = ""
    id: str = ""
    name: str = ""


@dataclass(slots=True)
class _Known:
    """What the base holds of the people or households a list may mean."""

    by_number: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    by_id: dict[str, dict[str, Any]] = field(default_factory=dict)


@transaction.atomic
def targets_add(*, actor: Actor, item: WorkItem, rows: Sequence[Row]) -> list[Target]:
    """Look rows up and add them to an item; gives one target a row, those that were there already too.

    Parameters
    ----------
    actor : Actor
    item : WorkItem
    rows : sequence of Row
        At most :data:`MOST_ROWS`.

    Raises
    ------
    Forbidden
        Without the ability ``define_items``.
    Conflict
        Where the item is no draft any more, or takes no list.
    """
    check_can(actor, "define_items")
    held = WorkItem.objects.select_for_update(of=("self",)).get(pk=item.pk)
    keys = [row.key[:_KEY] for row in rows]
    there = {target.key: target for target in Target.objects.filter(item=held, key__in=keys)}
    new = _first_of_each(row for row in rows if row.key[:_KEY] not in there)
    if new:
        _check_draft(held)
        made = _made(held, new)
        Target.objects.bulk_create(made, batch_size=500)
        there |= {target.key: target for target in made}
        states = Counter(str(target.state) for target in made)
        found = [UUID(target.subject) for target in made if target.subject]
        trace(actor, "items.targets", held, found, rows=len(made), states=dict(sorted(states.items())))
    return [there[key] for key in keys]


def targets_place(item: WorkItem, found: Iterable[tuple[str, str, str]]) -> int:
    """Add whom an item's condition found: subject, household, grid; gives how many."""
    start = _last_row(item)
    rows = [
        Target(
            item=item,
            row=row,
            key=subject,
            subject=subject,
            household=household,
            grid=grid,
            state=TargetState.WAITING,
        )
        for row, (subject, household, grid) in enumerate(found, start + 1)
    ]
    Target.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)
    return len(rows)


def _check_draft(item: WorkItem) -> None:
    if item.state != ItemState.DRAFT:
        raise Conflict("事项已提交，名单不能再改")
    if item.chosen != Chosen.LIST:
        raise Conflict("事项按条件选取对象，不收名单")


def _first_of_each(rows: Iterable[Row]) -> list[Row]:
    found: dict[str, Row] = {}
    for row in rows:
        found.setdefault(row.key[:_KEY], row)
    return list(found.values())


def _last_row(item: WorkItem) -> int:
    return Target.objects.filter(item=item).aggregate(last=Max("row"))["last"] or 0


def _made(item: WorkItem, rows: Sequence[Row]) -> list[Target]:
    known = _known(item, rows)
    meant = [_meant(row, known) for row in rows]
    wanted = {str(found["subject"]) for _, found in meant if found}
    taken = set(Target.objects.filter(item=item, subject__in=wanted).values_list("subject", flat=True))
    made = []
    for place, (row, (state, found)) in enumerate(zip(rows, meant, strict=True), _last_row(item) + 1):
        target = Target(item=item, row=place, key=row.key[:_KEY], state=state)
        if found and found["subject"] in taken:
            target.state = TargetState.DOUBLED
        elif found:
            taken.add(found["subject"])
            target.subject, target.household = found["subject"], found["household"]
            target.grid = found["grid"]
        made.append(target)
    return made


def _meant(row: Row, known: _Known) -> tuple[TargetState, dict[str, Any] | None]:
    """Say whom a row means."""
    if not 0 < len(row.key) <= _KEY or not row.key.isprintable() or len(row.name) > _NAMED:
        return TargetState.MALFORMED, None
    number = normalise(row.citizen_number)
    if (number or not row.id) and citizen_problem(number) is not None:
        return TargetState.MALFORMED, None
    by_number = known.by_number.get(number, [])
    found = by_number
    if row.id:
        found = [known.by_id[row.id]] if row.id in known.by_id else []
        if found and number and row.id not in {each["subject"] for each in by_number}:
            return TargetState.MISMATCH, None
    subjects = {each["subject"] for each in found}
    if not found:
        return TargetState.UNKNOWN, None
    if row.name and all(each["name"] != row.name.strip() for each in found):
        return TargetState.MISMATCH, None
    return (TargetState.WAITING, found[0]) if len(subjects) == 1 else (TargetState.AMBIGUOUS, None)


def _known(item: WorkItem, rows: Sequence[Row]) -> _Known:
    known = _Known()
    numbers = {normalise(row.citizen_number) for row in rows if row.citizen_number}
    for found in _people(item, citizen_number__in=numbers):
        known.by_number.setdefault(found["number"], []).append(found)
    ids = {row.id for row in rows if _is_id(row.id)}
    chosen = _people(item, pk__in=ids) if item.subject_kind == "person" else _households(item, ids)
    known.by_id = {found["subject"]: found for found in chosen}
    return known


def _people(item: WorkItem, **chosen: Any) -> list[dict[str, Any]]:
    """Find open people in the item's area; where it is about households, each stands for his."""
    rows = Person.objects.filter(deleted=False, closed_on=None, grid__range=code_range(item.area), **chosen)
    about_people = item.subject_kind == "person"
    return [
        {
            "subject": str(id_ if about_people else household),
            "household": str(household),
            "grid": grid,
            "name": name,
            "number": number,
        }
        for id_, household, grid, name, number in rows.values_list(
            "id", "household_id", "grid", "name", "citizen_number"
        )
    ]


def _households(item: WorkItem, ids: Iterable[str]) -> list[dict[str, Any]]:
    rows = Household.objects.filter(
        pk__in=ids, deleted=False, closed_on=None, grid__range=code_range(item.area)
    )
    return [
        {"subject": str(id_), "household": str(id_), "grid": grid, "name": name, "number": ""}
        for id_, grid, name in rows.values_list("id", "grid", "head_name")
    ]


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
