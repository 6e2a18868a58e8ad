"""A small town to test in: two grids side by side, a worker on the first, records through the services."""

from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

import shapely
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from governance.access.actor import HUB, Actor
from governance.access.models import Device, Post, User
from governance.access.scope import Scope
from governance.access.selectors import actor_for_device
from governance.access.services.keys import secret_digest
from governance.contract import KINDS, Change, Result, uuid7
from governance.records.codes import book, lists_forget
from governance.records.models import model_of
from governance.records.services.apply import changes_apply
from governance.records.services.lists import codelists_load
from gridmap.models import Division, Grid, MapStamp, grid_uid
from tests import kept

COMMUNITY = "420502001001"
GRID = COMMUNITY + "001"
NEXT = COMMUNITY + "002"
WEST, SOUTH, EAST, NORTH = 111.280, 30.690, 111.290, 30.700
PASSWORD = "Wangge-2026-e"


def codes() -> None:
    """Load the code lists of the fixtures."""
    lists_forget()
    with kept.lists():
        codelists_load(actor=HUB, folder=settings.FIXTURES / "codes")


def town() -> None:
    """Make two neighbouring grids and the code lists."""
    codes()
    grid()
    grid(NEXT, shift=1)


def grid(code: str = GRID, shift: int = 0) -> Grid:
    """Make a grid of 0.01° by 0.01°, ``shift`` squares east of the first, with its divisions."""
    community = _community(code)
    box = shapely.box(round(WEST + shift * 0.01, 6), SOUTH, round(EAST + shift * 0.01, 6), NORTH)
    stamp, _ = MapStamp.objects.get_or_create(pk=1)
    stamp.number += 1
    stamp.token = uuid7()
    stamp.save()
    west, south, east, north = box.bounds
    return Grid.objects.create(
        code=code,
        uid=grid_uid(code),
        name=f"第{code[-3:]}网格",
        kind="urban",
        community=community,
        households=300,
        polygon=shapely.to_wkb(box),
        source="测试",
        min_lon=west,
        min_lat=south,
        max_lon=east,
        max_lat=north,
        label_lon=box.centroid.x,
        label_lat=box.centroid.y,
        area_m2=1_000_000,
        valid_from=date(2026, 1, 1),
        stamp=stamp.number,
    )


def _community(code: str) -> Division:
    """Give the community of a grid; it and what it lies in are made where they are not there yet."""
    codes = {level: code[:digits].ljust(6, "0") for level, digits in ((2, 4), (3, 6), (4, 9), (5, 12))}
    there = Division.objects.in_bulk(codes.values())
    made, parent = [], None
    for level, name in codes.items():
        division = there.get(name)
        if division is None:
            division = Division(code=name, name=f"区划{name}", level=level, parent=parent)
            made.append(division)
        parent = division
    Division.objects.bulk_create(made)
    return division


def user(username: str, role: str, **values: Any) -> User:
    """Make an account with one role."""
    kept.roles()
    made = User(username=username, name=values.pop("name", username), is_staff=True, **values)
    made.password = _hashed()
    made.save()
    made.groups.add(Group.objects.get(name=role))
    return made


@cache
def _hashed() -> str:
    """Hash the password that all accounts have; a hub's own hasher takes half a second for each."""
    return make_password(PASSWORD)


def worker(username: str = "worker", *grids: str) -> User:
    """Make a grid worker with posts on the grids, the first one if none is named; a stand-in where taken."""
    made = user(username, "grid_worker")
    for code in grids or (GRID,):
        kind = "stand_in" if Post.objects.filter(grid=code, kind="main").exists() else "main"
        Post.objects.create(worker=made, grid=code, kind=kind, starts_on=date(2026, 1, 1))
    return made


def device(owner: User, token: str = "token") -> Device:
    """Make an active tablet of a worker."""
    return Device.objects.create(
        worker=owner, name="平板", token_hash=secret_digest(token), enrolled_at=timezone.now()
    )


def tablet(owner: User, token: str = "token") -> Actor:
    """Give the actor of a new tablet of a worker."""
    return actor_for_device(device(owner, token), purpose="测试")


def client(token: str = "token") -> Client:
    """Give a test client that speaks for the tablet with this token."""
    return Client(headers={"Authorization": f"Token {token}"})


def hub_in(*grids: str) -> Actor:
    """Give the hub's actor, held to some grids as jobs are."""
    return replace(HUB, scope=Scope(frozenset(grids or (GRID,))))


def change(kind: str, record: UUID | str | None = None, base: int | None = None, **values: Any) -> Change:
    """Make a change with a new id; without ``record`` one of a new record."""
    return Change(uuid7(), kind, UUID(str(record)) if record else uuid7(), base, values)


def apply(actor: Actor, *changes: Change) -> list[Result]:
    """Apply changes as ``actor``."""
    return changes_apply(actor=actor, changes=changes)


def home(actor: Actor, lon: float = WEST + 0.005) -> dict[str, str]:
    """Make a building with a room and a household; give their ids by kind."""
    building = change("building", name="1号楼", address="示例路1号", lon=lon, lat=SOUTH + 0.005, crs="4490")
    room = change("room", building=str(building.id), number="101")
    household = change("household", room=str(room.id), head_name="王示例")
    results = apply(actor, building, room, household)
    assert [result.status for result in results] == ["created"] * 3, results
    return {made.kind: str(made.id) for made in (building, room, household)}


def person(actor: Actor, household: str, **values: Any) -> str:
    """Make a person in a household; give the id."""
    made = change("person", household=household, **{"name": "王示例", "residence_kind": "1", **values})
    (result,) = apply(actor, made)
    assert result.status == "created", result
    return str(made.id)


def model(kind: str) -> Any:
    """Give the table of a kind."""
    return model_of(kind)


def everywhere() -> Scope:
    """Give the scope of someone who serves the whole city by division."""
    return Scope(frozenset(), ("4205",))


def close_reason(kind: str) -> str:
    """Give some reason for closing records of a kind."""
    return next(iter(book()[KINDS[kind].closing]))


def codes_of(name: str) -> list[str]:
    """Give the codes of a list that may be taken anew."""
    return [code for code, item in book()[name].items() if not item.retired]
