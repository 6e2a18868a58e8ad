"""同步: what became of each change, what the hub refused and why, sync now."""

from collections.abc import Callable
from functools import partial

from kivy.properties import ObjectProperty, StringProperty

from field_app.ports import Exchange
from field_app.screens.base import View, Ways
from field_app.screens.carry_sheet import CarrySheet
from field_app.screens.sync_runner import SyncRunner
from field_app.screens.widgets.change_sheet import ChangeSheet
from field_app.screens.widgets.kv import load_kv
from field_app.screens.widgets.labels import TONES, kind_icon
from field_app.screens.widgets.outbox_row import OUTBOX_ROW_HEIGHT
from field_app.screens.widgets.rows import heading
from field_app.work.errors import WorkError
from field_app.work.outbox import OutboxRow
from field_app.work.photos import PHOTO_LABELS, PhotoRow, PhotoState
from field_app.work.rows import RecordState
from field_app.work.session import Session
from field_app.work.times import moment_text

_GROUPS: tuple[tuple[str, RecordState], ...] = (
    ("被退回，要修正", RecordState.REFUSED),
    ("有争议，待核实", RecordState.CONTESTED),
    ("已送出待回执", RecordState.SENT),
    ("只在本机", RecordState.HERE),
    ("最近到平台的", RecordState.HUB),
)


class OutboxScreen(View):
    """The state of every record that is not settled, refused ones first."""

    summary = StringProperty("")
    trouble = StringProperty("")
    runner = ObjectProperty(None)

    def __init__(
        self, session: Session, *, ways: Ways, runner: SyncRunner, exchange: Exchange, **kwargs: object
    ) -> None:
        super().__init__(ways=ways, runner=runner, **kwargs)
        self._session, self._exchange = session, exchange

    def carry(self) -> None:
        """Open what can be done without network."""
        CarrySheet(self._session.carry, self._exchange.folder()).open()

    def arrive(self, **_: object) -> None:
        """Show all changes."""
        self._show(from_top=True)

    def refresh(self) -> None:
        """Show them again where the worker was."""
        self._show(from_top=False)

    def _show(self, *, from_top: bool) -> None:
        desk = self._session.desk
        counts, overview = desk.outbox.counts(), desk.today.overview()
        open_ = counts.unsent + counts.refused
        said = f"{open_} 条还没到平台" if open_ else "没有等着送的"
        photos = desk.photos.counts().waiting
        if photos:
            said += f"，照片 {photos} 张"
        last = overview.last_sync
        self.summary = f"{said}　上次同步 {last}" if last else f"{said}　还没有同步过"
        self.trouble = f"上次没有同步成：{overview.trouble}" if overview.trouble else ""
        changes = desk.outbox.rows(settled=True)
        rows: list[dict[str, object]] = []
        for label, state in _GROUPS:
            group = [change for change in changes if change.state is state]
            if group:
                rows.append(heading(f"{label}　{len(group)}"))
                rows.extend(self._row(change) for change in group)
        waiting = [p for p in desk.photos.rows() if p.saved and p.state is not PhotoState.HUB]
        if waiting:
            rows.append(heading(f"照片　{len(waiting)}"))
            rows.extend(self._photo_row(photo) for photo in waiting)
        self.ids.rows.show(rows, from_top=from_top)
        self.ids.empty.opacity = 0 if rows else 1

    def _photo_row(self, photo: PhotoRow) -> dict[str, object]:
        refused = photo.state is PhotoState.REFUSED
        return {
            "viewclass": "ChangeRow",
            "row_size": (None, OUTBOX_ROW_HEIGHT),
            "icon": kind_icon(photo.kind),
            "title": photo.title,
            "detail": f"照片 {photo.size // 1024} KB　{moment_text(photo.taken_at)}",
            "reason": photo.reason,
            "chip": PHOTO_LABELS[photo.state] if refused else photo.state_label,
            "tone": "bad" if refused else "warn",
            "repair": None,
            "open": partial(self.ways.record, photo.record),
        }

    def _row(self, change: OutboxRow) -> dict[str, object]:
        return {
            "viewclass": "ChangeRow",
            "row_size": (None, OUTBOX_ROW_HEIGHT),
            "icon": kind_icon(change.kind),
            "title": change.title,
            "detail": f"{change.what}　{change.when}",
            "reason": "；".join(change.reasons),
            "chip": change.state_label,
            "tone": TONES[change.state],
            "repair": partial(self._repair, change.change) if change.may_repair else None,
            "open": partial(self._open, change),
        }

    def _open(self, change: OutboxRow) -> None:
        ChangeSheet(
            change,
            look=partial(self.ways.record, change.id),
            repair=partial(self._repair, change.change),
            retry=partial(self._retry, change.change),
            dismiss=partial(self._dismiss, change.change),
        ).open()

    def _repair(self, change: str) -> None:
        self._do(lambda: self.ways.form(self._session.desk.outbox.repair(change)))

    def _retry(self, change: str) -> None:
        self._do(lambda: self._session.desk.outbox.retry(change))

    def _dismiss(self, change: str) -> None:
        self._do(lambda: self._session.desk.outbox.dismiss(change))

    def _do(self, act: Callable[[], object]) -> None:
        try:
            act()
        except WorkError as error:
            self.ways.say(str(error))
        else:
            self.refresh()


load_kv(__file__)
