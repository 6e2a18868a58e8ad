"""What a tablet pushed does not come back to it, unless the hub or someone else changed it."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from governance.access.actor import Actor
from governance.access.models import Post, User
from governance.records.models import Person
from tests import factories
from tests.factories import apply, change
from tests.sync.tablet import Tablet, offer

NUMBER = "11010519491231002X"


def newest(token: str = "token") -> Tablet:
    """Give a tablet that speaks the newest version and holds everything."""
    tablet = Tablet(token)
    tablet.client.defaults["HTTP_X_PROTOCOL"] = "2"
    tablet.pull()
    return tablet


def person_at(home: dict[str, str], **values: Any) -> dict[str, Any]:
    return offer("person", household=home["household"], name="王示例", residence_kind="1", **values)


def test_what_was_pushed_does_not_come_back(worker: Actor, home: dict[str, str]) -> None:
    tablet = newest()
    made = person_at(home)
    (created,) = tablet.push(made)
    assert (created["status"], created["record"], created["grid"]) == ("created", None, factories.GRID)
    (updated,) = tablet.push(offer("person", made["id"], 1, phone="10001234567"))
    assert updated["status"] == "updated"
    assert tablet.pull() == []
    tablet.push({**offer("person", made["id"], 2), "delete": True})
    assert tablet.pull() == []


def test_another_tablet_of_the_grid_is_told(worker: Actor, home: dict[str, str]) -> None:
    mine = newest()
    other = factories.tablet(factories.worker("other", factories.GRID), "other")
    theirs = newest("other")
    made = person_at(home)
    mine.push(made)
    assert [item["id"] for item in theirs.pull()] == [made["id"]]
    (result,) = apply(other, change("person", made["id"], base=1, phone="10001234567"))
    assert result.status == "updated"
    (told,) = mine.pull()
    assert (told["id"], told["version"], told["record"]["phone"]) == (made["id"], 2, "10001234567")
    assert theirs.pull() == []


def test_what_the_hub_adds_is_in_the_answer(worker: Actor, home: dict[str, str]) -> None:
    tablet = newest()
    first, second = person_at(home, citizen_number=NUMBER), person_at(home, citizen_number=NUMBER.lower())
    (alone,) = tablet.push(first)
    assert alone["record"]["birth_date"] == "1949-12-31"
    (twin,) = tablet.push(second)
    assert twin["record"]["duplicate"] is True
    assert twin["record"]["citizen_number"] == NUMBER
    for item in tablet.pull():  # the room verify flags the first one, too
        assert item["id"] == first["id"]


def test_a_repeated_push_is_answered_with_the_record_whose_answer_was_lost(
    worker: Actor, home: dict[str, str], django_assert_num_queries: Any
) -> None:
    tablet = newest()
    pushed = [person_at(home, citizen_number=NUMBER), *(person_at(home) for _ in range(20))]
    tablet.push(*pushed)
    with django_assert_num_queries(6):
        again = tablet.push(*pushed)
    assert again[0]["record"]["birth_date"] == "1949-12-31"
    assert {result["grid"] for result in again} == {factories.GRID}
    assert tablet.pull() == []


@pytest.mark.parametrize("gone", ["post", "right"])
def test_a_repeated_push_tells_no_record_that_has_left_the_worker(
    worker: Actor, home: dict[str, str], gone: str
) -> None:
    """What staff wrote since is none of his business any more; what became of his change is."""
    register = change("care_hardship", person=factories.person(worker, home["household"]), category="01")
    aside = change("care_hardship", register.id, 1, note="社区写的")
    apply(factories.hub_in(factories.GRID), register, aside)
    stale = offer("care_hardship", str(register.id), 1, help_given="米面")
    tablet = newest()
    (first,) = tablet.push(stale)
    assert (first["status"], first["record"]["note"]) == ("merged", "社区写的")
    if gone == "post":
        Post.objects.update(ends_on=timezone.localdate() - timedelta(days=1))
    else:
        group = User.objects.get().groups.get()
        group.permissions.remove(group.permissions.get(codename="see_care_hardship"))
    (again,) = tablet.push(stale)
    assert (again["status"], again["version"], again["record"]) == ("merged", first["version"], None)
    (dressed,) = tablet.push({**stale, "kind": "thing"})
    assert dressed["record"] is None


def test_those_who_move_along_are_told(worker: Actor, home: dict[str, str]) -> None:
    """The answer names the household; the people in it are the hub's doing."""
    worker_of = User.objects.get()
    Post.objects.create(worker=worker_of, grid=factories.NEXT, kind="main", starts_on=timezone.localdate())
    there = factories.home(factories.hub_in(factories.NEXT), lon=factories.EAST + 0.005)
    tablet = newest()
    made = person_at(home)
    tablet.push(made)
    version = tablet.held[home["household"]]["version"]
    (moved,) = tablet.push(offer("household", home["household"], version, room=there["room"]))
    assert (moved["status"], moved["grid"]) == ("updated", factories.NEXT)
    told = {(item["id"], item["grid"], item.get("gone")) for item in tablet.pull()}
    assert (made["id"], factories.NEXT, None) in told
    assert (home["household"], factories.NEXT, None) not in told


def test_a_grid_that_comes_back_comes_whole(worker: Actor, home: dict[str, str]) -> None:
    """Its records were wiped when it left: what the tablet wrote there itself must come again."""
    tablet = newest()
    made = [person_at(home) for _ in range(3)]
    tablet.push(*made)
    assert tablet.pull() == []
    post = Post.objects.get()
    Post.objects.all().delete()
    tablet.pull()
    assert not tablet.kind("person")
    post.pk = None
    post.save()
    tablet.pull(limit=2)
    assert {item["id"] for item in tablet.kind("person")} == {item["id"] for item in made}
    late = person_at(home)
    tablet.push(late)
    assert tablet.pull() == []
    assert Person.objects.count() == 4


def test_version_one_is_told_everything(worker: Actor, home: dict[str, str]) -> None:
    tablet = Tablet()
    tablet.pull()
    made = person_at(home)
    tablet.push(made)
    assert [item["id"] for item in tablet.pull()] == [made["id"]]


def test_nothing_new_is_said_without_a_body(worker: Actor, home: dict[str, str]) -> None:
    tablet = newest()
    reply = tablet.client.get("/api/v1/sync/pull", {"cursor": tablet.cursor})
    assert (reply.status_code, reply.content) == (204, b"")
    assert reply.headers["X-Epoch"]
    assert not {"Content-Type", "X-Frame-Options", "Referrer-Policy"} & set(reply.headers)
    old = tablet.client.get("/api/v1/sync/pull", {"cursor": tablet.cursor}, headers={"X-Protocol": "1"})
    assert old.json() == {"changes": [], "cursor": tablet.cursor, "more": False, "resync": False}
