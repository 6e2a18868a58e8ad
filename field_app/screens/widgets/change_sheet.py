"""One change in full (变更详情): every reason the hub gave, and what may be done."""

from collections.abc import Callable

from kivy.properties import BooleanProperty, OptionProperty, StringProperty

from field_app import theme
from field_app.screens.widgets.kv import load_kv
from field_app.screens.widgets.labels import TONES
from field_app.screens.widgets.sheet import Sheet
from field_app.work.outbox import OutboxRow
from field_app.work.story import Contest

Act = Callable[[], object]


class ChangeSheet(Sheet):
    """Each button closes the sheet and does what it says."""

    detail = StringProperty("")
    state = StringProperty("")
    tone = OptionProperty("plain", options=list(theme.TONES))
    reasons = StringProperty("")
    may_repair = BooleanProperty(False)
    may_retry = BooleanProperty(False)
    may_dismiss = BooleanProperty(False)

    def __init__(
        self, change: OutboxRow, *, look: Act, repair: Act, retry: Act, dismiss: Act, **kwargs: object
    ) -> None:
        self._acts = {"look": look, "repair": repair, "retry": retry, "dismiss": dismiss}
        super().__init__(
            title=change.title,
            detail=f"{change.what}　{change.when}",
            state=change.state_label,
            tone=TONES[change.state],
            reasons="\n".join(map(_contest, change.contests) if change.contests else change.reasons),
            may_repair=change.may_repair,
            may_retry=change.may_retry,
            may_dismiss=change.may_dismiss,
            **kwargs,
        )

    def act(self, name: str) -> None:
        """Close, then do it."""
        self.dismiss()
        self._acts[name]()


def _contest(contest: Contest) -> str:
    return f"{contest.label}：平台现为 {contest.theirs}，您报的 {contest.mine}。{contest.reason}"


load_kv(__file__)
