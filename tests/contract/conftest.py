"""Code lists of the repository, read once."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from governance.contract import CodeBook, CodeList, code_book, read_code_lists

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def lists() -> Mapping[str, CodeList]:
    return read_code_lists(ROOT / "fixtures" / "codes")


@pytest.fixture(scope="session")
def book(lists: Mapping[str, CodeList]) -> CodeBook:
    return code_book(lists)
