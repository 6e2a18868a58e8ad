"""What became of a record's changes (经过), and what a contest is about (争议)."""

from dataclasses import dataclass

from field_app.store.state import Entry, Happening, RecordState, View
from field_app.store.store import Store
from field_app.work.checks import label_of
from field_app.work.labels import Labels
from field_app.work.times import moment_text
from governance.contract import KINDS, Kind, Problem, Status

_WHAT = {
    "aside": "已放到一边；平台留有底档",
    Status.CREATED.value: "已到平台：新建",
    Status.UPDATED.value: "已到平台：已更新",
    Status.MERGED.value: "已到平台：与他人的修改合并",
    Status.IDENTICAL.value: "已到平台：内容本来就一样",
    Status.CONTESTED.value: "有争议",
    Status.REJECTED.value: "被退回",
}
_NAMED = 4


@dataclass(frozen=True, slots=True)
class Step:
    """One line: when, by the hub's time, and what happened."""

    change: str
    at: str
    when: str
    what: str


@dataclass(frozen=True, slots=True)
class Contest:
    """One field under review: what the worker offered, what stands at the hub, and why."""

    field: str
    label: str
    mine: str
    theirs: str
    reason: str


class Story:
    """Reads what the store was told of each change."""

    def __init__(self, store: Store, labels: Labels) -> None:
        self._store = store
        self._labels = labels

    def steps(self, id: str, kind: str) -> tuple[Step, ...]:
        """Give what became of a record's changes, oldest first."""
        known = KINDS.get(kind)
        with self._store.lock:
            happenings = tuple(self._store.memory.trails.get(id, ()))
        return tuple(_step(happening, known) for happening in happenings)

    def made(self, entry: Entry) -> str:
        """Say when a change was made, by the hub's time; by the device's own where that is not known."""
        lines = self._store.memory.trails.get(entry.id, ())
        found = (line.at for line in lines if line.change == entry.change and line.what == "made")
        return moment_text(next(found, entry.captured_at))

    def contests(self, entry: Entry, view: View | None) -> tuple[Contest, ...]:
        """Give the fields of a change that went to review, with both values in full."""
        kind = KINDS.get(entry.kind)
        if entry.state is not RecordState.CONTESTED or kind is None:
            return ()
        values = view.values if view is not None else {}
        return tuple(
            Contest(
                field=problem.field,
                label=label_of(kind, problem.field),
                mine=self._text(kind, problem.field, entry.set.get(problem.field)),
                theirs=self._text(kind, problem.field, values.get(problem.field)),
                reason=reason_of(problem, label_of(kind, problem.field)),
            )
            for problem in entry.errors
            if problem.field
        )

    def _text(self, kind: Kind, name: str, value: object) -> str:
        field = kind.by_name.get(name)
        return (self._labels.text(field, value) if field is not None else str(value or "")) or "（空）"


def reason_of(problem: Problem, label: str) -> str:
    """Give the hub's reason without the field's label that many begin with."""
    return problem.reason.removeprefix(f"{label}：")


def _step(happening: Happening, kind: Kind | None) -> Step:
    names = [label_of(kind, name) if kind is not None else name for name in happening.fields]
    about = "、".join(names[:_NAMED]) + ("等" if len(names) > _NAMED else "")
    if happening.what == "made":
        what = f"存在本机：{about}" if about else "存在本机"
    else:
        said = _WHAT.get(happening.what, happening.what)
        why = "；".join(happening.reasons)
        what = "：".join(part for part in (said, why or about) if part)
    return Step(happening.change, happening.at, moment_text(happening.at), what)
