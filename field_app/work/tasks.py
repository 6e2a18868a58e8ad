"""Tasks sent by the hub (任务): list, look, accept, report."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from field_app.store.state import RecordState, View
from field_app.store.store import Store
from field_app.work.asked import Asked
from field_app.work.codes import Codes
from field_app.work.collect import Collect
from field_app.work.errors import NotFound, Refused, WorkError
from field_app.work.forms import Form
from field_app.work.labels import Labels
from field_app.work.rows import Choice, Row, Saved
from field_app.work.task_state import (
    URGENT,
    WHEN_LABELS,
    When,
    attempts_of,
    is_done,
    is_mine,
    pressing,
    state_of,
    sync_state,
    when_of,
)
from field_app.work.times import moment_now, moment_text, today
from governance.contract.kinds.task_states import OPEN, OPEN_STATES, OUTCOME_STATES, STATE_LABELS, VISITED

__all__ = ["WHEN_LABELS", "TaskRow", "TaskSheet", "Tasks", "When"]

_OUTCOMES = "task_outcome"
_PURPOSES = {"plan": "02", "difference": "04", "item": "01", "staff": "01", "alarm": "07"}
_PROXY = "05"
_NOBODY_HOME = "2"


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One task in a list.

    ``subject`` is the masked name and address of whom it is about, ``household`` the id and
    ``door`` the address of where to go (empty when it is about no household); ``stage`` says where it
    stands (待办、已接受、已上门未办成 …).
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
    stage: str = ""


@dataclass(frozen=True, slots=True)
class TaskSheet:
    """One task in full; ``subject`` and ``household`` are rows to tap, None when not held.

    ``stage`` says where it stands, ``attempts`` what was tried and when, ``second`` that somebody else
    reported a result too, ``told`` what staff wrote to whoever gets it.
    """

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
    stage: str
    origin: str
    told: str
    second: str
    attempts: tuple[str, ...]
    may_accept: bool


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
            shown = sorted((view for view in views if is_done(view) is done), key=pressing)
            return tuple(self.row(view, day) for view in shown)

    def sheet(self, id: str) -> TaskSheet:
        """One task. Raises NotFound."""
        with self._store.lock:
            view = self._find(id)
            values, memory = view.values, self._store.memory
            outcome = str(values.get("outcome") or "")
            return TaskSheet(
                id=id,
                title=self._labels.title(view, masked=False),
                reason=str(values.get("reason") or ""),
                opens=str(values.get("opens_on") or ""),
                due=str(values.get("due_on") or ""),
                when=when_of(memory, view, today(self._store.clock)),
                state=sync_state(memory, view),
                subject=self._labels.referred(view, "subject"),
                household=self._labels.referred(view, "household"),
                outcome=outcome,
                outcome_label=self._codes.label(_OUTCOMES, outcome) if outcome else "",
                note=str(values.get("outcome_note") or ""),
                outcomes=self._codes.choices(_OUTCOMES),
                stage=STATE_LABELS.get(state_of(memory, view), ""),
                origin=self._codes.label("task_origin", values["origin"]) if "origin" in values else "",
                told=str(values.get("note") or ""),
                second=str(values.get("second_report") or ""),
                attempts=tuple(self._attempt_text(visit) for visit in attempts_of(memory, view)),
                may_accept=str(values.get("state") or OPEN) == OPEN and is_mine(memory, view),
            )

    def asked(self, id: str) -> Asked:
        """Open the form of what a task asks for. Raises NotFound, Refused."""
        return Asked(self._store, self._labels, self._collect, self._find(id))

    def accept(self, id: str) -> Saved:
        """Say that the worker will do it. Raises NotFound, Refused."""
        view = self._find(id)
        state = str(view.values.get("state") or OPEN)
        if state != OPEN:
            label = STATE_LABELS.get(state, state)
            raise Refused.because("accepted_at", "state", f"任务{label}，不能再接受")
        if not is_mine(self._store.memory, view):
            raise Refused.because("accepted_at", "state", "这项任务已派给他人")
        form = self._collect.form(view.kind, id=id)
        form.put("accepted_at", moment_now(self._store.clock))
        return self._collect.save(form)

    def finish(
        self,
        id: str,
        *,
        outcome: str,
        note: str = "",
        asked: Asked | None = None,
        position: Mapping[str, object] | None = None,
    ) -> Saved:
        """Report what came of a task; it waits in the outbox.

        A visit in vain is a record of its own, so that two people's attempts never stand against each other;
        whatever else is the task's result.

        Parameters
        ----------
        id : str
        outcome : str
            Code of list ``task_outcome``.
        note : str
        asked : Asked, optional
            The task's form, stored with the result.
        position : mapping, optional
            Where the worker is, as evidence.

        Raises
        ------
        NotFound, Refused
            Something asked for is missing; the task's life knows no such step.
        """
        view = self._find(id)
        if not outcome:
            raise Refused.because("outcome", "required", "办理结果：必填")
        if asked is not None:
            asked.records_save()
        if OUTCOME_STATES.get(outcome) == VISITED and view.values.get("household") is not None:
            return self._in_vain(view, outcome, note, position, asked)
        form = asked.task if asked is not None else self._collect.form(view.kind, id=id)
        report = {
            "outcome": outcome,
            "outcome_note": note or None,
            "done_at": moment_now(self._store.clock),
        }
        for name, value in report.items():
            form.put(name, value)
        try:
            return self._collect.save(form, position=position)
        except WorkError:
            for name in ("outcome", "done_at"):  # What else was put in is gone on with.
                form.leave(name)
            raise

    def _in_vain(
        self, view: View, outcome: str, note: str, position: Mapping[str, object] | None, asked: Asked | None
    ) -> Saved:
        """Store what else a visit in vain brought, and the visit, with which goes what was written of it."""
        visit = self._visit(view, outcome, note)
        if asked is None:
            return self._collect.save(visit, position=position)
        asked.task.leave("outcome_note")
        try:
            if asked.task.changed:
                self._collect.save(asked.task)
            visit.draft = asked.task.draft  # it goes as the visit is stored
            return self._collect.save(visit, position=position)
        except WorkError:
            asked.write(note)
            raise

    def _visit(self, view: View, outcome: str, note: str) -> Form:
        values = view.values
        state = str(values.get("state") or OPEN)
        if state not in OPEN_STATES:
            raise Refused.because("outcome", "state", f"任务{STATE_LABELS[state]}，不用再上门")
        form = self._collect.form("visit", parent=str(values["household"]))
        form.put("task", view.id)
        form.put("purpose", _PURPOSES.get(str(values.get("origin")), _PROXY))
        form.put("outcome", outcome)
        form.put("found", _NOBODY_HOME)
        form.put("content", note or None)
        return form

    def _find(self, id: str) -> View:
        view = self._store.memory.view(id)
        if view is None or view.kind != "task":
            raise NotFound(f"本机没有这项任务：{id[:40]}")
        return view

    def row(self, view: View, day: date) -> TaskRow:
        """Give the list line of a task as of a day."""
        memory = self._store.memory
        return TaskRow(
            id=view.id,
            title=self._labels.title(view, masked=True),
            subject=self._subject(view),
            due=str(view.values.get("due_on") or ""),
            when=when_of(memory, view, day),
            urgent=view.values.get("priority") == URGENT,
            state=sync_state(memory, view),
            household=str(view.values.get("household") or ""),
            door=self._door(view),
            stage=STATE_LABELS.get(state_of(memory, view), ""),
        )

    def _attempt_text(self, visit: View) -> str:
        outcome = visit.values.get("outcome")
        parts = [moment_text(visit.values.get("visited_at"))]
        parts.append(self._codes.label(_OUTCOMES, outcome) if outcome else "上门")
        parts.append(str(visit.values.get("content") or ""))
        return " ".join(part for part in parts if part)

    def _door(self, view: View) -> str:
        household = self._store.memory.view(str(view.values.get("household")))
        return self._labels.where(household) if household is not None else ""

    def _subject(self, view: View) -> str:
        row = self._labels.referred(view, "subject") or self._labels.referred(view, "household")
        return " · ".join(part for part in (row.title, row.subtitle) if part) if row is not None else ""
