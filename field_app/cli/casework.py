"""Commands on proxy services: services, cases, case."""

import shutil
from argparse import Namespace
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from field_app.cli import output
from field_app.cli.device import UsageError
from field_app.errors import reason_of
from field_app.work.desk import Desk
from field_app.work.errors import Refused
from field_app.work.photos import Take
from governance.contract.casework import DELIVER, HAND_IN, TELL, WITHDRAW

_NEEDS = {
    "start": ("service", "person"),
    "paper": ("material",),
    "sign": ("file", "by"),
    "deliver": ("by",),
}
"""Action of ``case`` → the options it cannot do without."""


def services_run(desk: Desk, arguments: Namespace) -> int:
    """Print what can be done on a resident's behalf."""
    for service in desk.services.all():
        if arguments.item in (None, *service.task_items):
            output.document(asdict(service))
    return 0


def cases_run(desk: Desk, arguments: Namespace) -> int:
    """Print the cases."""
    for row in desk.cases.rows(ended=arguments.ended, person=arguments.person):
        output.document(asdict(row) | {"sync": row.sync.value})
    return 0


def case_run(desk: Desk, arguments: Namespace) -> int:
    """Do one thing with a case."""
    for name in _NEEDS.get(arguments.action, ()):
        if getattr(arguments, name) is None:
            raise UsageError(f"case {arguments.action} 需要 --{name}")
    if arguments.action != "start" and arguments.id is None:
        raise UsageError(f"case {arguments.action} 需要代办件编号")
    return _ACTIONS[arguments.action](desk, arguments)


def _start(desk: Desk, arguments: Namespace) -> int:
    if arguments.task is not None and desk.records.view(arguments.task).kind != "task":
        raise Refused.because("task", "reference", "--task 应为本机上一项任务的编号")
    for saved in desk.cases.begin(arguments.service, arguments.person, task=arguments.task):
        output.document(output.saved_json(saved))
    return 0


def _show(desk: Desk, arguments: Namespace) -> int:
    sheet = desk.cases.sheet(arguments.id)
    people = {
        name: output.row_json(row) if row is not None else None
        for name, row in (("person", sheet.person), ("household", sheet.household))
    }
    rest = {
        "sync": sheet.sync.value,
        "acts": [choice._asdict() for choice in sheet.acts],
        "checklist": [asdict(line) for line in sheet.checklist],
        "parts": [asdict(row) | {"sync": row.sync.value} for row in sheet.parts],
    }
    plain = {name: value for name, value in asdict(sheet).items() if name not in {*people, *rest}}
    output.document(plain | people | rest)
    return 0


def _paper(desk: Desk, arguments: Namespace) -> int:
    form = desk.cases.paper(arguments.id, arguments.material)
    if arguments.number is not None:
        form.put("number", arguments.number)
    if arguments.valid_to is not None:
        form.put_text("valid_to", arguments.valid_to)
    if arguments.file is not None:
        desk.photos.add(form, "photos", arguments.file)
    output.document(output.saved_json(desk.collect.save(form)))
    return 0


def _sign(desk: Desk, arguments: Namespace) -> int:
    signed = desk.cases.sign(
        arguments.id, _given(arguments.file), by=arguments.by, relation=arguments.relation or ""
    )
    output.lines(output.saved_json(saved) for saved in signed)
    return 0


def _given(file: Path) -> Take:
    """Give what puts a picture that is there already where a camera would have written it."""

    def take(target: Path) -> Path:
        try:
            return Path(shutil.copyfile(file, target.with_suffix(file.suffix)))
        except OSError as error:
            raise Refused.because("", "type", f"读不到 {file.name}：{reason_of(error)}") from None

    return take


def _act(act: str) -> Callable[[Desk, Namespace], int]:
    def run(desk: Desk, arguments: Namespace) -> int:
        saved = desk.cases.act(
            arguments.id,
            act,
            note=arguments.note,
            received_by=(arguments.by or "") if act == DELIVER else "",
            receipt=_given(arguments.file) if act == DELIVER and arguments.file else None,
        )
        output.document(output.saved_json(saved))
        return 0

    return run


def _receipt(desk: Desk, arguments: Namespace) -> int:
    output.document({"id": arguments.id, "text": desk.cases.receipt(arguments.id)})
    return 0


_ACTIONS: dict[str, Callable[[Desk, Namespace], int]] = {
    "start": _start,
    "show": _show,
    "paper": _paper,
    "sign": _sign,
    "hand-in": _act(HAND_IN),
    "deliver": _act(DELIVER),
    "tell": _act(TELL),
    "withdraw": _act(WITHDRAW),
    "receipt": _receipt,
}
ACTIONS = tuple(_ACTIONS)
"""What ``case`` can do."""
