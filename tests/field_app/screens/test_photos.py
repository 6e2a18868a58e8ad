"""Photos on screens: taken into a form, seen on the record, told on 同步 until the hub has them."""

import shutil
import threading
from pathlib import Path

import pytest

from field_app.ports.camera import StatedCamera
from field_app.store.errors import StoreError
from tests.field_app.screens import hand
from tests.field_app.screens.stage import PIN
from tests.pictures import picture


@pytest.fixture
def camera(tmp_path, monkeypatch):
    """A camera that takes this picture."""
    source = tmp_path / "scene.jpg"
    source.write_bytes(picture(side=600))
    monkeypatch.setenv("FIELD_APP_PHOTO", str(source))
    return source


def photo_line(stage):
    return next(line for line in stage.screen.ids.sections.lines() if line.name == "photos")


def open_building(stage, street):
    stage.tablet.shell.open("form", form=stage.session.desk.collect.form("building", id=street.ids["楼1"]))
    hand.until(lambda: stage.name == "form", "form")


def take_one(stage):
    before = len(photo_line(stage).ids.strip.children)
    hand.tap(photo_line(stage).ids.camera)
    hand.until(lambda: len(photo_line(stage).ids.strip.children) == before + 1, "the photo")


def test_a_photo_is_taken_saved_shown_and_sent(stage, street, hub, camera):
    hub.online = False
    open_building(stage, street)
    take_one(stage)
    take_one(stage)
    assert [cell.texture.size for cell in photo_line(stage).ids.strip.children] == [(480, 240)] * 2
    dropped = photo_line(stage).ids.strip.children[0]
    hand.tap(next(child for child in dropped.children if getattr(child, "text", "") == "去掉"))
    hand.until(lambda: len(photo_line(stage).ids.strip.children) == 1, "one photo less")
    hand.tap("保存")

    hand.until(lambda: stage.name != "form", "saved")
    stage.tablet.shell.open("record", id=street.ids["楼1"])
    hand.until(lambda: stage.name == "record", "record")
    (cell,) = stage.screen.ids.photos.children
    assert (cell.label, cell.remove) == ("只在本机", None)
    assert cell.texture is not None

    stage.go("同步", "sync")
    hand.until(lambda: hand.says("照片 1 张"), "the photo that waits")
    assert hand.says("照片　1")

    hub.online = True
    stage.tablet.runner.start()
    hand.until(lambda: not stage.tablet.runner.running, "sync")
    hand.until(lambda: not hand.says("照片　1"), "nothing waits")
    assert len(hub.files.stored) == 1
    assert len(hub.records[street.ids["楼1"]].values["photos"]) == 1


def test_without_a_photo_taken_the_form_stays_as_it_is(stage, street, monkeypatch):
    monkeypatch.delenv("FIELD_APP_PHOTO", raising=False)
    open_building(stage, street)
    hand.tap(photo_line(stage).ids.camera)
    hand.until(lambda: hand.says("没有拍到照片"), "told")
    assert photo_line(stage).ids.strip.children == []


def test_a_photo_that_comes_late_goes_into_what_was_gone_on_with(stage, street, camera, monkeypatch):
    open_building(stage, street)
    take_one(stage)
    taken, photos = threading.Event(), stage.session.desk.photos
    monkeypatch.setattr(
        type(photos), "take", lambda self, form, field, _: taken.wait(20) and self.add(form, field, camera)
    )
    hand.tap(photo_line(stage).ids.camera)
    stage.tablet.shell.tab("today")
    stage.tablet.shell.open("form", form=stage.session.desk.collect.opened("building", street.ids["楼1"]))
    taken.set()
    hand.until(lambda: len(photo_line(stage).ids.strip.children) == 2, "both photos")
    stage.tablet.shell.tab("today")
    (draft,) = stage.session.desk.collect.drafts()
    assert len(stage.session.desk.collect.resume(draft.draft).values["photos"]) == 2


@pytest.fixture
def late(camera, monkeypatch):
    """Have the worker stand with the camera until this is set."""
    taken = threading.Event()
    monkeypatch.setattr(
        StatedCamera, "take", lambda _, target: taken.wait(20) and Path(shutil.copyfile(camera, target))
    )
    return taken


def came(taken):
    """Let the photo come, whatever screen is in front."""
    taken.set()
    hand.until(lambda: "errand" not in {thread.name for thread in threading.enumerate()}, "the photo")
    hand.settle()


def unlocked(stage):
    stage.tablet.lock()
    stage.session.unlock(PIN)
    stage.tablet.shell.tab("today")


def kept(stage):
    """Give the bytes of the photos in the one draft."""
    (draft,) = stage.session.desk.collect.drafts()
    ids = stage.session.desk.collect.resume(draft.draft).values["photos"]
    return [stage.session.desk.photos.original(id) for id in ids]


def test_a_photo_that_comes_behind_the_lock_waits_in_its_draft(stage, street, late, camera):
    open_building(stage, street)
    hand.tap(photo_line(stage).ids.camera)
    stage.tablet.lock()
    came(late)
    stage.session.unlock(PIN)
    stage.tablet.shell.tab("today")
    assert kept(stage) == [camera.read_bytes()]


def test_a_photo_of_a_task_that_comes_behind_the_lock_waits_in_its_draft(stage, street, late, camera):
    stage.tablet.shell.open("task", id=street.ids["任务0"])
    lines = {line.name: line for line in stage.screen.ids.sections.lines()}
    hand.tap(lines["task.photos"].ids.camera)
    stage.tablet.lock()
    came(late)
    stage.session.unlock(PIN)
    stage.tablet.shell.tab("today")
    assert kept(stage) == [camera.read_bytes()]


def test_a_photo_that_comes_when_the_tablet_was_unlocked_again_is_kept(stage, street, late, camera):
    open_building(stage, street)
    hand.tap(photo_line(stage).ids.camera)
    unlocked(stage)
    came(late)
    stage.session.sync()
    unlocked(stage)
    assert kept(stage) == [camera.read_bytes()]


def test_a_photo_that_comes_late_never_takes_the_place_of_what_was_written_since(stage, street, late, camera):
    """Killed at any moment, the tablet has what was kept before."""
    task, collect = street.ids["任务0"], stage.session.desk.collect
    stage.tablet.shell.open("task", id=task)
    hand.tap({line.name: line for line in stage.screen.ids.sections.lines()}["task.photos"].ids.camera)
    stage.tablet.shell.tab("today")
    stage.tablet.shell.open("task", id=task)
    stage.screen.ids.note.text = "写了一半"
    stage.tablet.pause()
    seen = []
    unwatch = stage.session.watch(
        lambda: seen.append(collect.opened("task", task).values.get("outcome_note"))
    )
    came(late)
    unwatch()
    assert set(seen) == {"写了一半"}
    stage.tablet.shell.tab("today")
    assert kept(stage) == [camera.read_bytes()]


def test_a_photo_that_comes_after_its_form_was_saved_is_all_that_is_left_to_save(stage, street, late, camera):
    open_building(stage, street)
    stage.screen._put("name", "改过名的楼")
    hand.tap(photo_line(stage).ids.camera)
    hand.tap("保存")
    hand.until(lambda: stage.name != "form", "saved")
    came(late)
    assert kept(stage) == [camera.read_bytes()]
    (draft,) = stage.session.desk.collect.drafts()
    assert set(stage.session.desk.collect.resume(draft.draft).puts) == {"photos"}


@pytest.mark.parametrize("locks", [False, True])
def test_a_photo_that_comes_late_goes_into_the_form_that_is_filled_in_now(stage, street, late, camera, locks):
    """Opened from another page, or from a new one after a lock."""
    asks = {"subject_kind": "building", "subject": street.ids["楼1"], "asks": "building.name building.photos"}
    stage.hub.edit(street.ids["任务2"], **asks)
    stage.session.sync()
    open_building(stage, street)
    hand.tap(photo_line(stage).ids.camera)
    if locks:
        unlocked(stage)
        stage.tablet.shell.open("form", form=stage.session.desk.collect.opened("building", street.ids["楼1"]))
        stage.screen._put("name", "改过名的楼")
    else:
        stage.tablet.shell.open("task", id=street.ids["任务2"])
        stage.screen._put("building.name", "改过名的楼")
    came(late)
    stage.tablet.pause()
    assert kept(stage) == [camera.read_bytes()]
    (draft,) = stage.session.desk.collect.drafts()
    assert stage.session.desk.collect.resume(draft.draft).puts["name"] == "改过名的楼"


def test_a_photo_of_a_record_comes_while_another_task_is_shown(stage, street, late, camera):
    """A task may ask for a field of the building that another does not ask for."""
    stage.hub.edit(
        street.ids["任务2"], subject_kind="building", subject=street.ids["楼1"], asks="building.photos"
    )
    stage.session.sync()
    stage.tablet.shell.open("task", id=street.ids["任务2"])
    hand.tap({line.name: line for line in stage.screen.ids.sections.lines()}["building.photos"].ids.camera)
    stage.tablet.shell.open("task", id=street.ids["任务0"])
    came(late)
    assert kept(stage) == [camera.read_bytes()]


def test_a_photo_is_kept_in_the_moment_it_is_there(stage, street, camera):
    """The system may end the app before the next tap."""
    open_building(stage, street)
    take_one(stage)
    assert kept(stage) == [camera.read_bytes()]


def test_a_photo_whose_draft_finds_no_room_is_shown_and_kept_when_there_is(
    stage, street, camera, monkeypatch
):
    open_building(stage, street)
    with monkeypatch.context() as full:
        full.setattr(type(stage.session.desk.collect), "keep", _no_room)
        take_one(stage)
        hand.until(lambda: hand.says("存储空间已满"), "told")
    hand.until(stage.session.desk.collect.drafts, "the draft")


def _no_room(*_):
    raise StoreError("存储空间已满")


def test_a_file_is_chosen_where_there_is_no_camera(stage, street, camera):
    open_building(stage, street)
    hand.tap(photo_line(stage).ids.file)
    hand.until(lambda: hand.says("选一个照片文件"), "the sheet")
    sheet = hand.Window.children[0]
    sheet.take([str(camera)])
    hand.until(lambda: len(photo_line(stage).ids.strip.children) == 1, "the photo")
    sheet.take([])
    bad = camera.with_name("bad.jpg")
    bad.write_bytes(b"GIF89a")
    hand.tap(photo_line(stage).ids.file)
    hand.until(lambda: hand.says("选一个照片文件"), "the sheet")
    hand.Window.children[0].take([str(bad)])
    hand.until(lambda: hand.says("只收照片"), "refused")
    assert len(photo_line(stage).ids.strip.children) == 1


def test_a_photo_taken_elsewhere_is_fetched_when_its_record_is_looked_at(stage, street, hub):
    hub.files.stored["0190f5e0-0000-7000-8000-00000000000a"] = picture()
    hub.edit(street.ids["楼1"], photos=["0190f5e0-0000-7000-8000-00000000000a"])
    stage.session.sync()
    stage.tablet.shell.open("record", id=street.ids["楼1"])
    hand.until(
        lambda: stage.session.desk.photos.thumb("0190f5e0-0000-7000-8000-00000000000a"), "the thumbnail"
    )
    assert hand.says("照片不在本机"), "what the paper hub gives is no picture"
