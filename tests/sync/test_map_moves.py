"""The map changes under tablets: grids split, merged, redrawn; what enters arrives, what leaves is told."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import shapely
from django.core.management import call_command
from django.utils import timezone

from field_app.store import keyring
from governance.access.actor import HUB
from governance.access.models import Post, User
from governance.access.scope import Scope
from governance.access.selectors import actor_renewed
from governance.audit.models import AuditEntry
from governance.feed.models import Entry
from governance.records.models import Building, Contested, History, Household, Inbox, Person
from governance.records.services.follow_map import grids_follow_map, map_steps
from governance.records.succession import grids_unfollowed
from governance.sync.push import push_apply
from governance.verify.services import difference_settle
from gridmap.drafts import GridDraft
from gridmap.models import Grid
from gridmap.services import Part, grid_merge, grid_split, grids_replace
from tests import factories
from tests.factories import EAST, GRID, NEXT, NORTH, SOUTH, WEST
from tests.sync.desks import Desk
from tests.sync.tablet import Tablet, offer

pytestmark = pytest.mark.django_db
MakeDesk = Callable[..., Desk]
MIDDLE = 111.285
WESTERN, EASTERN = factories.COMMUNITY + "003", factories.COMMUNITY + "004"


@pytest.fixture(autouse=True)
def _quick_pins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "COST", 2**4)


@pytest.fixture
def homes(town: None) -> dict[str, dict[str, str]]:
    """A home in the west and one in the east of the first grid, each with a person, care and a task."""
    hub = factories.hub_in(GRID)
    made = {}
    for side, lon in (("west", WEST + 0.002), ("east", WEST + 0.008)):
        home = factories.home(hub, lon=lon)
        home["person"] = factories.person(hub, home["household"], name=f"王{side}")
        care = factories.change("care_hardship", person=home["person"], category="01")
        task = factories.change(
            "task", item="走访", title="走访", household=home["household"], state="open", grid=GRID
        )
        results = factories.apply(hub, care, task)
        assert [result.status for result in results] == ["created"] * 2, results
        made[side] = {**home, "care_hardship": str(care.id), "task": str(task.id)}
    return made


@pytest.fixture
def desk(town: None, tmp_path: Path) -> Iterator[MakeDesk]:
    """Make tablets."""
    made: list[Desk] = []

    def make(username: str) -> Desk:
        made.append(Desk(tmp_path / username, username))
        made[-1].sync()
        return made[-1]

    yield make
    for each in made:
        each.session.close()


def split() -> None:
    """Split the first grid into a western and an eastern half."""
    west = shapely.box(WEST, SOUTH, MIDDLE, NORTH)
    east = shapely.box(MIDDLE, SOUTH, EAST, NORTH)
    grids = grid_split(code=GRID, parts=[Part(west, 150), Part(east, 150)])
    assert [grid.code for grid in grids] == [WESTERN, EASTERN]


def grids_of(home: dict[str, str]) -> set[str]:
    """Give the grids in which a home's records lie."""
    return {factories.model(kind).objects.get(pk=id_).grid for kind, id_ in home.items()}


def post_end(username: str, grid: str) -> None:
    """Let a worker's post at a grid have ended yesterday."""
    Post.objects.filter(worker__username=username, grid=grid).update(
        starts_on=timezone.localdate() - timedelta(days=9), ends_on=timezone.localdate() - timedelta(days=1)
    )


def test_after_a_split_everything_lies_where_it_stands_and_both_streams_say_so(
    homes: dict[str, dict[str, str]],
) -> None:
    factories.worker("wang")
    split()
    assert grids_follow_map() == 12
    assert grids_of(homes["west"]) == {WESTERN}
    assert grids_of(homes["east"]) == {EASTERN}
    for home, to in ((homes["west"], WESTERN), (homes["east"], EASTERN)):
        for id_ in home.values():
            assert dict(Entry.objects.filter(record=id_).values_list("grid", "gone")) == {
                GRID: "moved",
                to: "",
            }
    moved = History.objects.get(record=homes["west"]["person"], set__has_key="grid", before__grid=GRID)
    assert (moved.set, moved.source, moved.version) == ({"grid": WESTERN}, "hub", 2)
    entries = AuditEntry.objects.filter(action="records.follow", chain=GRID)
    assert sum(entry.count for entry in entries) == 12
    assert grids_follow_map() == 0
    assert grids_unfollowed() == []
    today = timezone.localdate()
    assert set(Post.objects.values_list("grid", "kind", "ends_on")) == {
        (GRID, "main", today),
        (WESTERN, "main", None),
        (EASTERN, "main", None),
    }


def test_a_worker_notices_no_gap_while_his_grid_is_split(
    homes: dict[str, dict[str, str]], desk: MakeDesk
) -> None:
    factories.worker("wang")
    tablet = desk("wang")
    everything = [*homes["west"].values(), *homes["east"].values()]
    edited = tablet.collect("person", id=homes["west"]["person"], phone="10001234567")
    new = tablet.person(homes["east"]["household"], "新人")
    here = {"lon": MIDDLE + 0.001, "lat": SOUTH + 0.005, "crs": "4490"}
    house = tablet.collect("building", name="2号楼", address="示例路2号", **here)
    split()
    tablet.sync()
    assert tablet.holds(*everything, edited, new, house)
    assert not Inbox.objects.exists()
    assert Building.objects.get(pk=house).grid == EASTERN
    assert Person.objects.get(pk=edited).phone == "10001234567"
    assert {code for code, _ in tablet.session.identity.grids} >= {WESTERN, EASTERN}
    post_end("wang", GRID)  # the next morning
    tablet.sync()
    assert tablet.holds(*everything, edited, new, house)
    assert {code for code, _ in tablet.session.identity.grids} == {WESTERN, EASTERN}


def test_a_third_tablet_that_pulls_between_the_steps_sees_no_gap(homes: dict[str, dict[str, str]]) -> None:
    factories.tablet(factories.worker("wang"))
    split()
    watching = Tablet()
    watching.pull()
    everything = {*homes["west"].values(), *homes["east"].values()}
    for number in range(3):
        hub = factories.hub_in(WESTERN, EASTERN)
        factories.apply(hub, factories.change("building", name=f"{number}号", address="路", grid=WESTERN))
        watching.pull(limit=1)
        assert everything <= watching.held.keys()


def test_pages_cut_anywhere_during_a_move_lose_nothing(
    homes: dict[str, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.tablet(factories.worker("wang"))
    watching = Tablet()
    watching.pull()
    everything = {*homes["west"].values(), *homes["east"].values()}
    monkeypatch.setattr("governance.records.services.follow_map.AT_ONCE", 1)
    split()
    for _ in map_steps([GRID]):
        page = watching.page(limit=3)
        for item in page["changes"]:
            watching.take(item)
            assert everything <= watching.held.keys()
        watching.cursor = page["cursor"]
    watching.pull(limit=2)
    assert everything <= watching.held.keys()
    assert {watching.held[id_]["grid"] for id_ in homes["east"].values()} == {EASTERN}


def test_who_was_away_for_the_whole_change_keeps_his_half_and_hands_in_the_other(
    homes: dict[str, dict[str, str]], desk: MakeDesk
) -> None:
    """He comes back when all has moved and the east is another's."""
    wang = factories.worker("wang")
    tablet = desk("wang")
    mine = tablet.person(homes["west"]["household"], "西边新人")
    others = tablet.person(homes["east"]["household"], "东边新人")
    tablet.collect("person", id=homes["east"]["person"], phone="10007654321")
    split()
    grids_follow_map()
    post_end("wang", GRID)
    post_end("wang", EASTERN)
    factories.worker("li", EASTERN)
    second = desk("li")
    tablet.sync()
    assert tablet.holds(*homes["west"].values(), mine)
    assert not any(tablet.holds(id_) for id_ in (*homes["east"].values(), others))
    assert tablet.unsent() == 0
    assert {(row.user, row.grid) for row in Inbox.objects.all()} == {(wang.pk, EASTERN)}
    assert Inbox.objects.count() == 2
    second.sync()
    assert second.holds(*homes["east"].values())
    assert not second.holds(homes["west"]["person"])


def test_merged_grids_bring_their_workers_together(homes: dict[str, dict[str, str]], desk: MakeDesk) -> None:
    factories.worker("wang")
    factories.worker("li", NEXT)
    theirs = factories.home(factories.hub_in(NEXT), lon=EAST + 0.005)
    both = [desk("wang"), desk("li")]
    merged = grid_merge(codes=[GRID, NEXT])
    for tablet in both:
        tablet.sync()
        assert tablet.holds(*homes["east"].values(), *theirs.values())
    posts = dict(Post.objects.filter(grid=merged.code).values_list("worker__username", "kind"))
    assert sorted(posts.values()) == ["main", "stand_in"]
    assert grids_of(homes["west"]) | grids_of(theirs) == {merged.code}


def test_what_has_no_point_goes_to_the_largest_part_and_waits_for_someone_to_look(town: None) -> None:
    made = factories.change("building", name="无坐标", address="路", grid=GRID)
    assert factories.apply(factories.hub_in(GRID), made)[0].status == "created"
    large = shapely.box(WEST + 0.003, SOUTH, EAST, NORTH)
    grid_split(code=GRID, parts=[Part(shapely.box(WEST, SOUTH, WEST + 0.003, NORTH), 90), Part(large, 210)])
    grids_follow_map()
    assert Building.objects.get(pk=made.id).grid == EASTERN
    doubt = Contested.objects.get()
    assert (doubt.field, doubt.held, doubt.offered, doubt.grid) == ("grid", EASTERN, WESTERN, EASTERN)


def test_a_border_that_moves_takes_along_what_stood_between_and_leaves_the_rest(
    homes: dict[str, dict[str, str]],
) -> None:
    shift = EAST - 0.004
    west = GridDraft(GRID, "西", "urban", 300, shapely.box(WEST, SOUTH, shift, NORTH), "测试")
    east = GridDraft(NEXT, "东", "urban", 300, shapely.box(shift, SOUTH, EAST + 0.01, NORTH), "测试")
    grids_replace(drafts=[west, east])
    assert grids_follow_map() == 6
    assert grids_of(homes["east"]) == {NEXT}
    assert grids_of(homes["west"]) == {GRID}
    assert grids_follow_map() == 0


def test_an_edit_between_the_change_of_the_map_and_the_move_is_taken(
    homes: dict[str, dict[str, str]],
) -> None:
    wang = factories.tablet(factories.worker("wang"))
    split()
    building = homes["east"]["building"]
    (result,) = factories.apply(wang, factories.change("building", building, base=1, floors=6))
    assert result.status == "updated"
    (named,) = factories.apply(
        factories.hub_in(GRID, WESTERN, EASTERN),
        factories.change(
            "building", name="新", address="路", lon=MIDDLE + 0.002, lat=SOUTH + 0.002, grid=GRID
        ),
    )
    assert named.status == "created"
    assert Building.objects.get(name="新").grid == EASTERN


def test_a_run_that_is_cut_goes_on_where_it_stopped(
    homes: dict[str, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("governance.records.services.follow_map.AT_ONCE", 1)
    split()
    steps = map_steps()
    assert next(steps).moved == 6
    steps.close()
    assert grids_unfollowed() == [(GRID, Grid.objects.get(code=GRID).stamp)]
    assert grids_follow_map() == 6
    assert not Household.objects.filter(grid=GRID).exists()


def test_posts_follow_once_and_then_stay_as_people_set_them(homes: dict[str, dict[str, str]]) -> None:
    factories.worker("wang")
    split()
    grids_follow_map()
    Post.objects.filter(grid=EASTERN).delete()
    grids_follow_map()
    assert not Post.objects.filter(grid=EASTERN).exists()


def test_new_kinds_and_posts_reach_the_tablet_without_enrolling_again(
    homes: dict[str, dict[str, str]], desk: MakeDesk
) -> None:
    worker = factories.worker("wang")
    tablet = desk("wang")
    assert "care_hardship" in tablet.session.identity.kinds
    assert tablet.holds(homes["west"]["care_hardship"])
    late = tablet.collect("care_hardship", id=homes["east"]["care_hardship"], help_given="米面")
    group = worker.groups.get()
    right = group.permissions.get(codename="see_care_hardship")
    group.permissions.remove(right)
    tablet.sync()
    assert "care_hardship" not in tablet.session.identity.kinds
    assert not tablet.holds(late)
    assert Inbox.objects.get().errors[0]["code"] == "right"
    group.permissions.add(right)
    tablet.sync()
    assert "care_hardship" in tablet.session.identity.kinds
    assert tablet.holds(late)
    Post.objects.create(
        worker=User.objects.get(username="wang"),
        grid=NEXT,
        kind="stand_in",
        starts_on=timezone.localdate(),
        ends_on=timezone.localdate(),
    )
    tablet.sync()
    assert tablet.session.meta["grids"][1] == {
        "code": NEXT,
        "name": "第002网格",
        "post": "stand_in",
        "until": timezone.localdate().isoformat(),
    }
    Post.objects.filter(grid=NEXT).update(ends_on=None)
    tablet.sync()
    assert tablet.session.meta["grids"][1]["until"] is None


def test_the_command_says_what_would_move_and_moves_it(
    homes: dict[str, dict[str, str]], capsys: pytest.CaptureFixture[str]
) -> None:
    factories.worker("wang")
    split()
    call_command("map_follow", preview=True)
    said = capsys.readouterr().out
    assert f"{GRID} → {WESTERN} building 1条" in said
    assert f"岗位 wang（wang） {GRID} → {EASTERN} 主责" in said
    assert Building.objects.filter(grid=GRID).count() == 2
    call_command("map_follow")
    assert "共迁移12条记录" in capsys.readouterr().out
    call_command("map_follow", preview=True)
    assert "没有待迁移的网格" in capsys.readouterr().out


def test_whoever_looks_after_it_sends_an_unplaced_record_to_the_other_part(town: None) -> None:
    made = factories.change("building", name="无坐标", address="路", grid=GRID)
    room = factories.change("room", building=str(made.id), number="101")
    factories.apply(factories.hub_in(GRID), made, room)
    split()
    grids_follow_map()
    doubt = Contested.objects.get()
    difference_settle(actor=HUB, contested=doubt, accept=True)
    assert Building.objects.get(pk=made.id).grid == doubt.offered
    assert factories.model("room").objects.get(pk=room.id).grid == doubt.offered


def test_a_sender_who_serves_nothing_gets_no_grid_back_by_a_split(homes: dict[str, dict[str, str]]) -> None:
    """What a lost tablet's bundle brings stays in the inbox, whatever became of its grid."""
    wang = factories.tablet(factories.worker("wang"))
    split()
    sender = replace(actor_renewed(wang), scope=Scope(), hands_in=True)
    assert sender.closed == {GRID}
    edit = offer("building", homes["west"]["building"], 1, floors=6)
    (result,) = push_apply(sender, json.dumps({"changes": [edit]}).encode()).results
    assert (result.status, result.errors[0].code) == ("rejected", "scope")


def test_a_sync_with_nothing_to_do_costs_no_more_after_the_map_has_changed(
    homes: dict[str, dict[str, str]],
    django_assert_num_queries: Callable[[int], AbstractContextManager[object]],
) -> None:
    factories.tablet(factories.worker("wang"))
    split()
    tablet = Tablet()
    tablet.pull()
    post_end("wang", GRID)
    tablet.pull()
    with django_assert_num_queries(2):
        assert tablet.pull() == []


def test_what_left_is_told_last_however_small_the_pages_are(homes: dict[str, dict[str, str]]) -> None:
    """He was away while the grid was split, its records moved and his post there ended."""
    factories.tablet(factories.worker("wang"))
    watching = Tablet()
    watching.pull()
    split()
    grids_follow_map()
    post_end("wang", GRID)
    everything = {*homes["west"].values(), *homes["east"].values()}
    more = True
    while more:
        page = watching.page(limit=2)
        for item in page["changes"]:
            watching.take(item)
            assert everything <= watching.held.keys()
        watching.cursor, more = page["cursor"], page["more"]
    assert page["changes"][-1]["gone"] == "revoked"
    assert {item["grid"] for item in watching.held.values()} & {GRID} == set()
