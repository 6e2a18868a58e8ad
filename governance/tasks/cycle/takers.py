"""Who may take a task, and how much each has to do (可承办人): what staff choose from."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet

from governance.access.actor import Actor
from governance.access.models import User
from governance.access.policy import check_can
from governance.access.selectors import posts_active
from governance.contract.kinds.task_states import OPEN_STATES
from governance.records.registry.named import field_named_by
from governance.rules.desk.takers import takers_named_by
from governance.tasks.centres.giving import STATION, TEAM, Takers, takers_of
from governance.tasks.cycle.people import USER, holders_of
from governance.tasks.models import Station, Task, Team
from governance.tasks.oversight.workload import Load, loads_of
from gridmap.naming import grid_names


@dataclass(frozen=True, slots=True)
class Errand:
    """What of a task says who may take it: where it is, what it asks, behind which right it lies."""

    grid: str
    asks: str = ""
    register: str = ""


@dataclass(frozen=True, slots=True)
class Taker:
    """Somebody who may take a task: ``assignee`` as tasks name him, and what staff read of him."""

    assignee: str
    text: str


def takers_for(actor: Actor, errands: Collection[Errand], day: date) -> list[Taker]:
    """Give who may take at least one of some tasks: people with a post first, then stations, then teams.

    Parameters
    ----------
    actor : Actor
        Only tasks at grids where he may plan are looked at; work is counted within his area.
    errands : collection of Errand
    day : date
        Asia/Shanghai day.

    Raises
    ------
    Forbidden
        Unless the actor plans tasks.
    """
    check_can(actor, "plan_tasks")
    seen = [errand for errand in errands if actor.scope.covers(errand.grid)]
    grids = {errand.grid for errand in seen}
    if not grids:
        return []
    return [*_people(actor, grids, day), *_others(actor, seen, takers_of(grids), day)]


def takers_named(actor: Actor, words: Collection[str], day: date, most: int) -> list[Taker]:
    """Give the people with a post, stations and teams of an actor's area whose names fit: for rules.

    Parameters
    ----------
    actor : Actor
        Plans tasks, or manages the platform.
    words : collection of str
        Parts of a name, a user name or a code; each must fit.
    day : date
        Asia/Shanghai day.
    most : int
        How many at most of each kind.

    Raises
    ------
    Forbidden
    """
    _check_names(actor)
    where = actor.scope.q if actor.can("plan_tasks") else _everywhere
    if not words:
        return []
    posted = posts_active(day).filter(where("grid")).values("worker")
    people = User.objects.filter(pk__in=posted, is_active=True)
    stations = Station.objects.filter(where("division"), enabled=True)
    teams = Team.objects.filter(where("division"), enabled=True)
    for word in words:
        people = people.filter(Q(name__contains=word) | Q(username__contains=word))
        stations = stations.filter(Q(name__contains=word) | Q(pk__startswith=word))
        teams = teams.filter(name__contains=word)
    found = [Taker(f"{USER}{row.username}", f"{row.name}（{row.username}）") for row in people[:most]]
    found += [Taker(f"{STATION}{row.pk}", row.name) for row in stations.order_by("pk")[:most]]
    return found + [Taker(f"{TEAM}{row.pk}", _team(row)) for row in teams.order_by("pk")[:most]]


def taker_named(actor: Actor, assignee: str) -> Taker:
    """Say who an assignee is to whoever may look for one; its own words where there is none such any more.

    Raises
    ------
    Forbidden
    """
    _check_names(actor)
    return Taker(assignee, taker_text(assignee) or assignee)


def taker_text(assignee: str) -> str:
    """Say in Chinese who an assignee is; "" for whoever has the grid's post, and where there is none such."""
    return takers_text([assignee]).get(assignee, "")


def takers_text(assignees: Collection[str]) -> dict[str, str]:
    """Say in Chinese who assignees are, as far as there are such: one query for each sort of them."""
    named: dict[str, set[str]] = {USER: set(), STATION: set(), TEAM: set()}
    for assignee in assignees:
        what, colon, name = assignee.partition(":")
        named.get(f"{what}{colon}", set()).add(name)
    found: dict[str, str] = {}
    if named[USER]:
        people = User.objects.filter(username__in=named[USER])
        found |= {f"{USER}{row.username}": f"{row.name}（{row.username}）" for row in people}
    if named[STATION]:
        stations = Station.objects.filter(pk__in=named[STATION])
        found |= {f"{STATION}{row.pk}": row.name for row in stations}
    if teams := {name for name in named[TEAM] if name.isdecimal()}:
        found |= {f"{TEAM}{row.pk}": _team(row) for row in Team.objects.filter(pk__in=teams)}
    return found


takers_named_by(taker_text)
field_named_by("task", "assignee", takers_text)


def _check_names(actor: Actor) -> None:
    if not actor.can("manage_system"):
        check_can(actor, "plan_tasks")


def _everywhere(field: str) -> Q:
    return Q()


def _team(row: Team) -> str:
    return f"{row.name}（{row.get_kind_display()}）"


def _people(actor: Actor, grids: Collection[str], day: date) -> Iterator[Taker]:
    """Give those with a post at one of the grids; who serves most of them first."""
    served: dict[str, list[str]] = {}
    said: dict[str, str] = {}
    for grid, people in holders_of(grids, day).items():
        for username, name in people.items():
            served.setdefault(username, []).append(grid)
            said[username] = name
    loads = loads_of(actor, served, day)
    names = grid_names({grid for load in loads.values() for grid in load.grids})
    for username in sorted(served, key=lambda each: (-len(served[each]), each)):
        load = loads.get(username, Load(username, said[username]))
        share = f"服务所选{len(grids)}个网格中的{len(served[username])}个" if len(grids) > 1 else ""
        where = share or "、".join(names.get(grid, grid) for grid in load.grids[:3])
        more = f"等{len(load.grids)}个网格" if not share and len(load.grids) > 3 else ""
        text = f"{said[username]} · {where}{more} · {_work(load.open, load.overdue)}"
        yield Taker(f"{USER}{username}", text)


def _others(actor: Actor, errands: Iterable[Errand], takers: Takers, day: date) -> list[Taker]:
    """Give the stations and teams to which at least one of the tasks may go."""
    named = [(f"{STATION}{code}", row.name) for code, row in takers.stations.items()]
    named += [(f"{TEAM}{number}", _team(row)) for number, row in takers.teams.items()]
    fitting = [
        (assignee, name)
        for assignee, name in named
        if any(not takers.refused(assignee, each.grid, each.asks, each.register) for each in errands)
    ]
    given: QuerySet[Any] = Task.objects.filter(assignee__in=[assignee for assignee, _ in fitting])
    rows = given.filter(actor.scope.q(), state__in=OPEN_STATES, deleted=False)
    late = Count("pk", filter=Q(due_on__lt=day))
    counted = rows.order_by().values("assignee").annotate(n_open=Count("pk"), n_late=late)
    work = {each["assignee"]: (each["n_open"], each["n_late"]) for each in counted}
    return [Taker(assignee, f"{name} · {_work(*work.get(assignee, (0, 0)))}") for assignee, name in fitting]


def _work(opened: int, overdue: int) -> str:
    return f"待办{opened}项" + (f"，逾期{overdue}项" if overdue else "")
