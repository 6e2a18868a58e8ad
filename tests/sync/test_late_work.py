"""Work that arrives when its worker's post, tablet or account is no more: kept under his name for staff."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from field_app.store import keyring
from field_app.sync.errors import Revoked, Wiped
from governance.access.actor import HUB, Actor
from governance.access.models import Device, Post, User
from governance.access.scope import Scope
from governance.access.services.accounts import account_deactivate
from governance.access.services.devices import device_authenticate, device_revoke
from governance.audit.models import AuditEntry
from governance.records.models import Contested, History, Inbox, Person
from tests import factories
from tests.sync.desks import Desk
from tests.sync.tablet import JSON

pytestmark = pytest.mark.django_db
MakeDesk = Callable[..., Desk]


@pytest.fixture(autouse=True)
def _quick_pins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "COST", 2**4)


@pytest.fixture
def house(town: None) -> dict[str, str]:
    """A household of the first grid, entered by the hub."""
    return factories.home(factories.hub_in(factories.GRID))


@pytest.fixture
def desk(town: None, tmp_path: Path) -> MakeDesk:
    """Make tablets."""
    made: list[Desk] = []

    def make(username: str = "wang", device: str = "平板") -> Desk:
        made.append(Desk(tmp_path / f"{username}-{device}", username, device))
        made[-1].sync()
        return made[-1]

    yield make
    for each in made:
        each.session.close()


@pytest.fixture
def staff(town: None) -> Client:
    """Community staff of the whole city, signed in."""
    from governance.access.services.areas import area_grant
    from gridmap.models import Division

    made = factories.user("staff", "community_staff")
    area_grant(actor=HUB, holder=made, area=Division.objects.get(code="420502"))
    client = Client()
    client.force_login(made)
    return client


def post_over(username: str) -> None:
    """Let a worker's post have ended yesterday."""
    Post.objects.filter(worker__username=username).update(ends_on=timezone.localdate() - timedelta(days=1))


def test_work_after_the_post_ended_waits_under_the_workers_name_until_staff_take_it(
    house: dict[str, str], desk: MakeDesk, staff: Client
) -> None:
    wang = factories.worker("wang")
    tablet = desk()
    made = tablet.person(house["household"], "晚到")
    tablet.collect("household", id=house["household"], head_phone="10001234567")
    post_over("wang")
    tablet.sync()
    assert tablet.unsent() == 0
    assert not tablet.holds(house["household"])
    rows = {row.kind: row for row in Inbox.objects.all()}
    assert {kind: row.errors[0]["code"] for kind, row in rows.items()} == {
        "person": "scope",
        "household": "scope",
    }
    assert all((row.user, row.grid) == (wang.pk, factories.GRID) for row in rows.values())
    assert not Person.objects.filter(pk=made).exists()

    for row in rows.values():
        page = f"/admin/records/inbox/{row.pk}/"
        assert "采纳" in staff.get(page + "change/").content.decode()
        reply = staff.post(page + "take/", follow=True)
        assert "已采纳1条" in reply.content.decode()
        staff.post(page + "take/")  # twice is once
    person = Person.objects.get(pk=made)
    history = History.objects.get(record=made)
    assert (person.name, person.grid, person.version) == ("晚到", factories.GRID, 1)
    assert (history.user, history.source) == (wang.pk, "worker")
    assert str(history.device) == str(rows["person"].device)
    assert history.captured_at == rows["person"].captured_at
    assert factories.model("household").objects.get(pk=house["household"]).head_phone == "10001234567"
    taken = AuditEntry.objects.filter(action="inbox.take")
    assert {entry.username for entry in taken} == {"staff"}
    assert taken.count() == 2
    tablet.sync()
    assert Person.objects.filter(name="晚到").count() == 1


def test_a_tablet_back_in_its_grid_hears_of_its_own_work_that_staff_took(
    house: dict[str, str], desk: MakeDesk, staff: Client
) -> None:
    wang = factories.worker("wang")
    tablet = desk()
    tablet.collect("household", id=house["household"], head_phone="10001234567")
    post_over("wang")
    tablet.sync()
    Post.objects.create(worker=wang, grid=factories.GRID, starts_on=timezone.localdate())
    tablet.sync()
    staff.post(f"/admin/records/inbox/{Inbox.objects.get().pk}/take/")
    tablet.sync()
    view = tablet.view(house["household"])
    assert view is not None
    assert (view.values["head_phone"], view.version) == ("10001234567", 2)


def test_what_staff_put_aside_stays_readable_and_is_not_applied(
    house: dict[str, str], desk: MakeDesk, staff: Client
) -> None:
    factories.worker("wang")
    tablet = desk()
    made = tablet.person(house["household"], "晚到")
    post_over("wang")
    tablet.sync()
    row = Inbox.objects.get()
    for said in ("已标为不予采纳1条", "1条不在待处理之列"):
        answer = staff.post(f"/admin/records/inbox/{row.pk}/decline/", follow=True).content.decode()
        assert said in answer
    assert "不予采纳0条" not in answer
    page = staff.post(f"/admin/records/inbox/{row.pk}/take/", follow=True).content.decode()
    row.refresh_from_db()
    assert row.taken is False
    assert "1条不在待处理之列，没有动" in page
    assert "已采纳1条" not in page
    assert not Person.objects.filter(pk=made).exists()
    assert "不予采纳" in staff.get(f"/admin/records/inbox/{row.pk}/change/").content.decode()


def test_what_depends_on_one_another_is_taken_together_and_the_rest_says_why(
    house: dict[str, str], desk: MakeDesk, staff: Client
) -> None:
    factories.worker("wang")
    tablet = desk()
    room = tablet.collect("room", parent=house["building"], number="202")
    home = tablet.collect("household", parent=room, head_name="李示例")
    tablet.person(home, "晚到")
    post_over("wang")
    tablet.sync()
    person = Inbox.objects.get(kind="person")
    reply = staff.post(f"/admin/records/inbox/{person.pk}/take/", follow=True)
    assert "这条户记录也在收件箱" in reply.content.decode()
    ids = [str(pk) for pk in Inbox.objects.values_list("pk", flat=True)]
    staff.post("/admin/records/inbox/", {"action": "take", "_selected_action": ids})
    assert Person.objects.filter(name="晚到", household=home).count() == 1
    assert not Inbox.objects.filter(status="rejected", settled_at=None).exists()


def test_staff_of_another_community_neither_see_nor_take_it(
    house: dict[str, str], desk: MakeDesk, client: Client
) -> None:
    from governance.access.services.areas import area_grant

    factories.worker("wang")
    tablet = desk()
    tablet.person(house["household"], "晚到")
    post_over("wang")
    tablet.sync()
    row = Inbox.objects.get()
    other = factories.grid("420503001001001", shift=5)
    stranger = factories.user("stranger", "community_staff")
    area_grant(actor=HUB, holder=stranger, area=other.community)
    Post.objects.create(
        worker=User.objects.get(username="wang"),
        grid=other.code,
        starts_on=timezone.localdate(),
    )
    client.force_login(stranger)
    assert client.post(f"/admin/records/inbox/{row.pk}/take/").status_code == 404
    assert "晚到" not in client.get("/admin/records/inbox/").content.decode()
    assert not Person.objects.filter(name="晚到").exists()


def test_a_replaced_tablet_hands_in_later_and_nothing_doubles(house: dict[str, str], desk: MakeDesk) -> None:
    wang = factories.worker("wang")
    old = desk(device="旧平板")
    late = old.person(house["household"], "旧机所采")
    device_revoke(actor=HUB, device=Device.objects.get(name="旧平板"))
    new = desk(device="新平板")
    fresh = new.person(house["household"], "新机所采")
    new.sync()
    old.transport.fault = iter(["unanswered", *[""] * 9]).__next__
    with pytest.raises(Exception, match="没有到达"):
        old.sync()
    with pytest.raises(Wiped):
        old.sync()
    assert old.session.state == "empty"
    new.sync()
    assert new.holds(late, fresh)
    devices = dict(History.objects.filter(kind="person").values_list("record", "device"))
    names = {str(device.pk): device.name for device in Device.objects.filter(worker=wang)}
    assert {str(record): names[str(device)] for record, device in devices.items()} == {
        late: "旧平板",
        fresh: "新平板",
    }
    assert Person.objects.count() == 2


def test_a_retired_tablet_may_push_but_reads_nothing(
    worker: Actor, home: dict[str, str], client: Client
) -> None:
    id_ = factories.person(worker, home["household"], phone="10001112222")
    device_revoke(actor=HUB, device=Device.objects.get())
    tablet = Client(headers={"Authorization": "Token token", "X-Protocol": "2"})
    for route in ("pull", "snapshot"):
        reply = tablet.get(f"/api/v1/sync/{route}")
        assert (reply.status_code, reply.json()["code"]) == (401, "retired")
    stale = factories.change("person", id_, base=None, workplace="工地")
    body = {"changes": [{"change": str(stale.change), "kind": "person", "id": id_, "set": stale.set}]}
    (result,) = tablet.post("/api/v1/sync/push", body, content_type=JSON).json()["results"]
    assert (result["status"], result["record"]) == ("merged", None)


def test_grace_ends_and_a_lost_tablet_has_none(
    house: dict[str, str], desk: MakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.worker("wang")
    tablet = desk()
    made = tablet.person(house["household"], "未送")
    device = Device.objects.get()
    device_revoke(actor=HUB, device=device, lost=True)
    with pytest.raises(Revoked, match="挂失"):
        tablet.sync()
    assert tablet.unsent() == 1
    assert tablet.holds(made)
    assert not tablet.holds(house["building"])
    assert not Inbox.objects.exists()
    found = device_revoke(actor=HUB, device=device)  # it turned up again
    assert found.push_until is not None
    late = found.push_until + timedelta(seconds=1)
    monkeypatch.setattr(timezone, "now", lambda: late)
    reply = factories.client("x").get("/api/v1/sync/pull")
    assert reply.status_code == 401
    with pytest.raises(Exception, match="停用"):
        device_authenticate(str(tablet.session.meta["token"]), handing_in=True)


def test_a_tablet_found_again_hands_in_what_it_kept(house: dict[str, str], desk: MakeDesk) -> None:
    factories.worker("wang")
    tablet = desk()
    made = tablet.person(house["household"], "未送")
    device = Device.objects.get()
    device_revoke(actor=HUB, device=device, lost=True)
    with pytest.raises(Revoked):
        tablet.sync()
    device_revoke(actor=HUB, device=device)
    with pytest.raises(Wiped):
        tablet.sync()
    assert tablet.session.state == "empty"
    assert Person.objects.get(pk=made).name == "未送"


def test_an_account_switched_off_still_hands_in_what_its_tablet_holds(
    house: dict[str, str], desk: MakeDesk, staff: Client
) -> None:
    wang = factories.worker("wang")
    tablet = desk()
    made = tablet.person(house["household"], "未送")
    account_deactivate(actor=HUB, user=wang)
    with pytest.raises(Wiped):
        tablet.sync()
    assert tablet.session.state == "empty"
    row = Inbox.objects.get()
    assert (row.user, row.errors[0]["code"], row.grid) == (wang.pk, "scope", factories.GRID)
    staff.post(f"/admin/records/inbox/{row.pk}/take/")
    assert Person.objects.get(pk=made).name == "未送"


def test_a_stand_in_leaves_after_the_last_day_in_shanghai(
    house: dict[str, str], desk: MakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    li = factories.worker("li", factories.NEXT)
    Post.objects.create(
        worker=li,
        grid=factories.GRID,
        kind="stand_in",
        starts_on=date(2026, 11, 23),
        ends_on=date(2026, 11, 29),
    )

    def at(text: str) -> None:
        monkeypatch.setattr(timezone, "now", lambda: datetime.fromisoformat(text))

    at("2026-11-29T15:59:00+00:00")
    tablet = desk("li")
    assert tablet.holds(house["household"])
    made = tablet.person(house["household"], "代班所采")
    at("2026-11-29T16:00:00+00:00")
    tablet.sync()
    assert not tablet.holds(house["household"])
    assert tablet.unsent() == 0
    assert Inbox.objects.get(record=made).user == li.pk


def test_late_work_that_staff_take_does_not_undo_what_its_worker_wrote_since(
    house: dict[str, str], desk: MakeDesk, staff: Client
) -> None:
    wang = factories.worker("wang")
    tablet = desk()
    tablet.collect("household", id=house["household"], head_phone="10001234567", note="旧")
    post_over("wang")
    tablet.sync()
    Post.objects.create(worker=wang, grid=factories.GRID, starts_on=timezone.localdate())
    tablet.sync()
    tablet.collect("household", id=house["household"], head_phone="10007654321")
    tablet.sync()
    staff.post(f"/admin/records/inbox/{Inbox.objects.get().pk}/take/")
    household = factories.model("household").objects.get(pk=house["household"])
    assert (household.head_phone, household.note) == ("10007654321", "旧")
    review = Contested.objects.get()
    assert (review.field, review.offered, review.user) == ("head_phone", "10001234567", wang.pk)


@pytest.mark.parametrize("newest_first", [False, True])
def test_of_late_work_taken_piece_by_piece_the_newest_stands(
    house: dict[str, str], staff: Client, newest_first: bool
) -> None:
    wang = factories.worker("wang")
    actor = factories.tablet(wang)
    post_over("wang")
    gone = replace(actor, scope=Scope(), hands_in=True)
    phones = ["10001234567", "10007654321"]
    sent = [factories.change("household", house["household"], base=1, head_phone=phone) for phone in phones]
    assert [result.status for result in factories.apply(gone, *sent)] == ["rejected"] * 2
    for change in reversed(sent) if newest_first else sent:
        staff.post(f"/admin/records/inbox/{change.change}/take/")
    assert factories.model("household").objects.get(pk=house["household"]).head_phone == phones[-1]
    assert Contested.objects.count() == newest_first
