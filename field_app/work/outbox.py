"""同步: what became of each change made on this tablet."""

from dataclasses import dataclass

from field_app.store.offer import change_dismiss, change_retry
from field_app.store.state import Entry, RecordState
from field_app.store.store import Store
from field_app.work.checks import label_of
from field_app.work.collect import Collect
from field_app.work.errors import NotFound, Refused
from field_app.work.forms import Form
from field_app.work.labels import Labels
from field_app.work.rows import Saved, change_label
from field_app.work.story import Contest, Story
from governance.contract import KINDS

_LATEST = 50
_RANK = {
    RecordState.REFUSED: 0,
    RecordState.CONTESTED: 1,
    RecordState.SENT: 2,
    RecordState.HERE: 3,
    RecordState.HUB: 4,
}


@dataclass(frozen=True, slots=True)
class OutboxCounts:
    """Changes not settled yet, by state; ``unsent`` is here + sent."""

    here: int
    sent: int
    refused: int
    contested: int

    @property
    def unsent(self) -> int:
        """Changes the hub has not answered."""
        return self.here + self.sent


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One change: ``what`` such as 新增人员 or 修改联系方式; ``reasons`` are the hub's, Chinese.

    ``contests`` hold full values: they are for the change's own page, not for lists.
    """

    change: str
    id: str
    kind: str
    title: str
    what: str
    when: str
    state: RecordState
    state_label: str
    reasons: tuple[str, ...]
    may_repair: bool
    may_retry: bool
    may_dismiss: bool
    contests: tuple[Contest, ...] = ()


class OutboxView:
    """Got as ``desk.outbox``."""

    def __init__(self, store: Store, labels: Labels, collect: Collect, story: Story) -> None:
        self._store = store
        self._story = story
        self._labels = labels
        self._collect = collect

    def counts(self) -> OutboxCounts:
        """How many changes are in which state."""
        with self._store.lock:
            states = [entry.state for entry in self._store.memory.entries.values() if not entry.dismissed]
        return OutboxCounts(
            here=states.count(RecordState.HERE),
            sent=states.count(RecordState.SENT),
            refused=states.count(RecordState.REFUSED),
            contested=states.count(RecordState.CONTESTED),
        )

    def rows(self, *, settled: bool = False) -> tuple[OutboxRow, ...]:
        """Changes to look at: refused, contested, sent, waiting; ``settled`` adds the latest at the hub."""
        with self._store.lock:
            entries = list(self._store.memory.entries.values())
            at_hub = [entry for entry in entries if _settled(entry)]
            latest = sorted(at_hub, key=lambda entry: entry.seq)[-_LATEST:] if settled else []
            shown = [entry for entry in entries if not _settled(entry)] + latest
            shown.sort(key=lambda entry: (_RANK[_state(entry)], -entry.seq))
            return tuple(self._row(entry) for entry in shown)

    def repair(self, change: str) -> Form:
        """Open a refused change as a form with its problems, or go on with it; saving supersedes it."""
        entry = self._refused(change)
        form = self._collect.opened(entry.kind, entry.id)
        form.blame(entry.errors)
        return form

    def retry(self, change: str) -> Saved:
        """Offer a refused change again as it is, with a new change id."""
        with self._store.lock:  # a sync may settle it, or send it again to a restored hub, at this moment
            entry = change_retry(store=self._store, entry=self._refused(change))
        return Saved(entry.id, entry.change, entry.state)

    def dismiss(self, change: str) -> None:
        """Put a refused or contested change aside: the hub keeps it in its inbox."""
        with self._store.lock:
            entry = self._find(change)
            if entry.state not in (RecordState.REFUSED, RecordState.CONTESTED):
                raise Refused.because("", "state", "平台还没有答复这条修改，不能放弃")
            change_dismiss(store=self._store, entry=entry)

    def _find(self, change: str) -> Entry:
        entry = self._store.memory.entries.get(change)
        if entry is None:
            raise NotFound(f"没有这条修改：{change[:40]}")
        return entry

    def _refused(self, change: str) -> Entry:
        entry = self._find(change)
        if entry.state is not RecordState.REFUSED:
            raise Refused.because("", "state", "这条修改没有被退回，不必重送")
        return entry

    def _row(self, entry: Entry) -> OutboxRow:
        view = self._store.memory.view(entry.id)
        shown = view is not None and view.whole and entry.kind in KINDS
        state = _state(entry)
        refused = state is RecordState.REFUSED
        return OutboxRow(
            change=entry.change,
            id=entry.id,
            kind=entry.kind,
            title=self._labels.title(view, masked=True) if view is not None and shown else "（已不在本机）",
            what=_what(entry),
            when=self._story.made(entry),
            state=state,
            state_label=change_label(entry, state),
            reasons=tuple(problem.reason for problem in entry.errors),
            may_repair=refused and shown and not entry.delete,
            may_retry=refused,
            may_dismiss=refused or state is RecordState.CONTESTED,
            contests=self._story.contests(entry, view) if not entry.dismissed else (),
        )


def _settled(entry: Entry) -> bool:
    return entry.state is RecordState.HUB or entry.dismissed


def _state(entry: Entry) -> RecordState:
    return RecordState.HUB if entry.dismissed else entry.state


def _what(entry: Entry) -> str:
    kind = KINDS.get(entry.kind)
    if kind is None:
        return entry.kind
    if entry.delete:
        return f"撤销{kind.label}"
    if entry.base is None:
        return f"新增{kind.label}"
    if "closed_on" in entry.set:
        return f"注销{kind.label}"
    names = [label_of(kind, name) for name in entry.set]
    return f"修改{kind.label}：{'、'.join(names[:4])}{'等' if len(names) > 4 else ''}"
