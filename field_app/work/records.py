"""One record in full (档案): every value, where it stands, what may be done with it."""

from dataclasses import dataclass

from field_app.store.offer import change_offer
from field_app.store.state import RecordState, View
from field_app.store.store import Store
from field_app.work.checks import is_asked, label_of
from field_app.work.codes import Codes
from field_app.work.collect import Collect
from field_app.work.errors import Refused
from field_app.work.homes import Homes
from field_app.work.labels import Labels, is_closed, is_open, is_there
from field_app.work.rows import STATE_LABELS, Choice, Row, Saved, change_label
from field_app.work.story import Step, Story, reason_of
from field_app.work.times import today
from governance.contract import KINDS, Field, Owner

_UNSHOWN = frozenset({"lon", "lat", "crs", "accuracy"})


@dataclass(frozen=True, slots=True)
class Line:
    """One value of a record, for people; ``note`` names a contest (与部门数据不一致，待核实)."""

    name: str
    label: str
    text: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A record as shown on its own page, unmasked: the record's own worker may see it.

    ``state_label`` says where it is, ``message`` explains that when there is something to explain
    (refused because ...); ``steps`` tell what became of the changes made here.
    """

    id: str
    kind: str
    kind_label: str
    title: str
    where: str
    state: RecordState
    state_label: str
    message: str
    lines: tuple[Line, ...]
    photos: tuple[str, ...]
    children: tuple[Row, ...]
    closed: bool
    may_edit: bool
    may_close: bool
    may_withdraw: bool
    steps: tuple[Step, ...] = ()


class Records:
    """Reading, closing and withdrawing records; got as ``desk.records``."""

    def __init__(
        self, store: Store, labels: Labels, codes: Codes, collect: Collect, homes: Homes, story: Story
    ) -> None:
        self._store = store
        self._labels = labels
        self._codes = codes
        self._collect = collect
        self._homes = homes
        self._story = story

    def rows(self, kind: str, *, closed: bool = False) -> tuple[Row, ...]:
        """All records of a kind, masked; closed ones only on demand."""
        with self._store.lock:
            views = filter(is_there if closed else is_open, self._store.memory.views(kind))
            return tuple(map(self._labels.row, views))

    def row(self, id: str) -> Row:
        """One record as a list line. Raises NotFound."""
        with self._store.lock:
            return self._labels.row(self._labels.find(id))

    def view(self, id: str) -> View:
        """One record with its raw values. Raises NotFound."""
        return self._labels.find(id)

    def views(self, kind: str) -> tuple[View, ...]:
        """All records of a kind with their raw values, closed ones too."""
        with self._store.lock:
            return tuple(filter(is_there, self._store.memory.views(kind)))

    def kinds_held(self) -> tuple[str, ...]:
        """The kind of every record held, open or closed, once a record."""
        with self._store.lock:
            return tuple(view.kind for view in map(self._store.memory.view, self._store.memory.ids()) if view)

    def sheet(self, id: str) -> Sheet:
        """One record in full. Raises NotFound."""
        with self._store.lock:
            view = self._labels.find(id)
            kind = KINDS[view.kind]
            closed = is_closed(view)
            children = self._homes.below(id)
            return Sheet(
                id=id,
                kind=view.kind,
                kind_label=kind.label,
                title=self._labels.title(view, masked=False),
                where=self._labels.where(view),
                state=view.state,
                state_label=_label(view),
                message=_message(view),
                lines=self._lines(view),
                photos=tuple(photos_of(view)),
                children=children,
                closed=closed,
                may_edit=kind.writable and view.whole and not closed and not view.withdrawn,
                may_close=view.whole and not closed and not view.withdrawn and _closable(view),
                may_withdraw=kind.writable and not view.withdrawn and not children,
                steps=self._story.steps(id, view.kind),
            )

    def reasons(self, kind: str) -> tuple[Choice, ...]:
        """Reasons for closing a record of this kind."""
        return self._codes.choices(KINDS[kind].closing)

    def close(self, id: str, *, reason: str, on: str | None = None) -> Saved:
        """Close a record (迁出、死亡、拆除、注销); ``on`` is a day, today when None. Raises Refused."""
        view = self._labels.find(id)
        label = KINDS[view.kind].label
        if is_closed(view):
            raise Refused.because("closed_on", "closed", f"这条{label}记录已注销")
        if not _closable(view):
            raise Refused.because("closed_on", "owner", f"{label}由平台办结，不能在本机注销")
        form = self._collect.form(view.kind, id=id)
        form.put("closed_on", on or today(self._store.clock).isoformat())
        form.put("closed_reason", reason)
        return self._collect.save(form)

    def withdraw(self, id: str) -> Saved:
        """Take back a record made by mistake. Raises Refused."""
        with self._store.lock:
            view = self._labels.find(id)
            if not KINDS[view.kind].writable:
                raise Refused.because("", "right", f"{KINDS[view.kind].label}由平台下达，不能撤销")
            if any(not child.withdrawn for child in self._store.memory.below(id)):
                raise Refused.because("", "state", "下面还有记录，请先撤销或移走它们")
            entry = change_offer(store=self._store, kind=view.kind, id=id, values={}, delete=True)
        return Saved(id, entry.change if entry else "", RecordState.HERE if entry else None)

    def _lines(self, view: View) -> tuple[Line, ...]:
        kind, switched = KINDS[view.kind], self._codes.switched_on()
        lines = []
        for field in kind.fields:
            value = view.values.get(field.name)
            if value is None or field.name in _UNSHOWN:
                continue
            if field.owner is not Owner.HUB and not _showable(kind.name, field, switched):
                continue
            note = "已送核实，待定" if field.name in view.contested else ""
            lines.append(Line(field.name, field.label, self._labels.text(field, value), note))
        return tuple(lines)


def photos_of(view: View) -> list[str]:
    """Give the ids of all photos that a record names."""
    kind = KINDS.get(view.kind)
    lists = [view.values.get(field.name) for field in kind.files] if kind is not None else []
    return [str(id) for ids in lists if isinstance(ids, list) for id in ids]


def _showable(kind: str, field: Field, switched: frozenset[str]) -> bool:
    return (
        field.name.startswith("closed_")
        or field.name == "grid"
        or is_asked(KINDS[kind], field.name, switched)
    )


def _closable(view: View) -> bool:
    field = KINDS[view.kind].by_name.get("closed_on")
    return field is not None and field.owner is not Owner.HUB


def _label(view: View) -> str:
    """Say where the changes that decide on the record's state stand."""
    labels = [change_label(entry, view.state) for entry in view.entries if entry.state is view.state]
    return "；".join(dict.fromkeys(labels)) or STATE_LABELS[view.state]


def _message(view: View) -> str:
    """Say where the record stands: 被退回：原因, or 有争议：字段 and why; empty when it is at the hub."""
    if view.state is RecordState.HUB:
        return ""
    entries = [entry for entry in view.entries if entry.state is view.state]
    if view.state is RecordState.CONTESTED:
        kind = KINDS[view.kind]
        named = [(label_of(kind, p.field), p) for entry in entries for p in entry.errors]
        about = [f"{label}（{reason_of(problem, label)}）" for label, problem in named]
    else:
        about = [problem.reason for entry in entries for problem in entry.errors]
    return "：".join([_label(view), *(["；".join(about)] if about else [])])
