"""今日: what is to do and what is not yet at the hub."""

from dataclasses import dataclass
from datetime import date
from itertools import groupby

from field_app.store.loading import Damage
from field_app.store.state import RecordState, Values
from field_app.store.store import Store
from field_app.work.grounds import grids_now
from field_app.work.labels import is_open
from field_app.work.outbox import OutboxCounts, OutboxView
from field_app.work.tasks import WHEN_LABELS, TaskRow, Tasks, When
from field_app.work.times import day_text, moment_text, span_text, today

_CLOCK_OFF = 120.0


@dataclass(frozen=True, slots=True)
class TaskGroup:
    """Tasks of one group with its Chinese label."""

    when: When
    label: str
    rows: tuple[TaskRow, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """The first screen: ``day`` such as ``11月22日 星期六``; ``last_sync`` for people, empty if never.

    ``notice`` says what stands in the way of syncing, ``trouble`` why the last sync did not come to its
    end, ``clock`` that the device's clock is wrong. Tasks done here stay in the groups until the hub
    has their outcome.
    """

    day: str
    worker: str
    grids: tuple[str, ...]
    groups: tuple[TaskGroup, ...]
    unsent: OutboxCounts
    drafts: int
    people: int
    households: int
    last_sync: str
    notice: str
    trouble: str
    clock: str


class Today:
    """Got as ``desk.today``."""

    def __init__(self, store: Store, tasks: Tasks, outbox: OutboxView) -> None:
        self._store = store
        self._tasks = tasks
        self._outbox = outbox

    def day(self) -> date:
        """Give the present day, by the hub's time."""
        return today(self._store.clock)

    def clock_off(self) -> int | None:
        """Give how many seconds the device's clock is ahead of the hub's; None before the hub was heard."""
        difference = self._store.clock.difference()
        return None if difference is None else round(difference)

    def damaged(self) -> dict[str, int]:
        """Count what cannot be read and the hub may not have: ``changes``, ``drafts``, ``photos``."""
        return self._store.damage.lost

    def overview(self) -> Overview:
        """Everything the first screen shows."""
        with self._store.lock:
            memory = self._store.memory
            order = list(When)
            rows = sorted(self._tasks.rows(), key=lambda row: order.index(row.when))
            grouped = groupby(rows, key=lambda row: row.when)
            worker = memory.meta.get("worker")
            reported = tuple(row for row in self._tasks.rows(done=True) if row.state is not RecordState.HUB)
            groups = [TaskGroup(when, WHEN_LABELS[when], tuple(group)) for when, group in grouped]
            if reported:
                groups.append(TaskGroup(When.DONE, "已办，还没到平台", reported))
            return Overview(
                day=day_text(self.day()),
                worker=str(worker.get("name", "")) if isinstance(worker, dict) else "",
                grids=tuple(name for _, name in grids_now(memory)),
                groups=tuple(groups),
                unsent=self._outbox.counts(),
                drafts=len(memory.drafts),
                people=sum(1 for view in memory.views("person") if is_open(view)),
                households=sum(1 for view in memory.views("household") if is_open(view)),
                last_sync=moment_text(memory.meta.get("last_sync")),
                notice="；".join(filter(None, (damage_notice(self._store.damage), _notice(memory.meta)))),
                trouble=_trouble(memory.meta),
                clock=clock_notice(self._store.clock.difference()),
            )


def clock_notice(difference: float | None) -> str:
    """Say how far the device's clock is off, in seconds ahead of the hub's; empty when it is right enough."""
    if difference is None or abs(difference) < _CLOCK_OFF:
        return ""
    return f"本机时间不准：比平台{'快' if difference > 0 else '慢'}{span_text(difference)}"


def damage_notice(damage: Damage) -> str:
    """Say what cannot be read on this tablet that may not be at the hub; empty where there is nothing."""
    words = {"changes": "条修改", "drafts": "份没填完的表单", "photos": "张照片"}
    told = [f"{count}{words[name]}" for name, count in damage.lost.items()]
    if not told:
        return ""
    lost = f"本机存储出过错，{'、'.join(told)}读不出来，可能没有送到平台"
    return f"{lost}：请核对，缺的重新登记；其余不受影响，请同步后换一台平板"


def _trouble(meta: Values) -> str:
    trouble = meta.get("trouble")
    return str(trouble["reason"]) if isinstance(trouble, dict) else ""


def _notice(meta: Values) -> str:
    trouble = meta.get("trouble")
    if isinstance(trouble, dict) and trouble.get("code") == "retired":
        return "平台要收回本机：请把没填完的表单填完送出或丢掉，再同步一次"
    if isinstance(trouble, dict) and trouble.get("code") == "lost":
        return f"{trouble['reason']}；未送出的记录仍在"
    if meta.get("revoked"):
        return "平台已停用本机，未送出的记录仍在；请重新登记"
    if isinstance(trouble, dict) and trouble.get("code") == "too_old":
        return f"{trouble['reason']}；没送出的都还在本机"
    if isinstance(meta.get("snapshot"), dict):
        return "数据还没有下载完，请联网继续同步"
    if not meta.get("last_sync"):
        return "还没有同步过，请联网下载本网格的数据"
    if meta.get("cursor") is None:
        return "有的数据要重新下载，请联网同步一次"
    return ""
