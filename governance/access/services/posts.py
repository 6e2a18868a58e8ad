"""Posts (岗位): who works which grid from when to when."""

import datetime

from django.db import transaction
from django.db.models import Q

from governance.access.actor import Actor
from governance.access.errors import NotPossible
from governance.access.models import Post, User
from governance.access.models.post import PostKind
from governance.access.policy import check_can
from governance.access.roles import ADMIN_ROLES
from governance.access.signals import tell
from gridmap.models import Grid


@transaction.atomic
def post_assign(
    *,
    actor: Actor,
    worker: User,
    grid: str,
    starts_on: datetime.date,
    kind: str = PostKind.MAIN.value,
    ends_on: datetime.date | None = None,
) -> Post:
    """Put a worker on a grid from ``starts_on`` to ``ends_on`` (both included; None: until further notice).

    Raises
    ------
    Forbidden
        Unless the actor manages accounts.
    NotPossible
        Unknown grid, account not in use or of an administrator, the worker already there, or another
        main worker in these days.
    ValidationError
        Naming the field, such as an end before the start.
    """
    check_can(actor, "manage_accounts")
    _lock_grid(grid)
    _check_worker(worker)
    post = Post(worker=worker, grid=grid, kind=kind, starts_on=starts_on, ends_on=ends_on)
    post.full_clean(validate_constraints=False)
    _check_days(post)
    post.full_clean()
    post.save(force_insert=True)
    tell(actor, "post.assign", worker.username, grid=grid, kind=kind, starts_on=starts_on, ends_on=ends_on)
    return post


@transaction.atomic
def post_end(*, actor: Actor, post: Post, ends_on: datetime.date) -> Post:
    """End a post with the day ``ends_on``, its last; an earlier end may be put off or brought forward.

    Raises
    ------
    Forbidden
        Unless the actor manages accounts.
    NotPossible
        If the days would then overlap another post.
    ValidationError
        If the end lies before the start.
    """
    check_can(actor, "manage_accounts")
    _lock_grid(post.grid, closed_too=True)
    post = Post.objects.select_related("worker").get(pk=post.pk)
    before, post.ends_on = post.ends_on, ends_on
    post.full_clean(validate_constraints=False)
    _check_days(post)
    post.full_clean()
    post.save(update_fields=["ends_on"])
    tell(actor, "post.end", post.worker.username, grid=post.grid, ends_on=ends_on, before=before)
    return post


def _lock_grid(code: str, *, closed_too: bool = False) -> None:
    """Keep others from changing the grid's posts until this transaction ends."""
    grids = Grid.objects.select_for_update().filter(code=code)
    if not closed_too:
        grids = grids.filter(valid_to__isnull=True)
    if not grids.values_list("code", flat=True).first():
        raise NotPossible(f"没有网格{code}，或该网格已撤销")


def _check_worker(worker: User) -> None:
    if not worker.is_active:
        raise NotPossible(f"账号{worker.username}已停用")
    if worker.groups.filter(name__in=ADMIN_ROLES).exists():
        raise NotPossible("管理员账号不能任网格岗位（三员分立）")


def _check_days(post: Post) -> None:
    if post.ends_on is not None and post.ends_on < post.starts_on:
        raise NotPossible("截止日期不能早于起始日期")
    days = Q(ends_on__isnull=True) | Q(ends_on__gte=post.starts_on)
    if post.ends_on is not None:
        days &= Q(starts_on__lte=post.ends_on)
    others = Post.objects.filter(days, grid=post.grid).exclude(pk=post.pk).select_related("worker")
    for other in others:
        if other.worker_id == post.worker_id:
            raise NotPossible(f"{other.worker}自{other.starts_on}起已在网格{post.grid}任职")
        if other.kind == post.kind == PostKind.MAIN:
            raise NotPossible(
                f"网格{post.grid}自{other.starts_on}起的主责网格员是{other.worker}，请先结束其岗位"
            )
