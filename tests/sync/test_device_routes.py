"""What a tablet's request passes on its way in and out, and what is only for a browser's."""

import pytest
from django.test import Client

from governance.access.actor import Actor
from governance.sync import views
from tests.sync.tablet import JSON, Tablet

pytestmark = pytest.mark.django_db


def test_a_reply_to_a_tablet_has_its_length_and_no_more_headers_than_help(worker: Actor) -> None:
    reply = Tablet().client.get("/api/v1/sync/pull")
    assert reply.status_code == 200
    assert reply.headers["Content-Length"] == str(len(reply.content))
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert not reply.cookies
    assert not {"Vary", "X-Frame-Options", "Content-Security-Policy"} & set(reply.headers)


def test_a_host_that_is_not_ours_is_refused(worker: Actor) -> None:
    client = Client(headers={"Authorization": "Token token"}, raise_request_exception=False)
    assert client.get("/api/v1/sync/pull", headers={"Host": "elsewhere.example"}).status_code == 400
    assert client.get("/api/v1/sync/pull").status_code == 200


@pytest.mark.parametrize("address", ["nothing", "sync/pull/", "files/no-id"])
@pytest.mark.parametrize("method", ["GET", "POST", "PATCH"])
def test_a_program_astray_is_told_in_the_protocols_form(worker: Actor, method: str, address: str) -> None:
    reply = Client().generic(method, f"/api/v1/{address}")
    assert (reply.status_code, reply.json()["code"], reply.json()["problems"]) == (404, "route", [])
    assert "接口地址" in reply.json()["reason"]
    assert reply.headers["X-Epoch"]
    assert reply.headers["X-Protocol"]


def test_a_hub_that_fails_says_so_in_the_protocols_form(
    worker: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "page_read", lambda *_, **__: 1 // 0)
    client = Client(headers={"Authorization": "Token token"}, raise_request_exception=False)
    reply = client.get("/api/v1/sync/pull")
    assert (reply.status_code, reply.json()["code"]) == (500, "fault")
    assert "平台出错" in reply.json()["reason"]


@pytest.mark.parametrize("limit", ["0", "1001", "-1", "²", "٣", "", "1.5", "9" * 5000])
def test_a_limit_that_is_none_is_refused(worker: Actor, limit: str) -> None:
    client = Client(headers={"Authorization": "Token token"})
    reply = client.get("/api/v1/sync/pull", {"limit": limit})
    assert (reply.status_code, reply.json()["code"]) == (400, "malformed")


@pytest.mark.parametrize("address", ["devices/enrol", "devices/keys", "sync/push"])
def test_a_body_as_deep_as_it_is_long_is_refused(worker: Actor, address: str) -> None:
    deep = b'{"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    client = Client(headers={"Authorization": "Token token"})
    reply = client.post(f"/api/v1/{address}", deep, content_type=JSON)
    assert (reply.status_code, reply.json()["code"]) == (400, "malformed")


def test_pages_and_unknown_addresses_go_the_long_way(worker: Actor) -> None:
    assert Client().get("/nothing").headers["Content-Type"].startswith("text/html")
    page = Client().get("/admin/login/")
    assert page.status_code == 200
    assert {"X-Frame-Options", "Content-Security-Policy", "Referrer-Policy"} <= set(page.headers)
