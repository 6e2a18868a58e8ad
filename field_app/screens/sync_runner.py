"""The one running sync (同步过程), seen by every screen that shows it."""

from kivy.clock import mainthread
from kivy.event import EventDispatcher
from kivy.properties import BooleanProperty, OptionProperty, StringProperty

from field_app.screens import errand
from field_app.work.errors import WorkError
from field_app.work.session import Session, SessionState, SyncReport


class SyncRunner(EventDispatcher):
    """Starts a sync in a thread, never two at once; ``text`` says how it stands, ``tone`` how it went."""

    running = BooleanProperty(False)
    text = StringProperty("")
    tone = OptionProperty("plain", options=["plain", "good", "bad"])

    def __init__(self, session: Session, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._session = session
        self._again = False

    def ask(self) -> None:
        """Sync quietly; when one runs already, once more behind it, as it may have asked too early."""
        if self.running:
            self._again = True
        else:
            self.start(quiet=True)

    def start(self, *, quiet: bool = False) -> None:
        """Begin, unless one runs; a ``quiet`` one does not say why it failed."""
        if self.running:
            return
        self.running, self.tone, self.text = True, "plain", "正在连接平台…"
        progress = mainthread(self._progress)
        errand.send(
            lambda: self._session.sync(progress),
            done=self._done,
            failed=lambda error: self._failed(error, quiet),
        )

    def _progress(self, text: str) -> None:
        if self.running:
            self.text = text

    def _done(self, report: SyncReport) -> None:
        self.tone, self.text = ("bad" if report.refused else "good"), report.text
        self._end()

    def _failed(self, error: WorkError, quiet: bool) -> None:
        self.tone, self.text = ("plain", "") if quiet else ("bad", str(error))
        self._end()

    def _end(self) -> None:
        self.running = False
        again, self._again = self._again, False
        if again and self._session.state is SessionState.OPEN:
            self.start(quiet=True)
