"""Two tablets' command lines and the hub: the outbox goes out as a file, the receipt comes back."""

import errno
import json
import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Never

import pytest
from django.conf import settings

from field_app.sync.bundle import bundle_make
from field_app.sync.errors import Unreached
from governance.access.actor import HUB
from governance.access.models import Device
from governance.access.services.devices import device_revoke
from governance.records.models import History, Person
from governance.sync.bundles.take import _AT_ONCE
from governance.sync.models import BundlePart
from tests import factories
from tests.sync.tablet_lines import Air, Line, save, states

pytestmark = pytest.mark.usefixtures("file_folders")


def test_the_whole_way_there_and_back(first: Line, second: Line, tmp_path: Path) -> None:
    person = save(first)
    stick = tmp_path / "stick.bundle"

    exported = first.one("export", stick)

    assert exported["files"] == [str(stick)]
    assert (exported["changes"], exported["unsent"]) == (1, 1)
    assert states(first) == [("sent", "已导出，待回执")]
    assert first.one("show", person)["message"] == "已导出，待回执"
    status = first.one("status")
    assert (status["unsent"], status["exported"]) == (1, 1)
    assert not Person.objects.exists()

    handed = second.one("hand-in", stick)

    assert handed["receipt"] == f"{stick}.receipt"
    assert handed["device"] == status["device"]
    row = History.objects.get(record=person)
    assert str(row.device) == status["device"]
    assert first.one("status")["unsent"] == 1  # nothing is settled before the receipt

    taken = first.one("receipt", handed["receipt"])

    assert (taken["settled"], taken["known"], taken["unsent"]) == ({"created": 1}, 0, 0)
    assert states(first) == []
    assert first.one("show", person)["state"] == "hub"
    again = first.one("receipt", handed["receipt"])
    assert (again["settled"], again["known"]) == ({}, 1)


def test_work_goes_on_between_export_and_receipt(first: Line, second: Line, tmp_path: Path) -> None:
    person = save(first)
    one, two = tmp_path / "1.bundle", tmp_path / "2.bundle"
    first("export", one)
    first("save", "person", json.dumps({"phone": "10002138000"}), "--id", person)
    assert first.one("export", two)["changes"] == 2
    first("save", "person", json.dumps({"note": "走访过"}), "--id", person)

    second("hand-in", two)
    second("hand-in", one)
    assert first.one("receipt", f"{one}.receipt")["settled"] == {"created": 1}
    assert first.one("status")["unsent"] == 2
    taken = first.one("receipt", f"{two}.receipt")
    assert (taken["settled"], taken["known"], taken["unsent"]) == ({"merged": 1}, 1, 1)
    first("sync", "--quiet")

    held = Person.objects.get(pk=person)
    assert (held.phone, held.note) == ("10002138000", "走访过")
    assert History.objects.filter(record=person).count() == 3
    assert first.one("status")["unsent"] == 0
    assert first.one("show", person)["values"]["phone"] == "10002138000"


def test_a_tablet_that_synced_meanwhile_takes_the_late_receipt_calmly(
    first: Line, second: Line, tmp_path: Path
) -> None:
    person = save(first)
    stick = tmp_path / "stick.bundle"
    first("export", stick)
    first("sync", "--quiet")
    second("hand-in", stick)
    taken = first.one("receipt", f"{stick}.receipt")

    assert (taken["settled"], taken["known"]) == ({}, 1)
    assert Person.objects.get(pk=person).version == 1


def test_what_the_hub_refuses_comes_back_to_be_mended(first: Line, second: Line, tmp_path: Path) -> None:
    person = save(first)
    first("sync", "--quiet")
    withdrawn = replace(factories.change("person", person, 1), delete=True)
    factories.apply(factories.hub_in(), withdrawn)
    first("save", "person", json.dumps({"phone": "10002138000"}), "--id", person)
    stick = tmp_path / "stick.bundle"
    first("export", stick)
    second("hand-in", stick)

    taken = first.one("receipt", f"{stick}.receipt")

    assert taken["settled"] == {"rejected": 1}
    assert [line["id"] for line in taken["refused"]] == [person]
    assert [state for state, _ in states(first)] == ["refused"]


def test_anothers_receipt_a_bundle_and_damage_are_refused_and_change_nothing(
    first: Line, second: Line, tmp_path: Path
) -> None:
    save(first)
    stick = tmp_path / "stick.bundle"
    first("export", stick)
    second("hand-in", stick)
    receipt = Path(f"{stick}.receipt")

    assert second.one("receipt", receipt, code=1)["reason"]
    assert "另一台终端的回执" in second.said
    first("receipt", stick, code=1)
    assert "这是数据包" in first.said
    whole = receipt.read_bytes()
    for damaged in (whole[:-1], whole[:200] + bytes([whole[200] ^ 1]) + whole[201:], b"", whole + b"0"):
        receipt.write_bytes(damaged)
        first("receipt", receipt, code=1)
        assert "回执没有读入" in first.said
    assert first.one("status")["unsent"] == 1
    second("hand-in", receipt, code=1)


def test_why_the_hub_was_not_reached_is_said_of_a_file_that_is_carried(
    first: Line, second: Line, air: Air, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: object) -> Never:
        raise Unreached("平台的证书不可信，没有连接；请看本机时间准不准")

    save(first)
    stick = tmp_path / "stick.bundle"
    first("export", stick)
    monkeypatch.setattr(air.transport, "send", refused)
    reason = str(second.one("hand-in", stick, code=1)["reason"])
    assert "请看本机时间准不准" in reason
    assert "没有拿到回执；数据包还在原处" in reason
    assert "数据仍在本机" not in reason


def test_handing_in_tells_each_files_fate(first: Line, second: Line, air: Air, tmp_path: Path) -> None:
    save(first)
    good, bad = tmp_path / "a.bundle", tmp_path / "b.bundle"
    first("export", good)
    bad.write_bytes(good.read_bytes()[:-9])

    done = second("hand-in", bad, tmp_path / "none.bundle", good, code=1)

    fates = {Path(str(line["file"])).name: line["receipt"] for line in done}
    assert fates == {"a.bundle": f"{good}.receipt", "b.bundle": None, "none.bundle": None}
    assert "不完整" in second.said
    air.down = True
    second("hand-in", good, code=1)
    assert second.one("status")["unsent"] == 0


def test_a_large_outbox_goes_in_parts(
    first: Line, second: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("field_app.work.carry.bundle_make", partial(bundle_make, most=2, most_bytes=10**6))
    people = [save(first, f"王示{number}") for number in range(5)]
    folder = tmp_path / "stick"
    folder.mkdir()
    exported = first.one("export", folder)
    files = [Path(str(path)) for path in exported["files"]]
    assert len(files) == 3
    assert all(path.parent == folder and path.suffix == ".bundle" for path in files)

    second("hand-in", files[2], code=1)
    assert "先交第2份" in second.said
    done = second("hand-in", *reversed(files))
    assert [line["part"] for line in done] == [1, 2, 3]
    for line in reversed(done):
        first("receipt", line["receipt"])

    assert first.one("status")["unsent"] == 0
    assert Person.objects.filter(pk__in=people).count() == 5
    assert sorted(BundlePart.objects.values_list("changes", flat=True)) == [1, 2, 2]


def test_more_changes_than_one_push_takes_arrive_in_order(first: Line, second: Line, tmp_path: Path) -> None:
    (household,) = first("list", "household")
    count = _AT_ONCE + 5
    text = "\n".join(
        json.dumps({"household": household["id"], "name": f"王示{number}", "residence_kind": "1"})
        for number in range(count)
    )
    source = tmp_path / "people.jsonl"
    source.write_text(text, encoding="utf-8")
    first("save", "person", f"@{source}")
    stick = tmp_path / "stick.bundle"
    first("export", stick)
    second("hand-in", stick)
    assert first.one("receipt", f"{stick}.receipt")["settled"] == {"created": count}


def test_an_export_never_writes_over_a_file_and_says_when_nothing_waits(first: Line, tmp_path: Path) -> None:
    first("export", tmp_path / "x", code=1)
    assert "没有要导出的" in first.said
    save(first)
    taken = tmp_path / "taken.txt"
    taken.write_text("别人的文件")
    first("export", taken, code=1)
    assert taken.read_text() == "别人的文件"
    assert "已存在" in first.said
    first("export", tmp_path / "no" / "x.bundle", code=1)
    assert "写不下" in first.said
    first("export", tmp_path / ("长" * 100), code=1)
    assert "写不下：文件名太长；数据仍在本机" in first.said
    assert states(first) == [("here", "只在本机")], "nothing of it was written"
    assert first.one("status")["exported"] == 0


def export_broken(line: Line, stick: Path, fsync: Callable[[int], None]) -> None:
    """Export to a stick that does not take it all."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", fsync)
        line("export", stick, code=1)


def test_a_stick_that_is_full_or_pulled_out_is_told_from_one_another(
    first: Line, second: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a full stick did not take is only here; what lies on one that was pulled out may be handed in."""
    monkeypatch.setattr("field_app.work.carry.bundle_make", partial(bundle_make, most=1, most_bytes=10**6))
    people = [save(first, f"王示{number}") for number in range(2)]
    stick, away = tmp_path / "stick", tmp_path / "away"
    stick.mkdir()
    fsync, parts = os.fsync, iter((1, 2, 1, 2))

    def full(handle: int) -> None:
        if _lies(handle, stick) and next(parts) == 2:
            raise OSError(errno.ENOSPC, "full")
        fsync(handle)

    def pulled(handle: int) -> None:
        if _lies(handle, stick) and next(parts) == 2:
            stick.rename(away)
            raise OSError(errno.EIO, "gone")
        fsync(handle)

    export_broken(first, stick, full)
    assert "存储空间已满" in first.said
    assert [label for _, label in states(first)] == ["只在本机"] * 2
    assert list(stick.iterdir()) == []

    export_broken(first, stick, pulled)
    assert [label for _, label in states(first)] == ["已送出待回执"] * 2
    (left,) = away.glob("*.bundle")
    first("save", "person", json.dumps({"note": "走访过"}), "--id", people[0])
    first("receipt", second.one("hand-in", left)["receipt"])
    assert first.one("status")["unsent"] == 2
    first("sync", "--quiet")
    assert Person.objects.get(pk=people[0]).note == "走访过"
    assert Person.objects.count() == 2


def test_a_stick_that_only_seems_to_forget_may_still_be_handed_in(
    first: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dead stick lets files be removed in the memory of the system: they lie on it as before."""
    monkeypatch.setattr("field_app.work.carry.bundle_make", partial(bundle_make, most=1, most_bytes=10**6))
    for number in range(2):
        save(first, f"王示{number}")
    stick = tmp_path / "stick"
    stick.mkdir()
    fsync, dead = os.fsync, []

    def dying(handle: int) -> None:
        if dead or (_lies(handle, stick) and list(stick.glob("*.bundle"))):
            dead.append(handle)
            raise OSError(errno.EIO, "gone")
        fsync(handle)

    export_broken(first, stick, dying)
    assert list(stick.iterdir()) == []
    assert [label for _, label in states(first)] == ["已送出待回执"] * 2


def _lies(handle: int, folder: Path) -> bool:
    return Path(f"/proc/self/fd/{handle}").readlink().parent == folder


def test_a_lost_tablets_work_still_arrives_and_its_receipt_counts(
    first: Line, second: Line, tmp_path: Path
) -> None:
    save(first)
    stick = tmp_path / "stick.bundle"
    first("export", stick)
    second("hand-in", stick)
    device_revoke(actor=HUB, device=Device.objects.get(worker__username="first"), lost=True)
    save(first, "李示例")
    first("sync", code=1)
    late = tmp_path / "late.bundle"
    first("export", late)
    second("hand-in", late)
    first("enrol", "--hub", "https://hub.example", "--username", "first", "--device", "新")

    assert first.one("receipt", f"{stick}.receipt")["settled"] == {"created": 1}
    assert first.one("receipt", f"{late}.receipt")["settled"] == {"rejected": 1}
    assert states(first) == []
    labels = [row["state_label"] for row in first("outbox", "--all")]
    assert labels.count("已交平台，由社区处理") == 1


def test_a_tablet_enrolled_before_there_were_keys_learns_them_with_a_sync(
    first: Line, second: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(first)
    with monkeypatch.context() as patch:
        patch.setattr("field_app.sync.bundle_keys._META", "no_such_keys")
        first("export", tmp_path / "1.bundle", code=1)
        assert "请先联网同步一次" in first.said
    from governance.sync.models import DeviceKeys

    DeviceKeys.objects.filter(device__worker__username="first").delete()
    with monkeypatch.context() as patch:
        patch.setattr("field_app.sync.bundle_keys._META", "new_keys")
        first("sync", "--quiet")
        save(first, "李示例")
        first("export", tmp_path / "2.bundle")
        second("hand-in", tmp_path / "2.bundle")
        assert first.one("receipt", tmp_path / "2.bundle.receipt")["settled"] == {"created": 1}


def test_after_an_export_for_keys_that_are_no_more_the_next_sync_learns_the_new_ones(
    first: Line, second: Line, tmp_path: Path
) -> None:
    one, two = tmp_path / "1.bundle", tmp_path / "2.bundle"
    save(first)
    first("sync", "--quiet")
    settings.BUNDLE_KEYS.unlink()
    save(first, "李示例")
    first("export", one)
    assert "密钥" in second("hand-in", one, code=1)[0]["reason"]

    first("sync", "--quiet")
    save(first, "赵示例")
    first("export", two)

    second("hand-in", two)
    assert first.one("receipt", f"{two}.receipt")["settled"] == {"created": 1}
