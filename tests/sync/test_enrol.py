"""Enrolment over the wire: an account's name and password for a token."""

import pytest
from django.test import Client
from django.utils import timezone

from governance.access.models import Device
from tests import factories
from tests.sync.tablet import JSON, Tablet


@pytest.fixture
def account(town: None) -> None:
    factories.worker("wang")


def enrol(**body: object) -> tuple[int, dict[str, object]]:
    given = {"username": "wang", "password": factories.PASSWORD, "device": "平板一", **body}
    response = Client().post("/api/v1/devices/enrol", given, content_type=JSON)
    return response.status_code, response.json()


@pytest.mark.usefixtures("account")
class TestEnrol:
    def test_a_worker_gets_a_token_that_opens_his_grid(self) -> None:
        status, reply = enrol()
        assert status == 201
        assert reply["worker"] == {"username": "wang", "name": "wang"}
        assert reply["grids"] == [
            {"code": factories.GRID, "name": "第001网格", "post": "main", "until": None}
        ]
        assert "person" in reply["kinds"]  # type: ignore[operator]
        tablet = Tablet(str(reply["token"]))
        tablet.pull()
        assert len(tablet.kind("grid")) == 1

    @pytest.mark.database
    @pytest.mark.parametrize(
        ("said", "kept"), [("平\x00板\u202e二", "平板二"), ("\x00", "平板"), ("长" * 200, "长" * 100)]
    )
    def test_a_tablets_name_is_kept_as_people_can_read_it(self, said: str, kept: str) -> None:
        status, _ = enrol(device=said)
        assert (status, Device.objects.get().name) == (201, kept)

    def test_a_wrong_password_is_told_and_counted(self) -> None:
        status, reply = enrol(password="wrong")
        assert (status, reply["code"]) == (401, "credentials")
        for _ in range(5):
            status, reply = enrol(password="wrong")
        assert (status, reply["code"]) == (429, "throttled")
        status, reply = enrol()
        assert status == 429
        assert "15分钟后" in reply["reason"]

    def test_a_second_tablet_needs_leave(self) -> None:
        enrol()
        Device.objects.update(last_seen_at=timezone.now())
        status, reply = enrol()
        assert (status, reply["code"]) == (409, "device_limit")

    def test_a_body_of_another_form_is_refused(self) -> None:
        status, reply = enrol(device=7)
        assert (status, reply["code"]) == (400, "malformed")
