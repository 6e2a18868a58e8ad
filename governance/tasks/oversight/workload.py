"""Who has how much to do (工作量), so that it can be levelled."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import median

from django.db.models import Count, Q

from governance.access.actor import Actor
from governance.access.models import Post
from governance.access.policy import check_can
from governance.access.selectors import posts_active
from governance.contract.kinds.task_states import OPEN_STATES
from governance.records.registry.areas import in_area
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
    _count_open(actor, area, today, loads, holder)
    _count_visits(actor, area, today, loads)
    _count_households(loads)
    usual = median(load.open for load in loads.values()) if loads else 0
    for load in loads.values():
        load.heavy = load.open >= max(_FEW, HEAVY * usual) and load.open > usual
    return sorted(loads.values(), key=lambda load: (-load.open, load.username))


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


def _count_open(actor: Actor, area: str, today: date, loads: dict[str, Load], holder: dict[str, str]) -> None:
    rows = Task.objects.filter(actor.scope.q(), in_area(area), state__in=OPEN_STATES, deleted=False)
    counted = (
        rows.order_by()
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
