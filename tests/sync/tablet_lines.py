"""Tablets' command lines beside the real hub, and the air between them."""

import json
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

from field_app.cli.main import main
from tests.sync.django_transport import DjangoTransport

PIN = "246810"


class Air:
    """The network: there is none while ``down``."""

    def __init__(self) -> None:
        self.down = False
        self.transport = DjangoTransport(lambda: "lost" if self.down else "")


class Line:
    """The command line on one data folder; gives what it printed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *arguments: object, code: int = 0) -> list[dict[str, object]]:
        out, err = StringIO(), StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            ended = main(["--data", str(self.folder), *map(str, arguments)])
        self.said = err.getvalue()
        assert ended == code, self.said
        return [json.loads(line) for line in out.getvalue().splitlines()]

    def one(self, *arguments: object, code: int = 0) -> dict[str, object]:
        (document,) = self(*arguments, code=code)
        return document


def save(line: Line, name: str = "王示例", **values: object) -> str:
    (household,) = line("list", "household")
    given = {"household": household["id"], "name": name, "residence_kind": "1", **values}
    return str(line.one("save", "person", json.dumps(given))["id"])


def states(line: Line) -> list[tuple[str, str]]:
    return [(str(row["state"]), str(row["state_label"])) for row in line("outbox")]
