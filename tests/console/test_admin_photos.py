"""Photos on a record's page: seen by those who may read the record, said where they are still missing."""

from pathlib import Path
from uuid import UUID

import pytest

from governance.access.actor import SEPARATED
from governance.access.roles import ROLES
from governance.access.selectors import actor_for_device
from governance.audit.models import AuditEntry
from governance.contract import uuid7
from governance.records.services.files import Arrived, content_keep, file_enter
from tests import factories
from tests.console.conftest import FAR, STREET, Town
from tests.pictures import picture
from tests.sync.files import sha256

pytestmark = pytest.mark.usefixtures("file_folders")


@pytest.fixture
def event(town: Town, tmp_path: Path) -> tuple[str, str, str]:
    """An event with two photos, one of which has not arrived."""
    here, missing = str(uuid7()), str(uuid7())
    made = factories.change(
        "event",
        category=factories.codes_of("event_category")[0],
        description="路灯不亮",
        lon=111.285,
        lat=30.695,
        crs="4490",
        photos=[here, missing],
    )
    assert factories.apply(factories.hub_in(), made)[0].status == "created"
    path = tmp_path / "photo"
    path.write_bytes(picture())
    arrived = Arrived(UUID(here), path, sha256(picture()), "a.jpg", "event", made.id)
    sender = actor_for_device(factories.device(factories.worker("sender")))
    file_enter(actor=sender, arrived=arrived, content=content_keep(arrived))
    return str(made.id), here, missing


def address(record: str, file: str) -> str:
    return f"/admin/events/event/{record}/photos/{file}/"


def test_the_page_shows_thumbnails_and_what_is_still_to_come(town, event):
    record, here, missing = event
    staff = town.staff("grid_leader")
    page = staff.get(f"/admin/events/event/{record}/change/").content.decode()
    assert f'{address(record, here)}?thumb"' in page
    assert missing not in page
    assert page.count("照片待上传") == 1
    assert "拍摄于 2026-11-22 08:30" in page
    small, whole = staff.get(address(record, here), {"thumb": ""}), staff.get(address(record, here))
    assert small.status_code == whole.status_code == 200
    assert small["Content-Type"] == "image/jpeg"
    assert (
        len(AuditEntry.objects.filter(action__startswith="files.", username__startswith="grid_leader")) == 2
    )
    assert staff.get(address(record, missing)).status_code == 404


def test_saving_the_page_leaves_the_photos_alone(town, event):
    record, here, missing = event
    staff = town.staff("grid_leader")
    staff.post(
        f"/admin/events/event/{record}/change/", {"title": "路灯", "change": str(uuid7()), "base": "1"}
    )
    assert town.held("event", record).photos == [here, missing]


@pytest.mark.parametrize("role", sorted(role.name for role in ROLES.values() if role.console))
def test_another_areas_photo_is_not_there(town, event, role):
    record, here, _ = event
    stranger = town.staff(role, None if role in SEPARATED else FAR[:9])
    assert stranger.get(address(record, here)).status_code in (302, 403, 404)
    assert not AuditEntry.objects.filter(action="files.read").exists()


def test_a_photo_is_had_only_by_way_of_its_own_record(town, event):
    _, here, _ = event
    building = town.home["building"]
    staff = town.staff("grid_leader")
    assert staff.get(f"/admin/records/building/{building}/photos/{here}/").status_code == 404


@pytest.mark.parametrize("role", sorted(role.name for role in ROLES.values() if role.console))
def test_who_may_not_see_full_values_is_not_shown_people(town, event, role):
    record, here, _ = event
    staff = town.staff(role, None if role in SEPARATED else STREET)
    permissions = ROLES[role].permissions
    able = "access.reveal_values" in permissions and "events.view_*" in permissions and role not in SEPARATED
    status = staff.get(address(record, here)).status_code
    assert status == 200 if able else status in (403, 404)
