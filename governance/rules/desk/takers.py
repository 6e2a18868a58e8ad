"""What people call those whom a rule names (规则指定的承办人); who they are, the rooms above say."""

from collections.abc import Callable, Iterator
from typing import Any

from governance.contract import CodeBook, CodeItem
from governance.rules.wording import TAKERS

_SOURCES: list[Callable[[str], str]] = []


def takers_named_by(source: Callable[[str], str]) -> None:
    """Let rules ask who an assignee is, such as ``user:li``.

    Parameters
    ----------
    source : callable
        From an assignee to what people read; "" where it knows none such.
    """
    _SOURCES.append(source)


def with_takers(book: CodeBook, *contents: object) -> CodeBook:
    """Give the code book with those whom rules name as one more list, for sentences about them."""
    asked = {name for content in contents for name in _named(content)}
    said = {name: next((text for source in _SOURCES if (text := source(name))), "") for name in asked}
    return {**book, TAKERS: {name: CodeItem(name, text) for name, text in said.items() if text}}


def _named(content: Any) -> Iterator[str]:
    name = content.get("assignee") if isinstance(content, dict) else None
    if isinstance(name, str) and ":" in name:
        yield name
