"""The command line as a script drives it: processes of its own against a hub over HTTP."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path

import pytest

from field_app.cli.main import main
from field_app.store import keyring
from field_app.store.lock import FolderLock
from tests.field_app.fake_hub import GRID, PASSWORD, FakeHub
from tests.field_app.town import Town, citizen_number
from tests.field_app.web_hub import WebHub, served
from tests.pictures import picture

PIN = "246810"


@dataclass
class Done:
    """What a command gave."""

    code: int
    lines: list[dict[str, object]]
    said: str

    @property
    def one(self) -> dict[str, object]:
        (line,) = self.lines
        return line


class Process:
    """Runs each command in a process of its own on one data folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *arguments: str, given: str = "", code: int = 0, pin: bool = True) -> Done:
        env = {name: value for name, value in os.environ.items() if not name.startswith("FIELD_APP_")}
        secrets = {"FIELD_APP_PIN": PIN, "FIELD_APP_PASSWORD": PASSWORD} if pin else {}
        done = subprocess.run(
            [sys.executable, "-m", "field_app", "--data", str(self.folder), *arguments],
            input=given.encode(),
            capture_output=True,
            check=False,
            timeout=60,
            env={**env, **secrets},
        )
        return checked(done.returncode, done.stdout.decode(), done.stderr.decode(), code)


class Script(Process):
    """Runs each command in this process, which is faster."""

    def __call__(self, *arguments: str, given: str = "", code: int = 0, pin: bool = True) -> Done:
        out, err = StringIO(), StringIO()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("FIELD_APP_PIN", PIN)
            patch.setenv("FIELD_APP_PASSWORD", PASSWORD)
            patch.setattr(sys, "excepthook", sys.excepthook)
            patch.setattr(sys, "stdin", TextIOWrapper(BytesIO(given.encode())))
            patch.setattr(keyring, "COST", 2**4)
            with redirect_stdout(out), redirect_stderr(err):
                try:
                    got = main(["--data", str(self.folder), *arguments])
                except SystemExit as exit:
                    got = int(str(exit.code))
        return checked(got, out.getvalue(), err.getvalue(), code)


def checked(got: int, out: str, said: str, code: int) -> Done:
    """Hold an outcome against the exit code expected; no outcome may show a stack trace."""
    assert got == code, said
    assert "Traceback" not in said
    return Done(got, [json.loads(line) for line in out.splitlines()], said)


@pytest.fixture
def web(hub: FakeHub, town: Town) -> Iterator[WebHub]:
    with served(hub) as web:
        yield web


@pytest.fixture
def script(tmp_path: Path) -> Script:
    return Script(tmp_path / "data")


@pytest.fixture
def enrolled(script: Script, web: WebHub) -> Script:
    script("enrol", "--hub", web.address, "--username", "wang", "--device", "平板1")
    script("sync")
    return script


def test_a_day_offline_and_back(tmp_path: Path, web: WebHub, town: Town, hub: FakeHub) -> None:
    script = Process(tmp_path / "data")
    assert script("status").one == {"state": "empty"}
    enrolled = script("enrol", "--hub", web.address, "--username", "wang", "--device", "平板1").one
    assert enrolled["worker"] == {"username": "wang", "name": "王秀英"}
    assert enrolled["grids"] == [{"code": GRID, "name": "第001网格"}]
    assert "token" not in enrolled
    first = script("sync").one
    assert (first["pushed"], first["refused"], first["unsent"]) == ({}, [], 0)
    assert first["pulled"] > 90
    assert first["bytes_down"] > 0

    (room,) = script("list", "room").lines
    assert (room["id"], room["values"]["number"]) == (town.room, "502")
    household = script("save", "household", json.dumps({"room": town.room, "kind": "1"})).one
    assert household["state"] == "here"
    newborn = {"household": town.household, "name": "王新宝", "birth_date": "2026-11-20", "sex": "1"}
    baby = script("save", "person", "-", given=json.dumps(newborn)).one
    edited = script("save", "person", "--id", town.person, '{"phone": "10003001111"}').one
    assert edited["id"] == town.person
    event = {"category": "0101", "description": "路灯不亮", "lon": 111.281, "lat": 30.691, "crs": "4326"}
    script("save", "event", json.dumps(event), "--position", "111.281,30.691,8")
    script("close", town.child, "--reason", "01", "--on", "2026-11-01")
    (task,) = script("tasks").lines
    script("task", "done", task["id"], "--note", "已送到")
    assert script("tasks").lines == []
    assert [line["outcome"] for line in script("tasks", "--state", "done").lines] == ["done"]

    status = script("status").one
    assert (status["unsent"], status["refused"], status["device_name"]) == (6, 0, "平板1")
    assert [line["state"] for line in script("outbox").lines] == ["here"] * 6
    back = script("sync").one
    assert back["pushed"] == {"created": 3, "updated": 3}
    assert script("outbox").lines == []
    shown = script("show", baby["id"]).one
    assert (shown["state"], shown["version"], shown["values"]["nation"]) == ("hub", 1, "15")
    assert hub.records[town.person].values["phone"] == "10003001111"
    assert hub.records[town.child].values["closed_reason"] == "01"
    assert [line["id"] for line in script("find", "wxb").lines] == [baby["id"]]


def test_lists_are_masked_unless_asked_and_can_be_narrowed(enrolled: Script, town: Town) -> None:
    rows = {row["id"]: row for row in enrolled("list", "person", "--household", town.household).lines}
    values = rows[town.person]["values"]
    assert (values["name"], values["phone"]) == ("王**", "100****5678")
    assert values["citizen_number"] == "420502********0129"
    (full,) = enrolled("list", "person", "--full", "--where", "name=王建国", "--where", "sex=2").lines
    assert full["values"]["citizen_number"] == citizen_number()
    assert enrolled("list", "person", "--where", "name=无人").lines == []
    assert [row["id"] for row in enrolled("list", "room", "--under", town.building).lines] == [town.room]
    assert [row["values"]["code"] for row in enrolled("list", "grid").lines] == [GRID]


def test_several_records_at_once_refer_to_one_another(enrolled: Script, town: Town, tmp_path: Path) -> None:
    ids = [f"01a20000-0000-7000-8000-00000000000{n}" for n in range(3)]
    rows = [
        {"id": ids[0], "household": town.household, "name": "赵敏", "residence_kind": "1"},
        {"id": ids[1], "household": town.household, "name": "", "residence_kind": "1"},
        {"id": ids[0], "phone": "10003001111"},
        {"id": "not-an-id", "household": town.household, "name": "钱敏"},
    ]
    file = tmp_path / "people.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    done = enrolled("save", "person", f"@{file}", code=1)
    assert done.lines[0]["id"] == done.lines[2]["id"] == ids[0]
    assert done.lines[0]["change"] == done.lines[2]["change"]
    assert [error["field"] for error in done.lines[1]["errors"]] == ["name"]
    assert [error["field"] for error in done.lines[3]["errors"]] == ["id"]
    assert "第2条：姓名：必填（name）" in done.said
    assert enrolled("sync").one["pushed"] == {"created": 1}


def test_what_the_hub_refuses_is_listed_repaired_retried_and_put_aside(
    enrolled: Script, town: Town, hub: FakeHub
) -> None:
    hub.delete(town.room)
    saved = enrolled("save", "household", "--under", town.room, '{"kind": "1"}').one
    done = enrolled("sync")
    assert done.one["pushed"] == {"rejected": 1}
    assert [line["change"] for line in done.one["refused"]] == [saved["change"]]
    assert "退回1条" in done.said
    assert enrolled("status").one["refused"] == 1
    again = enrolled("retry", saved["change"]).one
    assert again["change"] != saved["change"]
    enrolled("sync")
    enrolled("dismiss", again["change"])
    assert enrolled("outbox").lines == []
    made = enrolled("save", "room", "--under", town.building, '{"number": "9"}').one
    assert enrolled("delete", made["id"]).one == {"id": made["id"], "change": None, "state": None}
    assert enrolled("outbox").lines == []


def test_offline_is_told_and_nothing_is_lost(enrolled: Script, web: WebHub, town: Town) -> None:
    enrolled("save", "visit", "--under", town.household, '{"purpose": "01"}')
    web.faults = ["drop"] * 3
    done = enrolled("sync", code=1)
    assert "连不上平台，请检查网络；数据仍在本机，下次同步会接着送" in done.said
    assert done.lines == []
    assert enrolled("status").one["sent"] == 1
    assert enrolled("sync").one["pushed"] == {"created": 1}


def test_a_task_is_accepted_tried_and_done_with_what_it_asks_for(
    enrolled: Script, hub: FakeHub, town: Town, tmp_path: Path
) -> None:
    hub.edit(town.task, asks="person.phone doc:02 photo signature", subject=town.child, origin="case")
    enrolled("sync", "--quiet")
    shown = enrolled("task", "show", town.task).one
    assert shown["stage"] == "待办"
    assert len(shown["missing"]) == 4
    assert {"name": "person.phone", "label": "联系方式", "value": None} in shown["asked"]
    enrolled("task", "accept", town.task)
    assert enrolled("tasks").one["stage"] == "已接受"
    enrolled("task", "attempt", town.task, "--note", "晚上再来", "--at", "111.285,30.695")
    assert enrolled("tasks").one["stage"] == "已上门未办成"
    assert "要求签名" in enrolled("task", "done", town.task, code=1).said
    (tmp_path / "签名.png").write_bytes(picture("PNG"))
    file = str(tmp_path / "签名.png")
    enrolled(
        *("task", "done", town.task, "--set", "person.phone=13800002222", "--material", "02"),
        *("--photo", file, "--signature", file, "--at", "111.285,30.695"),
    )
    assert enrolled("tasks").lines == []
    task = enrolled("show", town.task).one["values"]
    assert (task["state"], task["materials"], len(task["signature"])) == ("done", ["02"], 1)
    assert enrolled("show", town.child).one["values"]["phone"] == "13800002222"
    assert {line["field"] for line in enrolled("photo", "list").lines} == {"photos", "signature"}
    shown = enrolled("task", "show", town.task).one
    assert (shown["outcome"], shown["missing"]) == ("done", [])
    assert "无人在家 晚上再来" in shown["attempts"][0]
    assert "不用再上门" in enrolled("task", "attempt", town.task, code=1).said


def test_a_photo_that_cannot_be_written_says_why(enrolled: Script, town: Town, tmp_path: Path) -> None:
    (tmp_path / "楼.png").write_bytes(picture("PNG"))
    added = enrolled("photo", "add", str(tmp_path / "楼.png"), "--record", town.building).one
    for file, reason in ((tmp_path, "这是一个目录"), (tmp_path / "没有" / "楼", "没有这个文件或目录")):
        done = enrolled("photo", "get", str(file), "--photo", str(added["photo"]), code=1)
        assert f"{file} 写不下：{reason}" in done.said


def test_a_task_is_handed_on_and_returned_with_a_reason(enrolled: Script, hub: FakeHub, town: Town) -> None:
    assert "已转交" in enrolled("task", "hand-on", town.task, code=1).said
    enrolled("task", "hand-on", town.task, "--note", "转便民服务站")
    assert enrolled("tasks").one["when"] == "others"
    assert "--outcome" in enrolled("task", "return", town.task, code=2).said
    for action, outcome in (("return", "done"), ("done", "moved"), ("hand-on", "nonsense")):
        assert f"不能是 {outcome}" in enrolled("task", action, town.task, "--outcome", outcome, code=2).said
    enrolled("task", "return", town.task, "--outcome", "moved", "--note", "去年搬走")
    enrolled("sync", "--quiet")
    values = hub.records[town.task].values
    assert (values["state"], values["outcome_note"]) == ("returned", "去年搬走")


def test_the_round_of_doors_is_printed_in_its_order(enrolled: Script, hub: FakeHub, town: Town) -> None:
    hub.edit(town.task, priority="3")
    enrolled("sync", "--quiet")
    door = enrolled("route", "--at", "111.2850,30.6945").one
    assert (door["place"], door["household"], door["floor"], door["walk"]) == (1, town.household, 5, 56)
    assert [task["id"] for task in door["tasks"]] == [town.task]
    assert "王**" in door["title"]
    assert "--at" in enrolled("route", "--at", "here", code=1).said


REFUSED = [
    (["save", "person", '{"name": 5}'], "姓名：应为文字"),
    (["save", "person", "{"], "不是有效的 JSON"),
    (["save", "person", "[1]"], "JSON 对象"),
    (["save", "person", ""], "没有给出 JSON"),
    (["save", "person", "@/nowhere"], "读不到 @/nowhere：没有这个文件或目录"),
    (["save", "person", "@/"], "这是一个目录"),
    (["hand-in", "/nowhere"], "没有这个文件或目录"),
    (["save", "person", "[" * 100_000], "JSON"),
    (["save", "dog", "{}"], "没有“dog”"),
    (["save", "person", "--id", "nothing", "{}"], "没有这条记录"),
    (["show", "nothing"], "没有这条记录"),
    (["close", "nothing", "--reason", "01"], "没有这条记录"),
    (["task", "done", "nothing"], "没有这项任务"),
    (["list", "dog"], "没有“dog”"),
    (["codes", "dog"], "没有代码表"),
    (["list", "person", "--where", "x"], "--where"),
    (["save", "event", "{}", "--position", "here"], "--position"),
    (["save", "event", "{}", "--position", "111.281,30.691,nan"], "--position"),
    (["save", "event", "{}", "--position", "111.281,30.691,-8"], "--position"),
    (["retry", "nothing"], "没有这条修改"),
    (["pin", "--new", "12"], "PIN"),
]


@pytest.mark.parametrize(("arguments", "reason"), REFUSED)
def test_refused_input_ends_with_1_and_says_why(
    enrolled_once: Script, arguments: list[str], reason: str
) -> None:
    assert reason in enrolled_once(*arguments, code=1).said


@pytest.fixture(scope="module")
def enrolled_once(tmp_path_factory: pytest.TempPathFactory) -> Script:
    """A tablet that no test changes."""
    script = Script(tmp_path_factory.mktemp("cli") / "data")
    with served(FakeHub()) as web:
        script("enrol", "--hub", web.address, "--username", "wang", "--device", "平板1")
        script("sync", "--quiet")
    return script


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["save"], "缺少参数"),
        (["fly"], "不能是"),
        (["enrol", "--hub"], "--hub"),
        (["tasks", "--state", "x"], "可选"),
        (["status", "--fast"], "不认识"),
    ],
)
def test_usage_ends_with_2(script: Script, arguments: list[str], word: str) -> None:
    assert word in script(*arguments, code=2).said


def test_a_missing_pin_is_a_matter_of_usage(enrolled_once: Script) -> None:
    process = Process(enrolled_once.folder)
    assert "FIELD_APP_PIN" in process("status", pin=False, code=2).said


def test_options_after_the_command_and_a_wrong_pin(enrolled_once: Script) -> None:
    done = enrolled_once("status", "--pin", "999999", code=1)
    assert "还可试9次" in done.said
    assert enrolled_once("status", "--pin", PIN).one["state"] == "open"


COMMANDS = (
    "enrol",
    "sync",
    "status",
    "list",
    "show",
    "save",
    "close",
    "tasks",
    "task",
    "route",
    "find",
    "pin",
)


def test_help_of_every_command_is_chinese(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    for arguments in ((), *((name,) for name in COMMANDS)):
        with pytest.raises(SystemExit) as caught:
            main([*arguments, "--help"])
        text = capsys.readouterr().out
        assert caught.value.code == 0
        assert text.startswith(f"用法：{' '.join(('python -m field_app', *arguments))} [-h]")
        assert "--data" in text
        assert not {"usage", "options:", "show this"} & set(text.split())
    with pytest.raises(SystemExit):
        main(["--help"])
    text = capsys.readouterr().out
    assert all(f"\n    {name} " in text for name in COMMANDS)


def test_the_folder_in_use_is_named(enrolled_once: Script) -> None:
    lock = FolderLock(enrolled_once.folder)
    try:
        assert "正在使用" in Process(enrolled_once.folder)("status", code=1).said
    finally:
        lock.release()


def test_codes_and_fields(enrolled_once: Script) -> None:
    codes = {line["code"]: line["label"] for line in enrolled_once("codes", "residence_kind").lines}
    assert codes["1"] == "户籍人口"
    assert len(enrolled_once("codes").lines) > 50
    fields = {line["name"]: line for line in enrolled_once("fields", "person").lines}
    assert fields["citizen_number"]["derived_from"] is None
    assert fields["sex"]["derived_from"] == "citizen_number"
    kinds = {line["kind"]: line["under"] for line in enrolled_once("fields").lines}
    assert (kinds["person"], kinds["building"]) == ("household", None)


def test_changing_the_pin(enrolled: Script) -> None:
    enrolled("pin", "--new", "13572468")
    assert enrolled("status", "--pin", "13572468").one["state"] == "open"
    assert "PIN 不对" in enrolled("status", code=1).said


def test_erasing_and_enrolling_anew(enrolled: Script, web: WebHub, hub: FakeHub) -> None:
    for device in hub.devices.values():
        device.revoked = True
    assert "停用" in enrolled("sync", code=1).said
    enrolled("enrol", "--hub", web.address, "--username", "li", "--device", "平板2", code=1)
    done = enrolled("enrol", "--hub", web.address, "--username", "li", "--device", "平板2", "--erase")
    assert done.one["worker"]["username"] == "li"
