"""What people call the divisions and grids that a rule names by code (规则中的区划)."""

from collections.abc import Iterator
from typing import Any

from governance.contract import CodeBook, CodeItem
from governance.rules.wording import AREAS
from gridmap.naming import area_names


def areas_named(content: object) -> dict[str, str]:
    """Give the names of all areas in a rule's content, by the digits that it says: two queries at most."""
    return area_names(set(_prefixes(content)))


def with_areas(book: CodeBook, *contents: object) -> CodeBook:
    """Give the code book with the areas of rules as one more list, for sentences that name them."""
    names = {code: name for content in contents for code, name in areas_named(content).items()}
    return {**book, AREAS: {code: CodeItem(code, name) for code, name in names.items()}}


def _prefixes(content: object) -> Iterator[str]:
    if isinstance(content, list):
        for each in content:
            yield from _prefixes(each)
    elif isinstance(content, dict):
        named: Any = content.get("prefixes")
        if isinstance(named, list):
            yield from (each for each in named if isinstance(each, str))
        for each in content.values():
            yield from _prefixes(each)
