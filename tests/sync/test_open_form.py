"""A form that is open while the hub's word changes: nothing is overwritten unseen, nothing typed is lost."""

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest

from field_app.store import keyring
from field_app.work.forms import Form
from governance.access.models import Post
from governance.records.models import Contested, Inbox, Person
from tests import factories
from tests.sync.desks import Desk

pytestmark = pytest.mark.django_db

TYPED, TOLD = "10003001111", "10003002222"


@pytest.fixture
def homes(town: None) -> tuple[dict[str, str], dict[str, str]]:
    """A home in the first grid, one in the next."""
    hub = factories.hub_in(factories.GRID, factories.NEXT)
    return factories.home(hub), factories.home(hub, factories.WEST + 0.015)


@pytest.fixture
def person(homes: tuple[dict[str, str], dict[str, str]]) -> str:
    """Somebody of the first grid."""
    return factories.person(factories.hub_in(), homes[0]["household"], phone="10003000000")


@pytest.fixture
def desk(person: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """The tablet of the first grid's worker, who has the person at hand."""
    monkeypatch.setattr(keyring, "COST", 2**4)
    factories.worker("first")
    made = Desk(tmp_path, "first")
    made.sync()
    yield made
    made.session.close()


@pytest.fixture
def move(homes: tuple[dict[str, str], dict[str, str]]) -> Callable[[], None]:
    """Have the centre move the household to the next grid."""
    here, there = homes

    def moved() -> None:
        hub = factories.hub_in(factories.GRID, factories.NEXT)
        (told,) = factories.apply(
            hub, factories.change("household", here["household"], 1, room=there["room"])
        )
        assert told.status == "updated"

    return moved


def opened(desk: Desk, person: str) -> Form:
    form = desk.session.desk.collect.form("person", id=person)
    form.put("phone", TYPED)
    return form


def staff_write(person: str, **values: object) -> None:
    factories.apply(factories.hub_in(), factories.change("person", person, None, **values))


def contests() -> list[tuple[str, object, object]]:
    return list(Contested.objects.values_list("field", "offered", "held"))


def check_contested(desk: Desk, person: str, form: Form, *, kept: bool) -> None:
    """Save a form behind the back of which staff wrote: their word stands, the typed one is reviewed."""
    staff_write(person, phone=TOLD)
    desk.sync()
    if kept:
        desk.session.desk.collect.keep(form)
        form = desk.session.desk.collect.resume(form.draft)
    desk.session.desk.collect.save(form)
    desk.sync()
    assert Person.objects.get(pk=person).phone == TOLD
    assert contests() == [("phone", TYPED, TOLD)]


@pytest.mark.parametrize("kept", [False, True])
def test_what_came_while_the_form_was_open_is_not_overwritten_unseen(
    desk: Desk, person: str, kept: bool
) -> None:
    form = opened(desk, person)
    check_contested(desk, person, form, kept=kept)


@pytest.fixture
def newcomer(desk: Desk, homes: tuple[dict[str, str], dict[str, str]]) -> str:
    """Somebody whom the worker registered, and whom the hub has not heard of yet."""
    return desk.person(homes[0]["household"], "新人")


@pytest.mark.parametrize("kept", [False, True])
def test_nor_where_the_record_itself_reached_the_hub_only_then(desk: Desk, newcomer: str, kept: bool) -> None:
    form = opened(desk, newcomer)
    desk.sync()
    check_contested(desk, newcomer, form, kept=kept)


@pytest.mark.parametrize("kept", [False, True])
def test_an_edit_of_a_new_record_that_came_and_left_meanwhile_is_told_as_one(
    desk: Desk, newcomer: str, move: Callable[[], None], kept: bool
) -> None:
    form = opened(desk, newcomer)
    if kept:
        desk.session.desk.collect.keep(form)
    desk.sync()
    move()
    desk.sync()
    assert not desk.holds(newcomer)
    if kept:
        (row,) = desk.session.desk.collect.drafts()
        assert (row.title, row.stuck) == ("修改人员：（已不在本机）", "")
        form = desk.session.desk.collect.resume(row.draft)
    desk.session.desk.collect.save(form)
    desk.sync()
    assert (desk.session.desk.outbox.counts().refused, desk.holds(newcomer)) == (0, False)
    assert list(Inbox.objects.values_list("record", "base")) == [(UUID(newcomer), 1)]


def test_an_edit_of_a_record_that_is_yet_to_be_told_joins_it(desk: Desk, newcomer: str) -> None:
    desk.session.desk.collect.save(opened(desk, newcomer))
    assert desk.unsent() == 1
    desk.sync()
    assert Person.objects.get(pk=newcomer).phone == TYPED


def test_another_change_that_waits_does_not_hide_it(desk: Desk, person: str) -> None:
    form = opened(desk, person)
    staff_write(person, phone=TOLD)
    desk.sync()
    desk.collect("person", id=person, workplace="示例厂")
    desk.session.desk.collect.save(form)
    desk.sync()
    stored = Person.objects.get(pk=person)
    assert (stored.phone, stored.workplace) == (TOLD, "示例厂")
    assert contests() == [("phone", TYPED, TOLD)]


def test_own_changes_in_between_stand_against_nothing(desk: Desk, person: str) -> None:
    form = opened(desk, person)
    desk.collect("person", id=person, phone="10003003333")
    desk.sync()
    desk.session.desk.collect.save(form)
    desk.sync()
    assert Person.objects.get(pk=person).phone == TYPED
    assert contests() == []


@pytest.mark.parametrize("kept", [False, True])
def test_what_was_typed_into_a_record_that_left_reaches_the_hub(
    desk: Desk, person: str, move: Callable[[], None], kept: bool
) -> None:
    form = opened(desk, person)
    if kept:
        desk.session.desk.collect.keep(form)
    move()
    desk.sync()
    assert not desk.holds(person)
    if kept:
        (row,) = desk.session.desk.collect.drafts()
        assert (row.title, row.stuck) == ("修改人员：（已不在本机）", "")
        form = desk.session.desk.collect.resume(row.draft)
    desk.session.desk.collect.save(form)
    desk.sync()
    (kept_there,) = Inbox.objects.filter(record=person)
    assert (kept_there.offered, kept_there.errors[0]["code"]) == ({"phone": TYPED}, "scope")
    counts = desk.session.desk.outbox.counts()
    assert (counts.unsent, counts.refused) == (0, 0)
    assert not desk.holds(person)


@pytest.mark.parametrize("kept", [False, True])
def test_somebody_who_was_being_registered_where_the_household_left_reaches_the_hub(
    desk: Desk, homes: tuple[dict[str, str], dict[str, str]], move: Callable[[], None], kept: bool
) -> None:
    collect = desk.session.desk.collect
    form = collect.form("person", parent=homes[0]["household"])
    for name, value in (("name", "新人"), ("residence_kind", "1"), ("sex", "1")):
        form.put(name, value)
    if kept:
        collect.keep(form)
    move()
    desk.sync()
    if kept:
        form = collect.resume(form.draft)
        assert form.check() == ()
        collect.keep(form)
        form = collect.resume(form.draft)
    collect.save(form)
    desk.sync()
    assert Inbox.objects.get(record=form.id).offered["name"] == "新人"
    counts = desk.session.desk.outbox.counts()
    assert (counts.unsent, counts.refused) == (0, 0)
    assert not desk.holds(form.id)


@pytest.fixture
def second(desk: Desk, tmp_path: Path) -> Iterator[Desk]:
    """The tablet of a worker who stands in for the first and has the next grid of his own."""
    factories.worker("both", factories.NEXT, factories.GRID)
    made = Desk(tmp_path / "both", "both")
    made.sync()
    yield made
    made.session.close()


@pytest.mark.parametrize("kept", [False, True])
@pytest.mark.parametrize("kind", ["event", "organisation"])
def test_what_was_being_placed_in_a_grid_that_left_reaches_the_hub(
    second: Desk, kind: str, kept: bool
) -> None:
    collect = second.session.desk.collect
    form = collect.form(kind)
    if kind == "event":
        form.put("category", factories.codes_of("event_category")[0])
        form.put("description", "路灯坏了")
        form.place(111.285, 30.695)
    else:
        form.put("name", "示例社")
        form.put("category", factories.codes_of("organisation_category")[0])
        form.put("grid", factories.GRID)
    if kept:
        collect.keep(form)
    Post.objects.filter(worker__username="both", grid=factories.GRID).delete()
    second.sync()
    if kept:
        form = collect.resume(form.draft)
        collect.keep(form)
        form = collect.resume(form.draft)
    collect.save(form)
    second.sync()
    assert Inbox.objects.get(record=form.id).errors[0]["code"] == "scope"
    assert second.unsent() == 0


def test_what_was_typed_into_a_record_that_left_and_came_back_is_seen(
    desk: Desk, person: str, homes: tuple[dict[str, str], dict[str, str]], move: Callable[[], None]
) -> None:
    form = opened(desk, person)
    move()
    desk.sync()
    desk.session.desk.collect.save(form)
    hub = factories.hub_in(factories.GRID, factories.NEXT)
    back = factories.change("household", homes[0]["household"], 2, room=homes[0]["room"])
    assert [told.status for told in factories.apply(hub, back)] == ["updated"]
    desk.sync()
    view = desk.view(person)
    assert view is not None
    assert (view.whole, view.values["phone"], view.version) == (True, TYPED, 4)


def test_offered_again_an_edit_of_what_left_stays_an_edit(
    desk: Desk, person: str, homes: tuple[dict[str, str], dict[str, str]], move: Callable[[], None]
) -> None:
    hub = factories.hub_in()
    made = factories.change("household", room=homes[0]["room"], head_name="李示例")
    factories.apply(hub, made)
    desk.sync()
    desk.collect("person", id=person, household=str(made.id), phone=TYPED)
    closed = {"closed_on": "2026-01-01", "closed_reason": factories.close_reason("household")}
    factories.apply(hub, factories.change("household", made.id, 1, **closed))
    desk.sync()
    (refused,) = [row for row in desk.session.desk.outbox.rows() if row.may_retry]
    move()
    desk.sync()
    desk.session.desk.outbox.retry(refused.change)
    desk.sync()
    assert {row.errors[0]["code"] for row in Inbox.objects.filter(record=person)} == {"closed", "scope"}
    assert desk.session.desk.outbox.counts().refused == 0
