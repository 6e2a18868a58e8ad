"""Who is acting (操作者): what every service is told about the one who calls it."""

from dataclasses import dataclass, replace
from uuid import UUID

from governance.access.scope import Scope
from governance.contract import KINDS, Owner

CARE_RIGHTS: dict[str, str] = {kind.name: kind.right for kind in KINDS.values() if kind.right}
"""Kinds with a right of their own (care registers 特殊关怀) → Django permission ``app.codename``."""

CARE_KINDS = frozenset(CARE_RIGHTS)
"""Names of those kinds; without the right they are invisible."""

PEOPLE_KINDS = frozenset(
    {"visit", "paper", "case", *(kind.name for kind in KINDS.values() if kind.element == "人")}
)
"""Kinds about people; whoever may not read base data sees none of them."""

SEPARATED = frozenset({"system_admin", "security_admin", "audit_admin"})
"""The three separated administrators (三员分立); none of them sees people's data."""


@dataclass(frozen=True, slots=True)
class Actor:
    """An account, a device or the hub itself in the course of one request or job.

    Parameters
    ----------
    user_id : int or None
        None for the hub.
    username : str
    device_id : UUID or None
        Set when a tablet acts for its worker.
    source : str
        Contract ``Owner`` value that written values are ascribed to.
    scope : Scope
        Grids that the actor serves.
    rights : frozenset of str
        Care kinds that the actor may see and write.
    by_hub : bool
        Whether the hub acts; only then may fields of the hub be set.
    purpose : str
        What the data are read for, Chinese.
    address : str
        Network address the request came from.
    abilities : frozenset of str
        Names of :data:`governance.access.abilities.ABILITIES`.
    roles : frozenset of str
        Names of the account's groups, see :data:`governance.access.roles.ROLES`.
    read_only : bool
        Whether records may not be written at all.
    sees_people : bool
        Whether records about people may be seen at all.
    hands_in : bool
        Whether this is a retired device: it may hand in work and is told nothing of what is held.
    closed : frozenset of str
        Grids of its posts that the map has closed; their successors are to be followed.
    posts : tuple of str
        A device's posts of today as ``grid:kind:last day``, sorted.
    """

    user_id: int | None
    username: str
    device_id: UUID | None
    source: str
    scope: Scope
    rights: frozenset[str]
    by_hub: bool = False
    purpose: str = ""
    address: str = ""
    abilities: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    read_only: bool = False
    sees_people: bool = True
    hands_in: bool = False
    closed: frozenset[str] = frozenset()
    posts: tuple[str, ...] = ()

    @property
    def device_key(self) -> str | None:
        """The device's id as origins and histories write it."""
        return str(self.device_id) if self.device_id else None

    def may_read(self, kind: str) -> bool:
        """Whether records of a kind may be seen at all (within the scope)."""
        if self.by_hub:
            return True
        seen = self.sees_people or kind not in PEOPLE_KINDS
        return seen and (kind not in CARE_KINDS or kind in self.rights)

    def may_write(self, kind: str) -> bool:
        """Whether records of a kind may be written (within the scope)."""
        return self.by_hub or (not self.read_only and self.may_read(kind))

    @property
    def barred(self) -> frozenset[str]:
        """Kinds with a right of their own that the actor lacks."""
        return frozenset() if self.by_hub else CARE_KINDS - self.rights

    def can(self, ability: str) -> bool:
        """Whether the actor has an ability, such as ``plan_tasks``."""
        return self.by_hub or ability in self.abilities

    def for_purpose(self, purpose: str) -> "Actor":
        """Give the same actor with another purpose."""
        return replace(self, purpose=purpose)


HUB = Actor(
    user_id=None,
    username="hub",
    device_id=None,
    source=Owner.HUB.value,
    scope=Scope.everything(),
    rights=CARE_KINDS,
    by_hub=True,
    purpose="平台自动处理",
)
"""The hub itself: rules, jobs, commands."""
