"""Known-wrong variants of hub and tablet, each a patch of one function that undoes itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from field_app.sync import pages
from governance.records.services import apply


@contextmanager
def patched(owner: Any, name: str, new: Any) -> Iterator[None]:
    """Put something in the place of a module's or class's function for a while."""
    old = getattr(owner, name)
    setattr(owner, name, new)
    try:
        yield
    finally:
        setattr(owner, name, old)


def answers_forgotten() -> Any:
    """The hub does not know again a change that it has answered."""
    return patched(apply, "answers", lambda _: {})


def scope_not_left() -> Any:
    """The tablet keeps what has left its worker's grids."""
    return patched(pages, "_leave", lambda *_: None)
