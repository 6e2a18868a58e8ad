"""What a tablet's request passes on its way in and out, and what is only for a browser's."""

import pytest
from django.test import Client

from governance.access.actor import Actor
from tests.sync.tablet import Tablet

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


def test_pages_and_unknown_addresses_go_the_long_way(worker: Actor) -> None:
    assert Client().get("/api/v1/sync/nothing").status_code == 404
    page = Client().get("/admin/login/")
    assert page.status_code == 200
    assert {"X-Frame-Options", "Content-Security-Policy", "Referrer-Policy"} <= set(page.headers)
