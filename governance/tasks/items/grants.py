"""What a department may ask and get (约定范围), as its items are held to it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Grant:
    """What a department's agreements allow it to ask and get.

    Parameters
    ----------
    areas : mapping
        Kind of record to the first digits of the grids the agreement on it covers.
    fields : frozenset of str
        ``kind.field`` of every agreed item that may go out at present.
    """

    areas: Mapping[str, str]
    fields: frozenset[str]

    def covers(self, kind: str, area: str) -> bool:
        """Whether records of a kind are agreed on for all of an area."""
        agreed = self.areas.get(kind)
        return agreed is not None and area.startswith(agreed)
