"""离线数据包: export what waits, hand in what others brought, take receipts in."""

from collections.abc import Callable
from pathlib import Path

from kivy.properties import BooleanProperty, OptionProperty, StringProperty

from field_app.screens import errand
from field_app.screens.widgets.kv import load_kv
from field_app.screens.widgets.sheet import Sheet
from field_app.work.carry import Carry
from field_app.work.errors import WorkError


class CarrySheet(Sheet):
    """Three errands with files in one folder; ``text`` says what came of the last one."""

    start = StringProperty("")
    waiting = StringProperty("")
    text = StringProperty("")
    tone = OptionProperty("good", options=["good", "bad"])
    busy = BooleanProperty(False)

    def __init__(self, carry: Carry, folder: Path, **kwargs: object) -> None:
        super().__init__(title="没有网络时用数据包", start=str(folder), **kwargs)
        self._carry = carry
        self._count()

    def export(self) -> None:
        """Write the outbox into the folder."""
        self._do(lambda folder: [self._exported(folder)])

    def hand_in(self) -> None:
        """Hand in every bundle in the folder that has no receipt beside it."""
        self._do(self._carry.hand_in_found)

    def receipts(self) -> None:
        """Take in every receipt in the folder."""
        self._do(self._carry.receipts_found)

    def _exported(self, folder: Path) -> str:
        done = self._carry.export(folder)
        names = "、".join(path.name for path in done.files)
        return f"{done.text}：{names}"

    def _do(self, act: Callable[[Path], list[str]]) -> None:
        folder = Path(self.ids.folder.text.strip())
        self.busy, self.text = True, ""
        errand.send(lambda: act(folder), done=self._done, failed=self._failed)

    def _done(self, said: list[str]) -> None:
        self.busy, self.tone, self.text = False, "good", "\n".join(said)
        self._count()

    def _failed(self, error: WorkError) -> None:
        self.busy, self.tone, self.text = False, "bad", str(error)
        self._count()

    def _count(self) -> None:
        count = self._carry.waiting()
        self.waiting = f"已导出、待回执的有{count}项，还没有到平台" if count else ""


load_kv(__file__)
