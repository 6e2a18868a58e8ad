"""What a submitted form offers (表单提交): the fields that it changes; what is not sent is not changed."""

from datetime import UTC, datetime
from typing import Any

from django.http import QueryDict

from governance.contract import Field, Kind, Type
from governance.contract.kind import Values
from governance.records.registry.values import SHANGHAI


def offered(kind: Kind, form: QueryDict, held: Values) -> dict[str, object]:
    """Give the fields that a submitted form changes, in JSON forms; nothing else is offered."""
    found: dict[str, object] = {}
    for item in kind.fields:
        if item.name not in form:
            continue
        value = _value(item, form)
        was = held.get(item.name)
        if value != was and not (value in (None, []) and was is None) and not _same_minute(item, value, was):
            found[item.name] = value
    return found


def _same_minute(item: Field, value: object, was: object) -> bool:
    """Whether a moment is the held one, whose seconds the form's control does not show."""
    return item.type is Type.MOMENT and was is not None and str(value)[:16] == str(was)[:16]


def _value(item: Field, form: QueryDict) -> object:
    if item.type is Type.CODES:
        return [code for code in form.getlist(item.name) if code] or None
    text = form.get(item.name, "").strip().replace("\r\n", "\n")
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


def _flag(text: str) -> bool:
    return {"1": True, "0": False}[text] if text in ("0", "1") else bool(text)


_READERS: dict[Type, Any] = {
    Type.MOMENT: _moment,
    Type.FLAG: _flag,
    Type.INTEGER: int,
    Type.NUMBER: float,
    Type.LON: float,
    Type.LAT: float,
    Type.REF: str.lower,
}
