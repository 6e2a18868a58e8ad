"""Panels over the page (弹出面板): a titled sheet, a question, a notice."""

from collections.abc import Callable

from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.modalview import ModalView

from field_app.screens.widgets.kv import load_kv


class Sheet(ModalView):
    """A panel with title and close button; opens and closes at once, so that no tap is lost.

    ``full`` makes it as wide as the window; each sheet says how high it is.
    """

    title = StringProperty("")
    full = BooleanProperty(False)

    def open(self, *_: object, **__: object) -> None:
        """Show it without moving."""
        super().open(animation=False)

    def dismiss(self, *_: object, **__: object) -> None:
        """Take it away without moving."""
        super().dismiss(animation=False)


class Question(Sheet):
    """Asks before something is done that cannot be taken back."""

    text = StringProperty("")
    yes = StringProperty("确定")
    no = StringProperty("取消")

    def __init__(self, then: Callable[[], object], **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._then = then

    def answer(self, yes: bool) -> None:
        """Close it; when the answer is yes, do it."""
        self.dismiss()
        if yes:
            self._then()


load_kv(__file__)
