"""Small things that lists are made of."""

from dataclasses import dataclass
from typing import NamedTuple

from field_app.store.state import Entry, RecordState
from governance.contract import Status

__all__ = ["STATE_LABELS", "Choice", "RecordState", "Row", "Saved", "change_label"]

STATE_LABELS: dict[RecordState, str] = {
    RecordState.HUB: "已到平台",
    RecordState.HERE: "只在本机",
    RecordState.SENT: "已送出待回执",
    RecordState.REFUSED: "被退回",
    RecordState.CONTESTED: "有争议",
}


def change_label(entry: Entry, state: RecordState) -> str:
    """Give the words for where a change stands: more than its state says."""
    if entry.deferred:
        return "等平台恢复这条记录后再送"
    if entry.exported and state is RecordState.SENT:
        return "已导出，待回执"
    if state is RecordState.HUB and entry.status == Status.REJECTED.value:
        return "已交平台，由社区处理"
    return STATE_LABELS[state]


class Choice(NamedTuple):
    """One thing to choose: a code or a record id, and its Chinese label.

    ``field_app.work.pinyin.initials(label)`` gives what it can be found by.
    """

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list, masked as lists must be.

    ``title`` and ``subtitle`` are Chinese and masked; ``closed`` says that the record was
    closed (迁出、死亡、拆除、注销); ``has_children`` that :class:`Homes` leads further down.
    """

    id: str
    kind: str
    kind_label: str
    title: str
    subtitle: str = ""
    state: RecordState = RecordState.HUB
    closed: bool = False
    has_children: bool = False


@dataclass(frozen=True, slots=True)
class Saved:
    """What a save came to: record id, change id (empty when nothing had changed) and state.

    There is no state of a record withdrawn before the hub took it.
    """

    id: str
    change: str
    state: RecordState | None
    remarks: tuple[str, ...] = ()
