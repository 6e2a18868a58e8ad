"""Two tablets that add photos to one record without knowing of each other: both photos are at the hub."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from field_app.ports.secret import SecretFile
from field_app.store import keyring
from field_app.store.vault import Vault
from field_app.sync.transport import Reply, Request
from field_app.work.forms import Form
from field_app.work.session import Session
from governance.records.models import StoredFile, Thing
from tests import factories
from tests.pictures import picture
from tests.sync.django_transport import DjangoTransport

PIN = "246810"


class Wire(DjangoTransport):
    """Lets something happen on the tablet just before a pull goes out."""

    before_pull: Callable[[], object] | None = None

    def send(self, request: Request) -> Reply:
        act, self.before_pull = self.before_pull, None
        if act is not None and request.route == "sync/pull":
            act()
        else:
            self.before_pull = act
        return super().send(request)


class Tablet(Session):
    """A tablet whose wire can be held, and whose folder is known."""

    def __init__(self, folder: Path) -> None:
        self.wire = Wire()
        self.camera = folder / "camera.jpg"
        super().__init__(Vault(folder, SecretFile(folder)), lambda _: self.wire, searching=False)

    def held(self) -> list[str]:
        """Give the thing's photos as the hub told them."""
        (thing,) = (each for each in self._open().memory.held.values() if each.kind == "thing")
        return list(thing.values.get("photos") or [])


pytestmark = pytest.mark.usefixtures("file_folders")


@pytest.fixture
def tablets(town: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Tablet]]:
    """Two workers of one grid, and a thing with a photo that both hold."""
    monkeypatch.setattr(keyring, "COST", 2**4)
    made = []
    for name in ("first", "second"):
        factories.worker(name)
        session = Tablet(tmp_path / name)
        session.enrol(
            hub="https://hub.example", username=name, password=factories.PASSWORD, device=name, pin=PIN
        )
        session.sync()
        made.append(session)
    form = made[0].desk.collect.form("thing")
    form.put("category", factories.codes_of("part_category")[0])
    form.place(111.285, 30.695)
    shoot(made[0], form, 1)
    made[0].desk.collect.save(form)
    for session in made:
        session.sync()
    yield made
    for session in made:
        session.close()


def form_of(session: Tablet) -> Form:
    (row,) = session.desk.records.rows("thing")
    return session.desk.collect.form("thing", id=row.id)


def shoot(session: Tablet, form: Form, colour: int) -> str:
    """Take a photo into a form; gives its id."""
    session.camera.write_bytes(picture(colour=colour))
    return session.desk.photos.add(form, "photos", session.camera)


def add(session: Tablet, colour: int) -> str:
    form = form_of(session)
    made = shoot(session, form, colour)
    session.desk.collect.save(form)
    return made


def at_hub() -> list[str]:
    return list(Thing.objects.get().photos or [])


def test_photos_of_both_are_at_the_hub_and_on_both_tablets(tablets: list[Tablet]) -> None:
    first, second = tablets
    (old,) = at_hub()
    one, two = add(first, 2), add(second, 3)
    for session in (*tablets, first):
        report = session.sync()
        assert not report.pushed.get("contested")
    assert at_hub() == [old, one, two]
    assert first.held() == second.held() == at_hub()
    assert {str(id) for id in StoredFile.objects.values_list("id", flat=True)} == {old, one, two}


def test_a_second_photo_laid_over_an_unanswered_first_one_removes_none(tablets: list[Tablet]) -> None:
    """The second one is made on a version with a photo that its form never showed."""
    first, second = tablets
    two = add(second, 3)
    second.sync()
    made: list[str] = []
    first.wire.before_pull = lambda: made.append(add(first, 2))
    first.sync()
    assert first.held() != at_hub()[:1], "the page with the other's photo is here, the own change unsent"
    made.append(add(first, 4))
    first.sync()
    assert at_hub()[1:] == [two, *made]
    assert first.held() == at_hub()


def test_a_form_left_open_while_a_photo_arrives_keeps_it(tablets: list[Tablet]) -> None:
    first, second = tablets
    form = form_of(first)
    one = shoot(first, form, 2)
    two = add(second, 3)
    second.sync()
    first.sync()
    assert two in first.held()
    first.desk.collect.save(form)
    first.sync()
    assert at_hub()[1:] == [two, one]


def test_a_draft_taken_up_again_is_joined_with_what_came_since(tablets: list[Tablet]) -> None:
    first, second = tablets
    form = form_of(first)
    one = shoot(first, form, 2)
    first.desk.collect.keep(form)
    two = add(second, 3)
    second.sync()
    first.sync()
    form = first.desk.collect.resume(form.draft)
    assert form.values["photos"] == [*first.held(), one]
    first.desk.collect.save(form)
    first.sync()
    assert at_hub()[1:] == [two, one]


def test_a_photo_taken_off_stays_off(tablets: list[Tablet]) -> None:
    first, second = tablets
    (old,) = at_hub()
    form = form_of(first)
    first.desk.photos.remove(form, "photos", old)
    first.desk.collect.save(form)
    two = add(second, 3)
    for session in (*tablets, first):
        session.sync()
    assert at_hub() == first.held() == second.held() == [two]
