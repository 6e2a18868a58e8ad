"""注销: why a record is closed."""

from collections.abc import Callable, Sequence

from kivy.properties import StringProperty

from field_app.screens.widgets.basics import Plain
from field_app.screens.widgets.kv import load_kv
from field_app.screens.widgets.sheet import Sheet
from field_app.work.rows import Choice


class CloseSheet(Sheet):
    """Reasons to choose from; ``close`` gets the code and answers with what was wrong, or nothing."""

    reason = StringProperty("")
    problem = StringProperty("")

    def __init__(
        self, what: str, reasons: Sequence[Choice], *, close: Callable[[str], str], **kwargs: object
    ) -> None:
        super().__init__(title=f"注销 {what}", **kwargs)
        self._close = close
        for choice in reasons:
            self.ids.reasons.add_widget(self._button(choice))

    def _button(self, choice: Choice) -> Plain:
        button = Plain(text=choice.label)
        button.bind(on_release=lambda _: self._choose(choice.code, button))
        return button

    def _choose(self, code: str, chosen: Plain) -> None:
        self.reason, self.problem = code, ""
        for button in self.ids.reasons.children:
            button.chosen = button is chosen

    def done(self) -> None:
        """Close the record, or say why that cannot be."""
        self.problem = self._close(self.reason)
        if not self.problem:
            self.dismiss()


load_kv(__file__)
