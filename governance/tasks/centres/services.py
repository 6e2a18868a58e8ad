"""Setting up the centres and teams (中心、队伍设置): stations, who sits at them, who belongs to a team."""

from collections.abc import Iterable, Mapping
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from governance.access.actor import Actor
from governance.access.models import User
from governance.access.policy import Forbidden, check_can
from governance.access.roles import ADMIN_ROLES
from governance.audit.services import audit_append
from governance.contract import CITY
from governance.tasks.models import Station, StationPost, Team, TeamMember
from gridmap.models import Division

_LEVELS = {4: "中心", 5: "站"}
_AT_ONCE = 500


def station_code(division: str, kind: str) -> str:
    """Give the code of a division's station of one kind."""
    return f"{division}-{kind}"


@transaction.atomic
def station_save(*, actor: Actor, station: Station) -> Station:
    """Store a station, new or changed.

    Raises
    ------
    Forbidden
        Unless the actor manages the platform.
    ValidationError
        In Chinese: a division that is neither street nor community, or that has one already.
    """
    check_can(actor, "manage_system")
    if station.division.level not in _LEVELS:
        raise ValidationError({"division": "中心（站）只设在街道（乡镇）和社区（村）"})
    station.code = station.code or station_code(station.division_id, station.kind)
    station.full_clean()
    station.save()
    _trace(actor, "centres.station", {"station": station.code, "enabled": station.enabled})
    return station


def stations_make(*, actor: Actor, area: str) -> int:
    """Give every street and community of an area its three centres or stations; those there stay.

    Parameters
    ----------
    actor : Actor
    area : str
        First digits of the divisions' codes.

    Returns
    -------
    int
        How many were made.

    Raises
    ------
    Forbidden
        Unless the actor manages the platform.
    """
    check_can(actor, "manage_system")
    held = set(Station.objects.filter(division__code__startswith=area).values_list("code", flat=True))
    divisions = Division.objects.filter(code__startswith=area, level__in=_LEVELS).order_by("code")
    new = [row for row in _usual(divisions.iterator(_AT_ONCE)) if row.code not in held]
    with transaction.atomic():
        Station.objects.bulk_create(new, batch_size=_AT_ONCE, ignore_conflicts=True)
        if new:
            _trace(actor, "centres.stations", {"area": area, "made": len(new)})
    return len(new)


def _usual(divisions: Iterable[Division]) -> Iterable[Station]:
    for division in divisions:
        for kind in Station.Kind:
            yield Station(
                code=station_code(division.code, kind),
                kind=kind,
                division=division,
                name=f"{division.name}{kind.label}{_LEVELS[division.level]}",
            )


@transaction.atomic
def station_post_save(*, actor: Actor, post: StationPost) -> StationPost:
    """Give somebody a desk at a station, or change from when to when.

    Raises
    ------
    Forbidden
        Unless the actor manages accounts.
    ValidationError
        In Chinese, by field.
    """
    check_can(actor, "manage_accounts")
    _check_user(post.user)
    post.full_clean()
    post.save()
    detail = {"station": post.station_id, "user": post.user.username, **_days(post.starts_on, post.ends_on)}
    _trace(actor, "centres.post", detail)
    return post


@transaction.atomic
def team_save(*, actor: Actor, team: Team) -> Team:
    """Store a team, new or changed.

    Raises
    ------
    Forbidden
        Unless the actor plans tasks in the team's division.
    ValidationError
        In Chinese, by field.
    """
    _check_area(actor, team.division_id)
    team.full_clean()
    team.save()
    _trace(actor, "centres.team", {"team": team.pk, "enabled": team.enabled})
    return team


@transaction.atomic
def team_member_save(*, actor: Actor, member: TeamMember) -> TeamMember:
    """Take somebody into a team, or change from when to when.

    Raises
    ------
    Forbidden
        Unless the actor plans tasks in the team's division.
    ValidationError
        In Chinese, by field.
    """
    _check_area(actor, member.team.division_id)
    _check_user(member.user)
    member.full_clean()
    member.save()
    detail = {
        "team": member.team_id,
        "user": member.user.username,
        **_days(member.starts_on, member.ends_on),
    }
    _trace(actor, "centres.member", detail)
    return member


def _check_area(actor: Actor, division: str) -> None:
    check_can(actor, "plan_tasks")
    if not (actor.by_hub or actor.scope.covers_prefix(division)):
        raise Forbidden("不在您的服务范围内")


def _check_user(user: User) -> None:
    if not user.is_active:
        raise ValidationError("账号已停用")
    if user.groups.filter(name__in=ADMIN_ROLES).exists():
        raise ValidationError("管理员账号不能兼任（三员分立）")


def _days(starts_on: date, ends_on: date | None) -> dict[str, str | None]:
    return {"from": starts_on.isoformat(), "to": ends_on.isoformat() if ends_on else None}


def _trace(actor: Actor, action: str, detail: Mapping[str, object]) -> None:
    audit_append(actor=actor, action=action, scope=CITY, detail=detail, chain=CITY)
