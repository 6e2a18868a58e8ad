"""Reading the centres and teams (中心、队伍查询): which desk serves a grid, who is in a team."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from governance.access.actor import Actor
from governance.access.scope import CITY_PREFIX, LEVEL_DIGITS
from governance.tasks.models import HelpTurn, Station, StationPost, TeamMember

_NEAREST_FIRST = (5, 4)


def station_for(grid: str, kind: str = Station.Kind.SERVICE, *, lowest: int = 5) -> Station | None:
    """Give the station that serves a grid: the community's, else the street's; None where there is none.

    Parameters
    ----------
    grid : str
        Grid code.
    kind : str
        Which of the three centres.
    lowest : int
        Division level to begin at: 5 community, 4 street.
    """
    codes = [grid[: LEVEL_DIGITS[level]] for level in _NEAREST_FIRST if level <= lowest]
    found = {
        row.division_id: row for row in Station.objects.filter(division__in=codes, kind=kind, enabled=True)
    }
    return next((found[code] for code in codes if code in found), None)


def station_above(station: Station) -> Station | None:
    """Give the street's centre that a community's station hands up to; None where there is none."""
    if station.division.level != _NEAREST_FIRST[0]:
        return None
    return station_for(station.division_id, station.kind, lowest=4)


def stations_of(actor: Actor, area: str = "") -> "QuerySet[Station]":
    """Give the stations where an actor has a post today.

    Parameters
    ----------
    actor : Actor
    area : str
        First digits of a division. Who :func:`oversees_desks` is given all stations in it, whoever else his
        own there; without it everybody is given his own.
    """
    rows = Station.objects.filter(enabled=True)
    if actor.user_id is None or not actor.can("handle_cases"):
        return rows.none()
    if area:
        rows = rows.filter(pk__startswith=area)
        if oversees_desks(actor):
            return rows
    held = StationPost.objects.filter(_holds_today(), user=actor.user_id).values("station")
    return rows.filter(pk__in=held)


def oversees_desks(actor: Actor) -> bool:
    """Whether an actor may choose whose desks he looks at: he handles cases and was given the whole city."""
    return actor.can("handle_cases") and actor.scope.covers_prefix(CITY_PREFIX)


def stands_at(actor: Actor, station: str) -> bool:
    """Whether a station is the actor's: by a post of his, or because he oversees all desks."""
    area = station.partition("-")[0] if oversees_desks(actor) else ""
    return stations_of(actor, area=area).filter(pk=station).exists()


def teams_of(user_id: int | None) -> list[int]:
    """Give the teams that an account belongs to today."""
    if user_id is None:
        return []
    rows = TeamMember.objects.filter(_holds_today(), user=user_id, team__enabled=True)
    return list(rows.values_list("team", flat=True).distinct())


def turns_held(tasks: Collection[UUID] | None = None) -> "QuerySet[HelpTurn]":
    """Give what volunteers have taken, all or of some tasks; who left the team has nothing any more."""
    of_turn: Any = {"team": OuterRef("team"), "user": OuterRef("user")}
    members = TeamMember.objects.filter(_holds_today(), user__is_active=True, **of_turn)
    rows = HelpTurn.objects.filter(Exists(members))
    return rows if tasks is None else rows.filter(task__in=tasks)


def _holds_today() -> Q:
    day = timezone.localdate()
    held: Any = Q(ends_on__isnull=True) | Q(ends_on__gte=day)
    return held & Q(starts_on__lte=day)
