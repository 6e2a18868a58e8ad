"""What the model is made of: writers, records with who said what, answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from governance.contract import Kind

Wire = Mapping[str, Any]


@dataclass(frozen=True)
class Who:
    """A writer: ``grids`` is None for one who serves the whole city, ``barred`` what he has no right to."""

    user: int | None
    device: str | None
    source: str
    grids: frozenset[str] | None
    by_hub: bool = False
    barred: frozenset[str] = frozenset()
    came: int = 0

    def covers(self, grid: str) -> bool:
        """Whether a grid is his."""
        return self.grids is None or grid in self.grids


@dataclass(frozen=True)
class Origin:
    """Who set a value, in which version."""

    version: int
    user: int | None
    device: str | None
    source: str
    came: int


@dataclass(frozen=True)
class Late:
    """A change that was refused and waits in the inbox; ``codes`` say why."""

    who: Who
    change: Wire
    codes: frozenset[str]
    came: int


@dataclass
class Row:
    """A record: ``made`` speaks for all fields that ``origins`` does not name."""

    kind: Kind
    id: str
    grid: str
    values: dict[str, Any]
    made: Origin
    version: int = 1
    origins: dict[str, Origin] = field(default_factory=dict)
    deleted: bool = False

    @property
    def open(self) -> bool:
        """Whether it is neither withdrawn nor closed."""
        return not self.deleted and self.values.get("closed_on") is None

    def copy(self) -> "Row":
        """Give one that changes by itself."""
        return replace(self, values=dict(self.values), origins=dict(self.origins))


@dataclass(frozen=True)
class Answer:
    """What a change should be answered with."""

    status: str
    version: int | None = None
    codes: frozenset[str] = frozenset()
