"""The open tablet's ear (守候): syncs when the hub calls, and says that there is something new."""

from field_app.ports.notification import Notification
from field_app.screens.sync_runner import SyncRunner
from field_app.screens.ticks import on_main_thread
from field_app.sync.poke import Heard, Listener
from field_app.work.news import News, news_text
from field_app.work.session import Session, SessionState


class Ear:
    """Open while the tablet is unlocked and in front."""

    def __init__(self, session: Session, runner: SyncRunner, notification: Notification) -> None:
        self._session = session
        self._runner = runner
        self._notification = notification
        self._news = News(session)
        self._listener: Listener | None = None
        self._ask = on_main_thread(self._asked)
        self._back = on_main_thread(self._reached)
        runner.bind(running=self._ran)

    def open(self) -> None:
        """Begin to listen anew; what is held now is no news."""
        self.close()
        self._news.begin()
        self._listener = self._session.listener(self._heard)
        if self._listener is not None:
            self._listener.start()

    def close(self) -> None:
        """Listen no more."""
        if self._listener is not None:
            self._listener.stop()
            self._listener = None

    def _heard(self, heard: Heard) -> None:
        if heard.asks:
            self._ask()
        elif heard.event == "open":
            self._back()

    def _asked(self) -> None:
        if self._listener is not None:
            self._runner.ask()

    def _reached(self) -> None:
        """Send what lies here, now that the hub can be reached."""
        listening = self._listener is not None and self._session.state is SessionState.OPEN
        if listening and self._session.desk.outbox.counts().unsent:
            self._runner.ask()

    def _ran(self, _: object, running: bool) -> None:
        if not running and self._listener is not None:
            new = self._news.fresh()
            if new:
                self._notification.show("社区e通", news_text(new))
