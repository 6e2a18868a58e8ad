"""One day of a grid worker, played with the real tablet against the real hub."""

import json
import shutil
import urllib.parse
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from governance.console.demo.casework import ITEM, CaseWork
from governance.console.demo.department import department_ask
from governance.console.demo.relay import Relay
from governance.console.demo.steps import Steps
from governance.console.demo.tablet import Tablet

PIN = "246810"
FOLDER = settings.VAR / "demo"
PURPOSE = "社会救助与高龄津贴核对"


class Day:
    """The worker's tablet, the stand-in's tablet, the department, and the network between them."""

    def __init__(self, note: dict[str, Any], port: int, steps: Steps) -> None:
        self._note = note
        self._port = port
        self._base = f"http://127.0.0.1:{port}"
        self._steps = steps
        self._relay = Relay(port)
        shutil.rmtree(FOLDER, ignore_errors=True)
        FOLDER.mkdir(parents=True)
        self._tablet = Tablet(FOLDER / "tablet", PIN)
        self._second = Tablet(FOLDER / "second", PIN)
        self._newborn = ""
        self._birth = ""
        self._resident: dict[str, Any] = {}
        self._shop: dict[str, Any] = {}
        self._cursors: dict[str, str] = note["department"]["cursors"]

    def play(self) -> None:
        """Play the day from the morning to the evening.

        Raises
        ------
        StepError
            At the first step that does not bring about what it should.
        """
        self._relay.up()
        try:
            self._morning()
            self._department_first()
            self._offline()
            self._gone()
            self._back()
            self._tasks()
            self._case()
            self._department_again()
            self._stale()
        finally:
            self._relay.down()

    def _morning(self) -> None:
        with self._steps.step("网格员登记平板，下载本网格数据", "the worker enrols and loads the grid"):
            self._enrol(self._tablet, self._note["worker"], "演示平板")
            report = self._sync(self._tablet)
            self._steps.must(report["pulled"] > 0, "没有取回数据 · nothing was pulled")
            people = self._tablet.run("list", "person")
            self._steps.must(people, "网格内没有人员 · no people in the grid")
            self._steps.fact(f"网格 grid {self._note['worker']['grid']}，人员 people {len(people)}")
            waiting = self._tablet.run("tasks")
            self._steps.fact(f"今日任务 tasks {len(waiting)}：{_titles(waiting)}")
            # Departments are told of what has been verified.
            self._resident = next(person for person in people if _verified(person, "phone"))
            self._shop = next(shop for shop in self._tablet.run("list", "organisation") if _verified(shop))

    def _department_first(self) -> None:
        with self._steps.step("部门按协议取已核实数据", "a department pulls verified data it may have"):
            for kind in ("person", "building", "organisation"):
                first = kind not in self._cursors
                count, _ = self._pull(kind)
                self._steps.must(count > 0 or not first, f"{kind}: 没有取到数据 · nothing came")
                self._steps.fact(
                    f"{kind}: {count} 条 {'records' if first else '变更 changes since the last day'}"
                )

    def _offline(self) -> None:
        with self._steps.step("断网：登记新户与新生儿、改电话、注销商铺、报事件", "no network: a day's work"):
            self._relay.down()
            room = self._free_room()
            household = self._save(
                "household", {"room": room, "head_name": "王示例", "head_phone": "10002000001", "kind": "1"}
            )
            adult = {"household": household, "residence_kind": "1", "verification": "3"}
            born = timezone.localdate() - timedelta(days=5)
            self._save("person", {**adult, "name": "王示例", "sex": "2", "birth_date": "1996-03-08"})
            self._newborn = self._save(
                "person", {**adult, "name": "王小样", "sex": "1", "birth_date": born.isoformat()}
            )
            self._save("person", {"phone": self._new_phone()}, id_=self._resident["id"])
            reason = self._tablet.run("codes", "organisation_close")[0]["code"]
            self._tablet.one("close", self._shop["id"], "--reason", reason)
            category = next(code["code"] for code in self._tablet.run("codes", "event_category"))
            self._save(
                "event",
                {
                    "category": category,
                    "description": "楼道堆放杂物（演示）",
                    "grid": self._note["worker"]["grid"],
                },
            )
            self._steps.fact(
                f"只在本机 only on the tablet: {self._tablet.one('status')['unsent']} 条 changes"
            )

    def _gone(self) -> None:
        with self._steps.step(
            "断网时同步：说明原因，什么都不丢", "a sync without network: told so, nothing lost"
        ):
            before = self._tablet.one("status")["unsent"]
            self._tablet.run("sync", "--quiet", fails=True)
            after = self._tablet.one("status")["unsent"]
            self._steps.must(before == after == 6, f"未上传 unsent {before} → {after}，应为 expected 6")
            self._steps.fact(f"未上传仍为 still unsent: {after}")

    def _back(self) -> None:
        with self._steps.step(
            "网络恢复：上传，平台算出任务", "network back: push, and the hub computes tasks"
        ):
            self._relay.up()
            report = self._sync(self._tablet)
            pushed = report["pushed"]
            self._steps.must(pushed == {"created": 4, "updated": 2}, f"推送结果 results: {pushed}")
            self._steps.must(
                self._tablet.one("status")["unsent"] == 0, "仍有未上传 · something stayed behind"
            )

    def _tasks(self) -> None:
        with self._steps.step("新生儿任务到达平板，上门办结", "the newborn's tasks arrive and are done"):
            waiting = self._tablet.run("tasks")
            mine = [task for task in waiting if task["subject"] == self._newborn]
            self._steps.must(mine, "没有收到新生儿任务 · the newborn's task did not come")
            self._steps.fact(_titles(mine))
            self._birth = next((task["id"] for task in mine if task["item"] == ITEM), "")
            self._steps.must(self._birth, "没有出生登记任务 · no task to register the birth")
            mine = [task for task in mine if task["id"] != self._birth]
            for task in mine:
                self._tablet.one("task", "done", task["id"], "--note", "已上门代办（演示）")
            report = self._sync(self._tablet)
            self._steps.must(sum(report["pushed"].values()) == len(mine), f"办结未送达 · {report['pushed']}")
            done = {task["id"]: task for task in self._tablet.run("tasks", "--state", "done")}
            states = {done.get(task["id"], {}).get("state") for task in mine}
            self._steps.must(states <= {"done"}, f"任务状态 task states: {states}")

    def _case(self) -> None:
        """Do the registration on the family's behalf, from the consent to the receipt."""
        work = CaseWork(self._tablet, self._steps, self._base, self._note, FOLDER)
        with self._steps.step(
            "代上户口：签字委托、验看材料、递交站点",
            "the birth is registered for the family: consent, papers",
        ):
            case = work.begin(self._newborn, self._birth)
            self._sync(self._tablet)
            number = work.number(case)
        with self._steps.step(
            "便民服务站受理，街道中心报部门", "the station takes it in, the centre files it"
        ):
            work.desk(case, number)
            work.department(case)
        with self._steps.step("结果送到家门口，居民签收", "the result comes back to the door, signed for"):
            self._sync(self._tablet)
            titles = _titles(self._tablet.run("tasks"))
            self._steps.must("送达办理结果" in titles, f"没有送达任务 · no errand to deliver: {titles}")
            work.deliver(case)
            self._sync(self._tablet)
            ended = {row["id"]: row["state"] for row in self._tablet.run("cases", "--ended")}
            self._steps.must(ended.get(case) == "delivered", f"代办件状态 state: {ended.get(case)}")
            done = {task["id"] for task in self._tablet.run("tasks", "--state", "done")}
            self._steps.must(self._birth in done, "出生登记任务没有办结 · the task was not ended")

    def _department_again(self) -> None:
        with self._steps.step(
            "部门再取：只来变更，含核实后的新电话", "the department pulls just what changed"
        ):
            count, changes = self._pull("person")
            by_id = {change["id"]: change for change in changes}
            self._steps.must(count <= 10, f"应只有变更 · expected changes only, got {count}")
            told = by_id.get(self._resident["id"], {}).get("record", {}).get("phone")
            self._steps.must(
                told == self._new_phone(), f"新电话未到部门 · the new phone did not arrive: {told}"
            )
            self._steps.must(self._newborn in by_id, "新生儿未到部门 · the newborn did not arrive")
            self._steps.fact(f"person: {count} 条变更 changes")
            _, closed = self._pull("organisation")
            gone = [change for change in closed if change["id"] == self._shop["id"] and "gone" in change]
            self._steps.must(gone, "注销的商铺未通知部门 · the closed shop was not told")

    def _stale(self) -> None:
        with self._steps.step(
            "第二台平板带着旧数据修改：合并而不覆盖", "a second tablet's stale edit is merged"
        ):
            self._enrol(self._second, self._note["stand_in"], "代班平板")
            self._sync(self._second)
            self._relay.down()
            person = self._resident["id"]
            self._second.one("save", "person", "--id", person, given=json.dumps({"workplace": "示例小学"}))
            self._relay.up()
            self._save("person", {"note": "电话已当面核实"}, id_=person)
            self._sync(self._tablet)
            report = self._sync(self._second)
            self._steps.must(report["pushed"] == {"merged": 1}, f"结果 result: {report['pushed']}")
            held = self._second.one("show", person)["values"]
            both = held.get("workplace") == "示例小学" and held.get("note") == "电话已当面核实"
            self._steps.must(both, "两处修改没有并存 · the two edits do not stand side by side")
            self._sync(self._tablet)
            same = self._tablet.one("show", person)["values"] == held
            self._steps.must(same, "两台平板不一致 · the two tablets differ")

    def _enrol(self, tablet: Tablet, login: dict[str, str], name: str) -> None:
        hub = ("--hub", self._relay.address, "--username", login["username"], "--device", name)
        tablet.run("enrol", *hub, password=login["password"])

    def _sync(self, tablet: Tablet) -> dict[str, Any]:
        report: dict[str, Any] = tablet.one("sync", "--quiet")
        self._steps.must(not report["refused"], f"被退回 refused: {report['refused']}")
        up, down = report["bytes_up"], report["bytes_down"]
        pushed = sum(report["pushed"].values())
        self._steps.fact(
            f"上传 pushed {pushed} 条 / {up:,} 字节，取回 pulled {report['pulled']} 条 / {down:,} 字节 bytes"
        )
        return report

    def _save(self, kind: str, values: dict[str, Any], *, id_: str = "") -> str:
        existing = ("--id", id_) if id_ else ()
        saved = self._tablet.one("save", kind, *existing, given=json.dumps(values, ensure_ascii=False))
        return str(saved["id"])

    def _free_room(self) -> str:
        taken = {household["values"]["room"] for household in self._tablet.run("list", "household")}
        return next(room["id"] for room in self._tablet.run("list", "room") if room["id"] not in taken)

    def _new_phone(self) -> str:
        return f"1000{self._port % 8 + 2}{timezone.localdate():%m%d}88"

    def _pull(self, kind: str) -> tuple[int, list[dict[str, Any]]]:
        """Pull a kind as the department until nothing more waits; give count and changes."""
        changes: list[dict[str, Any]] = []
        more = True
        while more:
            query = urllib.parse.urlencode({"cursor": self._cursors.get(kind, ""), "limit": 1000})
            page = department_ask(
                self._base, f"{kind}?{query}", key=self._note["department"]["key"], purpose=PURPOSE
            )
            changes += page["changes"]
            self._cursors[kind], more = page["cursor"] or "", page["more"] or page["resync"]
        return len(changes), changes


def _verified(row: dict[str, Any], *wanted: str) -> bool:
    values = row["values"]
    return values.get("verification") == "3" and all(values.get(name) for name in wanted)


def _titles(tasks: list[dict[str, Any]]) -> str:
    return "、".join(sorted({task["title"] for task in tasks}))
