"""The rooms, their names and the size of their files."""

import ast

import pytest

from tests.house.tree import ROOMS, ROOT, python, short, tracked

ASKED_FOR = {
    "pyproject.toml",
    "README.md",
    "manage.py",
    "governance",
    "gridmap",
    "field_app",
    "fixtures",
    "tests",
}
BESIDE = {"docs", "Makefile"}
CATCH_ALL = {"core", "common", "utils", "util", "helpers", "helper", "misc", "shared", "lib"}
GREATEST_LENGTH = 400


def test_the_top_level_is_what_the_owner_asked_for():
    found = {path.name for path in ROOT.iterdir() if tracked(path) and not path.name.startswith(".")}
    assert found == ASKED_FOR | BESIDE


def test_no_room_or_file_is_a_catch_all():
    named = {
        name for path in python(*ROOMS, "tests") for name in path.relative_to(ROOT).with_suffix("").parts
    }
    assert not named & CATCH_ALL


@pytest.mark.parametrize("path", python(*ROOMS, "tests", "fixtures"), ids=short)
def test_a_file_is_short(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= GREATEST_LENGTH


@pytest.mark.parametrize("path", python(*ROOMS), ids=short)
def test_a_module_says_what_it_is(path):
    text = path.read_text(encoding="utf-8")
    assert not text.strip() or ast.get_docstring(ast.parse(text))
