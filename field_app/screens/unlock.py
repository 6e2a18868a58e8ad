"""开锁: the PIN opens the tablet."""

from collections.abc import Callable

from kivy.clock import Clock
from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from field_app.screens import errand
from field_app.screens.base import View
from field_app.screens.widgets.kv import load_kv
from field_app.work.errors import LockedOut, TooSoon, WorkError, WrongPin
from field_app.work.session import Session


class UnlockScreen(View):
    """A number pad; says how many tries are left and how long to wait; when none is left, enrol anew."""

    problem = StringProperty("")
    busy = BooleanProperty(False)
    spent = BooleanProperty(False)
    wait = NumericProperty(0)

    def __init__(
        self, session: Session, *, unlocked: Callable[[], None], enrol: Callable[[], None], **kwargs: object
    ) -> None:
        super().__init__(**kwargs)
        self._session, self._unlocked, self.enrol = session, unlocked, enrol
        self._tick = Clock.create_trigger(self._second, 1.0)

    def arrive(self, **_: object) -> None:
        """Ask for the PIN."""
        self.problem, self.busy = "", False

    def take(self, pin: str) -> None:
        """Try a PIN."""
        self.busy, self.problem = True, ""
        errand.send(lambda: self._session.unlock(pin), done=lambda _: self._unlocked(), failed=self._fail)

    def _fail(self, error: WorkError) -> None:
        self.busy, self.problem = False, str(error)
        self.spent = isinstance(error, LockedOut)
        if isinstance(error, (WrongPin, TooSoon)) and error.wait:
            self.wait = error.wait
            self._tick()

    def _second(self, _: float) -> None:
        self.wait = max(0, self.wait - 1)
        if self.wait:
            self._tick()


load_kv(__file__)
