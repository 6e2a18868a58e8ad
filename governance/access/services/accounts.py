"""Accounts (账号): made, given roles, given passwords, put out of use. All by the security administrator."""

from collections.abc import Collection

from django.contrib.auth.models import Group, Permission
from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from governance.access.actor import CARE_RIGHTS, Actor
from governance.access.errors import NotPossible
from governance.access.models import Department, Post, User
from governance.access.policy import check_can
from governance.access.roles import ADMIN_ROLES, ROLES, role_label
from governance.access.services.devices import devices_retire
from governance.access.services.sessions import sessions_end
from governance.access.signals import tell
from governance.contract import KINDS


@transaction.atomic
def account_create(
    *,
    actor: Actor,
    username: str,
    password: str,
    roles: Collection[str],
    name: str = "",
    phone: str = "",
    department: Department | None = None,
    must_change_password: bool = True,
) -> User:
    """Make an account with its roles; its owner changes the password at the first sign-in.

    Raises
    ------
    Forbidden
        Unless the actor manages accounts.
    NotPossible
        For roles that exclude one another or a department account without department.
    ValidationError
        Naming the field: user name taken or malformed, password too weak.
    """
    check_can(actor, "manage_accounts")
    _check_roles(roles, department)
    user = User(username=username, name=name, phone=phone, department=department)
    validate_password(password, user)
    user.set_password(password)
    user.must_change_password = must_change_password
    user.is_staff = _opens_console(roles)
    user.full_clean()
    user.save()
    user.groups.set(_groups(roles))
    tell(actor, "account.create", username, roles=sorted(roles))
    return user


@transaction.atomic
def account_roles_set(*, actor: Actor, user: User, roles: Collection[str]) -> None:
    """Give an account exactly these roles.

    Raises
    ------
    Forbidden
        Unless the actor manages accounts; nobody changes his own roles.
    NotPossible
        For roles that exclude one another, or an administrator's role for one who serves an area.
    """
    check_can(actor, "manage_accounts")
    if actor.user_id == user.pk:
        raise NotPossible("不能更改自己的角色")
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    _check_roles(roles, user.department)
    if ADMIN_ROLES & set(roles) and _serves_an_area(user):
        raise NotPossible("该账号有岗位或区域授权，不能兼任管理员")
    before = sorted(user.groups.values_list("name", flat=True))
    user.groups.set(_groups(roles))
    user.is_staff = _opens_console(roles)
    user.save(update_fields=["is_staff"])
    tell(actor, "account.roles", user.username, before=before, after=sorted(roles))


@transaction.atomic
def account_rights_set(*, actor: Actor, user: User, kinds: Collection[str]) -> None:
    """Give an account the rights to exactly these care kinds, beside those its roles carry.

    Raises
    ------
    Forbidden
        Unless the actor manages accounts.
    NotPossible
        For the actor's own account, an administrator's, or a right that no installed room defines.
    """
    check_can(actor, "manage_accounts")
    if actor.user_id == user.pk:
        raise NotPossible("不能更改自己的权限")
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if kinds and user.groups.filter(name__in=ADMIN_ROLES).exists():
        raise NotPossible("管理员账号不能获得特殊关怀权限（三员分立）")
    permissions = {kind: _care_permission(kind) for kind in kinds}
    before = own_rights(user)
    user.user_permissions.remove(*_care_permissions())
    user.user_permissions.add(*permissions.values())
    tell(actor, "account.rights", user.username, before=sorted(before), after=sorted(kinds))


def own_rights(user: User) -> frozenset[str]:
    """Give the care kinds that the account itself, not its roles, has the right to."""
    held = _care_permissions().filter(user=user)
    names = {f"{app}.{name}" for app, name in held.values_list("content_type__app_label", "codename")}
    return frozenset(kind for kind, right in CARE_RIGHTS.items() if right in names)


def _care_permission(kind: str) -> Permission:
    app, _, codename = CARE_RIGHTS[kind].partition(".")
    found = Permission.objects.filter(content_type__app_label=app, codename=codename).first()
    if found is None:
        raise NotPossible(f"平台没有“{KINDS[kind].label}”的权限")
    return found


def _care_permissions() -> QuerySet[Permission]:
    names = [right.partition(".")[2] for right in CARE_RIGHTS.values()]
    return Permission.objects.filter(codename__in=names)


@transaction.atomic
def account_update(
    *, actor: Actor, user: User, name: str, phone: str, department: Department | None, max_devices: int
) -> None:
    """Change who an account belongs to and how many tablets it may use.

    Raises
    ------
    Forbidden
        Unless the actor manages accounts.
    ValidationError
        Naming the field.
    """
    check_can(actor, "manage_accounts")
    given = {"name": name, "phone": phone, "department": department, "max_devices": max_devices}
    changed = [key for key, value in given.items() if getattr(user, key) != value]
    for key in changed:
        setattr(user, key, given[key])
    user.full_clean()
    user.save(update_fields=changed)
    tell(actor, "account.update", user.username, fields=changed)


@transaction.atomic
def account_password_set(*, actor: Actor, user: User, password: str) -> None:
    """Set another person's password; he changes it at his next sign-in, his sessions end.

    Raises
    ------
    Forbidden
        Unless the actor manages accounts.
    ValidationError
        With what is wrong with the password.
    """
    check_can(actor, "manage_accounts")
    validate_password(password, user)
    user.set_password(password)
    user.must_change_password = True
    user.save(update_fields=["password", "must_change_password"])
    sessions_end(user=user)
    tell(actor, "account.password", user.username)


@transaction.atomic
def account_deactivate(*, actor: Actor, user: User) -> None:
    """Put an account out of use: its sessions end, its devices are retired and read nothing any more.

    What they hand in within their days of grace goes to the inbox, as the account has no right left.

    Raises
    ------
    Forbidden
        Unless the actor manages accounts.
    NotPossible
        For the actor's own account.
    """
    check_can(actor, "manage_accounts")
    if actor.user_id == user.pk:
        raise NotPossible("不能停用自己的账号")
    User.objects.filter(pk=user.pk).update(is_active=False)
    devices_retire(user)
    sessions_end(user=user)
    user.is_active = False
    tell(actor, "account.deactivate", user.username)


@transaction.atomic
def account_activate(*, actor: Actor, user: User) -> None:
    """Put an account into use again; its devices must be enrolled anew.

    Raises
    ------
    Forbidden
        Unless the actor manages accounts.
    """
    check_can(actor, "manage_accounts")
    User.objects.filter(pk=user.pk).update(is_active=True)
    user.is_active = True
    tell(actor, "account.activate", user.username)


def _check_roles(roles: Collection[str], department: Department | None) -> None:
    unknown = sorted(set(roles) - ROLES.keys())
    if unknown:
        raise NotPossible(f"没有角色“{unknown[0]}”")
    administrators = ADMIN_ROLES & set(roles)
    if administrators and len(set(roles)) > 1:
        raise NotPossible(f"“{role_label(min(administrators))}”不能与其他角色兼任（三员分立）")
    if "department" in roles and department is None:
        raise NotPossible("部门账号须指明所属部门")


def _serves_an_area(user: User) -> bool:
    today = timezone.localdate()
    return (
        Post.objects.filter(worker=user).exclude(ends_on__lt=today).exists()
        or user.divisionuserright_set.exists()
        or user.griduserright_set.exists()
    )


def _opens_console(roles: Collection[str]) -> bool:
    return any(ROLES[name].console for name in roles)


def _groups(roles: Collection[str]) -> list[Group]:
    return [Group.objects.get_or_create(name=name)[0] for name in sorted(set(roles))]
