"""Choosing a day (日期)."""

from calendar import Calendar
from collections.abc import Callable
from datetime import date

from kivy.properties import NumericProperty, StringProperty

from field_app.screens.widgets.basics import Plain
from field_app.screens.widgets.kv import load_kv
from field_app.screens.widgets.sheet import Sheet

_FIRST_YEAR = 1900
_LAST_YEAR = 2199


class DatePicker(Sheet):
    """A month's days with steps of a month, a year and ten years; ``then`` gets ``YYYY-MM-DD`` or None."""

    year = NumericProperty(_FIRST_YEAR)
    month = NumericProperty(1)
    heading = StringProperty("")

    def __init__(
        self, *, day: date | None, today: date, then: Callable[[str | None], object], **kwargs: object
    ) -> None:
        self._day, self._today, self._then = day, today, then
        shown = day or today
        super().__init__(year=shown.year, month=shown.month, **kwargs)
        self._show()

    def step(self, months: int) -> None:
        """Go this many months on or back."""
        count = max(_FIRST_YEAR * 12, min(_LAST_YEAR * 12 + 11, self.year * 12 + self.month - 1 + months))
        self.year, self.month = count // 12, count % 12 + 1
        self._show()

    def done(self, value: str | None) -> None:
        """Close and hand over the day."""
        self.dismiss()
        self._then(value)

    def today(self) -> None:
        """Take today."""
        self.done(self._today.isoformat())

    def _show(self) -> None:
        self.heading = f"{self.year}年{self.month}月"
        self.ids.days.clear_widgets()
        for number, _ in Calendar().itermonthdays2(self.year, self.month):
            self.ids.days.add_widget(self._cell(number))

    def _cell(self, number: int) -> Plain:
        cell = Plain(text=str(number or ""), disabled=not number, opacity=1 if number else 0)
        if number:
            day = date(self.year, self.month, number)
            cell.chosen = day == self._day
            cell.bind(on_release=lambda _: self.done(day.isoformat()))
        return cell


load_kv(__file__)
