"""Tablets (终端): enrol, authenticate, revoke."""

import datetime
import re
import secrets
from dataclasses import dataclass
from uuid import UUID

from axes.utils import reset as forget_failures
from django.conf import settings
from django.contrib.auth import authenticate
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from governance.access.actor import Actor
from governance.access.address import address_of
from governance.access.errors import (
    CredentialsWrong,
    DeviceLimit,
    DeviceLost,
    DeviceRetired,
    Forbidden,
    Throttled,
    TokenUnknown,
)
from governance.access.facts import device_facts
from governance.access.models import Device, User
from governance.access.models.device import Revocation
from governance.access.policy import check_can
from governance.access.selectors import actor_for_device, actor_of_holder, posts_active
from governance.access.services.keys import secret_digest
from governance.access.services.throttle import throttle_hit
from governance.access.signals import tell
from governance.contract import KINDS
from gridmap.models import Grid

_WRONG = "用户名或密码不正确，或账号已停用"
SEEN_EVERY = datetime.timedelta(minutes=1)
_USERNAME = re.compile(r"[\w.@+-]{1,150}")  # what an account may be called, as Django has it


@dataclass(frozen=True, slots=True)
class PostedGrid:
    """A grid that a tablet serves: ``post`` is main or stand_in, ``until`` its last day or None."""

    code: str
    name: str
    post: str
    until: datetime.date | None


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a tablet is told at enrolment; ``token`` is shown this once."""

    token: str
    device: UUID
    username: str
    name: str
    grids: tuple[PostedGrid, ...]
    kinds: tuple[str, ...]


def device_enrol(*, request: HttpRequest, username: str, password: str, name: str) -> Enrolment:
    """Give a worker's tablet its token. Call it outside a transaction: failures must stay counted.

    Parameters
    ----------
    request : HttpRequest
        Django's own; says where the request came from and carries the lock-out's verdict.
    username, password : str
        The worker's.
    name : str
        Name of the tablet for people, at most 100 characters.

    Raises
    ------
    Throttled
        Too many tries from this address, or locked out after too many failures (``wait`` seconds).
    CredentialsWrong
        Wrong name or password, or account out of use.
    Forbidden
        The account has no post today.
    DeviceLimit
        The worker has another active tablet, and the hub has heard from it. One it never heard from is
        retired: the answer to its enrolment got lost, or could not be kept.
    """
    address = address_of(request)
    wait = throttle_hit(key=f"enrol:{address}", limit=settings.ENROL_PER_MINUTE, seconds=60)
    if wait:
        raise Throttled("登记请求过于频繁，请稍后再试", wait=wait)
    user = _authenticate(request, username, password)
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if not user.is_active:  # put out of use since the password was checked
            raise CredentialsWrong(_WRONG)
        grids = posted_grids(user)
        if not grids:
            raise Forbidden("该账号今天没有在岗的网格，不能登记终端")
        unheard = _in_the_way(user)
        device = Device.objects.create(
            worker=user,
            name="".join(filter(str.isprintable, name)).strip()[:100] or "平板",
            token_hash=secret_digest(token),
            enrolled_at=timezone.now(),
        )
        actor = actor_for_device(device, "登记终端", address)
        tell(actor, "device.enrol", username, name=device.name, grids=[grid.code for grid in grids])
        for old in unheard:
            device_revoke(actor=actor, device=old)
    forget_failures(ip=address, username=username)
    kinds = tuple(kind for kind in KINDS if actor.may_read(kind))
    return Enrolment(token, device.id, user.username, user.get_full_name(), grids, kinds)


def device_authenticate(
    token: str, *, handing_in: bool = False, purpose: str = "", address: str = ""
) -> tuple[UUID, Actor]:
    """Give the device of a token and its actor: one query, and a write at most once a minute.

    Parameters
    ----------
    token : str
    handing_in : bool
        Also take a retired device that may still hand in its work; the actor then ``hands_in``.
    purpose, address : str
        Of the actor.

    Raises
    ------
    DeviceLost
        The device was reported lost.
    DeviceRetired
        The device may only hand in work, and this is not that.
    TokenUnknown
        Unknown token, revoked device, or account out of use.
    """
    now = timezone.now()
    holder, facts = device_facts(secret_digest(token), now, SEEN_EVERY)
    if holder is None:
        if Device.objects.filter(token_hash=secret_digest(token), revoked_as=Revocation.LOST).exists():
            raise DeviceLost("本终端已挂失，不能同步；找回后请联系管理员")
        raise TokenUnknown("终端令牌无效或终端已停用，请重新登记；未同步的数据仍保留在本机")
    if holder.revoked and not handing_in:
        raise DeviceRetired("本终端已停用待交回：只能补传未送出的数据，不能再取数据")
    if holder.unseen:
        Device.objects.filter(pk=holder.device).update(last_seen_at=now)
    return holder.device, actor_of_holder(holder, facts, purpose, address)


@transaction.atomic
def device_revoke(*, actor: Actor, device: Device, lost: bool = False) -> Device:
    """Put a device out of use at once: it may read nothing any more, and its worker may enrol another.

    A retired device (停用·待交回, the rule) may hand in its unsent work for ``DEVICE_GRACE_DAYS`` days; from
    a lost one (挂失) nothing is taken. A retired one may be reported lost later, and a lost one found; one
    that is retired again when its days are over gets them anew.

    Raises
    ------
    Forbidden
        Unless the actor manages accounts or is the worker himself; a lost device is found by the former.
    """
    User.objects.select_for_update(no_key=True).get(pk=device.worker_id)  # first, as at an enrolment
    held = Device.objects.select_for_update(of=("self",))
    device = held.select_related("worker").get(pk=device.pk)
    as_ = Revocation.LOST if lost else Revocation.RETIRED
    if actor.user_id != device.worker_id or device.revoked_as == Revocation.LOST:
        check_can(actor, "manage_accounts")
    running = device.push_until is not None and device.push_until > timezone.now()
    if device.revoked_as == as_ and (lost or running):
        return device
    device.revoked_at = device.revoked_at or timezone.now()
    device.revoked_as, device.push_until = as_, None if lost else grace_end()
    device.save(update_fields=["revoked_at", "revoked_as", "push_until"])
    detail = {"device": str(device.pk), "name": device.name, "as": as_.value}
    tell(actor, "device.revoke", device.worker.username, **detail)
    return device


def devices_retire(user: User) -> None:
    """Retire an account's active devices, as when it is put out of use; the caller tells of it."""
    Device.objects.filter(worker=user, revoked_at__isnull=True).update(
        revoked_at=timezone.now(), revoked_as=Revocation.RETIRED, push_until=grace_end()
    )


def grace_end() -> datetime.datetime:
    """Give the moment until which a device retired now may hand in its unsent work."""
    return timezone.now() + datetime.timedelta(days=settings.DEVICE_GRACE_DAYS)


def posted_grids(user: User) -> tuple[PostedGrid, ...]:
    """Give the grids of a worker's posts of today, main ones first."""
    posts = list(posts_active().filter(worker=user).order_by("kind", "grid"))
    names = dict(Grid.objects.filter(code__in=[post.grid for post in posts]).values_list("code", "name"))
    return tuple(PostedGrid(post.grid, names.get(post.grid, ""), post.kind, post.ends_on) for post in posts)


def grids_told(actor: Actor) -> tuple[PostedGrid, ...]:
    """Give the grids of a device's actor in the form of the enrolment, main ones first."""
    posts = [post.split(":") for post in actor.posts]
    held = [(kind, grid, until) for grid, kind, until in posts if grid not in actor.closed]
    names = dict(Grid.objects.filter(code__in=[grid for _, grid, _ in held]).values_list("code", "name"))
    return tuple(
        PostedGrid(grid, names.get(grid, ""), kind, datetime.date.fromisoformat(until) if until else None)
        for kind, grid, until in sorted(held)
    )


def _authenticate(request: HttpRequest, username: str, password: str) -> User:
    possible = _USERNAME.fullmatch(username) and password.isprintable()
    user = authenticate(request, username=username, password=password) if possible else None
    if isinstance(user, User):
        return user
    if getattr(request, "axes_locked_out", False):
        # The route answers in the protocol's form; left set, the flag would bring the browser's page.
        request.axes_locked_out = False  # type: ignore[attr-defined]
        wait = int(settings.AXES_COOLOFF_TIME.total_seconds())
        raise Throttled(f"连续多次登录失败，账号暂时锁定，请{wait // 60}分钟后再试", wait=wait)
    raise CredentialsWrong(_WRONG)


def _in_the_way(user: User) -> list[Device]:
    """Give as many tablets that the hub never heard from as must go for one more."""
    active = list(Device.objects.filter(worker=user, revoked_at__isnull=True).order_by("enrolled_at"))
    over = len(active) + 1 - user.max_devices
    if over <= 0:
        return []
    unheard = [device for device in active if device.last_seen_at is None][:over]
    if len(unheard) < over:
        raise DeviceLimit(f"该账号已有{len(active)}台在用终端，达到上限；请联系安全管理员停用旧终端")
    return unheard
