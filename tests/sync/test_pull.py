"""What tablets pull: pages, snapshot, scope, rights, the cost of having nothing to do."""

from datetime import timedelta

import pytest
import shapely
from django.utils import timezone

from governance.access.actor import HUB, Actor
from governance.access.models import Post, User
from governance.audit.models import AuditEntry
from governance.contract import CITY
from governance.feed.services import epoch_start
from governance.records.services.follow_map import grids_follow_map
from governance.records.services.lists import switch_set
from governance.records.succession import grids_unfollowed
from gridmap.services import Part, grid_split
from tests import factories
from tests.factories import EAST, GRID, NEXT, NORTH, SOUTH, WEST, apply, change, person
from tests.sync.tablet import Tablet


def test_everything_comes_without_a_cursor_and_nothing_twice_with_it(
    worker: Actor, home: dict[str, str]
) -> None:
    id_ = person(worker, home["household"], citizen_number="11010519491231002X")
    tablet = Tablet()
    tablet.pull()
    assert {item["record"]["list"] for item in tablet.kind("codelist")} >= {"sex", "nation"}
    (grid,) = tablet.kind("grid")
    assert grid["record"]["code"] == factories.GRID
    assert grid["record"]["polygon"]["type"] == "Polygon"
    record = tablet.held[id_]["record"]
    assert record["name"] == "王示例"
    assert record["birth_date"] == "1949-12-31"
    assert "former_name" not in record
    assert tablet.pull() == []


def test_pages_are_cut_and_go_on_where_they_stopped(worker: Actor, home: dict[str, str]) -> None:
    for n in range(7):
        person(worker, home["household"], name=f"王示{n}")
    whole, paged = Tablet(), Tablet()
    assert len(whole.pull()) == len(paged.pull(limit=3))
    assert whole.held == paged.held


def test_a_snapshot_equals_a_pull_and_resumes_by_stream(worker: Actor, home: dict[str, str]) -> None:
    Post.objects.create(
        worker=User.objects.get(), grid=factories.NEXT, kind="main", starts_on=timezone.localdate()
    )
    id_ = person(worker, home["household"])
    pulled = Tablet()
    pulled.pull()
    lines = pulled.snapshot()
    assert lines[-1]["end"]
    records = {line["id"]: line for line in lines if "id" in line}
    assert records == pulled.held
    cursors = [line["cursor"] for line in lines if "cursor" in line]
    assert len(cursors) == 4
    rest = pulled.snapshot(cursors[0])
    assert id_ in {line.get("id") for line in rest}
    assert not [line for line in rest if line.get("grid") == CITY]
    only_last = pulled.snapshot(cursors[1])
    assert {line["grid"] for line in only_last if "id" in line} == {factories.NEXT}
    pulled.cursor = lines[-1]["cursor"]
    assert pulled.pull() == []


def test_a_sync_with_nothing_to_do_costs_the_same_whatever_the_grid_holds(
    worker: Actor, home: dict[str, str], django_assert_num_queries: object
) -> None:
    tablet = Tablet()
    tablet.pull()
    for size in (0, 40):
        apply(
            worker,
            *(
                change("person", household=home["household"], name="王", residence_kind="1")
                for _ in range(size)
            ),
        )
        tablet.pull()
        with django_assert_num_queries(2):  # type: ignore[operator]
            tablet.pull()


def test_what_leaves_the_scope_is_told_and_what_enters_comes(worker: Actor, home: dict[str, str]) -> None:
    tablet = Tablet()
    tablet.pull()
    today = timezone.localdate()
    neighbour = factories.tablet(factories.worker("second", factories.NEXT), "second")
    theirs = factories.home(neighbour, lon=factories.EAST + 0.005)
    owner = User.objects.get(username="worker")
    Post.objects.create(worker=owner, grid=factories.NEXT, kind="stand_in", starts_on=today)
    tablet.pull()
    assert theirs["household"] in tablet.held
    assert len(tablet.kind("grid")) == 2
    Post.objects.filter(worker=owner, grid=factories.GRID).update(ends_on=today - timedelta(days=1))
    told = tablet.pull()
    assert [(item["kind"], item["grid"], item["gone"]) for item in told] == [
        ("grid", factories.GRID, "revoked")
    ]
    assert home["household"] not in tablet.held
    assert theirs["household"] in tablet.held


def test_a_household_that_moved_leaves_one_tablet_and_reaches_the_other(
    worker: Actor, home: dict[str, str]
) -> None:
    id_ = person(worker, home["household"])
    neighbour = factories.tablet(factories.worker("second", factories.NEXT), "second")
    theirs = factories.home(neighbour, lon=factories.EAST + 0.005)
    first, second = Tablet(), Tablet("second")
    first.pull()
    second.pull()
    move = change("household", home["household"], base=1, room=theirs["room"])
    apply(factories.hub_in(factories.GRID, factories.NEXT), move)
    assert {item["gone"] for item in first.pull()} == {"moved"}
    second.pull()
    assert id_ not in first.held
    assert second.held[id_]["record"]["name"] == "王示例"


def test_someone_who_holds_both_grids_keeps_what_moves_between_them(
    worker: Actor, home: dict[str, str]
) -> None:
    id_ = person(worker, home["household"])
    neighbour = factories.tablet(factories.worker("second", factories.NEXT, factories.GRID), "second")
    theirs = factories.home(neighbour, lon=factories.EAST + 0.005)
    both = Tablet("second")
    both.pull()
    move = change("household", home["household"], base=1, room=theirs["room"])
    apply(factories.hub_in(factories.GRID, factories.NEXT), move)
    both.pull(limit=1)
    assert both.held[id_]["grid"] == factories.NEXT


def test_a_closed_record_is_told_and_then_left_out_of_the_first_load(
    worker: Actor, home: dict[str, str]
) -> None:
    id_ = person(worker, home["household"])
    tablet = Tablet()
    tablet.pull()
    reason = factories.close_reason("person")
    apply(worker, change("person", id_, base=1, closed_on="2026-11-22", closed_reason=reason))
    (told,) = tablet.pull()
    assert told["record"]["closed_reason"] == reason
    assert id_ not in {line.get("id") for line in tablet.snapshot()}


def test_another_epoch_or_other_rights_mean_a_fresh_start(worker: Actor, home: dict[str, str]) -> None:
    tablet = Tablet()
    tablet.pull()
    group = User.objects.get().groups.get()
    group.permissions.remove(group.permissions.get(codename="see_care_mental"))
    assert tablet.page()["resync"]
    tablet.cursor = ""
    tablet.pull()
    epoch_start()
    assert tablet.page() == {"changes": [], "cursor": None, "more": False, "resync": True}


def test_care_registers_stay_out_of_sight_without_their_right(worker: Actor, home: dict[str, str]) -> None:
    id_ = person(worker, home["household"])
    made = change("care_hardship", person=id_, category="01")
    assert apply(worker, made)[0].status == "created"
    group = User.objects.get().groups.get()
    group.permissions.remove(group.permissions.get(codename="see_care_hardship"))
    tablet = Tablet()
    tablet.pull()
    assert str(made.id) not in tablet.held
    assert str(made.id) not in {line.get("id") for line in tablet.snapshot()}


def test_a_switch_reaches_the_tablets(worker: Actor) -> None:
    tablet = Tablet()
    tablet.pull()
    switch_set(actor=HUB, field="person.religion", on=True, legal_basis="示例条例第1条")
    (told,) = tablet.pull()
    assert told["record"] == {"field": "person.religion", "on": True}


def test_reading_leaves_a_trace_and_reading_nothing_none(worker: Actor, home: dict[str, str]) -> None:
    tablet = Tablet()
    tablet.pull()
    trace = AuditEntry.objects.get(action="pull")
    assert (trace.scope, trace.count, trace.username) == (factories.GRID, 3, "worker")
    tablet.pull()
    assert AuditEntry.objects.filter(action="pull").count() == 1


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"cursor": "yesterday"}, 400, "malformed"),
        ({"cursor": f"1~ab~cd.ef~{'9' * 5000}"}, 400, "malformed"),
        ({"cursor": f"1~ab~cd.ef~1~420500-{'9' * 5000}"}, 400, "malformed"),
        ({"limit": "9" * 5000}, 400, "malformed"),
        ({"limit": "0"}, 400, "malformed"),
        ({"limit": "many"}, 400, "malformed"),
    ],
)
def test_bad_questions_get_a_clear_answer(
    worker: Actor, query: dict[str, str], status: int, code: str
) -> None:
    response = Tablet().client.get("/api/v1/sync/pull", query)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.headers["X-Epoch"]
    assert response.headers["X-Protocol"] == "1"


def test_an_unknown_token_and_a_strange_protocol_are_told_apart(worker: Actor) -> None:
    assert Tablet("stolen").client.get("/api/v1/sync/pull").json()["code"] == "token"
    old = Tablet().client.get("/api/v1/sync/pull", headers={"X-Protocol": "0"})
    assert (old.status_code, old.json()["code"]) == (426, "protocol")


@pytest.mark.django_db
def test_a_neighbour_holds_the_border_as_a_first_load_would_bring_it(town: None) -> None:
    factories.tablet(factories.worker("wang", NEXT))
    beside = Tablet()
    beside.pull()
    half = (SOUTH + NORTH) / 2
    parts = [shapely.box(WEST, SOUTH, EAST, half), shapely.box(WEST, half, EAST, NORTH)]
    grid_split(code=GRID, parts=[Part(part, 150) for part in parts])
    grids_follow_map()
    beside.pull()
    (held,) = [item for item in beside.held.values() if item["kind"] == "grid"]
    assert held in beside.snapshot()
    assert [EAST, half] in held["record"]["polygon"]["coordinates"][0]
    assert grids_unfollowed() == []
