"""What a submitted form offers (表单提交): the fields that it changes; what is not sent is not changed."""

import json
from datetime import UTC, datetime
from typing import Any

from django.http import QueryDict

from governance.contract import Field, Kind, Type
from governance.contract.kind import Values
from governance.records.registry.values import SHANGHAI

DRAWN = "drawn"
"""What the form's controls held when it was drawn: what stands there still, the user has not touched."""


def offered(kind: Kind, form: QueryDict, held: Values) -> dict[str, object]:
    """Give the fields that a submitted form changes, in JSON forms; nothing else is offered.

    A browser sends every control: what others have written since it was drawn is not taken back by that.
    """
    found: dict[str, object] = {}
    drawn = _drawn(form)
    for item in kind.fields:
        if item.name not in form or (item.name in drawn and _as_drawn(item, form, drawn[item.name])):
            continue
        value = _value(item, form)
        was = held.get(item.name)
        if value != was and not (value in (None, []) and was is None) and not _same_minute(item, value, was):
            found[item.name] = value
    return found


def _drawn(form: QueryDict) -> dict[str, Any]:
    try:
        drawn = json.loads(form.get(DRAWN, ""))
    except (ValueError, RecursionError):
        return {}
    return drawn if isinstance(drawn, dict) else {}


def _as_drawn(item: Field, form: QueryDict, was: Any) -> bool:
    """Whether a control was left as it was drawn."""
    if isinstance(was, list):
        return sorted(filter(None, form.getlist(item.name))) == sorted(map(str, was))
    return _text(form.get(item.name, "")) == _text(str(was))


def _text(sent: str) -> str:
    return sent.strip().replace("\r\n", "\n")


def _same_minute(item: Field, value: object, was: object) -> bool:
    """Whether a moment is the held one, whose seconds the form's control does not show."""
    return item.type is Type.MOMENT and was is not None and str(value)[:16] == str(was)[:16]


def _value(item: Field, form: QueryDict) -> object:
    if item.type is Type.CODES:
        return [code for code in form.getlist(item.name) if code] or None
    text = _text(form.get(item.name, ""))
    if not text:
        return None
    read = _READERS.get(item.type)
    try:
        return read(text) if read else text
    except ValueError:
        return text


def _moment(text: str) -> str:
    when = datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)
    return datetime.fromtimestamp(when.timestamp(), tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


_READERS: dict[Type, Any] = {
    Type.MOMENT: _moment,
    Type.FLAG: lambda text: text != "0",
    Type.INTEGER: int,
    Type.NUMBER: float,
    Type.LON: float,
    Type.LAT: float,
    Type.REF: str.lower,
}
