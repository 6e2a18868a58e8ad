"""The tablet's app in a window that nobody sees, on a folder and a hub made of paper."""

from pathlib import Path
from types import TracebackType

from kivy.app import App
from kivy.base import runTouchApp
from kivy.core.window import Window

from field_app.app import Tablet
from field_app.ports import Ports, desktop_ports
from field_app.ports.gps import Fix
from field_app.store.vault import Vault
from field_app.work.session import Session
from tests.field_app.fake_hub import PASSWORD
from tests.field_app.screens import hand
from tests.field_app.screens.street import StreetHub, StreetTransport

PIN = "314159"


class StillGps:
    """Stands where ``at`` says; None is no signal."""

    def __init__(self) -> None:
        self.at: Fix | None = None

    def fix(self, *, timeout: float = 10.0) -> Fix | None:
        """Give the place."""
        return self.at


class Notices:
    """Keeps what the worker was told outside the app."""

    def __init__(self) -> None:
        self.shown: list[str] = []

    def show(self, title: str, text: str) -> None:
        """Keep it."""
        self.shown.append(text)


class Stage:
    """Opens the app and takes it down again."""

    def __init__(
        self, folder: Path, hub: StreetHub, *, enrolled: bool = False, first_load: bool = True
    ) -> None:
        self.folder, self.hub, self.gps = folder, hub, StillGps()
        ports = desktop_ports(folder)
        self.notices = Notices()
        self._ports = Ports(self.gps, ports.camera, self.notices, ports.secret)
        self.session = Session(Vault(folder, ports.secret), lambda _: StreetTransport(hub))
        if enrolled:
            self.session.enrol(hub="http://hub", username="wang", password=PASSWORD, device="平板一", pin=PIN)
            if first_load:
                self.session.sync()
        self.tablet = Tablet(self.session, self._ports)
        self._frame = self.tablet.frame()

    def __enter__(self) -> "Stage":
        self._frame._run_prepare()
        runTouchApp(embedded=True)
        hand.until(lambda: self.screen is not None, "first screen")
        hand.until(lambda: not self.tablet.runner.running, "first sync")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        hand.until(lambda: not self.tablet.runner.running, "last sync")
        self._frame.dispatch("on_stop")
        self.tablet.shell.forget()
        for widget in Window.children[:]:
            Window.remove_widget(widget)
        App._running_app = None

    @property
    def screen(self):
        """The screen in front."""
        return self.tablet.shell.screen

    @property
    def name(self) -> str:
        """Its name."""
        return self.screen.name if self.screen is not None else ""

    def go(self, words: str, name: str) -> None:
        """Tap a place at the bottom and wait for its screen."""
        hand.tap(words)
        hand.until(lambda: self.name == name, name)
