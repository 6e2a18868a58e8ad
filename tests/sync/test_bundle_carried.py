"""Photos that two tablets' command lines carry to the hub by file."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from field_app.sync.bundle import bundle_make
from field_app.sync.bundle_photos import photos_pick
from governance.records.models import Building, StoredFile
from tests.pictures import picture
from tests.sync.tablet_lines import Air, Line

pytestmark = pytest.mark.usefixtures("file_folders")


def photographed(line: Line, folder: Path, *colours: int) -> list[str]:
    """Give a building with photos; their ids."""
    building = line.one("save", "building", json.dumps({"name": "楼", "lon": 111.285, "lat": 30.695}))["id"]
    for colour in colours:
        file = folder / "camera.jpg"
        file.write_bytes(picture(colour=colour, side=128))
        line("photo", "add", file, "--record", building)
    return [str(row["photo"]) for row in line("photo", "list")]


def photo_states(line: Line) -> set[tuple[str, str]]:
    return {(str(row["state"]), str(row["state_label"])) for row in line("photo", "list")}


def test_photos_travel_with_their_records_and_are_kept_until_the_receipt(
    first: Line, second: Line, air: Air, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("field_app.work.carry.bundle_make", partial(bundle_make, photo_bytes=700))
    ids = photographed(first, tmp_path, 1, 2)
    folder = tmp_path / "stick"
    folder.mkdir()

    exported = first.one("export", folder)

    files = [Path(str(path)) for path in exported["files"]]
    assert (exported["photos"], exported["photos_left"]) == (2, 0)
    assert len(files) > 3, "one of changes, several of photos"
    assert photo_states(first) == {("here", "已导出，待回执")}
    assert all(id.encode() not in file.read_bytes() for id in ids for file in files)

    handed = [second.one("hand-in", file) for file in files]
    assert {str(id) for id in StoredFile.objects.values_list("id", flat=True)} == set(ids)
    assert photo_states(first) == {("here", "已导出，待回执")}, "nothing is settled before the receipt"

    taken = [first.one("receipt", each["receipt"]) for each in handed]
    assert sum(int(str(each["photos"])) for each in taken) == 2
    assert photo_states(first) == {("hub", "已到平台")}
    assert first.one("receipt", handed[-1]["receipt"])["photos"] == 0
    air.down = False
    assert first.one("sync", "--quiet")["photos"]["sent"] == 0
    (building,) = Building.objects.filter(name="楼")
    assert sorted(building.photos) == sorted(ids)


def test_one_receipt_that_is_not_taken_keeps_no_other_back(first: Line, second: Line, tmp_path: Path) -> None:
    photographed(first, tmp_path, 1)
    (file, *_) = first.one("export", tmp_path / "stick")["files"]
    receipt = second.one("hand-in", file)["receipt"]

    foreign, mine = first("receipt", tmp_path / "none.receipt", receipt, code=1)

    assert (foreign["file"], foreign["receipt"]) == (str(tmp_path / "none.receipt"), None)
    assert (mine["file"], mine["settled"]) == (receipt, {"created": 1})
    assert first.said.count("none.receipt") == 1


def test_a_photo_that_cannot_be_read_keeps_nothing_back(first: Line, second: Line, tmp_path: Path) -> None:
    bad, good = sorted(photographed(first, tmp_path, 1, 2))
    sealed = first.folder / "files" / bad
    sealed.write_bytes(sealed.read_bytes()[:-1] + b"x")
    (tmp_path / "stick").mkdir()
    exported = first.one("export", tmp_path / "stick")
    for file in exported["files"]:
        first("receipt", second.one("hand-in", file)["receipt"])
    assert {str(id) for id in StoredFile.objects.values_list("id", flat=True)} == {good}
    states = {row["photo"]: row["state"] for row in first("photo", "list")}
    assert states == {bad: "here", good: "hub"}


def test_a_photo_that_the_hub_did_not_take_yet_waits_for_no_receipt(
    first: Line, second: Line, air: Air, tmp_path: Path, settings: Any
) -> None:
    photographed(first, tmp_path, 1)
    (tmp_path / "stick").mkdir()
    files = first.one("export", tmp_path / "stick")["files"]
    allowed, settings.FILES_DEVICE_DAILY_MB = settings.FILES_DEVICE_DAILY_MB, 0
    receipts = [second.one("hand-in", file)["receipt"] for file in files]

    first("receipt", *receipts)

    assert "1张照片平台还没有收下" in first.said
    (photo,) = first("photo", "list")
    assert (photo["state"], photo["state_label"]) == ("here", "只在本机")
    assert "24小时" in str(photo["reason"])
    settings.FILES_DEVICE_DAILY_MB = allowed
    air.down = False
    first("sync", "--quiet")
    assert photo_states(first) == {("hub", "已到平台")}


def test_the_next_export_carries_first_what_found_no_room(
    first: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("field_app.sync.bundle.photos_pick", partial(photos_pick, most=1))
    ids = photographed(first, tmp_path, 1, 2, 3)
    seen = []
    for number in range(3):
        (tmp_path / str(number)).mkdir()
        exported = first.one("export", tmp_path / str(number))
        assert (exported["photos"], exported["photos_left"]) == (1, 2)
        assert "还有2张照片装不下" in first.said
        labels = {row["photo"]: row["state_label"] for row in first("photo", "list")}
        seen.append({id for id, label in labels.items() if "已导出" in str(label)})
    assert [len(each) for each in seen] == [1, 2, 3]
    assert seen[-1] == set(ids)


def test_a_hub_that_takes_no_photos_in_bundles_leaves_them_to_the_network(
    first: Line, second: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = photographed(first, tmp_path, 1)
    monkeypatch.setattr("governance.sync.bundles.take.pieces_take", lambda *_: [])
    (tmp_path / "stick").mkdir()
    for file in first.one("export", tmp_path / "stick")["files"]:
        first("receipt", second.one("hand-in", file)["receipt"])
    assert photo_states(first) == {("here", "已导出，待回执")}
    first("sync", "--quiet")
    assert [str(id) for id in StoredFile.objects.values_list("id", flat=True)] == ids
