"""Putting known-wrong functions in the place of right ones, and back."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any

Mutant = Callable[[], AbstractContextManager[None]]
"""Makes hub or tablet wrong for a while."""


@contextmanager
def patched_all(*patches: tuple[Any, str, Any]) -> Iterator[None]:
    """Put things in the place of a module's or class's attributes for a while."""
    with ExitStack() as stack:
        for owner, name, new in patches:
            stack.callback(setattr, owner, name, owner.__dict__[name])
            setattr(owner, name, new)
        yield


def patched(owner: Any, name: str, new: Any) -> AbstractContextManager[None]:
    """Put one thing in the place of an attribute for a while."""
    return patched_all((owner, name, new))
