"""How many grids and households each community gets (seeded by code, exact in total)."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from gridmap.divisions import Community

DEFAULT_SEED = 4205

URBAN_COUNTIES = frozenset({"420502", "420503", "420504", "420505"})
"""西陵、伍家岗、点军、猇亭: the four urban districts."""

URBAN_GRIDS = 1421
RURAL_GRIDS = 9579

URBAN_HOUSEHOLDS = (260, 340)
RURAL_HOUSEHOLDS = (30, 120)
SPECIAL_HOUSEHOLDS = (5, 40)
SPECIAL_USES = ("学校", "市场", "园区")


@dataclass(frozen=True, slots=True)
class Character:
    """What a grid is, beside its polygon: kind, households and the use of a special grid (专属)."""

    kind: str
    households: int
    use: str = ""


def draw(seed: int, *words: object) -> random.Random:
    """Give a generator that depends on the seed and these words only, on every platform."""
    return random.Random(":".join(map(str, (seed, *words))))  # noqa: S311 - reproducible, not secret


def grid_quotas(communities: Sequence[Community], seed: int) -> dict[str, int]:
    """Share the city's 1,421 urban and 9,579 rural grids out among its communities.

    Each community's weight is drawn from its own code; the largest remainders take what is left.
    """
    codes = [community.code for community in communities]
    urban = [code for code in codes if code[:6] in URBAN_COUNTIES]
    rural = [code for code in codes if code[:6] not in URBAN_COUNTIES]
    return _shares(urban, URBAN_GRIDS, seed) | _shares(rural, RURAL_GRIDS, seed)


def _shares(codes: Sequence[str], total: int, seed: int) -> dict[str, int]:
    if not codes:
        return {}
    weights = {code: 0.6 + 0.8 * draw(seed, "quota", code).random() for code in codes}
    unit = (total - len(codes)) / sum(weights.values())
    exact = {code: 1 + weight * unit for code, weight in weights.items()}
    shares = {code: int(value) for code, value in exact.items()}
    left = total - sum(shares.values())
    for code in sorted(codes, key=lambda code: (shares[code] - exact[code], code))[:left]:
        shares[code] += 1
    return shares


def special_places(quotas: dict[str, int], seed: int) -> dict[str, int]:
    """Choose in each town one community and in it one grid to be special (专属): code → place from 0."""
    chosen = {}
    for town, group in groupby(sorted(quotas), key=lambda code: code[:9]):
        generator = draw(seed, "special", town)
        community = generator.choice(list(group))
        chosen[community] = generator.randrange(quotas[community])
    return chosen


def character(code: str, seed: int, *, special: bool) -> Character:
    """Draw kind and households of the grid with this code."""
    generator = draw(seed, "grid", code)
    if special:
        return Character(
            "special", generator.randint(*SPECIAL_HOUSEHOLDS), use=generator.choice(SPECIAL_USES)
        )
    if code[:6] in URBAN_COUNTIES:
        return Character("urban", generator.randint(*URBAN_HOUSEHOLDS))
    return Character("rural", generator.randint(*RURAL_HOUSEHOLDS))
