"""Saving from a record's page (登记办理): everything goes through :func:`changes_apply`."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest

from governance.access.actor import Actor
from governance.contract import Change, Kind, Problem, Result, Status, check, uuid7
from governance.contract.kind import Values
from governance.records.codes import lists
from governance.records.services.apply import changes_apply

ACTION = "console"


@dataclass(frozen=True, slots=True)
class Target:
    """Which record a form is about: ``base`` is the version it was drawn from, None for a new one."""

    kind: Kind
    id: UUID
    base: int | None
    change: UUID


def uuid_of(text: object) -> UUID | None:
    """Read a UUID, None where there is none."""
    try:
        return UUID(str(text))
    except ValueError:
        return None


def target_of(request: HttpRequest, kind: Kind, record: UUID | None) -> Target:
    """Read the target of a submitted form; a form sent twice names the same change."""
    form = request.POST
    base = form.get("base", "")
    return Target(
        kind,
        record or uuid_of(form.get("id")) or uuid7(),
        int(base) if record and base.isascii() and base.isdigit() else None,
        uuid_of(form.get("change")) or uuid7(),
    )


def problems_of(kind: Kind, offered: Values, current: Values | None) -> list[Problem]:
    """Give what the contract finds wrong, so that a slip of the pen never reaches the inbox."""
    known = lists()
    return check(kind, offered, known.book, current=current, switched_on=known.switched_on).problems


def save(actor: Actor, target: Target, offered: dict[str, object], *, delete: bool = False) -> Result:
    """Offer one change and give what became of it."""
    change = Change(target.change, target.kind.name, target.id, target.base, offered, delete)
    (result,) = changes_apply(actor=actor, changes=[change], action=ACTION)
    return result


_SAID = {
    Status.CREATED: (messages.SUCCESS, "已登记"),
    Status.UPDATED: (messages.SUCCESS, "已保存"),
    Status.IDENTICAL: (messages.INFO, "内容没有变化，无需保存"),
    Status.MERGED: (
        messages.INFO,
        "已保存。您打开本页之后，他人改过这条记录的其他内容；两处修改已合并，请核对",
    ),
    Status.CONTESTED: (messages.WARNING, "部分内容没有直接保存，已转入待核"),
    Status.REJECTED: (messages.ERROR, "没有保存"),
}


def say(request: HttpRequest, result: Result, done: str = "") -> None:
    """Tell the user what became of his change; ``done`` replaces the plain words of success."""
    level, text = _SAID[result.status]
    if done and result.status in (Status.UPDATED, Status.MERGED):
        text = done
    messages.add_message(request, level, text + _reasons(result.errors))


def _reasons(problems: Sequence[Problem]) -> str:
    return "：" + "；".join(problem.reason for problem in problems) if problems else ""
