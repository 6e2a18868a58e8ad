"""登记: the tablet is bound to a worker at the hub and given its PIN."""

from collections.abc import Callable, Sequence

from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from field_app.screens import errand
from field_app.screens.base import View
from field_app.screens.widgets.kv import load_kv
from field_app.work.errors import WorkError
from field_app.work.session import Session, SessionState

ACCOUNT, PIN, AGAIN, WORKING = range(4)


class EnrolScreen(View):
    """Three steps: account, PIN, PIN again; then the hub is asked.

    A tablet that already holds data is enrolled anew under the PIN it has, asked for once; whose PIN is
    forgotten is emptied, once the hub has taken the password, and given a new one.
    """

    step = NumericProperty(ACCOUNT)
    problem = StringProperty("")
    progress = StringProperty("")
    anew = BooleanProperty(False)
    forgotten = BooleanProperty(False)
    suggested = StringProperty("")

    def __init__(
        self, session: Session, *, enrolled: Callable[[Sequence[str]], None], device: str, **kwargs: object
    ) -> None:
        super().__init__(suggested=device, **kwargs)
        self._session, self._enrolled = session, enrolled
        self._pin = ""

    def arrive(self, **_: object) -> None:
        """Begin with the account."""
        self.step, self.problem = ACCOUNT, ""
        self.anew, self.forgotten = self._session.state is not SessionState.EMPTY, False

    def words(self, step: int, anew: bool) -> str:
        """Say what is asked for."""
        again = (
            "输入这台平板原来的开锁密码（PIN）"
            if anew
            else "设置开锁密码（PIN，至少6位数字），每次打开都要用"
        )
        first = (
            "重新把这台平板登记到您名下，没送出的都还在" if anew else "第一次使用，先把这台平板登记到您名下"
        )
        return (first, again, "请再输一遍，两次要一样", "")[int(step)]

    def go_on(self) -> None:
        """Leave the account page once everything on it is filled in."""
        boxes = (self.ids.hub, self.ids.username, self.ids.password, self.ids.device)
        missing = [box.label for box in boxes if not box.text.strip()]
        self.problem = "请填写：" + "、".join(missing) if missing else ""
        if not missing:
            self.step = PIN

    def take(self, pin: str) -> None:
        """Take the PIN the first or the second time."""
        if self.step == PIN and not self.anew:
            self._pin, self.step, self.problem = pin, AGAIN, ""
        elif self.anew or pin == self._pin:
            self._enrol(pin)
        else:
            self._pin, self.step, self.problem = "", PIN, "两次输入的不一样，请重新设置"

    def forget(self) -> None:
        """Go on without the PIN of before; what only this tablet has is given up for it."""
        self.anew, self.forgotten = False, True
        self.problem = (
            "设好新密码并登记成功后，本机会清空：没有送出、也没有导出的记录和照片找不回来。"
            "不清空请按“返回上一步”"
        )

    def back(self) -> None:
        """Return to the account page."""
        self.arrive()

    def _enrol(self, pin: str) -> None:
        self.step, self.problem, self.progress = WORKING, "", "正在登记…"
        hub, username = self.ids.hub.text.strip(), self.ids.username.text.strip()
        password, device = self.ids.password.text, self.ids.device.text.strip()
        errand.send(
            lambda: self._session.enrol(
                hub=hub,
                username=username,
                password=password,
                device=device,
                pin=pin,
                erase=self.forgotten,
            ),
            done=self._finish,
            failed=self._fail,
        )

    def _finish(self, remarks: Sequence[str]) -> None:
        self._pin = ""
        self.ids.password.clear()
        self._enrolled(remarks)

    def _fail(self, error: WorkError) -> None:
        self._pin = ""
        self.arrive()
        self.problem = str(error)


load_kv(__file__)
