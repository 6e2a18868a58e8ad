"""Writing cases (代办件写入): one change of the hub's on one case, with the step it amounts to."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID, uuid5

from django.utils import timezone

from governance.access.actor import HUB, Actor
from governance.access.errors import NotPossible
from governance.access.scope import Scope
from governance.contract import Change, Result, Status
from governance.records.rows import Held, rows_read
from governance.records.services.apply import changes_apply
from governance.tasks.models import CaseStep

_WRITTEN = frozenset({Status.CREATED, Status.UPDATED, Status.MERGED})


@dataclass(frozen=True, slots=True)
class Taken:
    """Who takes a step: on which side, at which station, and what is said of it."""

    actor: Actor
    side: str
    station: str = ""
    note: str = ""


def case_get(id_: UUID | str) -> Held | None:
    """Give a case as it stands; None where there is none, or it was withdrawn as a mistake."""
    held = rows_read("case", [str(id_)]).get(str(id_))
    return None if held is None or held.deleted else held


def case_write(held: Held, values: Mapping[str, object], taken: Taken) -> Result:
    """Set what the hub keeps of a case, and note the step where its state changes.

    Must run in a transaction that holds the head of the case's grid.

    Raises
    ------
    NotPossible
        When the records' service refuses, with its reason.
    """
    actor = replace(
        HUB,
        # What a department decides is its own word, and under nobody's account.
        source=taken.actor.source if taken.side == CaseStep.Side.DEPARTMENT else HUB.source,
        user_id=taken.actor.user_id,
        username=taken.actor.username,
        address=taken.actor.address,
        purpose=taken.actor.purpose or "代办件办理",
        scope=Scope(frozenset({held.grid})),
    )
    before = str(held.values.get("state") or "")
    name = json.dumps([held.version, dict(values)], sort_keys=True, ensure_ascii=False)
    change = Change(uuid5(UUID(held.id), name), "case", UUID(held.id), held.version, dict(values))
    (result,) = changes_apply(actor=actor, changes=[change], action="cases.step")
    if result.status is Status.REJECTED:
        raise NotPossible("；".join(problem.reason for problem in result.errors))
    after = str(values.get("state") or before)
    if result.status in _WRITTEN and after != before:
        step_note(held.id, result.version or held.version, before, after, taken)
    return result


def step_note(case: str, version: int, before: str, after: str, taken: Taken) -> None:
    """Enter a step of a case; one that is entered already stays."""
    row = CaseStep(
        case=case,
        version=version,
        at=timezone.now(),
        before=before,
        after=after,
        side=taken.side,
        by=taken.actor.username,
        station=taken.station,
        note=taken.note[:500],
    )
    CaseStep.objects.bulk_create([row], ignore_conflicts=True)


def step_last(case: str) -> CaseStep | None:
    """Give the last step that was entered of a case."""
    return CaseStep.objects.filter(case=case).order_by("-version").first()
