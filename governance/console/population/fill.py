"""Filling grids: one batch of records a grid, each independent of all others."""

from collections.abc import Iterable, Iterator
from datetime import date

from governance.console.population.care import care_enter
from governance.console.population.families import NEWBORN, OLD_COUPLE, Shape, family_plan, shape_draw
from governance.console.population.ground import Ground
from governance.console.population.housing import rooms_build
from governance.console.population.people import Plan, family_enter
from governance.console.population.residence import Stay, stay_draw
from governance.console.population.site import Batch, Site
from governance.console.population.surroundings import organisations_enter, things_enter

_KINDS = ("urban", "rural", "special")
_ENOUGH = 20
_NEAR = 8


def street(grids: Iterable[Site], *, seed: int, today: date) -> Iterator[Batch]:
    """Make the synthetic population of some grids, one at a time.

    Parameters
    ----------
    grids : iterable of Site
        Or plain tuples of the same six values.
    seed : int
        The same seed, grid and day give the same records, whatever other grids are made.
    today : date
        The day at which people have their ages: in each grid of 20 households and more someone
        turns 60 some days before it, someone 60 and someone 85 some days after it, and a child
        is less than a month old.

    Yields
    ------
    Batch
        In the grids' order.

    Raises
    ------
    ValueError
        In Chinese: unknown community or kind, too large a household number, polygon too small.
    """
    for site in grids:
        yield grid_fill(Site(*site), seed=seed, today=today)


def grid_fill(site: Site, *, seed: int, today: date) -> Batch:
    """Make the records of one grid; see :func:`street`."""
    if site.kind not in _KINDS:
        raise ValueError(f"网格 {site.code}：类型“{site.kind}”应为 {'、'.join(_KINDS)} 之一")
    if not 0 <= site.households < 9000:
        raise ValueError(f"网格 {site.code}：户数{site.households}应在0到8999之间")
    ground = Ground(site, seed, today)
    rooms = rooms_build(ground)
    families = [
        family_enter(ground, plan, room, number)
        for number, (plan, room) in enumerate(zip(_planned(ground), rooms, strict=True), start=1)
    ]
    care_enter(ground, families)
    organisations_enter(ground)
    things_enter(ground)
    return ground.batch


def _planned(ground: Ground) -> list[Plan]:
    """Plan as many families as the site has households; those with a birthday stand anywhere."""
    households = ground.site.households
    planned = [
        Plan(family_plan(ground.random, shape, days), Stay.REGISTERED, native=True)
        for shape, days in (_occasions(ground) if households >= _ENOUGH else ())
    ]
    while len(planned) < households:
        shape = shape_draw(ground.random, ground.site.rural)
        planned.append(Plan(family_plan(ground.random, shape), stay_draw(ground, shape.name)))
    ground.random.shuffle(planned)
    return planned


def _occasions(ground: Ground) -> list[tuple[Shape, int | None]]:
    """Give the shapes and head's days of families in which somebody turns 60 or 85 or was born."""
    later = _NEAR if ground.chance(0.6) else -_NEAR
    return [
        (OLD_COUPLE, _days_at_birthday(ground.today, 60, -_NEAR)),
        (OLD_COUPLE, _days_at_birthday(ground.today, 60, _NEAR)),
        (OLD_COUPLE, _days_at_birthday(ground.today, 85, later)),
        (NEWBORN, None),
    ]


def _days_at_birthday(today: date, years: int, ahead: int) -> int:
    """Give the age in days of someone who turns ``years`` so many days ahead of today."""
    birthday = date.fromordinal(today.toordinal() + ahead)
    leap = (birthday.month, birthday.day) == (2, 29)
    born = birthday.replace(year=birthday.year - years, day=28 if leap else birthday.day)
    return today.toordinal() - born.toordinal()
