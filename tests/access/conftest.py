"""A small city: two counties, a town each, communities and grids; accounts to act in it."""

import datetime
from dataclasses import dataclass, field

import pytest
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.test import RequestFactory

from governance.access.actor import CARE_RIGHTS, HUB
from governance.access.models import User
from governance.access.services.accounts import account_create
from governance.access.services.posts import post_assign
from governance.access.services.roles import roles_sync
from gridmap.models import Division, Grid, grid_uid

PASSWORD = "Yichang-2026"
DAY = datetime.date(2020, 1, 1)
WEST, EAST = "420502001001001", "420502001001002"
OTHER_COMMUNITY = "420502001002001"
OTHER_COUNTY = "420503001001001"
BOX = {
    "min_lon": 111.0,
    "min_lat": 30.0,
    "max_lon": 112.0,
    "max_lat": 31.0,
    "label_lon": 111.5,
    "label_lat": 30.5,
}


def grid_make(code: str) -> Grid:
    """Store a grid with the divisions it lies in."""
    parent = None
    for level, digits in ((2, 6), (3, 6), (4, 9), (5, 12)):
        name = "420500" if level == 2 else code[:digits]
        parent, _ = Division.objects.get_or_create(
            code=name, defaults={"name": f"区划{name}", "level": level, "parent": parent}
        )
    return Grid.objects.create(
        code=code,
        uid=grid_uid(code),
        name=f"网格{code[-3:]}",
        kind="urban",
        community=parent,
        households=300,
        polygon=b"",
        source="试验",
        valid_from=DAY,
        area_m2=1.0,
        stamp=1,
        **BOX,
    )


@dataclass
class City:
    """The grids' codes and makers of accounts."""

    grids: tuple[str, ...] = (WEST, EAST, OTHER_COMMUNITY, OTHER_COUNTY)
    made: dict[str, User] = field(default_factory=dict)

    def account(self, username: str, *roles: str, **more) -> User:
        more.setdefault("must_change_password", False)
        return account_create(actor=HUB, username=username, password=PASSWORD, roles=roles, **more)

    def worker(self, username: str = "worker", grid: str = WEST, **more) -> User:
        user = self.account(username, "grid_worker", name="王小明")
        post_assign(actor=HUB, worker=user, grid=grid, starts_on=DAY, **more)
        return user

    def division(self, code: str) -> Division:
        return Division.objects.get(code=code)

    def grid(self, code: str) -> Grid:
        return Grid.objects.get(code=code)

    def group(self, name: str) -> Group:
        return Group.objects.get(name=name)


@pytest.fixture
def city(db) -> City:
    for code in City.grids:
        grid_make(code)
    roles_sync()
    return City()


@pytest.fixture
def request_from():
    """Make a request from an address."""

    def make(address: str = "10.0.0.7"):
        return RequestFactory().post("/api/v1/devices/enrol", REMOTE_ADDR=address)

    return make


@pytest.fixture
def care_rights(db):
    """Names of the care rights' permissions, which the records room defines."""
    from django.contrib.auth.models import Permission

    of_model = ContentType.objects.get_or_create(app_label="records", model="careregister")[0]
    for right in CARE_RIGHTS.values():
        app, _, codename = right.partition(".")
        if not Permission.objects.filter(content_type__app_label=app, codename=codename).exists():
            Permission.objects.create(codename=codename, content_type=of_model, name=codename)
