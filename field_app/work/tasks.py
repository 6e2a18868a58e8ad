"""Tasks sent by the hub (任务): list, look, do."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from field_app.store.state import RecordState, View
from field_app.store.store import Store
from field_app.work.codes import Codes
from field_app.work.collect import Collect
from field_app.work.errors import NotFound, Refused
from field_app.work.labels import Labels
from field_app.work.rows import Choice, Row, Saved
from field_app.work.times import moment_now, today
from governance.contract.kinds.task_states import OPEN_STATES

_OUTCOMES = "task_outcome"
_URGENT = "3"


class When(StrEnum):
    """Groups of the task list, in this order."""

    OVERDUE = "overdue"
    TODAY = "today"
    WEEK = "week"
    LATER = "later"
    DONE = "done"


WHEN_LABELS: dict[When, str] = {
    When.OVERDUE: "已超期",
    When.TODAY: "今天到期",
    When.WEEK: "七天内",
    When.LATER: "以后",
    When.DONE: "已完成",
}


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One task in a list.

    ``subject`` is the masked name and address of whom it is about, ``household`` the id and
    ``door`` the address of where to go (empty when it is about no household).
    """

    id: str
    title: str
    subject: str
    due: str
    when: When
    urgent: bool
    state: RecordState
    household: str = ""
    door: str = ""


@dataclass(frozen=True, slots=True)
class TaskSheet:
    """One task in full; ``subject`` and ``household`` are rows to tap, None when not held."""

    id: str
    title: str
    reason: str
    opens: str
    due: str
    when: When
    state: RecordState
    subject: Row | None
    household: Row | None
    outcome: str
    outcome_label: str
    note: str
    outcomes: tuple[Choice, ...]


class Tasks:
    """Tasks of the worker; got as ``desk.tasks``."""

    def __init__(self, store: Store, labels: Labels, codes: Codes, collect: Collect) -> None:
        self._store = store
        self._labels = labels
        self._codes = codes
        self._collect = collect

    def rows(self, *, done: bool = False) -> tuple[TaskRow, ...]:
        """Open tasks by due day and priority; with ``done`` the finished ones instead."""
        with self._store.lock:
            day = today(self._store.clock)
            views = [view for view in self._store.memory.views("task") if view.whole]
            shown = sorted((view for view in views if _done(view) is done), key=_order)
            return tuple(self._row(view, day) for view in shown)

    def sheet(self, id: str) -> TaskSheet:
        """One task. Raises NotFound."""
        with self._store.lock:
            view = self._find(id)
            values = view.values
            outcome = str(values.get("outcome") or "")
            return TaskSheet(
                id=id,
                title=self._labels.title(view, masked=False),
                reason=str(values.get("reason") or ""),
                opens=str(values.get("opens_on") or ""),
                due=str(values.get("due_on") or ""),
                when=_when(view, today(self._store.clock)),
                state=view.state,
                subject=self._reference(view, "subject"),
                household=self._reference(view, "household"),
                outcome=outcome,
                outcome_label=self._codes.label(_OUTCOMES, outcome) if outcome else "",
                note=str(values.get("outcome_note") or ""),
                outcomes=self._codes.choices(_OUTCOMES),
            )

    def finish(self, id: str, *, outcome: str, note: str = "") -> Saved:
        """Report the outcome of a task; it waits in the outbox. Raises NotFound, Refused."""
        view = self._find(id)
        if not outcome:
            raise Refused.because("outcome", "required", "办理结果：必填")
        form = self._collect.form(view.kind, id=id)
        form.put("outcome", outcome)
        form.put("outcome_note", note or None)
        form.put("done_at", moment_now(self._store.clock))
        return self._collect.save(form)

    def _find(self, id: str) -> View:
        view = self._store.memory.view(id)
        if view is None or view.kind != "task":
            raise NotFound(f"本机没有这项任务：{id[:40]}")
        return view

    def _row(self, view: View, day: date) -> TaskRow:
        return TaskRow(
            id=view.id,
            title=self._labels.title(view, masked=True),
            subject=self._subject(view),
            due=str(view.values.get("due_on") or ""),
            when=_when(view, day),
            urgent=view.values.get("priority") == _URGENT,
            state=view.state,
            household=str(view.values.get("household") or ""),
            door=self._door(view),
        )

    def _door(self, view: View) -> str:
        household = self._store.memory.view(str(view.values.get("household")))
        return self._labels.where(household) if household is not None else ""

    def _subject(self, view: View) -> str:
        row = self._reference(view, "subject") or self._reference(view, "household")
        return " · ".join(part for part in (row.title, row.subtitle) if part) if row is not None else ""

    def _reference(self, view: View, name: str) -> Row | None:
        target = self._store.memory.view(str(view.values.get(name)))
        return self._labels.row(target) if target is not None else None


def _done(view: View) -> bool:
    return (
        str(view.values.get("state") or "open") not in OPEN_STATES or view.values.get("closed_on") is not None
    )


def _when(view: View, day: date) -> When:
    due = str(view.values.get("due_on") or "")
    if _done(view):
        return When.DONE
    if not due:
        return When.LATER
    if due <= day.isoformat():
        return When.TODAY if due == day.isoformat() else When.OVERDUE
    return When.WEEK if due <= (day + timedelta(days=7)).isoformat() else When.LATER


def _order(view: View) -> tuple[str, str, str]:
    urgency = 9 - int(str(view.values.get("priority") or "0")[:1] or "0")
    return str(view.values.get("due_on") or "9999"), str(urgency), view.id
