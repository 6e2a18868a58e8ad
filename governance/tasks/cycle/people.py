"""Whom a task may be given to (承办人): those who hold a post at its grid today."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date

from governance.access.selectors import posts_active
from governance.tasks.centres.giving import STATION, TEAM

USER = "user:"
"""How an assignee begins that is an account."""


def holders_of(grids: Collection[str], day: date) -> dict[str, dict[str, str]]:
    """Give for each grid the accounts that hold a post there on a day, main worker and stand-ins.

    Parameters
    ----------
    grids : collection of str
    day : date
        Asia/Shanghai day.

    Returns
    -------
    dict
        Grid to user name to what people read, such as ``李志强（代班）``; the main worker first.
    """
    rows = posts_active(day).filter(grid__in=set(grids), worker__is_active=True).select_related("worker")
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for post in sorted(rows, key=lambda post: (post.kind != "main", post.pk)):
        name = f"{post.worker.name}（{post.get_kind_display()}）"
        found[post.grid].setdefault(post.worker.username, name)
    return found


def assignee_refused(assignee: str, grid: str, holders: dict[str, dict[str, str]]) -> str:
    """Say in Chinese why a grid's task may not go to an account; empty where it may, and for others."""
    if assignee and not assignee.startswith((USER, STATION, TEAM)):
        return "没有这个承办人，请从查找结果中选择"
    if not assignee.startswith(USER) or assignee.removeprefix(USER) in holders.get(grid, {}):
        return ""
    return f"{assignee.removeprefix(USER)}今天在网格{grid}没有岗位，看不到这项任务"
