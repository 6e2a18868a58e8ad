"""Uploads: resumed where cut, checked, stored once, by their own worker alone."""

import io
import threading
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as tries
from hypothesis import strategies as st

from governance.access.actor import Actor
from governance.access.models import User
from governance.audit.models import AuditEntry
from governance.contract import uuid7
from governance.records.files.storage import content_name, storage, stored_read, thumb_name
from governance.records.models import Content, StoredFile
from governance.sync.files import parts, uploads
from governance.sync.models import Upload
from tests import factories
from tests.pictures import PLACE, pdf, picture
from tests.sync.files import ROUTE, TYPE, Sender, check, sha256

PHOTO = picture()
CHUNK = 128


pytestmark = pytest.mark.usefixtures("file_folders")


@pytest.fixture
def sender(worker: Actor) -> Sender:
    return Sender()


def test_options_tells_what_is_spoken_here_to_anyone(db):
    reply = Client().options(ROUTE)
    assert reply.status_code == 204
    assert reply["Tus-Resumable"] == reply["Tus-Version"] == "1.0.0"
    assert reply["Tus-Extension"] == "creation,creation-with-upload,expiration,checksum,termination"
    assert reply["Tus-Checksum-Algorithm"] == "sha256,sha1"
    assert int(reply["Tus-Max-Size"]) == settings.FILES_MAX_MB * 1024 * 1024
    assert reply["X-Epoch"]


def test_a_photo_is_stored_once_with_what_it_says(sender):
    told = {"kind": "event", "record": str(uuid7()), "taken_at": "2026-11-22T00:29:00Z"}
    made = sender.whole(PHOTO, **told)
    stored = StoredFile.objects.select_related("content").get(pk=made)
    assert (stored.kind, str(stored.record), stored.name) == ("event", told["record"], "照片.jpg")
    assert stored.taken_at.isoformat() == "2026-11-22T00:29:00+00:00"
    assert stored.content.sha256 == sha256(PHOTO)
    assert (stored.content.lon, stored.content.lat) == pytest.approx(PLACE, abs=1e-6)
    assert stored_read(content_name(sha256(PHOTO))) == PHOTO
    assert stored_read(thumb_name(sha256(PHOTO)))
    assert not Upload.objects.exists()
    assert list(settings.UPLOADS_DIR.iterdir()) == []
    assert AuditEntry.objects.get(action="files.keep").detail["file"] == made
    again = sender.whole(PHOTO)
    assert again != made
    assert (Content.objects.count(), StoredFile.objects.count()) == (1, 2)


def test_it_goes_on_where_the_line_was_cut_at_every_boundary(sender):
    for cut in range(0, len(PHOTO) + CHUNK, CHUNK):
        made = str(uuid7())
        sender.begin(PHOTO, made)
        for start in range(0, min(cut, len(PHOTO)), CHUNK):
            sender.patch(made, start, PHOTO[start : start + CHUNK])
        # The tablet was switched off here; it begins again and is told how far it came.
        told = sender.begin(PHOTO, made)
        assert (told.status_code, told["Location"]) == (201, ROUTE + made)
        reached = int(told["Upload-Offset"])
        assert reached == int(sender.head(made)["Upload-Offset"]) == min(cut, len(PHOTO))
        if reached < len(PHOTO):
            assert sender.patch(made, reached, PHOTO[reached:]).status_code == 204
        assert StoredFile.objects.get(pk=made).content_id == sha256(PHOTO)
    assert Content.objects.count() == 1


@tries(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    plan=st.lists(st.tuples(st.integers(0, 700), st.sampled_from(["", "lost", "doubled", "wrong", "jump"])))
)
def test_whatever_happens_underway_the_whole_arrives(sender, plan):
    made = str(uuid7())
    sender.begin(PHOTO, made)
    reached = 0
    for size, what in plan:
        part = PHOTO[reached : reached + size]
        if what == "jump":
            assert sender.patch(made, reached + 1, part).status_code == 409
        elif what == "wrong" and part:
            reply = sender.patch(made, reached, part, **{"Upload-Checksum": check(part + b"?")})
            assert reply.status_code == (460 if reached < len(PHOTO) else 409)
        elif what == "lost" or not part:
            pass
        else:
            assert (
                sender.patch(made, reached, part, **{"Upload-Checksum": check(part, "sha1")}).status_code
                == 204
            )
            if what == "doubled":
                assert sender.patch(made, reached, part).status_code == 409
            reached += len(part)
        assert sender.head(made)["Upload-Offset"] == str(reached)
    if reached < len(PHOTO):
        sender.patch(made, reached, PHOTO[reached:])
    assert stored_read(content_name(sha256(PHOTO))) == PHOTO
    assert StoredFile.objects.filter(pk=made, content=sha256(PHOTO)).exists()


def test_creation_may_carry_the_first_bytes(sender):
    headers = {"Upload-Length": str(len(PHOTO))}
    reply = sender.client.post(ROUTE, PHOTO[:100], content_type=TYPE, headers=headers)
    assert (reply.status_code, reply["Upload-Offset"]) == (201, "100")
    rest = sender.client.patch(
        reply["Location"], PHOTO[100:], content_type=TYPE, headers={"Upload-Offset": "100"}
    )
    assert rest["Upload-Offset"] == str(len(PHOTO))
    whole = sender.client.post(ROUTE, PHOTO, content_type=TYPE, headers=headers)
    assert whole["Upload-Offset"] == str(len(PHOTO))
    assert StoredFile.objects.count() == 2


def test_a_wrong_hash_of_the_whole_stores_nothing_and_begins_anew(sender):
    made = str(uuid7())
    sender.begin(PHOTO, made)
    broken = PHOTO[:-1] + bytes([PHOTO[-1] ^ 1])
    reply = sender.patch(made, 0, broken)
    assert (reply.status_code, reply.json()["code"]) == (460, "checksum")
    assert sender.head(made)["Upload-Offset"] == "0"
    assert not StoredFile.objects.exists()
    assert sender.patch(made, 0, PHOTO).status_code == 204
    assert StoredFile.objects.filter(pk=made).exists()


def test_type_is_told_by_content_and_the_reason_stays(sender):
    made = str(uuid7())
    program = b"MZ" + b"\0" * 400
    sender.begin(program, made, filename="photo.jpg", filetype="image/jpeg")
    reply = sender.patch(made, 0, program)
    assert (reply.status_code, reply.json()["code"]) == (422, "unacceptable")
    again = sender.begin(program, made)
    assert (again.status_code, again.json()["reason"]) == (422, reply.json()["reason"])
    assert not StoredFile.objects.exists()
    assert not storage().exists(content_name(sha256(program)))
    assert sender.whole(pdf())


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Upload-Length": ""}, 400, "malformed"),
        ({"Upload-Length": "-5"}, 400, "malformed"),
        ({"Upload-Length": "0"}, 400, "malformed"),
        ({"Upload-Length": "10", "Upload-Metadata": "sha256 !!"}, 400, "malformed"),
        ({"Upload-Length": "10", "Upload-Metadata": "sha256 YWJj"}, 400, "malformed"),
        ({"Upload-Length": "10", "Upload-Metadata": "id YWJj"}, 400, "malformed"),
        ({"Upload-Length": "10", "Upload-Metadata": "filename " + "A" * 9000}, 400, "malformed"),
        ({"Upload-Length": "10", "Upload-Checksum": "md5 YWJj"}, 400, "malformed"),
        ({"Upload-Length": str(21 * 1024 * 1024)}, 413, "too_large"),
        ({"Upload-Length": "10", "Tus-Resumable": "0.2.2"}, 412, "tus_version"),
    ],
)
def test_what_cannot_be_begun_is_told_why(sender, headers, status, code):
    reply = sender.client.post(ROUTE, headers=headers)
    assert (reply.status_code, reply.json()["code"]) == (status, code)
    assert reply["Tus-Resumable"] == "1.0.0"
    assert not Upload.objects.exists()


def test_what_does_not_continue_is_refused(sender):
    made = str(uuid7())
    sender.begin(PHOTO, made)
    sender.patch(made, 0, PHOTO[:200])
    assert sender.patch(made, 0, PHOTO[:200]).json()["code"] == "offset"
    assert sender.patch(made, 201, PHOTO[201:]).status_code == 409
    assert sender.patch(made, 200, PHOTO[200:] + b"more").status_code == 413
    wrong = sender.client.patch(
        ROUTE + made, b"x", content_type="text/plain", headers={"Upload-Offset": "200"}
    )
    assert wrong.status_code == 415
    assert sender.patch(str(uuid7()), 0, b"x").status_code == 404
    assert sender.client.patch(ROUTE, b"x", content_type=TYPE).status_code == 405
    assert sender.head(made)["Upload-Offset"] == "200"
    assert sender.head(made)["Cache-Control"] == "no-store"


def test_another_method_may_be_named_in_a_header(sender):
    made = str(uuid7())
    sender.begin(PHOTO, made)
    headers = {"X-HTTP-Method-Override": "PATCH", "Upload-Offset": "0"}
    reply = sender.client.post(ROUTE + made, PHOTO, content_type=TYPE, headers=headers)
    assert reply["Upload-Offset"] == str(len(PHOTO))


def test_an_upload_is_its_own_workers_alone(sender):
    factories.device(factories.worker("other"), "foreign")
    foreign, made = Sender("foreign"), str(uuid7())
    sender.begin(PHOTO, made)
    sender.patch(made, 0, PHOTO[:100])
    assert foreign.head(made).status_code == 404
    assert foreign.patch(made, 100, PHOTO[100:]).status_code == 404
    assert foreign.client.delete(ROUTE + made).status_code == 404
    assert foreign.begin(PHOTO, made).json()["code"] == "taken"
    assert sender.head(made)["Upload-Offset"] == "100"
    assert Client().head(ROUTE + made, headers={"Tus-Resumable": "1.0.0"}).status_code == 401


def test_the_workers_new_tablet_goes_on_with_the_old_ones_upload(sender, worker):
    made = str(uuid7())
    sender.begin(PHOTO, made)
    sender.patch(made, 0, PHOTO[:100])
    new = factories.device(User.objects.get(pk=worker.user_id), "new")
    reply = Sender("new").begin(PHOTO, made)
    assert (reply.status_code, reply["Upload-Offset"]) == (201, "100")
    assert Sender("new").patch(made, 100, PHOTO[100:]).status_code == 204
    assert StoredFile.objects.get(pk=made).device == new.pk


def test_a_repeated_beginning_of_a_stored_file_says_that_it_is_whole(sender):
    made = sender.whole(PHOTO)
    reply = sender.begin(PHOTO, made)
    assert (reply.status_code, reply["Upload-Offset"]) == (201, str(len(PHOTO)))
    assert "Upload-Expires" not in reply
    assert sender.begin(picture(colour=7), made).json()["code"] == "taken"
    assert sender.patch(made, len(PHOTO), b"").status_code == 204
    assert sender.patch(made, 0, PHOTO).status_code == 409
    assert list(settings.UPLOADS_DIR.iterdir()) == []


def test_an_upload_may_be_given_up_but_not_a_stored_file(sender):
    made = str(uuid7())
    sender.begin(PHOTO, made)
    sender.patch(made, 0, PHOTO[:100])
    assert sender.client.delete(ROUTE + made).status_code == 204
    assert sender.head(made).status_code == 404
    assert list(settings.UPLOADS_DIR.iterdir()) == []
    stored = sender.whole(PHOTO)
    assert sender.client.delete(ROUTE + stored).status_code == 403
    assert StoredFile.objects.filter(pk=stored).exists()


def test_unfinished_uploads_expire_and_are_cleared_away(sender, capsys):
    old, young = str(uuid7()), str(uuid7())
    for made in (old, young):
        assert "Upload-Expires" in sender.begin(PHOTO, made)
        sender.patch(made, 0, PHOTO[:100])
    Upload.objects.filter(pk=old).update(touched_at=timezone.now() - timedelta(days=15))
    assert sender.head(old).status_code == 410
    call_command("files_tidy")
    assert "1个" in capsys.readouterr().out
    assert sender.head(old).status_code == 404
    assert sender.head(young)["Upload-Offset"] == "100"
    assert [path.stem for path in settings.UPLOADS_DIR.iterdir()] == [young]
    assert sender.begin(PHOTO, old)["Upload-Offset"] == "0"


def test_a_device_has_a_quota(sender, settings, worker):
    settings.FILES_DEVICE_DAILY_MB = 1
    half = 600 * 1024
    assert sender.begin(PHOTO, length=half).status_code == 201
    reply = sender.begin(PHOTO, length=half)
    assert (reply.status_code, reply.json()["code"]) == (429, "quota")
    assert int(reply["Retry-After"]) > 0
    factories.device(factories.worker("other"), "other")
    assert Sender("other").begin(PHOTO, length=half).status_code == 201
    Upload.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert sender.begin(PHOTO, length=half).status_code == 201


def test_beginnings_are_counted(sender, monkeypatch):
    monkeypatch.setattr(uploads, "_BEGUN_A_MINUTE", 0)
    reply = sender.begin(PHOTO)
    assert (reply.status_code, reply.json()["code"]) == (429, "quota")
    assert int(reply["Retry-After"]) > 0


def test_bytes_that_the_disk_lost_are_asked_for_again(sender):
    made = str(uuid7())
    sender.begin(PHOTO, made)
    sender.patch(made, 0, PHOTO[:300])
    parts.part_path(made).write_bytes(PHOTO[:120])
    assert sender.head(made)["Upload-Offset"] == "120"
    assert sender.patch(made, 120, PHOTO[120:]).status_code == 204


def test_bytes_never_confirmed_are_written_over(sender):
    made = str(uuid7())
    sender.begin(PHOTO, made)
    sender.patch(made, 0, PHOTO[:100])
    with parts.part_path(made).open("ab") as file:
        file.write(b"written, but the power failed before it was confirmed")
    assert sender.patch(made, 100, PHOTO[100:]).status_code == 204
    assert stored_read(content_name(sha256(PHOTO))) == PHOTO


def test_a_body_cut_short_counts_as_far_as_it_came(sender):
    made = str(uuid7())
    sender.begin(PHOTO, made)
    reply = _cut(sender, made, PHOTO[:150], declared=400)
    assert (reply.status_code, reply["Upload-Offset"]) == (204, "150")
    checked = _cut(sender, made, PHOTO[150:200], declared=400, offset=150, check=check(PHOTO[150:550]))
    assert checked.status_code == 460
    assert sender.head(made)["Upload-Offset"] == "150"


def _cut(sender, made, data, *, declared, offset=0, check=""):
    class Broken(io.BytesIO):
        def read(self, size=-1):
            piece = super().read(size)
            if not piece:
                raise OSError("connection reset")
            return piece

    extra = {"HTTP_UPLOAD_CHECKSUM": check} if check else {}
    return sender.client.generic(
        "PATCH", ROUTE + made, b"", headers={"Upload-Offset": str(offset)},
        CONTENT_LENGTH=str(declared), CONTENT_TYPE=TYPE, **{"wsgi.input": Broken(data)}, **extra,
    )  # fmt: skip


def test_a_full_disk_confirms_nothing(sender, monkeypatch):
    made = str(uuid7())
    sender.begin(PHOTO, made)
    sender.patch(made, 0, PHOTO[:100])

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(parts.os, "write", full)
    reply = sender.patch(made, 100, PHOTO[100:])
    assert (reply.status_code, reply.json()["code"]) == (507, "storage")
    monkeypatch.undo()
    assert sender.head(made)["Upload-Offset"] == "100"
    assert sender.patch(made, 100, PHOTO[100:]).status_code == 204


def test_bytes_are_on_the_disk_before_they_are_confirmed(sender, monkeypatch):
    """Fails when the offset is written before the bytes are flushed."""
    made = str(uuid7())
    sender.begin(PHOTO, made)
    flushed = []
    fsync = parts.os.fsync

    def watched(handle):
        flushed.append(Upload.objects.get(pk=made).offset)
        fsync(handle)

    monkeypatch.setattr(parts.os, "fsync", watched)
    sender.patch(made, 0, PHOTO[:100])
    assert flushed[0] == 0
    assert Upload.objects.get(pk=made).offset == 100


@pytest.mark.django_db(transaction=True)
def test_two_patches_at_once_make_one(sender):
    """One of two that offer the same bytes wins; the other is told, and nothing is doubled."""
    for _ in range(5):
        made = str(uuid7())
        sender.begin(PHOTO, made)
        gate, answers = threading.Barrier(2), []

        def send(made=made, gate=gate, answers=answers):
            try:
                gate.wait()
                answers.append(Sender().patch(made, 0, PHOTO).status_code)
            finally:
                connection.close()

        threads = [threading.Thread(target=send) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(answers)[0] == 204
        assert sorted(answers)[1] in (409, 423)
        assert StoredFile.objects.filter(pk=made, content=sha256(PHOTO)).count() == 1
