"""A tablet's data folder put back to an older copy: what it pushed since comes to it again."""

import json
import shutil
from pathlib import Path

import pytest

from tests.sync.tablet_lines import Air, Line, save, states


def people(line: Line) -> set[str]:
    return {str(row["id"]) for row in line("list", "person")}


def asked_for(air: Air, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Write down the paths that tablets ask for from now on."""
    paths: list[str] = []
    for name in ("send", "lines"):
        way = getattr(air.transport, name)
        monkeypatch.setattr(
            air.transport, name, lambda request, way=way: (paths.append(request.route), way(request))[1]
        )
    return paths


def test_what_was_pushed_after_the_copy_comes_again(first: Line, tmp_path: Path) -> None:
    early = save(first, "王示例")
    first("sync", "--quiet")
    shutil.copytree(first.folder, tmp_path / "copy")
    late = save(first, "李示例")
    first("save", "person", json.dumps({"phone": "10001234567"}), "--id", early)
    first("sync", "--quiet")
    shutil.rmtree(first.folder)
    shutil.copytree(tmp_path / "copy", first.folder)
    assert people(first) == {early}

    unsent = save(first, "赵示例")
    first("sync", "--quiet")

    assert people(first) == {early, late, unsent}
    assert first.one("show", early)["values"]["phone"] == "10001234567"  # type: ignore[index]
    assert {state for state, _ in states(first)} <= {"hub"}


def test_what_waited_in_the_copy_takes_nothing_in_that_the_hub_would_not_see(
    first: Line, tmp_path: Path
) -> None:
    """The hub has the change already and answers its id from the store, whatever was added to it here."""
    person = save(first, "王示例")
    first("sync", "--quiet")
    first("save", "person", json.dumps({"phone": "10001234567"}), "--id", person)
    shutil.copytree(first.folder, tmp_path / "copy")
    first("sync", "--quiet")
    shutil.rmtree(first.folder)
    shutil.copytree(tmp_path / "copy", first.folder)

    first("save", "person", json.dumps({"note": "门铃坏了"}), "--id", person)
    first("sync", "--quiet")

    values = first.one("show", person)["values"]
    assert isinstance(values, dict)
    assert (values["phone"], values["note"]) == ("10001234567", "门铃坏了")
    assert {state for state, _ in states(first)} <= {"hub"}


def test_a_folder_that_was_never_put_back_takes_no_snapshot(
    first: Line, air: Air, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = asked_for(air, monkeypatch)
    for name in ("王示例", "李示例"):
        save(first, name)
        first("sync", "--quiet")
    assert "sync/pull" in paths
    assert "sync/snapshot" not in paths
