"""Commands on tasks: list them, go the round of doors, accept, report."""

from argparse import Namespace
from dataclasses import asdict

from field_app.cli import output
from field_app.cli.device import UsageError
from field_app.work.asked import SIGNATURE, Asked
from field_app.work.desk import Desk
from field_app.work.errors import Refused
from field_app.work.rows import Saved
from field_app.work.tasks import TaskRow
from governance.contract.kinds.task_states import DONE, HANDED_ON, OUTCOME_STATES, RETURNED, VISITED

PHOTOS, MATERIALS = "task.photos", "task.materials"

_OUTCOMES = {"done": "done", "attempt": "not_home", "hand-on": "handed_on"}
"""What each action reports unless told otherwise; ``return`` is always told."""

_STATES = {"done": DONE, "attempt": VISITED, "hand-on": HANDED_ON, "return": RETURNED}
"""What each action makes of a task."""


def tasks_run(desk: Desk, arguments: Namespace) -> int:
    """Print the tasks."""
    rows: tuple[TaskRow, ...] = ()
    if arguments.state in ("open", "all"):
        rows += desk.tasks.rows()
    if arguments.state in ("done", "all"):
        rows += desk.tasks.rows(done=True)
    for row in rows:
        output.document(_row_json(desk, row))
    return 0


def route_run(desk: Desk, arguments: Namespace) -> int:
    """Print today's doors in the order of the way."""
    for door in desk.route.doors(_point(arguments.at)):
        value = asdict(door) | {"tasks": [_row_json(desk, row) for row in door.tasks]}
        output.document(value | {"household": door.household or None})
    return 0


def task_run(desk: Desk, arguments: Namespace) -> int:
    """Show a task, accept it, or report what came of it."""
    if arguments.action == "show":
        output.document(_sheet_json(desk, arguments.id))
        return 0
    if arguments.action == "accept":
        output.document(output.saved_json(desk.tasks.accept(arguments.id)))
        return 0
    outcome = arguments.outcome or _OUTCOMES.get(arguments.action)
    if outcome is None:
        raise UsageError("task return 需要 --outcome，见 codes task_outcome")
    fitting = [code for code, state in OUTCOME_STATES.items() if state == _STATES[arguments.action]]
    if outcome not in fitting:
        named = "、".join(fitting)
        raise UsageError(f"task {arguments.action} 的 --outcome 不能是 {outcome}，可选 {named}")
    output.document(output.saved_json(_report(desk, arguments, outcome)))
    return 0


def _report(desk: Desk, arguments: Namespace, outcome: str) -> Saved:
    asked = _filled(desk, arguments)
    position = None
    if arguments.at is not None:
        lon, lat = _point(arguments.at) or (None, None)
        position = {"lon": lon, "lat": lat, "accuracy": None, "crs": "4326"}
    return desk.tasks.finish(
        arguments.id, outcome=outcome, note=arguments.note, asked=asked, position=position
    )


def _filled(desk: Desk, arguments: Namespace) -> Asked:
    """Open a task's form and put in what the command line says."""
    asked = desk.tasks.asked(arguments.id)
    for text in arguments.set:
        name, equals, value = text.partition("=")
        if not equals:
            raise Refused.because("set", "format", "--set 应为 种类.项=值")
        asked.put_text(name, value)
    if arguments.material:
        asked.put(MATERIALS, arguments.material)
    for name, files in ((PHOTOS, arguments.photo), (SIGNATURE, arguments.signature)):
        form, field = asked.form_of(name)
        for file in files:
            desk.photos.add(form, field, file)
    return asked


def _row_json(desk: Desk, row: TaskRow) -> dict[str, object]:
    values = desk.records.view(row.id).values
    names = ("item", "origin", "subject_kind", "subject", "household", "asks", "assignee")
    reported = ("state", "outcome", "outcome_note", "done_at")
    return (
        {"id": row.id, "title": row.title, "about": row.subject, "due": row.due or None}
        | {"when": row.when.value, "urgent": row.urgent, "sync": row.state.value, "stage": row.stage}
        | {name: values.get(name) for name in (*names, *reported)}
    )


def _sheet_json(desk: Desk, id: str) -> dict[str, object]:
    sheet, asked = desk.tasks.sheet(id), desk.tasks.asked(id)
    value: dict[str, object] = {
        name: getattr(sheet, name)
        for name in ("id", "title", "reason", "origin", "opens", "due", "stage", "outcome", "note")
    }
    lines = [{"name": line.name, "label": line.label, "value": line.value} for line in asked.fields]
    more = {"told": sheet.told, "second": sheet.second, "attempts": list(sheet.attempts)}
    return value | more | {"asked": lines, "signature": asked.signature or None, "missing": asked.wanted}


def _point(text: str | None) -> tuple[float, float] | None:
    if text is None:
        return None
    try:
        lon, lat = (float(part) for part in text.split(","))
    except ValueError:
        raise Refused.because("at", "type", "--at 应为 经度,纬度") from None
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise Refused.because("at", "range", "--at 应为 经度,纬度")
    return lon, lat
