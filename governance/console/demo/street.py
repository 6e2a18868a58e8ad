"""The street of the demonstration made ready: grids, people, accounts. Safe to repeat."""

import json
import secrets
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from governance.access.actor import HUB
from governance.access.models import Department, Device, Post, User
from governance.access.scope import LEVEL_DIGITS
from governance.access.services.accounts import account_create
from governance.access.services.areas import area_grant
from governance.access.services.devices import device_revoke
from governance.access.services.posts import post_assign
from governance.console.hub.prepare import hub_prepare
from governance.console.population.load import population_load
from governance.publish.services import agreement_save, key_issue
from governance.tasks.centres.services import station_post_save
from governance.tasks.models import Station, StationPost
from gridmap.models import Division
from gridmap.selectors import grids_in

STREET = "420502001"
SEED = 20260101
NOTE = settings.VAR / "demo.json"
DEPARTMENT = "civil"
Say = Callable[[str], None]

AGREED = {
    "person": ["name", "sex", "birth_date", "residence_kind", "phone"],
    "building": ["name", "address", "lon", "lat"],
    "organisation": ["name", "category", "address", "phone"],
}
"""What the demonstration's department may pull, by kind."""


def street_prepare(say: Say, *, small: bool = False) -> dict[str, Any]:
    """Make everything ready and give the note with addresses and logins.

    Parameters
    ----------
    say : callable
        Takes lines of progress.
    small : bool
        People the worker's community only, a fifteenth of the street.
    """
    hub_prepare(say)
    if not grids_in(STREET).exists():
        say("正在划分西陵街道网格（示意） · partitioning the street into synthetic grids")
        call_command("grids_partition", only=STREET, load=True, verbosity=0)
    note = _note(NOTE)
    peopled = str(note["worker"]["grid"])[: LEVEL_DIGITS[5]] if small else STREET
    population_load(prefix=peopled, seed=SEED, today=timezone.localdate(), say=say)
    _accounts(note)
    _desk(note)
    for device in Device.objects.filter(
        worker__username__in=[note["worker"]["username"], note["stand_in"]["username"]], revoked_at=None
    ):
        device_revoke(actor=HUB, device=device)
    return note


def note_write(note: dict[str, Any], base: str) -> None:
    """Keep the note for the next start and for programs that want to sign in."""
    note["base"] = base
    NOTE.touch(mode=0o600)
    NOTE.write_text(json.dumps(note, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _note(path: Path) -> dict[str, Any]:
    """Read the note of an earlier start, or begin one; passwords are made at random here."""
    if path.exists():
        kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return kept
    grid = _first_grid()
    return {
        "base": "",
        "played": False,
        "admin": _login("admin"),
        "worker": {**_login("wangge001"), "grid": grid},
        "stand_in": {**_login("wangge002"), "grid": grid},
        "staff": _login("shequ001"),
        "security": _login("anquan001"),
        "audit": _login("shenji001"),
        "department": {**_login("minzheng"), "key": "", "code": DEPARTMENT, "cursors": {}},
    }


def _first_grid() -> str:
    grid = grids_in(STREET).filter(kind="urban").order_by("code").first()
    if grid is None:
        raise LookupError("西陵街道没有网格")
    return grid.code


def _login(username: str) -> dict[str, str]:
    return {"username": username, "password": f"Demo-{secrets.token_urlsafe(9)}-7a"}


@transaction.atomic
def _accounts(note: dict[str, Any]) -> None:
    if User.objects.filter(username=note["admin"]["username"]).exists():
        return
    _administrator(note["admin"])
    worker = _account(note["worker"], "示例网格员", "grid_worker")
    stand_in = _account(note["stand_in"], "示例代班员", "grid_worker")
    _post(worker, note["worker"]["grid"], "main")
    _post(stand_in, note["stand_in"]["grid"], "stand_in")
    staff = _account(note["staff"], "示例社区工作人员", "community_staff")
    area_grant(actor=HUB, holder=staff, area=Division.objects.get(code=STREET))
    _account(note["security"], "示例安全管理员", "security_admin")
    _account(note["audit"], "示例审计管理员", "audit_admin")
    _department(note["department"])


@transaction.atomic
def _desk(note: dict[str, Any]) -> None:
    """Set up who takes part in the newborn's case: a clerk at both desks, the police's system."""
    note.setdefault("clerk", _login("chuangkou001"))
    note.setdefault("police", {"key": ""})
    if not User.objects.filter(username=note["clerk"]["username"]).exists():
        clerk = _account(note["clerk"], "示例窗口人员", "station_staff")
        for division in (note["worker"]["grid"][:12], STREET):
            station = Station.objects.get(division=division, kind=Station.Kind.SERVICE)
            post = StationPost(user=clerk, station=station, starts_on=date(2026, 1, 1))
            station_post_save(actor=HUB, post=post)
    if not note["police"]["key"]:
        note["police"]["key"] = key_issue(actor=HUB, department=Department.objects.get(code="police"))[1]


def _administrator(login: dict[str, str]) -> None:
    """Make the one account that may do everything; a city has none, only the demonstration has."""
    user = User(username=login["username"], name="演示管理员", is_staff=True, is_superuser=True)
    user.set_password(login["password"])
    user.save()


def _account(login: dict[str, str], name: str, role: str, department: Department | None = None) -> User:
    return account_create(
        actor=HUB,
        username=login["username"],
        password=login["password"],
        roles=[role],
        name=name,
        department=department,
        must_change_password=False,
    )


def _post(worker: User, grid: str, kind: str) -> None:
    if not Post.objects.filter(worker=worker, grid=grid).exists():
        post_assign(actor=HUB, worker=worker, grid=grid, kind=kind, starts_on=date(2026, 1, 1))


def _department(login: dict[str, str]) -> None:
    department = Department.objects.get(code=login["code"])
    _account(login, "示例部门经办人", "department", department)
    for kind, fields in AGREED.items():
        agreement_save(
            actor=HUB,
            department=department,
            kind=kind,
            fields=fields,
            area=STREET,
            purpose="社会救助与高龄津贴核对",
            legal_basis="政务数据共享条例（演示）",
        )
    login["key"] = key_issue(actor=HUB, department=department)[1]
