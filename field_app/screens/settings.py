"""本机: who works on this tablet, changing the PIN, locking it."""

from collections.abc import Callable

from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from field_app.screens import errand
from field_app.screens.base import View, Ways
from field_app.screens.widgets.kv import load_kv
from field_app.screens.widgets.value_line import ValueLine
from field_app.work.errors import WorkError
from field_app.work.session import Session

REST, OLD, NEW, AGAIN = range(4)


class SettingsScreen(View):
    """The tablet's own page."""

    step = NumericProperty(REST)
    problem = StringProperty("")
    busy = BooleanProperty(False)
    revoked = BooleanProperty(False)

    def __init__(
        self,
        session: Session,
        *,
        ways: Ways,
        lock: Callable[[], None],
        enrol: Callable[[], None],
        **kwargs: object,
    ) -> None:
        super().__init__(ways=ways, **kwargs)
        self._session, self.lock, self.enrol = session, lock, enrol
        self._old = self._new = ""

    def arrive(self, **_: object) -> None:
        """Show whose tablet this is."""
        self._rest("")
        self.ids.lines.clear_widgets()
        identity = self._session.identity
        if identity is None:
            return
        self.revoked = identity.revoked
        self._line("网格员", f"{identity.name}（{identity.username}）")
        self._line("网格", "\n".join(f"{name} {code}" for code, name in identity.grids))
        self._line("平板", identity.device_name)
        self._line("平台地址", identity.hub)

    def depart(self) -> None:
        """Forget half-typed PINs."""
        self._rest("")

    def _line(self, label: str, text: str) -> None:
        self.ids.lines.add_widget(ValueLine(label=label, text=text))

    def begin(self) -> None:
        """Begin to change the PIN."""
        self.step, self.problem = OLD, ""

    def stop(self) -> None:
        """Leave the PIN as it is."""
        self._rest("")

    def take(self, pin: str) -> None:
        """Take the old PIN, the new one, the new one again."""
        if self.step == OLD:
            self._old, self.step, self.problem = pin, NEW, ""
        elif self.step == NEW:
            self._new, self.step, self.problem = pin, AGAIN, ""
        elif pin != self._new:
            self._new, self.step, self.problem = "", NEW, "两次输入的不一样，请重新输入"
        else:
            self._change()

    def _change(self) -> None:
        old, new = self._old, self._new
        self.busy = True
        errand.send(
            lambda: self._session.change_pin(old, new),
            done=lambda _: self._changed(),
            failed=self._failed,
        )

    def _changed(self) -> None:
        self._rest("")
        self.ways.say("开锁密码改好了")

    def _failed(self, error: WorkError) -> None:
        self._rest(str(error))

    def _rest(self, problem: str) -> None:
        self._old = self._new = ""
        self.step, self.problem, self.busy = REST, problem, False


load_kv(__file__)
