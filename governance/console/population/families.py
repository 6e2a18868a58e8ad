"""Who lives together: shapes of families with plausible ages, about 2.6 people a household.

A family is planned before anybody gets a name: who is head, how the others stand to him, how
many days each has lived. Ages hang together (a mother is 20 to 40 years older than her child).
"""

from collections.abc import Callable
from random import Random
from typing import NamedTuple

from governance.console.population.draw import Weighted

YEAR = 365.2425
MALE, FEMALE = "1", "2"


class Member(NamedTuple):
    """One member of a planned family.

    ``role`` is one of head, spouse, child, child_in_law, grandchild, parent; ``sex`` a code of
    GB/T 2261.1; ``days`` the age.
    """

    role: str
    sex: str
    days: int


class Shape(NamedTuple):
    """A shape of family: members after the head, the head's ages, weights in town and country."""

    name: str
    others: tuple[str, ...]
    youngest: int
    oldest: int
    urban: int
    rural: int


SHAPES = (
    Shape("young_single", (), 22, 45, 10, 5),
    Shape("old_single", (), 60, 93, 7, 12),
    Shape("young_couple", ("spouse",), 24, 42, 11, 6),
    Shape("old_couple", ("spouse",), 52, 88, 17, 20),
    Shape("one_child", ("spouse", "child"), 26, 47, 26, 14),
    Shape("two_children", ("spouse", "child", "child"), 28, 46, 9, 9),
    Shape("single_parent", ("child",), 27, 50, 4, 3),
    Shape("grown_child", ("spouse", "grown_child"), 48, 68, 5, 8),
    Shape("with_mother", ("spouse", "child", "mother"), 28, 47, 6, 6),
    Shape("with_parents", ("spouse", "child", "father", "mother"), 28, 45, 2, 3),
    Shape("stem", ("spouse", "grown_child", "child_in_law", "grandchild"), 51, 66, 3, 7),
    Shape("skip", ("spouse", "grandchild"), 54, 74, 0, 7),
)
"""Shapes that chance draws from; weights are per cent in town, about so in the country."""

OLD_COUPLE = SHAPES[3]
NEWBORN = Shape("newborn", ("spouse", "newborn"), 24, 36, 0, 0)
_URBAN = Weighted({shape: shape.urban for shape in SHAPES})
_RURAL = Weighted({shape: shape.rural for shape in SHAPES})


def shape_draw(random: Random, rural: bool) -> Shape:
    """Draw a shape by its weight in town or country."""
    return (_RURAL if rural else _URBAN).draw(random)


def family_plan(random: Random, shape: Shape, days: int | None = None) -> list[Member]:
    """Plan the members of one family, the head first; he is so many days old where that is given."""
    age = days or int((shape.youngest + random.random() * (shape.oldest + 1 - shape.youngest)) * YEAR)
    old = shape.name == "old_single"
    male = random.random() < (0.35 if old else 0.2 if shape.name == "single_parent" else 0.72)
    family = [Member("head", MALE if male else FEMALE, age)]
    for role in shape.others:
        family.append(_ROLES[role](random, family))
    return family


def _years(random: Random, low: float, high: float) -> int:
    return int((low + random.random() * (high - low)) * YEAR)


def _spouse(random: Random, family: list[Member]) -> Member:
    head = family[0]
    older = 1 if head.sex == FEMALE else -1
    days = head.days + older * _years(random, -1.5, 4)
    return Member("spouse", FEMALE if head.sex == MALE else MALE, max(days, int(20 * YEAR)))


def _mother_days(family: list[Member]) -> int:
    return min(one.days for one in family[:2] if one.role in ("head", "spouse"))


def _sex(random: Random) -> str:
    return MALE if random.random() < 0.52 else FEMALE


def _child(random: Random, family: list[Member]) -> Member:
    high = _mother_days(family) / YEAR - 21
    low = max(0.0, high - 14)
    earlier = [one.days / YEAR for one in family if one.role == "child"]
    if earlier:
        high = max(0.2, earlier[-1] - 1)
        low = max(0.1, high - 6)
    return Member("child", _sex(random), max(_years(random, low, min(high, 22)), 70))


def _newborn(random: Random, _: list[Member]) -> Member:
    return Member("child", _sex(random), 2 + int(random.random() * 26))


def _grown_child(random: Random, family: list[Member]) -> Member:
    high = _mother_days(family) / YEAR - 21
    sex = MALE if random.random() < 0.7 else FEMALE
    return Member("child", sex, _years(random, max(22.5, high - 6), max(25, high)))


def _child_in_law(random: Random, family: list[Member]) -> Member:
    child = next(one for one in family if one.role == "child")
    sex = FEMALE if child.sex == MALE else MALE
    return Member("child_in_law", sex, max(child.days + _years(random, -3, 2), int(21 * YEAR)))


def _grandchild(random: Random, family: list[Member]) -> Member:
    parents = [one.days / YEAR for one in family if one.role in ("child", "child_in_law")]
    high = min(parents) - 20 if parents else _mother_days(family) / YEAR - 42
    return Member("grandchild", _sex(random), max(_years(random, max(0, high - 8), min(high, 15)), 70))


def _parent(sex: str) -> Callable[[Random, list[Member]], Member]:
    def plan(random: Random, family: list[Member]) -> Member:
        other = [one.days for one in family if one.role == "parent"]
        days = other[0] - _years(random, -1, 4) if other else family[0].days + _years(random, 22, 33)
        return Member("parent", sex, days)

    return plan


_ROLES: dict[str, Callable[[Random, list[Member]], Member]] = {
    "spouse": _spouse,
    "child": _child,
    "newborn": _newborn,
    "grown_child": _grown_child,
    "child_in_law": _child_in_law,
    "grandchild": _grandchild,
    "father": _parent(MALE),
    "mother": _parent(FEMALE),
}
