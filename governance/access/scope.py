"""Which area an actor serves (服务范围): one filter on division prefix or grid code."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from governance.contract import CITY

LEVEL_DIGITS = {2: 4, 3: 6, 4: 9, 5: 12}
"""Division level (2 市, 3 县区, 4 街道乡镇, 5 社区村) → the leading digits that tell a division apart."""

CITY_PREFIX = CITY[: LEVEL_DIGITS[2]]
"""The digits that the codes of all divisions and grids of the city begin with."""


def division_prefix(code: str, level: int) -> str:
    """Give the digits that all grid codes within a division begin with.

    Parameters
    ----------
    code : str
        Division code, whether or not filled up with zeros.
    level : int
        2 to 5.
    """
    return code[: LEVEL_DIGITS[level]]


@dataclass(frozen=True, slots=True)
class Scope:
    """The grids of an actor: single ``grids`` (15 digits) and all below each of ``prefixes`` (digits).

    The empty prefix means the whole city and whatever lies outside it.
    """

    grids: frozenset[str] = frozenset()
    prefixes: tuple[str, ...] = ()

    @classmethod
    def everything(cls) -> "Scope":
        """Give the scope without bounds."""
        return cls(frozenset(), ("",))

    @classmethod
    def of(cls, grids: Iterable[str], prefixes: Iterable[str]) -> "Scope":
        """Give the smallest scope of these: what lies below another prefix is left out."""
        kept: list[str] = []
        for prefix in sorted(set(prefixes)):
            if not kept or not prefix.startswith(kept[-1]):
                kept.append(prefix)
        return cls(frozenset(code for code in grids if not code.startswith(tuple(kept))), tuple(kept))

    @property
    def unbounded(self) -> bool:
        """Whether everything is covered."""
        return "" in self.prefixes

    @property
    def empty(self) -> bool:
        """Whether nothing is covered."""
        return not self.grids and not self.prefixes

    def covers(self, grid: str) -> bool:
        """Whether a grid lies within."""
        return grid in self.grids or grid.startswith(self.prefixes)

    def covers_prefix(self, prefix: str) -> bool:
        """Whether a whole division, named by its prefix digits, lies within."""
        return prefix.startswith(self.prefixes)

    def q(self, field: str = "grid") -> Q:
        """Give the one filter on ``field``, a column of grid codes.

        Prefixes become ranges, which both databases answer from the column's plain index.
        """
        if self.unbounded:
            return Q()
        found = Q(**{f"{field}__in": sorted(self.grids)})
        for prefix in self.prefixes:
            found |= Q(**{f"{field}__gte": prefix, f"{field}__lt": _after(prefix)})
        return found


def _after(prefix: str) -> str:
    """Give the first string of digits behind all that begin with ``prefix``."""
    return str(int(prefix) + 1).zfill(len(prefix))
