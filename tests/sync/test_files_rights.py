"""Who may read a photo: whoever may read the record it belongs to, and it alone decides."""

import io

import pytest
from PIL import Image

from governance.access.actor import Actor
from governance.access.models import Post
from governance.audit.models import AuditEntry
from governance.contract import uuid7
from tests import factories
from tests.pictures import SECRET, pdf, picture
from tests.sync.files import Sender
from tests.sync.tablet import Tablet, offer

pytestmark = pytest.mark.usefixtures("file_folders")
PHOTO = picture()


@pytest.fixture
def sender(worker: Actor) -> Sender:
    factories.device(factories.worker("neighbour", factories.NEXT), "neighbour")
    factories.device(factories.worker("stand_in"), "stand_in")
    return Sender()


def thing(*photos: str, lon: float = 111.285) -> dict:
    category = factories.codes_of("part_category")[0]
    return offer("thing", category=category, lon=lon, lat=30.695, crs="4490", photos=list(photos))


def test_record_and_photo_arrive_in_either_order(sender):
    tablet, first, second = Tablet(), str(uuid7()), str(uuid7())
    assert tablet.push(thing(first))[0]["status"] == "created"
    waiting = sender.get(first)
    assert (waiting.status_code, waiting.json()["code"]) == (404, "waiting")
    sender.whole(PHOTO, first)
    assert sender.get(first).status_code == 200
    sender.whole(PHOTO, second)
    assert sender.get(second).json()["code"] == "missing"
    tablet.push(thing(second))
    assert sender.get(second).status_code == 200
    (held,) = [item["record"] for item in tablet.pull() if item.get("record", {}).get("photos") == [second]]
    assert held["category"]


def test_what_is_read_is_the_picture_alone(sender):
    made = sender.whole(PHOTO)
    Tablet().push(thing(made))
    reply, small = sender.get(made), sender.get(made, "/thumb")
    assert (reply["Content-Type"], small["Content-Type"]) == ("image/jpeg", "image/jpeg")
    assert reply["Cache-Control"] == "no-store"
    for served in (reply, small):
        assert SECRET.encode() not in served.content
        with Image.open(io.BytesIO(served.content)) as image:
            image.load()
            assert not image.getexif()


def test_a_pdf_has_no_thumbnail(sender):
    made = sender.whole(pdf())
    Tablet().push(thing(made))
    assert sender.get(made).content == pdf()
    assert sender.get(made, "/thumb").status_code == 404


def test_only_those_who_may_read_the_record_read_its_photo(sender):
    made = sender.whole(PHOTO)
    Tablet().push(thing(made))
    assert Sender("stand_in").get(made).status_code == 200
    assert Sender("neighbour").get(made).json()["code"] == "missing"
    assert Sender("neighbour").get(made, "/thumb").status_code == 404
    assert Sender("unknown").get(made).status_code == 401
    Post.objects.filter(worker__username="worker").delete()
    assert sender.get(made).status_code == 404, "not even its sender, once his post has ended"


def test_naming_a_photo_of_another_record_opens_nothing(sender):
    """Fails when the last record to name a file decides who reads it."""
    made = sender.whole(PHOTO)
    Tablet().push(thing(made))
    assert Tablet("neighbour").push(thing(made, lon=111.295))[0]["status"] == "created"
    assert Sender("neighbour").get(made).status_code == 404
    assert sender.get(made).status_code == 200


def test_a_photo_goes_with_its_record(sender):
    tablet, made = Tablet(), sender.whole(PHOTO)
    change = thing(made)
    tablet.push(change)
    moved = offer("thing", change["id"], 1, photos=None)
    assert tablet.push(moved)[0]["status"] == "updated"
    assert sender.get(made).status_code == 404, "the record names it no more"
    tablet.push(offer("thing", change["id"], 2, photos=[made]))
    assert sender.get(made).status_code == 200
    tablet.push({**offer("thing", change["id"], 3), "delete": True})
    assert sender.get(made).status_code == 404


def test_every_reading_leaves_a_trace(sender):
    made = sender.whole(PHOTO)
    change = thing(made)
    Tablet().push(change)
    sender.get(made)
    sender.get(made, "/thumb")
    Sender("neighbour").get(made)
    traces = AuditEntry.objects.filter(action__in=("files.read", "files.thumb")).order_by("pk")
    assert [(trace.action, trace.username, trace.scope) for trace in traces] == [
        ("files.read", "worker", factories.GRID),
        ("files.thumb", "worker", factories.GRID),
    ]
    assert all(str(trace.subject) == change["id"] for trace in traces)


@pytest.mark.parametrize("photos", [["x"], "x", [str(uuid7())] * 3 + [str(uuid7()) for _ in range(9)]])
def test_a_list_that_is_none_is_refused(sender, photos):
    result = Tablet().push({**thing(), "set": {**thing()["set"], "photos": photos}})[0]
    assert result["status"] == "rejected"
    assert result["errors"][0]["field"] == "photos"
