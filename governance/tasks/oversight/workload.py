"""Who has how much to do (工作量), so that it can be levelled."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import median
from typing import Any

from django.db.models import Count, Q, QuerySet

from governance.access.actor import Actor
from governance.access.models import Post
from governance.access.policy import check_can
from governance.access.selectors import posts_active
from governance.contract import KINDS
from governance.contract.kinds.task_states import OPEN_STATES
from governance.records.registry.areas import in_area
from governance.records.veil import unveiled
from governance.tasks.cycle.people import USER
from governance.tasks.models import Task, VisitFact
from gridmap.models import Grid

_WEEK = timedelta(days=7)
_MONTH = timedelta(days=30)
HEAVY = 1.5
"""Times the usual number of open tasks from which a worker has much more to do than others."""

_FEW = 5
"""Open tasks below which nobody's work is called heavy."""


@dataclass(slots=True)
class Load:
    """A worker's work: open tasks, those late, those due within a week; visits of the last thirty days."""

    username: str
    name: str
    grids: list[str] = field(default_factory=list)
    households: int = 0
    open: int = 0
    overdue: int = 0
    week: int = 0
    visits: int = 0
    heavy: bool = False


def workload(actor: Actor, area: str, today: date) -> list[Load]:
    """Give what each worker of an area has to do, the most loaded first: four statements.

    A grid's tasks are its worker's, or while somebody stands in for him, that one's; a task given to somebody
    by name is his.

    Raises
    ------
    Forbidden
        Unless the actor plans tasks.
    """
    check_can(actor, "plan_tasks")
    posts = posts_active(today).filter(actor.scope.q("grid"), in_area(area)).select_related("worker")
    loads, holder = _holders(posts.order_by("grid", "kind", "id"))
    _count_open(Task.objects.filter(actor.scope.q(), in_area(area)), today, loads, holder)
    _count_visits(actor, area, today, loads)
    _count_households(loads)
    usual = median(load.open for load in loads.values()) if loads else 0
    for load in loads.values():
        load.heavy = load.open >= max(_FEW, HEAVY * usual) and load.open > usual
    return sorted(loads.values(), key=lambda load: (-load.open, load.username))


def loads_of(actor: Actor, usernames: Collection[str], today: date) -> dict[str, Load]:
    """Give what some accounts have to do within an actor's area, counted as above: three statements.

    Raises
    ------
    Forbidden
        Unless the actor plans tasks.
    """
    check_can(actor, "plan_tasks")
    grids, loads, holder = _posted(actor, usernames, today)
    _count_open(Task.objects.filter(grid__in=grids), today, loads, holder)
    return {name: load for name, load in loads.items() if name in usernames}


def tasks_of(actor: Actor, username: str, today: date) -> "QuerySet[Task]":
    """Give the open tasks that are counted as an account's, those that an actor may see: two statements.

    Raises
    ------
    Forbidden
        Unless the actor plans tasks.
    """
    check_can(actor, "plan_tasks")
    grids, _, holder = _posted(actor, [username], today)
    held = [grid for grid, name in holder.items() if name == username]
    mine: Any = Q(assignee=f"{USER}{username}", grid__in=grids)
    rows = Task.objects.filter(mine | Q(assignee__isnull=True, grid__in=held), unveiled(actor, KINDS["task"]))
    return rows.filter(state__in=OPEN_STATES, deleted=False)


def _posted(
    actor: Actor, usernames: Collection[str], today: date
) -> tuple[set[str], dict[str, Load], dict[str, str]]:
    """Give the grids in an actor's area where one of some accounts has a post, and who works there."""
    within = posts_active(today).filter(actor.scope.q("grid")).select_related("worker")
    grids = set(within.filter(worker__username__in=usernames).values_list("grid", flat=True))
    return grids, *_holders(within.filter(grid__in=grids).order_by("grid", "kind", "id"))


def _holders(posts: Iterable[Post]) -> tuple[dict[str, Load], dict[str, str]]:
    """Give the workers by user name, and who has each grid's tasks."""
    loads: dict[str, Load] = {}
    holder: dict[str, str] = {}
    for post in posts:
        username = post.worker.username
        load = loads.setdefault(username, Load(username, post.worker.get_full_name()))
        if post.grid not in load.grids:
            load.grids.append(post.grid)
        if post.kind != "main" or post.grid not in holder:
            holder[post.grid] = username
    return loads, holder


def _count_open(tasks: "QuerySet[Any]", today: date, loads: dict[str, Load], holder: dict[str, str]) -> None:
    counted = (
        tasks.filter(state__in=OPEN_STATES, deleted=False)
        .order_by()
        .values("grid", "assignee")
        .annotate(
            n_open=Count("pk"),
            n_overdue=Count("pk", filter=Q(due_on__lt=today)),
            n_week=Count("pk", filter=Q(due_on__range=(today, today + _WEEK))),
        )
    )
    for grid, assignee, opened, overdue, week in counted.values_list(
        "grid", "assignee", "n_open", "n_overdue", "n_week"
    ):
        named = (assignee or "").removeprefix(USER) if (assignee or "").startswith(USER) else ""
        if assignee and not named:
            continue  # a station's or a team's, not a worker's
        load = loads.get(named or holder.get(grid, ""))
        if load is not None:
            load.open += opened
            load.overdue += overdue
            load.week += week


def _count_visits(actor: Actor, area: str, today: date, loads: dict[str, Load]) -> None:
    rows = VisitFact.objects.filter(actor.scope.q(), in_area(area), day__range=(today - _MONTH, today))
    counted = rows.order_by().values("worker__username").annotate(n=Count("pk"))
    for username, number in counted.values_list("worker__username", "n"):
        if username in loads:
            loads[username].visits = number


def _count_households(loads: dict[str, Load]) -> None:
    grids = {grid for load in loads.values() for grid in load.grids}
    sizes = dict(Grid.objects.filter(code__in=grids, valid_to=None).values_list("code", "households"))
    for load in loads.values():
        load.households = sum(sizes.get(grid) or 0 for grid in load.grids)
