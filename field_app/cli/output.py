"""What goes to standard output (JSON) and to standard error (people)."""

import json
import sys
from collections.abc import Iterable, Mapping

from field_app.store.state import View
from field_app.work.rows import Row, Saved
from governance.contract import Problem


def document(value: object) -> None:
    """Write one JSON document on a line of its own."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")


def lines(values: Iterable[object]) -> None:
    """Write JSON lines."""
    for value in values:
        document(value)


def say(text: str) -> None:
    """Write a line for people."""
    sys.stderr.write(text + "\n")


def problems_say(problems: Iterable[Problem], before: str = "") -> None:
    """Write each problem on a line for people."""
    for problem in problems:
        say(f"{before}{problem.reason}" + (f"（{problem.field}）" if problem.field else ""))


def row_json(row: Row) -> dict[str, object]:
    """Give a list line."""
    return {
        "id": row.id,
        "kind": row.kind,
        "title": row.title,
        "subtitle": row.subtitle,
        "state": row.state.value,
        "closed": row.closed,
    }


def saved_json(saved: Saved) -> dict[str, object]:
    """Give what a save came to; ``change`` is null when there was nothing to tell the hub."""
    state = saved.state.value if saved.state is not None else None
    value: dict[str, object] = {"id": saved.id, "change": saved.change or None, "state": state}
    return value | ({"remarks": list(saved.remarks)} if saved.remarks else {})


def errors_json(problems: Iterable[Problem]) -> list[dict[str, str]]:
    """Give problems in their wire form."""
    return [problem.as_json() for problem in problems]


def view_json(view: View, values: Mapping[str, object]) -> dict[str, object]:
    """Give a record with the values that may be shown."""
    return {
        "id": view.id,
        "kind": view.kind,
        "grid": view.grid or None,
        "version": view.version,
        "state": view.state.value,
        "values": dict(values),
    }
