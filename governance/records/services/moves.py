"""A record that moves to another grid takes along what is anchored to it, and the tasks about it."""

from collections.abc import Iterable

from governance.records.rows import Held
from governance.records.services.decide import Outcome
from governance.records.services.state import State


def children_follow(state: State, outcomes: Iterable[Outcome]) -> None:
    """Give all records below those that moved their new grid; they become dirty in the state.

    Children lie in their parent's grid, so the streams they leave and enter are locked already.
    """
    for outcome in outcomes:
        if outcome.moved_from is not None and outcome.held is not None:
            _follow(state, outcome.held)


def _follow(state: State, parent: Held) -> None:
    for child in state.children(parent, carried=True):
        if child.grid != parent.grid:
            child.grid = parent.grid
            child.version += 1
            child.dirty = True
            _follow(state, child)
