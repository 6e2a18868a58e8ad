"""Splitting and merging grids in the console: what it would bring is shown first."""

import pytest
from django.test import Client

from governance.audit.models import AuditEntry
from governance.records.models import Household
from governance.records.services.follow_map import grids_follow_map
from gridmap.models import Grid
from tests import factories
from tests.factories import EAST, GRID, NEXT, NORTH, SOUTH, WEST

pytestmark = pytest.mark.django_db
PAGE = f"/admin/map/grid/{GRID}/reshape/"
WESTERN, EASTERN = factories.COMMUNITY + "003", factories.COMMUNITY + "004"
LINE = f"{WEST + 0.005},{SOUTH - 0.001}\n{WEST + 0.005}，{NORTH + 0.001}"


@pytest.fixture
def system(db: None) -> Client:
    factories.codes()
    factories.grid()
    factories.grid(NEXT, shift=1)
    hub = factories.hub_in(GRID)
    for lon in (WEST + 0.002, WEST + 0.008, WEST + 0.009):
        factories.home(hub, lon=lon)
    factories.worker("wang")
    client = Client()
    client.force_login(factories.user("system", "system_admin"))
    return client


def test_a_split_is_shown_before_it_is_done(system: Client) -> None:
    assert "拆分或合并" in system.get(f"/admin/gridmap/grid/{GRID}/change/").content.decode()
    text = system.post(PAGE, {"act": "split", "line": LINE}).content.decode()
    for shown in (
        f"<td>{WESTERN}</td><td>第001网格之1</td><td>1</td>",
        f"<td>{EASTERN}</td><td>第001网格之2</td><td>2</td>",
    ):
        assert shown in text
    assert f"<td>楼栋</td><td>{EASTERN}</td><td>2</td>" in text
    assert f"<td>wang（wang）</td><td>{GRID}</td><td>{EASTERN}</td><td>主责</td>" in text
    assert Grid.objects.filter(valid_to=None).count() == 2
    assert not AuditEntry.objects.filter(action="grid.split").exists()

    reply = system.post(PAGE, {"act": "split", "line": LINE, "sure": "1"}, follow=True)
    assert "已调整为" in reply.content.decode()
    grids_follow_map()
    assert sorted(Household.objects.values_list("grid", flat=True)) == [WESTERN, EASTERN, EASTERN]
    assert Grid.objects.get(code=EASTERN).households == 2
    assert AuditEntry.objects.get(action="grid.split").username == "system"
    assert system.get(PAGE).status_code == 404


def test_a_merger_is_shown_before_it_is_done(system: Client) -> None:
    text = system.post(PAGE, {"act": "merge", "with": [NEXT], "name": "合一"}).content.decode()
    assert f"<td>{WESTERN}</td><td>合一</td><td>3</td>" in text
    system.post(PAGE, {"act": "merge", "with": [NEXT], "name": "合一", "sure": "1"})
    assert Grid.objects.get(valid_to=None).name == "合一"


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        ({"act": "split", "line": ""}, "请在地图上点出分割线"),
        ({"act": "split", "line": "东经"}, "不是“经度,纬度”"),
        ({"act": "split", "line": f"{WEST - 1},{SOUTH}\n{WEST - 1},{NORTH}"}, "没有把网格分开"),
        ({"act": "merge", "sure": "1"}, "至少需要两个"),
        ({"act": "split", "line": f"{EAST},{SOUTH}\n{EAST},{NORTH}", "sure": "1"}, "没有把网格分开"),
    ],
)
def test_what_cannot_be_is_said_and_changes_nothing(
    system: Client, form: dict[str, str], reason: str
) -> None:
    assert reason in system.post(PAGE, form).content.decode()
    assert Grid.objects.filter(valid_to=None).count() == 2


@pytest.mark.parametrize("role", ["community_staff", "security_admin", "grid_leader"])
def test_only_the_system_administrator_changes_the_map(system: Client, role: str) -> None:
    client = Client()
    client.force_login(factories.user("someone", role))
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, {"act": "split", "line": LINE, "sure": "1"}).status_code == 403
    assert Grid.objects.filter(valid_to=None).count() == 2
