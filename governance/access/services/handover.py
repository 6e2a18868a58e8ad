"""Posts follow the map (岗位随网格): workers go with the records when grids are split, merged or redrawn.

The rule, until an administrator decides otherwise in the posts' own page: whoever works a closed grid works
each grid that lies on its area, for the same days. Where several come together, the main worker of the
largest part is the main worker; the others stand in. The post at the closed grid stays until its records
have moved.
"""

import datetime
from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from guardian.shortcuts import assign_perm

from governance.access.actor import HUB
from governance.access.models import GridGroupRight, GridUserRight, Handover, Post
from governance.access.models.post import PostKind
from governance.access.services.areas import serve_permission
from governance.access.signals import tell
from gridmap.models import Grid
from gridmap.selectors import grid_ancestors, grid_heirs


@dataclass(frozen=True, slots=True)
class Passing:
    """A post to be passed on: what it is, where to, as what, from when."""

    post: Post
    grid: str
    kind: str
    starts_on: datetime.date


def posts_planned(grids: Collection[str]) -> list[Passing]:
    """Give the posts that the closed grids' successors get by the rule; nothing is written.

    Parameters
    ----------
    grids : collection of str
        Closed grids; those that come together with them in a successor are looked at too.
    """
    return [passing for heir in _heirs(_waiting(grids)) for passing in _passed_to(heir)]


@transaction.atomic
def posts_follow(*, grids: Collection[str]) -> int:
    """Pass the posts and area rights of closed grids on by the rule, once; gives the posts made.

    Parameters
    ----------
    grids : collection of str
        Closed grids; those that come together with them in a successor are passed on too.
    """
    waiting = _waiting(grids)
    heirs = _heirs(waiting)
    codes = sorted({*waiting, *heirs})
    list(Grid.objects.select_for_update().filter(code__in=codes).order_by("code").values_list("code"))
    waiting = _waiting(waiting)
    made: list[Passing] = []
    for heir in heirs:
        for passing in _passed_to(heir):
            _pass(passing)
            made.append(passing)
        _rights_pass(heir, waiting)
    Handover.objects.bulk_create([Handover(grid=code, at=timezone.now()) for code in waiting])
    for passing in sorted(made, key=lambda each: each.post.worker.username):  # in the order of their chains
        _pass_tell(passing)
    return len(made)


@transaction.atomic
def posts_close(*, grid: str) -> int:
    """End the posts at a closed grid with today, now that nothing lies there any more; gives how many.

    One that has not begun never will: it is taken away, as its successors were passed on before.
    """
    today = timezone.localdate()
    held = Post.objects.select_for_update(of=("self",)).filter(_from(today), grid=grid)
    posts = sorted(held.select_related("worker").order_by("pk"), key=lambda each: each.worker.username)
    for post in posts:  # in the order of their chains
        tell(HUB, "post.end", post.worker.username, grid=grid, ends_on=today, before=post.ends_on)
        if post.starts_on > today:
            post.delete()
        else:
            post.ends_on = today
            post.save(update_fields=["ends_on"])
    return len(posts)


def _from(day: datetime.date) -> Q:
    return Q(ends_on__isnull=True) | Q(ends_on__gt=day)


def _waiting(grids: Collection[str]) -> list[str]:
    """Give the closed grids not passed on yet, with those that meet them in a successor."""
    found: set[str] = set()
    asked = set(grids)
    while asked:
        done = set(Handover.objects.filter(grid__in=asked).values_list("grid", flat=True))
        closed = Grid.objects.filter(code__in=asked - done, valid_to__isnull=False)
        new = set(closed.values_list("code", flat=True)) - found
        found |= new
        asked = {code for heir in _heirs(new) for code in grid_ancestors(heir)} - found - done
    return sorted(found)


def _heirs(grids: Collection[str]) -> list[str]:
    return sorted({heir for code in grids for heir in grid_heirs(code)})


def _passed_to(heir: str) -> list[Passing]:
    """Give the posts that a grid gets from those it came from, main workers of large parts first."""
    today = timezone.localdate()
    ancestors = _waiting(grid_ancestors(heir))
    areas = dict(Grid.objects.filter(code__in=ancestors).values_list("code", "area_m2"))
    part = {code: areas[code] * grid_heirs(code).get(heir, 0.0) for code in ancestors}
    posts = Post.objects.filter(_from(today) | Q(ends_on=today), grid__in=ancestors).select_related("worker")
    held = list(Post.objects.filter(_from(today) | Q(ends_on=today), grid=heir))
    passings: list[Passing] = []
    for post in sorted(posts, key=lambda each: (each.kind != PostKind.MAIN, -part[each.grid], each.pk)):
        starts_on = max(today, post.starts_on)
        there = [each for each in held if _meet(each, starts_on, post.ends_on)]
        if any(each.worker_id == post.worker_id for each in there):
            continue
        taken = any(each.kind == PostKind.MAIN for each in there)
        kind = PostKind.STAND_IN.value if taken else post.kind
        passings.append(Passing(post, heir, kind, starts_on))
        held.append(Post(worker=post.worker, kind=kind, starts_on=starts_on, ends_on=post.ends_on))
    return passings


def _meet(post: Post, first: datetime.date, last: datetime.date | None) -> bool:
    return (post.ends_on is None or post.ends_on >= first) and (last is None or post.starts_on <= last)


def _pass(passing: Passing) -> None:
    post = passing.post
    Post.objects.create(
        worker=post.worker,
        grid=passing.grid,
        kind=passing.kind,
        starts_on=passing.starts_on,
        ends_on=post.ends_on,
    )


def _pass_tell(passing: Passing) -> None:
    post = passing.post
    tell(
        HUB,
        "post.follow",
        post.worker.username,
        grid=passing.grid,
        before=post.grid,
        kind=passing.kind,
        starts_on=passing.starts_on,
        ends_on=post.ends_on,
    )


def _rights_pass(heir: str, closed: Collection[str]) -> None:
    """Let whoever serves a closed grid by an area right serve the new one."""
    ancestors = set(grid_ancestors(heir)) & set(closed)
    area = Grid.objects.get(code=heir)
    for right in GridUserRight.objects.filter(content_object__in=ancestors).select_related("user"):
        assign_perm(serve_permission(Grid), right.user, area)
    for shared in GridGroupRight.objects.filter(content_object__in=ancestors).select_related("group"):
        assign_perm(serve_permission(Grid), shared.group, area)
