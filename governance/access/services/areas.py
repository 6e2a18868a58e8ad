"""Rights on areas (区域授权): who serves a division or a grid beside the posts."""

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from guardian.shortcuts import assign_perm, remove_perm

from governance.access.actor import Actor
from governance.access.errors import NotPossible
from governance.access.models import User
from governance.access.models.area import SERVE
from governance.access.policy import check_can
from governance.access.roles import ADMIN_ROLES
from governance.access.signals import tell
from gridmap.models import Division, Grid


@transaction.atomic
def area_grant(*, actor: Actor, holder: User | Group, area: Division | Grid) -> None:
    """Let an account or a group serve a division with all below it, or a single grid.

    Raises
    ------
    Forbidden
        Unless the actor manages accounts.
    NotPossible
        For a separated administrator.
    """
    check_can(actor, "manage_accounts")
    if _administrator(holder):
        raise NotPossible("管理员账号不能获得区域授权（三员分立）")
    assign_perm(serve_permission(type(area)), holder, area)
    tell(actor, "area.grant", _name(holder), area=area.pk)


@transaction.atomic
def area_revoke(*, actor: Actor, holder: User | Group, area: Division | Grid) -> None:
    """Take such a right back; nothing happens if it was not there.

    Raises
    ------
    Forbidden
        Unless the actor manages accounts.
    """
    check_can(actor, "manage_accounts")
    remove_perm(serve_permission(type(area)), holder, area)
    tell(actor, "area.revoke", _name(holder), area=area.pk)


def serve_permission(model: type[Division] | type[Grid]) -> Permission:
    """Give the permission ``serve_area`` of divisions or grids, made where it is missing."""
    of_model = ContentType.objects.get_for_model(model)
    found, _ = Permission.objects.get_or_create(
        codename=SERVE, content_type=of_model, defaults={"name": f"服务{model._meta.verbose_name}"}
    )
    return found


def _administrator(holder: User | Group) -> bool:
    if isinstance(holder, Group):
        return holder.name in ADMIN_ROLES
    return holder.groups.filter(name__in=ADMIN_ROLES).exists()


def _name(holder: User | Group) -> str:
    return f"@{holder.name}" if isinstance(holder, Group) else holder.username
