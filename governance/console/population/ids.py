"""Record ids of the synthetic population: UUIDv7-shaped, the same for the same seed and grid."""

from governance.console.population.communities import grid_number
from governance.console.population.draw import seeded

_START = 1_735_689_600_000
"""Milliseconds of 2025-01-01T00:00Z; a fixed time part, so that ids never depend on a clock."""

_SPAN = 1 << 16
"""Ids that one grid may use up."""


class Ids:
    """Gives the ids of one grid's records in ascending order.

    The time part counts grids and records, therefore no two grids of the city ever share an
    id; the random part comes from the seed, therefore two seeds do not either.

    Parameters
    ----------
    grid : str
        Grid code, 15 digits.
    seed : int
    """

    def __init__(self, grid: str, seed: int) -> None:
        self._bits = seeded("ids", seed, grid).getrandbits
        self._next = (_START << 12) + grid_number(grid) * _SPAN
        self._end = self._next + _SPAN

    def give(self) -> str:
        """Give the next id in the usual text form.

        Raises
        ------
        ValueError
            When the grid has used up its 65,536 ids.
        """
        stamp = self._next
        if stamp >= self._end:
            raise ValueError("一个网格生成的记录不能超过65536条")
        self._next = stamp + 1
        high = stamp >> 12 << 16 | 0x7000 | stamp & 0xFFF
        low = 0b10 << 62 | self._bits(62)
        text = f"{high << 64 | low:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
