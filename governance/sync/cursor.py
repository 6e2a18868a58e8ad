"""The cursor: how far a tablet has read each stream it follows. Opaque to the tablet."""

import re
from dataclasses import dataclass, field

_NUMBER = "[0-9]{1,18}"  # what a database's column of numbers holds
_FORM = re.compile(
    rf"1~([0-9a-f]+)~([0-9a-f]+)(?:\.([0-9a-f]*))?~({_NUMBER})((?:~[0-9]+-{_NUMBER}(?:-{_NUMBER})?)*)"
)


@dataclass(slots=True)
class Cursor:
    """What a tablet has read.

    Parameters
    ----------
    epoch : str
        Of the hub that gave it.
    rights : str
        Mark of the kinds that the worker may hold; another one means a fresh start.
    map_stamp : int
        Edition of the grids' polygons.
    seqs : dict
        Stream to the last number read.
    posts : str
        Mark of the posts that the tablet was told of.
    joins : dict
        Stream that is read from its beginning to the number up to which all of it is told: the
        tablet does not hold what it wrote there itself in an earlier time.
    """

    epoch: str
    rights: str
    map_stamp: int = 0
    seqs: dict[str, int] = field(default_factory=dict)
    posts: str = ""
    joins: dict[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        joins = {grid: f"-{top}" for grid, top in self.joins.items() if self.seqs.get(grid, 0) < top}
        streams = "".join(f"~{grid}-{seq}{joins.get(grid, '')}" for grid, seq in sorted(self.seqs.items()))
        return f"1~{self.epoch}~{self.rights}.{self.posts}~{self.map_stamp}{streams}"


def cursor_read(text: str) -> Cursor | None:
    """Read a cursor; None where it is not one of this form."""
    match = _FORM.fullmatch(text)
    if match is None:
        return None
    cursor = Cursor(match[1], match[2], int(match[4]), posts=match[3] or "")
    for part in match[5].split("~")[1:]:
        grid, seq, *top = part.split("-")
        cursor.seqs[grid] = int(seq)
        cursor.joins.update((grid, int(number)) for number in top)
    return cursor
