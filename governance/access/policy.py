"""Who may do what (权限规则): every ``may_…`` of the platform, and ``check_…`` that raises Forbidden.

A rule combines what the actor can (abilities and care rights from roles) with where (the scope).
"""

from governance.access.actor import Actor
from governance.access.errors import Forbidden
from governance.contract import KINDS

__all__ = [
    "Forbidden",
    "check_can",
    "check_read",
    "check_read_kind",
    "check_reveal",
    "check_scope",
    "check_write",
    "may",
    "may_read",
    "may_reveal",
    "may_write",
]


def may(actor: Actor, ability: str, grid: str = "") -> bool:
    """Whether the actor has an ability, and serves ``grid`` where one is named."""
    return actor.can(ability) and (not grid or actor.scope.covers(grid))


def may_read(actor: Actor, kind: str, grid: str) -> bool:
    """Whether the actor may see a record of this kind in this grid."""
    return actor.may_read(kind) and actor.scope.covers(grid)


def may_write(actor: Actor, kind: str, grid: str) -> bool:
    """Whether the actor may write a record of this kind in this grid."""
    return actor.may_write(kind) and actor.scope.covers(grid)


def may_reveal(actor: Actor, kind: str, grid: str) -> bool:
    """Whether the actor may see a full value that lists show masked; he names a purpose."""
    return may_read(actor, kind, grid) and actor.can("reveal_values") and bool(actor.purpose.strip())


def check_can(actor: Actor, ability: str, grid: str = "") -> None:
    """Raise Forbidden unless :func:`may`."""
    if not actor.can(ability):
        raise Forbidden("您的角色没有此项权限")
    if grid:
        check_scope(actor, grid)


def check_scope(actor: Actor, grid: str) -> None:
    """Raise Forbidden unless the grid lies in the actor's scope."""
    if not actor.scope.covers(grid):
        raise Forbidden(f"网格{grid}不在您的服务范围内")


def check_read_kind(actor: Actor, kind: str) -> None:
    """Raise Forbidden unless the actor may see records of this kind somewhere."""
    if not actor.may_read(kind):
        raise Forbidden(f"您没有查看“{_label(kind)}”的权限")


def check_read(actor: Actor, kind: str, grid: str) -> None:
    """Raise Forbidden unless :func:`may_read`."""
    check_read_kind(actor, kind)
    check_scope(actor, grid)


def check_write(actor: Actor, kind: str, grid: str) -> None:
    """Raise Forbidden unless :func:`may_write`."""
    if not actor.may_write(kind):
        raise Forbidden(f"您没有登记“{_label(kind)}”的权限")
    check_scope(actor, grid)


def check_reveal(actor: Actor, kind: str, grid: str) -> None:
    """Raise Forbidden unless :func:`may_reveal`."""
    check_read(actor, kind, grid)
    if not actor.can("reveal_values"):
        raise Forbidden("您的角色不能查看完整信息")
    if not actor.purpose.strip():
        raise Forbidden("查看完整信息须填写目的")


def _label(kind: str) -> str:
    found = KINDS.get(kind)
    return found.label if found else kind
