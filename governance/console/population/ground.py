"""What every maker of one grid's records shares: the site, chance, ids, numbers, today."""

from dataclasses import dataclass, field
from datetime import date
from random import Random

from governance.console.population.communities import grid_number
from governance.console.population.draw import Weighted, seeded
from governance.console.population.ids import Ids
from governance.console.population.names import place_names
from governance.console.population.numbers import CitizenNumbers
from governance.console.population.site import Batch, Row, Site
from gridmap.divisions import short_name

_VERIFICATION = Weighted({"3": 86, "1": 9, "2": 5})
_ROADS = 4

UNNUMBERED_DAYS = 30
"""Children younger than this are not registered yet and have a birth certificate instead."""


@dataclass(slots=True)
class Ground:
    """One grid while it is being filled.

    Parameters
    ----------
    site : Site
    seed : int
    today : date
        The day at which people have their ages.

    ``day`` is today's ordinal, ``serial`` the grid's number in the city.
    """

    site: Site
    seed: int
    today: date
    batch: Batch = field(init=False)
    random: Random = field(init=False)
    numbers: CitizenNumbers = field(init=False)
    roads: list[str] = field(init=False)
    day: int = field(init=False)
    county: str = field(init=False)
    serial: int = field(init=False)
    _ids: Ids = field(init=False)

    def __post_init__(self) -> None:
        code = self.site.code
        self.batch = Batch(code)
        self.random = seeded("grid", self.seed, code)
        self.day = self.today.toordinal()
        self.numbers = CitizenNumbers(code, self.day - UNNUMBERED_DAYS)
        self.roads = [f"{name}路" for name in place_names(seeded("roads", self.seed, code[:12]), _ROADS)]
        self.county = code[:6]
        self.serial = grid_number(code)
        self._ids = Ids(code, self.seed)

    @property
    def village(self) -> str:
        """Street and community as they begin an address in the country."""
        return self.site.street + short_name(self.site.community)

    def add(self, kind: str, values: Row, verification: str | None = None) -> Row:
        """Enter a record of a kind and give its row."""
        row: Row = {"id": self._ids.give(), "grid": self.site.code, **values}
        row["verification"] = verification or self.verification()
        self.batch.rows[kind].append(row)
        return row

    def verification(self) -> str:
        """Draw how far a record is verified: mostly 已核实."""
        return _VERIFICATION.draw(self.random)

    def below(self, limit: int) -> int:
        """Draw a whole number from 0 up to but not including ``limit``."""
        return int(self.random.random() * limit)

    def chance(self, share: float) -> bool:
        """Say yes in a ``share`` of all cases."""
        return self.random.random() < share

    def ago(self, days: int) -> str:
        """Give the day so many days before today (after it where negative), ``YYYY-MM-DD``."""
        return date.fromordinal(self.day - days).isoformat()
