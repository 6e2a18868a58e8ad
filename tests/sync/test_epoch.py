"""The epoch as tablets see it: noticed at once, never mixed with another's numbers."""

from typing import Any

import pytest

from governance.access.actor import Actor
from governance.feed.models import Epoch, Head
from governance.records.services.apply import Applied
from governance.sync import pull
from governance.sync.push import push_apply
from tests import factories
from tests.sync.tablet import JSON, Tablet, offer


def test_a_new_epoch_is_told_from_the_next_reply_on(worker: Actor, home: dict[str, str]) -> None:
    tablet = Tablet()
    tablet.pull()
    Epoch.objects.update(value="restored")  # as another process does
    replies = [
        tablet.client.get("/api/v1/sync/pull", {"cursor": tablet.cursor}),
        tablet.client.get("/api/v1/sync/snapshot"),
        tablet.client.post("/api/v1/sync/push", {"changes": []}, content_type=JSON),
        Tablet("stolen").client.get("/api/v1/sync/pull"),
    ]
    assert [reply.headers["X-Epoch"] for reply in replies] == ["restored"] * 4
    assert replies[0].json()["resync"]


@pytest.mark.parametrize("malformed", [False, True])
def test_what_a_push_stored_before_a_restore_is_answered_under_the_old_epoch(
    worker: Actor, home: dict[str, str], monkeypatch: pytest.MonkeyPatch, *, malformed: bool
) -> None:
    before = Tablet().client.get("/api/v1/sync/pull").headers["X-Epoch"]

    def applied_and_lost(*given: Any) -> Applied:
        applied = push_apply(*given)
        Epoch.objects.update(value="restored")
        return applied

    monkeypatch.setattr("governance.sync.views.push_apply", applied_and_lost)
    person = offer("person", household=home["household"], name="王", residence_kind="1")
    body = {"changes": [{**person, "stray": 1} if malformed else person]}
    reply = Tablet().client.post("/api/v1/sync/push", body, content_type=JSON)
    assert len(reply.json()["results"]) == 1
    assert reply.headers["X-Epoch"] == before


def test_a_cursor_beyond_the_stream_means_a_fresh_start(worker: Actor, home: dict[str, str]) -> None:
    tablet = Tablet()
    tablet.pull()
    Head.objects.filter(grid=factories.GRID).update(seq=1)  # set back by hand, no new epoch
    assert tablet.page()["resync"]


def test_a_page_ends_where_its_bytes_are_full(
    worker: Actor, home: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tablet = Tablet()
    tablet.pull()
    people = [factories.person(worker, home["household"], note="长" * 200) for _ in range(40)]
    cap = 10_000
    monkeypatch.setattr(pull, "MAX_PAGE_BYTES", cap)
    page = tablet.page()
    assert page["more"]
    assert 1 <= len(page["changes"]) < len(people)
    told = tablet.pull()
    assert [item["id"] for item in told] == people
    monkeypatch.setattr(pull, "MAX_PAGE_BYTES", 10)
    tablet.cursor = ""
    assert {item["id"] for item in tablet.pull()} >= set(people)
