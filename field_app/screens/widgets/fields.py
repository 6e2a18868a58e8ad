"""The lines of a form (表单项): one widget a type, chosen by :func:`field_widget`.

A widget shows a ``FormField`` and hands over what the worker did through ``Sink``; it decides nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from kivy.clock import Clock
from kivy.properties import BooleanProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from field_app.screens.widgets.basics import Plain
from field_app.screens.widgets.date_picker import DatePicker
from field_app.screens.widgets.kv import load_kv
from field_app.screens.widgets.photos import Shot
from field_app.screens.widgets.picker import Option, Picker
from field_app.screens.widgets.time_picker import TimePicker
from field_app.work.forms import FormField
from governance.contract import Type

_INLINE = 4
_HALF, _WHOLE = 340, 740
_LETTER, _AROUND = 20, 26
_DIGITS = frozenset({Type.INTEGER, Type.PHONE, Type.AREA})


@dataclass(frozen=True, slots=True)
class Sink:
    """Where a line's answers go: ``put`` takes JSON values, ``put_text`` what was typed.

    ``shot`` gives a photo to draw; ``camera`` takes one into a field, ``file`` lets one be chosen
    (None where there is a camera), ``unshot`` takes one off a field.
    """

    put: Callable[[str, object], None]
    put_text: Callable[[str, str], None]
    today: Callable[[], date]
    shot: Callable[[str], Shot]
    camera: Callable[[str], None]
    file: Callable[[str], None] | None
    unshot: Callable[[str, str], None]


class FormLine(BoxLayout):
    """Label, what is asked, what is wrong with it. ``wide`` lines take a whole row of the form."""

    name = StringProperty("")
    label = StringProperty("")
    text = StringProperty("")
    problem = StringProperty("")
    required = BooleanProperty(False)
    wide = BooleanProperty(False)
    field = ObjectProperty(None)

    def __init__(self, field: FormField, sink: Sink, **kwargs: object) -> None:
        self.sink = sink
        super().__init__(name=field.name, wide=is_wide(field), **kwargs)
        self.show(field)

    def show(self, field: FormField) -> None:
        """Show the line as the form now has it."""
        self.field = field
        self.label = f"{field.label}（{field.unit}）" if field.unit else field.label
        self.required = field.required and not field.read_only
        self.problem = field.problem.removeprefix(f"{field.label}：")
        self.text = field.text


class ReadLine(FormLine):
    """Shown, never asked: it follows from another line or from the way here."""


class TextLine(FormLine):
    """Words, numbers, telephone numbers."""

    def show(self, field: FormField) -> None:
        """Show it, but leave alone what is just being typed."""
        super().show(field)
        box = self.ids.box
        box.input_type = "number" if field.type in _DIGITS else "text"
        if not box.focus and box.text != field.text:
            box.text = field.text

    def typed(self, text: str) -> None:
        """Hand over each letter as it comes."""
        if text != self.field.text:
            self.sink.put_text(self.name, text)


class ChoiceLine(FormLine):
    """One of a few, all in sight."""

    def show(self, field: FormField) -> None:
        """Show the choices; tapping the chosen one again empties a line that may be empty."""
        super().show(field)
        box = self.ids.choices
        if [button.code for button in box.children[::-1]] != [code for code, _ in _offers(field)]:
            box.clear_widgets()
            for code, label in _offers(field):
                box.add_widget(_Offer(code, label, self._take))
        for button in box.children:
            button.chosen = button.code == field.value

    def _take(self, code: object) -> None:
        emptied = code == self.field.value and not self.required
        self.sink.put(self.name, None if emptied else code)


class _Offer(Plain):
    def __init__(self, code: object, label: str, take: Callable[[object], None]) -> None:
        self.code = code
        super().__init__(text=label, padding=(6, 0), on_release=lambda _: take(code))


class PickLine(FormLine):
    """One or several of many, from a sheet that can be searched."""

    def open(self) -> None:
        """Show the sheet."""
        many = self.field.type is Type.CODES
        held = self.field.value
        chosen = held if isinstance(held, list) else [held] if isinstance(held, str) else []
        options = [Option(choice.code, choice.label) for choice in self.field.choices]
        Picker(title=self.field.label, options=options, chosen=chosen, many=many, then=self._take).open()

    def _take(self, values: list[str]) -> None:
        value: object = values if self.field.type is Type.CODES else values[0] if values else None
        self.sink.put(self.name, value or None)


class DateLine(FormLine):
    """A day."""

    def open(self) -> None:
        """Show the month."""
        held = self.field.value
        day = date.fromisoformat(held) if isinstance(held, str) and len(held) == len("2026-01-31") else None
        DatePicker(title=self.field.label, day=day, today=self.sink.today(), then=self._take).open()

    def _take(self, value: str | None) -> None:
        self.sink.put(self.name, value)


class MomentLine(FormLine):
    """A day and a time of day; both are asked one after the other."""

    def open(self) -> None:
        """Show the month, then the clock."""
        day = self.field.text[:10]
        held = date.fromisoformat(day) if day[:4].isdigit() else None
        DatePicker(title=self.field.label, day=held, today=self.sink.today(), then=self._take_day).open()

    def _take_day(self, day: str | None) -> None:
        if day is None:
            self.sink.put(self.name, None)
            return
        sheet = TimePicker(
            title=self.field.label, then=lambda time: self.sink.put_text(self.name, f"{day} {time}")
        )
        Clock.schedule_once(lambda _: sheet.open())


class PhotoLine(FormLine):
    """Photos: those taken, and the way to take another."""

    chooses = BooleanProperty(False)

    def show(self, field: FormField) -> None:
        """Show the photos that the form names."""
        super().show(field)
        self.chooses = self.sink.file is not None
        held = field.value if isinstance(field.value, list) else []
        self.ids.strip.show([self.sink.shot(str(id)) for id in held], remove=self._remove)

    def take(self) -> None:
        """Take another."""
        self.sink.camera(self.name)

    def choose(self) -> None:
        """Choose a file, where there is no camera."""
        if self.sink.file is not None:
            self.sink.file(self.name)

    def _remove(self, id: str) -> None:
        self.sink.unshot(self.name, id)


def _offers(field: FormField) -> list[tuple[object, str]]:
    if field.type is Type.FLAG:
        return [(True, "是"), (False, "否")]
    return [(choice.code, choice.label) for choice in field.choices]


def _fits_inline(field: FormField, width: int) -> bool:
    """Say whether a button for each choice fits side by side into so many dp."""
    offers = _offers(field)
    if not 1 <= len(offers) <= _INLINE:
        return False
    return max(len(label) for _, label in offers) * _LETTER + _AROUND <= width / len(offers)


def is_wide(field: FormField) -> bool:
    """Say whether the line needs the form's whole width."""
    if field.read_only:
        return False
    return (
        field.multiline
        or field.type is Type.FILES
        or (line_class(field) is ChoiceLine and not _fits_inline(field, _HALF))
    )


def line_class(field: FormField) -> type[FormLine]:
    """Give the widget class for a line."""
    if field.read_only:
        return ReadLine
    if field.type is Type.FLAG or (field.type is Type.CODE and _fits_inline(field, _WHOLE)):
        return ChoiceLine
    return _CLASSES.get(field.type, TextLine)


def field_widget(field: FormField, sink: Sink) -> FormLine:
    """Make the widget for a line."""
    return line_class(field)(field, sink)


_CLASSES: dict[Type, type[FormLine]] = {
    Type.CODE: PickLine,
    Type.CODES: PickLine,
    Type.REF: PickLine,
    Type.DATE: DateLine,
    Type.MOMENT: MomentLine,
    Type.FILES: PhotoLine,
}

load_kv(__file__)
