"""Reading accounts, posts and rights (查询): above all, who is acting."""

import datetime
from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from governance.access.abilities import ABILITIES
from governance.access.actor import CARE_KINDS, CARE_RIGHTS, HUB, Actor
from governance.access.facts import Holder, facts_of
from governance.access.models import Device, Post, User
from governance.access.roles import ADMIN_ROLES
from governance.access.scope import Scope, division_prefix
from governance.contract import Owner

__all__ = [
    "HUB",
    "actor_for_device",
    "actor_for_user",
    "actor_renewed",
    "devices_of",
    "devices_serving",
    "posts_active",
    "scope_of",
]


def posts_active(day: datetime.date | None = None) -> QuerySet[Post]:
    """Give the posts that hold on an Asia/Shanghai day (today when left out)."""
    day = day or timezone.localdate()
    return Post.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day), starts_on__lte=day)


def devices_of(user: User) -> QuerySet[Device]:
    """Give an account's devices, the newest first, revoked ones too."""
    return Device.objects.filter(worker=user)


def devices_serving(devices: Collection[UUID]) -> dict[UUID, frozenset[str]]:
    """Give the grids that each device serves today; one that is out of use is missing. Two queries.

    The same that :func:`actor_for_device` says of one device, for thousands at once.
    """
    active = Device.objects.filter(pk__in=devices, revoked_at__isnull=True, worker__is_active=True)
    workers = dict(active.values_list("pk", "worker_id"))
    grids: defaultdict[int, set[str]] = defaultdict(set)
    posts = posts_active().filter(worker__in=set(workers.values()))
    for worker, grid in posts.exclude(worker__groups__name__in=ADMIN_ROLES).values_list("worker_id", "grid"):
        grids[worker].add(grid)
    return {device: frozenset(grids[worker]) for device, worker in workers.items()}


def scope_of(user: User) -> Scope:
    """Give the area an account serves: granted divisions and grids, and the grids of its posts."""
    return actor_for_user(user).scope


def actor_for_user(user: User, purpose: str = "", address: str = "") -> Actor:
    """Give the actor for a signed-in account: one query.

    A superuser serves everything; the separated administrators serve no area at all.
    """
    facts = _facts(user.pk, with_areas=True)
    roles = frozenset(facts["role"])
    rights, abilities = _rights(facts)
    scope = Scope.of([*_posted(facts), *facts["grid"]], _prefixes(facts))
    if user.is_superuser:
        scope, rights, abilities = Scope.everything(), CARE_KINDS, frozenset(ABILITIES)
        roles -= ADMIN_ROLES
    return Actor(
        user_id=user.pk,
        username=user.username,
        device_id=None,
        source=user.department_id or Owner.WORKER.value,
        scope=scope,
        rights=rights,
        purpose=purpose,
        address=address,
        abilities=abilities,
        roles=roles,
        read_only="write_records" not in abilities and not _posted(facts),
        sees_people="read_records" in abilities or bool(_posted(facts)),
    )


def actor_for_device(device: Device, purpose: str = "", address: str = "") -> Actor:
    """Give the actor for an authenticated device: one query more than its authentication.

    A tablet serves the grids of its worker's posts of today, never the areas he may see elsewhere.
    The device of an account out of use serves none.
    """
    facts = facts_of(device.worker_id, timezone.localdate(), with_areas=False)
    worker, revoked = device.worker, bool(device.revoked_as)
    holder = Holder(device.id, worker.pk, worker.username, worker.is_active, revoked, unseen=False)
    return actor_of_holder(holder, facts, purpose, address)


def actor_of_holder(holder: Holder, facts: dict[str, set[str]], purpose: str, address: str) -> Actor:
    """Give the actor for an authenticated device of whose worker the facts are known."""
    _bare(facts)
    if not holder.active:
        facts["post"], facts["past"] = set(), set()
    rights, abilities = _rights(facts)
    return Actor(
        user_id=holder.worker,
        username=holder.username,
        device_id=holder.device,
        source=Owner.WORKER.value,
        scope=Scope.of(_posted(facts), ()),
        rights=rights,
        purpose=purpose,
        address=address,
        abilities=abilities,
        roles=frozenset(facts["role"]),
        hands_in=holder.revoked,
        closed=frozenset(fact.partition(":")[0] for fact in facts["past"]),
        posts=tuple(sorted(facts["post"] | facts["past"])),
    )


def actor_renewed(actor: Actor) -> Actor:
    """Give a device's actor with its worker's posts as they are now, after grids were followed."""
    facts = _facts(actor.user_id or 0, with_areas=False)
    return replace(
        actor,
        scope=Scope.of(_posted(facts), ()),
        closed=frozenset(fact.partition(":")[0] for fact in facts["past"]),
        posts=tuple(sorted(facts["post"] | facts["past"])),
    )


def _posted(facts: dict[str, set[str]]) -> set[str]:
    """Give the grids of the posts, those of closed grids too: their records may not have moved on yet."""
    return {fact.partition(":")[0] for fact in facts["post"] | facts["past"]}


def _facts(user_id: int, *, with_areas: bool) -> dict[str, set[str]]:
    """Gather what holds of an account today."""
    return _bare(facts_of(user_id, timezone.localdate(), with_areas=with_areas))


def _bare(found: dict[str, set[str]]) -> dict[str, set[str]]:
    """Take from a separated administrator whatever would let him serve; gives the same facts."""
    if found["role"] & ADMIN_ROLES:  # whatever else the database says
        found["right"] -= set(CARE_RIGHTS.values())
        for what in ("post", "past", "grid", "division"):
            found[what].clear()
    return found


def _rights(facts: dict[str, set[str]]) -> tuple[frozenset[str], frozenset[str]]:
    """Split permission names into care kinds and abilities."""
    held = facts["right"]
    care = frozenset(kind for kind, right in CARE_RIGHTS.items() if right in held)
    return care, frozenset(name for name in ABILITIES if f"access.{name}" in held)


def _prefixes(facts: dict[str, set[str]]) -> list[str]:
    pairs = (fact.split(":") for fact in facts["division"])
    return [division_prefix(code, int(level)) for code, level in pairs]
