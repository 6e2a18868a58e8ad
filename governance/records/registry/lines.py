"""The lines of a record's form (表单项), made from the contract.

A personal or sensitive value that is held is drawn masked and its input is off.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from governance.contract import CodeBook, Field, Kind, Owner, Type
from governance.contract.kind import Values
from governance.records.registry.named import is_named
from governance.records.registry.values import SHANGHAI, full, hidden, number_text, shown

_INPUTS = {
    Type.DATE: "date",
    Type.MOMENT: "datetime-local",
    Type.CODE: "select",
    Type.FLAG: "select",
    Type.CODES: "multiple",
    Type.REF: "reference",
}
_CLOSING = frozenset({"closed_on", "closed_reason"})
FOR_MACHINES = frozenset({"occasion", "origin_ref"})
"""Keys by which the hub finds a task again; the page says in words what it is about."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo or file that the record names; without ``address`` it has not arrived or may not be seen."""

    id: str
    address: str = ""
    thumb: str = ""
    note: str = ""


@dataclass(slots=True)
class Line:
    """One item of the form.

    ``input`` is the kind of control, "" where the item is only shown; ``text`` what is shown of the
    held value (masked where ``masked``); ``value`` what the control holds, ``was`` what it held at first.
    """

    name: str
    label: str
    input: str
    text: str = ""
    value: Any = ""
    was: Any = ""
    masked: bool = False
    open: bool = False
    required: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    target: str = ""
    unit: str = ""
    length: int | None = None
    hint: str = ""
    problem: str = ""
    wide: bool = False
    photos: tuple[Photo, ...] = ()

    @property
    def covered(self) -> bool:
        """Whether the mask stands where the control would be."""
        return self.masked and not self.open


@dataclass(frozen=True, slots=True)
class Drawing:
    """What all lines of a form are drawn with."""

    kind: Kind
    book: CodeBook
    switched_on: frozenset[str]
    names: Mapping[str, str]
    writable: bool


def lines(drawing: Drawing, values: Values, sent: Values | None = None) -> dict[str, Line]:
    """Draw a form's lines by field.

    Parameters
    ----------
    drawing : Drawing
    values : mapping
        The record as it is held, JSON forms; empty for a new one.
    sent : mapping, optional
        What the user had filled in, shown instead of what is held.
    """
    kind, sent = drawing.kind, sent or {}
    found = {}
    for item in kind.fields:
        off = item.switched and f"{kind.name}.{item.name}" not in drawing.switched_on
        if off or item.name in _CLOSING | FOR_MACHINES:
            continue
        held = values.get(item.name)
        if item.owner is Owner.HUB and held is None:
            continue
        line = _line(drawing, item, values)
        if item.name in sent:
            line.value, line.open = _control(item, sent[item.name]), True
            if item.type is Type.REF:
                line.text = drawing.names.get(str(sent[item.name]), "")
        found[item.name] = line
    return found


def drawn_of(lines_: Mapping[str, Line]) -> str:
    """Give what the controls hold of the record, for the form to send along; nothing of what is masked."""
    return json.dumps({line.name: line.was for line in lines_.values() if line.input and not line.masked})


def _line(drawing: Drawing, item: Field, values: Values) -> Line:
    held = values.get(item.name)
    masked = hidden(item) and held is not None and item.type not in (Type.REF, Type.FILES)
    text = shown(item, held, drawing.book)
    if item.type is Type.REF:
        text = drawing.names.get(str(held), "") if held else ""
    if is_named(drawing.kind.name, item.name):
        text = drawing.names.get(text, text)
    derived = bool(item.derived_from and values.get(item.derived_from) is not None)
    value = "" if masked else _control(item, held)
    free = drawing.writable and item.owner is not Owner.HUB and not derived and item.type is not Type.FILES
    return Line(
        name=item.name,
        label=item.label,
        input=_input(item) if free else "",
        text=text,
        value=value,
        was=value,
        masked=masked,
        required=item.required and free,
        choices=_choices(item, held, drawing.book),
        target=item.target or "",
        unit=item.unit,
        length=item.length,
        hint=_hint(drawing.kind, item, derived),
        wide=item.multiline or item.type is Type.FILES,
    )


def _input(item: Field) -> str:
    if item.multiline:
        return "textarea"
    return _INPUTS.get(item.type, "text")


def _hint(kind: Kind, item: Field, derived: bool) -> str:
    if derived and item.derived_from:
        return f"由{kind.by_name[item.derived_from].label}得出"
    # Where people make no records of a kind, nobody wonders why he cannot write an item.
    return "由平台维护" if item.owner is Owner.HUB and kind.writable else ""


def _choices(item: Field, held: object, book: CodeBook) -> tuple[tuple[str, str], ...]:
    """Give the codes to choose from: retired ones only where the record holds them."""
    if item.type is Type.FLAG:
        return (("1", "是"), ("0", "否"))
    if item.codes is None:
        return ()
    mine = set(held) if isinstance(held, list) else {held}
    codes = book.get(item.codes, {}).values()
    return tuple((code.code, code.label) for code in codes if not code.retired or code.code in mine)


def _control(item: Field, value: object) -> Any:
    """Give a value as the form's control holds it."""
    if value is None:
        return [] if item.type is Type.CODES else ""
    if item.type is Type.FLAG:
        return "1" if value is True else "0" if value is False else value
    if item.type is Type.MOMENT:
        return datetime.fromisoformat(str(value)).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    return number_text(value) if isinstance(value, float) else value


def revealed(item: Field, value: object, book: CodeBook) -> dict[str, Any]:
    """Give a value that was asked for: for the form's control, and in words."""
    return {"value": _control(item, value), "text": full(item, value, book)}
