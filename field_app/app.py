"""Wiring of the tablet's window (装配): which screen gets what, what happens when.

Screens know presenters and :class:`Ways`; only this module knows all of them.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from field_app.ports import Ports, device_ports
from field_app.ports.clock import uptime
from field_app.screens import errand
from field_app.screens.base import View, Ways
from field_app.screens.case import CaseScreen
from field_app.screens.cases import CasesScreen
from field_app.screens.collect import CollectScreen
from field_app.screens.door import DoorScreen
from field_app.screens.ear import Ear
from field_app.screens.enrol import EnrolScreen
from field_app.screens.find import FindScreen
from field_app.screens.form import FormScreen
from field_app.screens.frame import Frame, Hooks
from field_app.screens.idle import IdleWatch
from field_app.screens.map import MapScreen
from field_app.screens.outbox import OutboxScreen
from field_app.screens.record import RecordScreen
from field_app.screens.settings import SettingsScreen
from field_app.screens.shell import Shell
from field_app.screens.sync_runner import SyncRunner
from field_app.screens.task import TaskScreen
from field_app.screens.ticks import on_main_thread, repeat
from field_app.screens.today import TodayScreen
from field_app.screens.unlock import UnlockScreen
from field_app.wiring import session_open
from field_app.work.errors import WorkError
from field_app.work.session import Session, SessionState

IDLE_LIMIT = 300.0
"""Seconds without a touch after which the tablet locks itself."""

SYNC_EVERY = 600.0
"""Seconds between syncs that nobody asked for."""


class Tablet:
    """The app around one session.

    Parameters
    ----------
    session : Session
    ports : Ports
        GPS and the like.
    idle_limit : float
        Seconds.
    """

    def __init__(self, session: Session, ports: Ports, *, idle_limit: float = IDLE_LIMIT) -> None:
        self.session = session
        self.runner = SyncRunner(session)
        self._gps, self._camera, self._exchange = ports.gps, ports.camera, ports.exchange
        self._idle_limit = idle_limit
        self._paused_at: float | None = None
        self._stopped = False
        self._ear = Ear(session, self.runner, ports.notification)
        self._unwatch: Callable[[], object] = _nothing
        self._unrepeat: Callable[[], object] = _nothing
        self.shell = Shell(self._screens())

    def frame(self) -> Frame:
        """Give the Kivy application."""
        hooks = Hooks(
            build=lambda: self.shell,
            started=self.start,
            back=self.shell.back,
            pause=self.pause,
            resume=self.resume,
            stop=self.stop,
            say=self.shell.say,
        )
        return Frame(hooks)

    def start(self) -> None:
        """Show what must come first: enrolment, PIN or today."""
        self._idle = IdleWatch(self._idle_limit, self.lock)
        self._unrepeat = repeat(self._sync_quietly, SYNC_EVERY)
        first = {SessionState.EMPTY: "enrol", SessionState.LOCKED: "unlock"}.get(self.session.state)
        if first is None:
            self._enter()
        else:
            self.shell.tab(first)

    def pause(self) -> None:
        """Keep drafts; the system may end the app after this."""
        self._paused_at = uptime()
        self._ear.close()
        self.shell.pause()

    def resume(self) -> None:
        """Lock if the tablet was away too long, else sync."""
        try:
            if self._paused_at is not None and uptime() - self._paused_at >= self._idle_limit:
                self.lock()
        finally:  # it stays open where what was typed finds no room
            if self.session.state is SessionState.OPEN:
                self._ear.open()
            self._sync_quietly()

    def lock(self) -> None:
        """Keep drafts, throw away what is shown, ask for the PIN."""
        if self.session.state is not SessionState.OPEN:
            return
        self.shell.pause()  # first: where what was typed finds no room, nothing is locked and all goes on
        self._ear.close()
        self.shell.forget()
        self.session.lock()
        self.shell.tab("unlock")

    def stop(self) -> None:
        """Keep drafts and free the folder."""
        self._ear.close()
        self.shell.pause()
        self._idle.stop()
        self._unrepeat()
        self._unwatch()
        self._stopped = True
        self.session.close()

    def _enter(self) -> None:
        self._unwatch()
        self._unwatch = self.session.watch(on_main_thread(self._changed))
        self._changed()
        if self.session.state is not SessionState.OPEN:
            return  # wiped by a sync at this very moment
        self.shell.tab("today")
        errand.send(self.session.desk.find.prepare, done=_ignore, failed=_ignore)
        self._ear.open()
        self._sync_quietly()

    def _enrolled(self, remarks: Sequence[str]) -> None:
        self._enter()
        self.shell.say("；".join(("登记好了，正在下载资料", *remarks)))

    def _changed(self) -> None:
        if not self._stopped and self.session.state is SessionState.EMPTY and not self._enrolling:
            self._wiped()
        if not self._stopped and self.session.state is SessionState.OPEN:
            counts = self.session.desk.outbox.counts()
            photos = self.session.desk.photos.counts()
            self.shell.unsent = counts.unsent + counts.refused + photos.waiting
            self.shell.refresh()

    @property
    def _enrolling(self) -> bool:
        """Whether the tablet is enrolled just now: who has forgotten the PIN empties it for that."""
        return self.shell.screen is not None and self.shell.screen.name == "enrol"

    def _wiped(self) -> None:
        """Throw away what is shown of a tablet that was wiped."""
        self._ear.close()
        self._unwatch()
        self.shell.forget()
        self.shell.tab("enrol")
        self.shell.say("平台已收回本机，本机资料已全部清除")

    def _sync_quietly(self) -> None:
        if self.session.state is SessionState.OPEN:
            self.runner.start(quiet=True)

    def _ways(self) -> Ways:
        shell = self.shell
        return Ways(
            tab=shell.tab,
            back=shell.back,
            record=self._open_record,
            task=lambda id: shell.open("task", id=id),
            case=lambda id: shell.open("case", id=id),
            cases=lambda: shell.open("cases"),
            form=lambda form: shell.open("form", form=form),
            door=lambda choice: shell.open("door", choice=choice),
            saved=lambda id: shell.replace("record", id=id),
            settings=lambda: shell.open("settings"),
            say=shell.say,
        )

    def _open_record(self, id: str) -> None:
        """Show a record; a case has a screen of its own."""
        with suppress(WorkError):
            if self.session.desk.records.view(id).kind == "case":
                self.shell.open("case", id=id)
                return
        self.shell.open("record", id=id)

    def _screens(self) -> dict[str, Callable[[], View]]:
        session, runner, gps = self.session, self.runner, self._gps
        return {
            "enrol": lambda: EnrolScreen(session, enrolled=self._enrolled, device="网格平板"),
            "unlock": lambda: UnlockScreen(
                session, unlocked=self._enter, enrol=lambda: self.shell.tab("enrol")
            ),
            "today": lambda: TodayScreen(session, ways=self._ways(), runner=runner, gps=gps),
            "collect": lambda: CollectScreen(session, ways=self._ways()),
            "door": lambda: DoorScreen(session, ways=self._ways()),
            "find": lambda: FindScreen(session, ways=self._ways()),
            "map": lambda: MapScreen(session, ways=self._ways(), gps=gps),
            "sync": lambda: OutboxScreen(session, ways=self._ways(), runner=runner, exchange=self._exchange),
            "record": lambda: RecordScreen(session, ways=self._ways()),
            "task": lambda: TaskScreen(
                session, ways=self._ways(), camera=self._camera, today=session.desk.today.day
            ),
            "case": lambda: CaseScreen(session, ways=self._ways()),
            "cases": lambda: CasesScreen(session, ways=self._ways()),
            "form": lambda: FormScreen(
                session, ways=self._ways(), gps=gps, camera=self._camera, today=session.desk.today.day
            ),
            "settings": lambda: SettingsScreen(
                session, ways=self._ways(), lock=self.lock, enrol=lambda: self.shell.tab("enrol")
            ),
        }


def _nothing() -> None:
    """Stand for what has not begun."""


def _ignore(_: object) -> None:
    """Leave an answer alone: the first search says what is wrong, if anything is."""


def main(data_dir: Path) -> int:
    """Open the tablet's window on a data folder; 0 when it was closed in order."""
    tablet = Tablet(session_open(data_dir), device_ports(data_dir))
    tablet.frame().run()
    return 0
