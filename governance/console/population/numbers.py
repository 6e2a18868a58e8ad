"""Citizen numbers and credit codes with check digits, unique in the city, one grid at a time.

A citizen number is area, birth date, sequence and check digit. Each area's sequences are
shared out among the counties whose people hold it; where a county has more grids than
sequences, the grids take turns by day: a grid may use a day when the day's ordinal leaves
the grid's remainder. A wished birth date is therefore moved by a few days at most.
"""

from datetime import date
from itertools import accumulate
from operator import mul

from governance.console.population.communities import grid_number, grid_share

ERAS: dict[str, tuple[tuple[str, int, int], ...]] = {
    "420502": (("420502", 0, 9999),),
    "420503": (("420503", 0, 9999),),
    "420504": (("420504", 0, 9999),),
    "420505": (("422723", 0, 1975), ("420505", 1970, 9999)),
    "420506": (("422721", 0, 1976), ("420521", 1972, 2001), ("420506", 1986, 9999)),
    "420525": (("422725", 0, 1978), ("420525", 1975, 9999)),
    "420526": (("422726", 0, 1978), ("420526", 1975, 9999)),
    "420527": (("422727", 0, 1978), ("420527", 1975, 9999)),
    "420528": (("422728", 0, 1978), ("420528", 1975, 9999)),
    "420529": (("422729", 0, 1978), ("420529", 1975, 9999)),
    "420581": (("422722", 0, 1971), ("422701", 1970, 1977), ("429007", 1976, 1980), ("420581", 1978, 9999)),
    "420582": (("422724", 0, 1970), ("422702", 1969, 1977), ("429008", 1976, 1980), ("420582", 1978, 9999)),
    "420583": (("422723", 0, 1976), ("420523", 1973, 1982), ("420583", 1979, 9999)),
}
"""County → (area code, first and last birth year of its holders): codes follow the year of
issue, so that older people hold 4227xx (宜昌地区), 429007, 429008, 420521 or 420523 for life."""

ELSEWHERE = (
    "422801", "422802", "422822", "422823", "421002", "421003", "421022", "421087", "420802", "420881",
    "429004", "429005", "429006", "420602", "420102", "420106", "500235", "500236", "500237", "430726",
)  # fmt: skip
"""Areas outside the city from which people move in: neighbouring prefectures, 武汉, 重庆, 湖南."""

COUNTIES = tuple(ERAS)
_SEQUENCES = 499
_HOME, _NEIGHBOUR = 300, 16
_SCATTER = 2_654_435_761
"""Turns the sequences on from day to day, alike for all grids, so that last digits vary in a grid."""

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_ORGANISATION = (3, 7, 9, 10, 5, 8, 4, 2)
_CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_AREA_HOME = {era[0]: county for county, eras in ERAS.items() for era in eras}


def area_of(home: str, year: int, chance: float) -> str:
    """Give the area code on the number of someone from ``home`` born in ``year``.

    ``home`` is a county of the city or an area elsewhere; ``chance`` in [0, 1) decides where
    two codes were in use for that year.
    """
    fit = [area for area, first, last in ERAS.get(home, ()) if first <= year <= last]
    return fit[int(chance * len(fit))] if fit else home


def _sequences(area: str, county: str) -> tuple[int, int]:
    """Give first sequence and number of sequences of an area that a county's grids may use."""
    position = COUNTIES.index(county)
    owner = _AREA_HOME.get(area)
    if owner is None:
        width = _SEQUENCES // len(COUNTIES)
        return 1 + position * width, width
    widths = [_HOME if one == owner else _NEIGHBOUR for one in COUNTIES]
    starts = list(accumulate(widths, initial=1))
    return starts[position], widths[position]


def check_digit(first: str) -> str:
    """Give the 18th character of a citizen number (ISO 7064, MOD 11-2) for the first 17."""
    return _CHECKS[sum(map(mul, map(int, first), _WEIGHTS)) % 11]


class CitizenNumbers:
    """The citizen numbers that one grid may give.

    Parameters
    ----------
    grid : str
        Grid code; its community must be in the list of divisions.
    latest : int
        Ordinal of the last birth date to give a number for.

    ``share`` is the grid's number within its county.
    """

    def __init__(self, grid: str, latest: int) -> None:
        self._county = grid[:6]
        self.share, self._size = grid_share(grid)
        self._latest = latest
        self._areas: dict[str, tuple[int, int, int, int]] = {}
        self._used: set[tuple[str, int, str]] = set()

    def give(self, area: str, sex: str, born: int) -> tuple[str, int]:
        """Give a number and the ordinal of its birth date, as near to ``born`` as is free."""
        period, remainder, start, width = self._areas.get(area) or self._turn(area)
        late = born + (remainder - born) % period
        near = late if late - born <= period // 2 else late - period
        step = 0
        while near > self._latest or (area, near, sex) in self._used:
            step += 1
            near += step * period if step % 2 else -step * period
        self._used.add((area, near, sex))
        sequence = start + (self.share + (near * _SCATTER >> 12)) % width
        day = date.fromordinal(near).isoformat().replace("-", "")
        first = f"{area}{day}{2 * sequence - (sex == '1'):03d}"
        return first + check_digit(first), near

    def _turn(self, area: str) -> tuple[int, int, int, int]:
        start, width = _sequences(area, self._county)
        period = -(-self._size // width)
        turn = self._areas[area] = (period, self.share // width, start, width)
        return turn


def credit_code(grid: str, place: int, registrant: str) -> str:
    """Give the credit code (GB 32100-2015) of a grid's ``place``-th organisation (0 to 255).

    ``registrant`` is its first two characters: authority and kind, such as 92 for sole traders.
    The organisation code (GB 11714) begins with XX, which no real one does.
    """
    rest, body = grid_number(grid) * 256 + place, ""
    for _ in range(6):
        rest, digit = divmod(rest, 31)
        body = _CREDIT[digit] + body
    body = "XX" + body
    organisation = sum(int(one, 36) * weight for one, weight in zip(body, _ORGANISATION, strict=True))
    first = f"{registrant}{grid[:6]}{body}{'0123456789X0'[11 - organisation % 11]}"
    total = sum(_CREDIT.index(one) * pow(3, position, 31) for position, one in enumerate(first))
    return first + _CREDIT[-total % 31]
