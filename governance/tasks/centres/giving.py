"""Stations and teams that tasks are given to (中心、队伍承办): which serve a grid, what may go to them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from governance.access.scope import LEVEL_DIGITS
from governance.tasks.models import Station, Team
from governance.tasks.wanted import Wanted

STATION, TEAM = "station:", "team:"
"""How an assignee begins that is a station, a team; its code or number follows."""

NEAREST = {"station": Station.Kind.SERVICE, "peace": Station.Kind.PEACE, "grid": Station.Kind.GRID}
"""Words by which a rule names the nearest station of a kind; ``team`` names the nearest volunteers."""

_LEVELS = (5, 4)


@dataclass(frozen=True, slots=True)
class Takers:
    """The stations and teams in use at some grids' communities and streets, by code and number."""

    stations: Mapping[str, Station]
    teams: Mapping[str, Team]

    def refused(self, assignee: str, grid: str, asks: str, register: str) -> str:
        """Say in Chinese why a task may not go there; empty where it may, and for accounts.

        Parameters
        ----------
        assignee : str
        grid, asks, register : str
            The task's.
        """
        if not assignee.startswith((STATION, TEAM)):
            return ""
        place = self._division(assignee)
        if place is None:
            return "没有这个中心（站）或队伍，或已停用，或任务不在其服务范围内"
        if not grid.startswith(place):
            return f"所选中心（站）或队伍不服务网格{grid}"
        if register:
            return "特殊关怀任务不能派给中心（站）或队伍"
        if asks and assignee.startswith(TEAM):
            return "任务要求登记信息或收取材料，须由网格员办理"
        return ""

    def placed(self, wanted: Wanted) -> str:
        """Give who gets a wanted task: where nobody fits, whoever holds the grid's post."""
        named = wanted.assignee
        if named in NEAREST:
            named = self.nearest(wanted.grid, NEAREST[named])
        elif named == "team":
            named = self._volunteers(wanted.grid)
        elif ":" not in named:
            named = ""
        return "" if self.refused(named, wanted.grid, wanted.asks, wanted.register) else named

    def moved(self, assignee: str, grid: str) -> str:
        """Give the station of the same kind at another grid; empty where there is none, and for others."""
        kind = assignee.rpartition("-")[2] if assignee.startswith(STATION) else ""
        return self.nearest(grid, kind)

    def at(self, grid: str) -> list[Station]:
        """Give the stations that serve a grid, the community's first."""
        codes = _divisions([grid])
        return [row for code in codes for row in self.stations.values() if row.division_id == code]

    def _division(self, assignee: str) -> str | None:
        what, _, name = assignee.partition(":")
        held = (self.stations if f"{what}:" == STATION else self.teams).get(name)
        return held.division_id if held is not None else None

    def nearest(self, grid: str, kind: str) -> str:
        """Give the assignee that is the nearest station of a kind; empty where there is none."""
        return next((f"{STATION}{row.pk}" for row in self.at(grid) if row.kind == kind), "")

    def _volunteers(self, grid: str) -> str:
        for code in _divisions([grid]):
            for number, row in self.teams.items():
                if row.division_id == code and row.kind == Team.Kind.VOLUNTEER:
                    return f"{TEAM}{number}"
        return ""


def takers_of(grids: Collection[str]) -> Takers:
    """Give the stations and teams that serve some grids: two statements."""
    codes = _divisions(grids)
    stations = Station.objects.filter(division__in=codes, enabled=True).order_by("pk")
    teams = Team.objects.filter(division__in=codes, enabled=True).order_by("pk")
    return Takers({row.pk: row for row in stations}, {str(row.pk): row for row in teams})


def all_placed(wanted: Sequence[Wanted]) -> list[Wanted]:
    """Say of each wanted task who gets it, where a station or team is named."""
    named = [each for each in wanted if _named(each)]
    if not named:
        return list(wanted)
    takers = takers_of({each.grid for each in named})
    return [replace(each, assignee=takers.placed(each)) if _named(each) else each for each in wanted]


def _named(wanted: Wanted) -> bool:
    return bool(wanted.assignee) and not wanted.assignee.startswith("user:")


def _divisions(grids: Collection[str]) -> list[str]:
    """Give the communities of grids, then their streets."""
    return [code for level in _LEVELS for code in sorted({grid[: LEVEL_DIGITS[level]] for grid in grids})]
