"""登记: the tablet is bound to a worker at the hub and given its PIN."""

from collections.abc import Callable

from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from field_app.screens import errand
from field_app.screens.base import View
from field_app.screens.widgets.kv import load_kv
from field_app.work.errors import WorkError
from field_app.work.session import Session

ACCOUNT, PIN, AGAIN, WORKING = range(4)


class EnrolScreen(View):
    """Three steps: account, PIN, PIN again; then the hub is asked."""

    step = NumericProperty(ACCOUNT)
    problem = StringProperty("")
    progress = StringProperty("")
    busy = BooleanProperty(False)
    suggested = StringProperty("")

    def __init__(
        self, session: Session, *, enrolled: Callable[[], None], device: str, **kwargs: object
    ) -> None:
        super().__init__(suggested=device, **kwargs)
        self._session, self._enrolled = session, enrolled
        self._pin = ""

    def arrive(self, **_: object) -> None:
        """Begin with the account."""
        self.step, self.problem = ACCOUNT, ""

    def go_on(self) -> None:
        """Leave the account page once everything on it is filled in."""
        boxes = (self.ids.hub, self.ids.username, self.ids.password, self.ids.device)
        missing = [box.label for box in boxes if not box.text.strip()]
        self.problem = "请填写：" + "、".join(missing) if missing else ""
        if not missing:
            self.step = PIN

    def take(self, pin: str) -> None:
        """Take the PIN the first or the second time."""
        if self.step == PIN:
            self._pin, self.step, self.problem = pin, AGAIN, ""
        elif pin == self._pin:
            self._enrol(pin)
        else:
            self._pin, self.step, self.problem = "", PIN, "两次输入的密码不一样，请重新设置"

    def back(self) -> None:
        """Return to the account page."""
        self.step, self.problem = ACCOUNT, ""

    def _enrol(self, pin: str) -> None:
        self.step, self.problem, self.progress = WORKING, "", "正在登记…"
        hub, username = self.ids.hub.text.strip(), self.ids.username.text.strip()
        password, device = self.ids.password.text, self.ids.device.text.strip()
        errand.send(
            lambda: self._session.enrol(
                hub=hub, username=username, password=password, device=device, pin=pin
            ),
            done=lambda _: self._finish(),
            failed=self._fail,
        )

    def _finish(self) -> None:
        self._pin = self.ids.password.text = ""
        self._enrolled()

    def _fail(self, error: WorkError) -> None:
        self._pin, self.step, self.problem = "", ACCOUNT, str(error)


load_kv(__file__)
