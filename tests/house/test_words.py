"""Words that have no place in the project."""

import re

import pytest

from governance.contract import KINDS
from tests.house.tree import ROOT, files, python, short

TEXTS = (".py", ".md", ".toml", ".kv", ".html", ".css", ".js", ".csv", ".sh", ".example", "Makefile", "run",
         "system-libraries", ".lock", ".svg", ".txt", ".cfg", ".ini", ".yml", ".yaml", ".json")  # fmt: skip
ITSELF = ROOT / "tests" / "house" / "test_words.py"
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:work|root|home|opt|farm|Users)/[\w.-]+|(?<![\w.])/tmp/[\w-]+")
REGISTRY = re.compile(
    r"[\w.-]*(?:pypi|pythonhosted|npmjs|debian|conda)[\w-]*\.(?:org|com|net|io)\b", re.IGNORECASE
)
SECRET = re.compile(r"BEGIN (?:RSA |EC |OPENSSH )?PRIVATE KEY")
UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b|NotImplementedError")
NOT_RUN = re.compile(r"pytest\.(?:skip|xfail|importorskip)|mark\.(?:skip|skipif|xfail)\b")
HIV = re.compile(r"hiv\b|\baids|艾滋", re.IGNORECASE)


def mentions(pattern: re.Pattern[str], paths: list) -> list[tuple[str, str]]:
    return [
        (short(path), found)
        for path in paths
        if path != ITSELF
        for found in pattern.findall(path.read_text(encoding="utf-8"))
    ]


@pytest.mark.parametrize(
    "pattern", [MACHINE_PATH, REGISTRY, SECRET], ids=["machine path", "registry", "secret"]
)
def test_no_file_names_a_place_that_only_one_machine_has(pattern):
    assert mentions(pattern, files(*TEXTS)) == []


def test_nothing_is_left_for_later():
    assert mentions(UNFINISHED, files(".py", ".kv", ".md", ".toml", "Makefile")) == []


def test_every_test_runs():
    assert mentions(NOT_RUN, python("tests")) == []


def test_there_is_no_register_of_hiv_status():
    words = [
        text
        for kind in KINDS.values()
        for text in (
            kind.name,
            kind.label,
            *(word for item in kind.fields for word in (item.name, item.label)),
        )
    ]
    assert not [word for word in words if HIV.search(word)]
    assert mentions(HIV, [*files(".csv"), *python("governance", "gridmap", "field_app")]) == []
