"""The environment: settings read it, .env.example tells it, the locks pin it."""

import ast
import re
import tomllib

import pytest

from tests.house.tree import ROOT, python, short

SETTINGS = ROOT / "governance" / "config" / "settings.py"
WHOLE = ROOT / ".ci" / "requirements.lock"
TABLET = ROOT / "field_app" / "requirements.lock"
PINNED = re.compile(r"^([a-z0-9-]+)==(\S+)", re.MULTILINE)
NAME = re.compile(r"^[A-Za-z0-9._-]+")


def variables_read() -> set[str]:
    """Every first argument of ``env(…)`` and ``env.kind(…)`` in the settings."""
    names = set()
    for node in ast.walk(ast.parse(SETTINGS.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        reader = node.func.value if isinstance(node.func, ast.Attribute) else node.func
        is_reader = isinstance(reader, ast.Name) and reader.id == "env"
        if is_reader and getattr(node.func, "attr", "") != "read_env":
            assert isinstance(node.args[0], ast.Constant), "a variable's name must be written out"
            names.add(node.args[0].value)
    return names


def test_env_example_lists_what_the_settings_read():
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    listed = {match[1] for line in lines if (match := re.match(r"#?\s?([A-Z][A-Z0-9_]*)=", line))}
    assert listed == variables_read()


def test_only_the_settings_read_the_environment():
    reading = re.compile(r"os\.getenv|environ\.get\(|os\.environ\[")
    rooms = [path for path in python("governance", "gridmap") if path != SETTINGS]
    assert [short(path) for path in rooms if reading.search(path.read_text(encoding="utf-8"))] == []


def names(requirements: list[str]) -> set[str]:
    found = {match[0] for text in requirements if (match := NAME.match(text))}
    return {re.sub(r"[-_.]+", "-", name).lower() for name in found}


@pytest.fixture(scope="module")
def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.mark.parametrize("lock", [WHOLE, TABLET], ids=short)
def test_a_lock_pins_every_package_by_hash_and_names_no_host(lock):
    text = lock.read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[a-z0-9])", text.strip())
    assert entries
    assert all(PINNED.match(entry) and "--hash=sha256:" in entry for entry in entries)
    assert "://" not in text
    assert "--index" not in text


def test_the_locks_hold_what_the_project_asks_for(project):
    everything = [
        *project["dependencies"],
        *(one for some in project["optional-dependencies"].values() for one in some),
    ]
    assert names(everything) <= {name for name, _ in PINNED.findall(WHOLE.read_text(encoding="utf-8"))}
    assert names(project["dependencies"]) <= {
        name for name, _ in PINNED.findall(TABLET.read_text(encoding="utf-8"))
    }


def test_the_tablet_carries_nothing_of_the_hub(project):
    tablet = set(PINNED.findall(TABLET.read_text(encoding="utf-8")))
    assert tablet <= set(PINNED.findall(WHOLE.read_text(encoding="utf-8")))
    assert not {name for name, _ in tablet} & names(project["optional-dependencies"]["hub"])
