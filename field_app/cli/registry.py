"""Commands on records: list, show, find, save, close, delete, codes, fields."""

from argparse import Namespace
from collections.abc import Mapping
from dataclasses import asdict
from math import inf
from uuid import UUID

from field_app.cli import output
from field_app.cli.reading import objects_read
from field_app.store.state import View
from field_app.work.desk import Desk
from field_app.work.errors import NotFound, Refused
from field_app.work.forms import Form
from field_app.work.labels import is_closed
from governance.contract import KINDS, Field, Sensitivity, Type
from governance.contract.masking import masked

_UUID7 = 7
_SHOWN_IN_PART = frozenset({Type.PHONE, Type.CITIZEN})
"""Types of which a part is shown even where the field is sensitive."""


def list_run(desk: Desk, arguments: Namespace) -> int:
    """Print the records of a kind."""
    if arguments.kind not in KINDS and not desk.records.views(arguments.kind):
        raise NotFound(f"没有“{arguments.kind[:40]}”这一种类，见 fields")
    wanted = dict(_condition(text) for text in arguments.where)
    if arguments.household is not None:
        wanted["household"] = arguments.household
    kind = KINDS.get(arguments.kind)
    if arguments.under is not None:
        wanted[kind.anchor if kind is not None and kind.anchor else "grid"] = arguments.under
    for view in desk.records.views(arguments.kind):
        if (arguments.closed or not is_closed(view)) and _fits(view, wanted):
            values = view.values if arguments.full else _masked(view)
            row = {} if kind is None else {"title": desk.records.row(view.id).title}
            output.document(output.view_json(view, values) | row)
    return 0


def show_run(desk: Desk, arguments: Namespace) -> int:
    """Print one record in full."""
    view, sheet = desk.records.view(arguments.id), desk.records.sheet(arguments.id)
    changes = [
        {"change": entry.change, "state": entry.state.value, "errors": output.errors_json(entry.errors)}
        for entry in view.entries
    ]
    output.document(
        output.view_json(view, view.values)
        | {"title": sheet.title, "where": sheet.where, "closed": sheet.closed, "withdrawn": view.withdrawn}
        | {"contested": sorted(view.contested), "changes": changes}
        | {"children": [output.row_json(row) for row in sheet.children]}
        | {"message": sheet.message, "history": [asdict(step) for step in sheet.steps]}
    )
    if sheet.message:
        output.say(sheet.message)
    return 0


def find_run(desk: Desk, arguments: Namespace) -> int:
    """Print what is found."""
    for name in arguments.kind:
        if name not in KINDS:
            raise NotFound(f"没有“{name[:40]}”这一种类，见 fields")
    hits = desk.find.search(arguments.text, kinds=tuple(arguments.kind), limit=arguments.limit)
    output.lines(output.row_json(hit.row) | {"why": hit.why} for hit in hits)
    return 0


def save_run(desk: Desk, arguments: Namespace) -> int:
    """Create or edit records; each is stored or refused by itself."""
    records = objects_read(arguments.json)
    if arguments.id is not None and len(records) != 1:
        raise Refused.because("id", "type", "--id 只能配一条记录")
    position = _position(arguments.position) if arguments.position else None
    refused = 0
    for number, values in enumerate(records, 1):
        try:
            form = _form(desk, arguments, values)
            output.document(output.saved_json(desk.collect.save(form, position=position)))
        except Refused as error:
            refused += 1
            output.document({"id": values.get("id"), "errors": output.errors_json(error.problems)})
            output.problems_say(error.problems, f"第{number}条：" if len(records) > 1 else "")
    return 1 if refused else 0


def close_run(desk: Desk, arguments: Namespace) -> int:
    """Close a record."""
    output.document(
        output.saved_json(desk.records.close(arguments.id, reason=arguments.reason, on=arguments.on))
    )
    return 0


def delete_run(desk: Desk, arguments: Namespace) -> int:
    """Withdraw a record made by mistake."""
    output.document(output.saved_json(desk.records.withdraw(arguments.id)))
    return 0


def codes_run(desk: Desk, arguments: Namespace) -> int:
    """Print the code lists, or the codes of one."""
    book = desk.codes.book()
    if arguments.list is None:
        output.lines({"list": name, "codes": len(items)} for name, items in sorted(book.items()))
        return 0
    if arguments.list not in book:
        raise NotFound(f"本机没有代码表“{arguments.list[:40]}”")
    output.lines(
        {"code": item.code, "label": item.label, "retired": item.retired}
        for item in book[arguments.list].values()
    )
    return 0


def fields_run(desk: Desk, arguments: Namespace) -> int:
    """Print the kinds that may be collected, or the fields of one."""
    if arguments.kind is None:
        for choice in desk.collect.kinds():
            under = choice.under or None
            output.document(
                {"kind": choice.kind, "label": choice.label, "element": choice.element, "under": under}
            )
        return 0
    kind = KINDS.get(arguments.kind)
    if kind is None:
        raise NotFound(f"没有“{arguments.kind[:40]}”这一种类")
    output.lines(_field_json(field) for field in kind.fields)
    return 0


def _form(desk: Desk, arguments: Namespace, values: Mapping[str, object]) -> Form:
    """Open the form that the given values belong to, and fill it."""
    offered = dict(values)
    given = offered.pop("id", None)
    known = given if isinstance(given, str) and _held(desk, given) else None
    id = arguments.id or known
    if id is not None:
        form = desk.collect.form(arguments.kind, id=id)
    elif given is not None:
        form = desk.collect.new(arguments.kind, _new_id(given))
    else:
        form = desk.collect.form(arguments.kind, parent=arguments.under)
    for name, value in offered.items():
        form.put(name, value)
    if form.new:
        desk.collect.inherit(form)
    return form


def _held(desk: Desk, id: str) -> bool:
    try:
        desk.records.view(id)
    except NotFound:
        return False
    return True


def _new_id(value: object) -> str:
    try:
        id = UUID(value) if isinstance(value, str) else None
    except ValueError:
        id = None
    if id is None or id.version != _UUID7:
        raise Refused.because("id", "type", "id：新记录的编号应为 UUIDv7")
    return str(id)


def _position(text: str) -> dict[str, object]:
    try:
        numbers = [float(part) for part in text.split(",")]
        lon, lat, *rest = numbers
    except ValueError:
        raise Refused.because("position", "type", "--position 应为 经度,纬度[,精度]") from None
    known = len(rest) <= 1 and all(0 <= accuracy < inf for accuracy in rest)  # JSON has no nan and no inf
    if not (known and -180 <= lon <= 180 and -90 <= lat <= 90):
        raise Refused.because("position", "range", "--position 应为 经度,纬度[,精度]")
    return {"lon": lon, "lat": lat, "accuracy": rest[0] if rest else None, "crs": "4326"}


def _condition(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise Refused.because("where", "format", "--where 应为 项=值")
    return name, value


def _fits(view: View, wanted: Mapping[str, str]) -> bool:
    return all(_as_text(view.values.get(name)) == value for name, value in wanted.items())


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _masked(view: View) -> dict[str, object]:
    """Give the values as lists show them: personal ones masked, sensitive ones only in part or not at all."""
    kind = KINDS.get(view.kind)
    if kind is None:
        return dict(view.values)
    known = ((kind.by_name.get(name), name, value) for name, value in view.values.items())
    return {name: _mask(field, value) for field, name, value in known if field is None or not field.switched}


def _mask(field: Field | None, value: object) -> object:
    if field is None or field.type is Type.REF or field.sensitivity is Sensitivity.PUBLIC:
        return value
    if field.sensitivity is Sensitivity.SENSITIVE and field.type not in _SHOWN_IN_PART:
        return None
    return masked(field, value) if isinstance(value, str) and field.type is not Type.CODE else value


def _field_json(field: Field) -> dict[str, object]:
    return {
        "name": field.name,
        "label": field.label,
        "type": field.type.value,
        "required": field.required,
        "length": field.length,
        "codes": field.codes,
        "target": field.target,
        "owner": field.owner.value,
        "sensitivity": field.sensitivity.value,
        "derived_from": field.derived_from,
        "switched": field.switched,
    }
