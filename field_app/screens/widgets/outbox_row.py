"""One change in the list of the outbox (变更行)."""

from kivy.metrics import dp
from kivy.properties import ObjectProperty, OptionProperty, StringProperty

from field_app import theme
from field_app.screens.widgets.basics import Pressable
from field_app.screens.widgets.kv import load_kv

OUTBOX_ROW_HEIGHT = dp(116)


class ChangeRow(Pressable):
    """What was done, how it stands, why it was refused; ``repair`` is None when there is nothing to mend."""

    icon = StringProperty("")
    title = StringProperty("")
    detail = StringProperty("")
    reason = StringProperty("")
    chip = StringProperty("")
    tone = OptionProperty("plain", options=list(theme.TONES))
    repair = ObjectProperty(None, allownone=True)
    open = ObjectProperty(None, allownone=True)

    def on_release(self) -> None:
        """Show the whole change."""
        if self.open is not None:
            self.open()


load_kv(__file__)
