"""Choosing a time of day (时间)."""

from collections.abc import Callable

from kivy.properties import NumericProperty

from field_app.screens.widgets.basics import Plain
from field_app.screens.widgets.kv import load_kv
from field_app.screens.widgets.sheet import Sheet

_HOURS = range(24)
_MINUTES = range(0, 60, 5)


class TimePicker(Sheet):
    """An hour and a five-minute step; ``then`` gets ``HH:MM``."""

    hour = NumericProperty(8)

    def __init__(self, *, then: Callable[[str], object], **kwargs: object) -> None:
        self._then = then
        super().__init__(**kwargs)
        for hour in _HOURS:
            self.ids.hours.add_widget(self._cell(f"{hour}时", lambda _, hour=hour: self._take_hour(hour)))
        for minute in _MINUTES:
            self.ids.minutes.add_widget(
                self._cell(f"{minute:02d}分", lambda _, minute=minute: self._done(minute))
            )
        self._take_hour(self.hour)

    def _cell(self, text: str, act: Callable[..., object]) -> Plain:
        return Plain(text=text, on_release=act)

    def _take_hour(self, hour: int) -> None:
        self.hour = hour
        for cell in self.ids.hours.children:
            cell.chosen = cell.text == f"{hour}时"

    def _done(self, minute: int) -> None:
        self.dismiss()
        self._then(f"{self.hour:02d}:{minute:02d}")


load_kv(__file__)
