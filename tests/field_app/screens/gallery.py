"""Pictures of every screen, both ways round: ``python -m tests.field_app.screens.gallery OUT``.

Fills a temporary tablet with made-up people through the real presenters and writes one PNG a screen
and orientation into OUT.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from kivy.config import Config

import field_app.screens  # noqa: F401 - sets what Kivy is to find before anything imports it

Config.set("graphics", "height", "1280")  # the hidden window cannot grow beyond what it was made with

from field_app.ports.gps import Fix  # noqa: E402
from governance.contract import Problem  # noqa: E402
from tests.field_app.fake_hub import PASSWORD  # noqa: E402
from tests.field_app.screens import hand  # noqa: E402
from tests.field_app.screens.stage import Stage  # noqa: E402
from tests.field_app.screens.street import ORIGIN, Street, StreetHub  # noqa: E402

SIZES = {"landscape": (1280, 800), "portrait": (800, 1280)}


def judge(change: Mapping[str, object]) -> list[Problem]:
    """Refuse one name and contest changed numbers, so that every state is seen."""
    values = change["set"]
    assert isinstance(values, dict)
    if values.get("name") == "赵无极":
        return [Problem("citizen_number", "check", "公民身份号码：与另一网格在册人员相同，请核对证件后再送")]
    if "nation" in values and change["base"]:
        return [Problem("nation", "source", "民族：与公安登记的不一致，已转核实")]
    return []


def enrolment(stage: Stage) -> Iterator[str]:
    """The first start and the PIN."""
    yield "enrol"
    screen = stage.screen
    for name, words in (("hub", "https://wg.example"), ("username", "wang"), ("password", "wrong")):
        getattr(screen.ids, name).ids.box.text = words
    screen.go_on()
    yield "enrol-pin"
    for _ in range(2):
        screen.take("314159")
    hand.until(lambda: screen.problem, "refused")
    yield "enrol-refused"
    screen.ids.password.ids.box.text = PASSWORD
    screen.go_on()
    for _ in range(2):
        screen.take("314159")
    hand.until(lambda: stage.name == "today", "today")
    hand.until(lambda: not stage.tablet.runner.running, "first load")
    yield "today-loaded"
    stage.tablet.lock()
    stage.screen.take("111111")
    hand.until(lambda: stage.screen.problem, "wrong PIN")
    yield "unlock-wrong"
    stage.screen.take("314159")
    hand.until(lambda: stage.name == "today", "unlocked")
    stage.screen.walk(True)
    yield "today-morning"
    stage.screen.walk(False)


def fill(stage: Stage, street: Street) -> None:
    """Do a morning's work, some of it refused, some not sent."""
    collect, records = stage.session.desk.collect, stage.session.desk.records
    bad = collect.form("person", parent=street.ids["户11"])
    for name, value in (
        ("name", "赵无极"),
        ("relation", "20"),
        ("residence_kind", "2"),
        ("phone", "10003345678"),
    ):
        bad.put(name, value)
    collect.save(bad)
    contested = collect.form("person", id=street.ids["王小明"])
    contested.put("nation", "15")
    collect.save(contested)
    settled = collect.form("household", id=street.ids["户23"])
    settled.put("presence", "2")
    collect.save(settled)
    stage.hub.ahead = 3.2 * 31_557_600
    stage.session.sync()
    stage.hub.online = False
    shop = collect.form("organisation", id=street.ids["超市"])
    shop.put("phone", "07171009999")
    collect.save(shop)
    event = stage.session.desk.collect.form("event")
    event.put("category", "0201")
    event.put("title", "3栋楼道堆放杂物")
    event.put("description", "三楼到四楼堆了纸箱，挡住消防通道")
    event.place(ORIGIN[0] - 0.0008, ORIGIN[1] + 0.0004)
    collect.save(event)
    stage.session.desk.tasks.finish(street.ids["任务2"], outcome="done", note="户主在家，情况正常")
    draft = collect.form("building")
    draft.put("name", "7栋")
    collect.keep(draft)
    records.row(street.ids["楼1"])


def work(stage: Stage, street: Street) -> Iterator[str]:
    """A day's screens."""
    shell, ids = stage.tablet.shell, street.ids
    shell.tab("today")
    yield "today"
    stage.screen.walk(True)
    yield "today-route"
    stage.screen.walk(False)
    shell.open("task", id=ids["任务0"])
    yield "task"
    stage.screen.ids.page.scroll_y = 0
    yield "task-end"
    stage.screen.sign()
    pad = hand.Window.children[0].ids.pad
    hand.settle()
    for shift in (0.1, 0.35, 0.6):
        left, low = pad.x + pad.width * shift, pad.y + pad.height * 0.3
        hand.drag((left, low), (left + pad.width * 0.15, low + pad.height * 0.4))
    yield "task-sign"
    hand.tap("签好了")
    yield "task-signed"
    stage.screen.ids.outcomes.children[-1].dispatch("on_release")
    yield "task-chosen"
    shell.tab("collect")
    yield "collect"
    hand.tap("人")
    hand.until(lambda: hand.says("人员"), "kinds")
    yield "collect-kinds"
    hand.tap("人员")
    hand.until(lambda: stage.name == "door", "door")
    yield "door-buildings"
    stage.screen._at = ids["楼1"]
    stage.screen.refresh()
    yield "door-rooms"
    yield from forms(stage, street)
    shell.tab("find")
    yield "find-empty"
    shell.screen.ids.search.text = "wxm"
    yield "find"
    shell.screen.ids.search.text = "查无此人"
    yield "find-nothing"
    for name in ("王小明", "户11", "楼1", "超市"):
        shell.tab("find")
        shell.open("record", id=ids[name])
        yield f"record-{stage.screen._kind}"
    stage.screen.close()
    yield "record-close"
    yield from rest(stage)


def forms(stage: Stage, street: Street) -> Iterator[str]:
    """Forms with their pickers."""
    collect, shell = stage.session.desk.collect, stage.tablet.shell
    form = collect.form("person", parent=street.ids["户11"])
    shell.open("form", form=form)
    yield "form-person"
    form.put("name", "李雷")
    form.put("citizen_number", "420502199001011234")
    form.put("residence_kind", "2")
    stage.screen.save()
    yield "form-person-problems"
    stage.screen.ids.page.scroll_y = 0
    yield "form-person-end"
    lines = {line.name: line for line in stage.screen.ids.sections.lines()}
    lines["inflow_reason"].open()
    yield "picker"
    close_sheet()
    lines["permit_issued_on"].open()
    yield "date-picker"
    close_sheet()
    shell.back()
    shell.open("form", form=stage.session.desk.collect.form("event"))
    yield "form-event"
    stage.screen.point()
    yield "place-picker"
    close_sheet()
    shell.back()
    shell.open("form", form=collect.form("organisation", id=street.ids["超市"]))
    yield "form-organisation"


def rest(stage: Stage) -> Iterator[str]:
    """Map, sync, the tablet's own page, the lock."""
    close_sheet()
    shell = stage.tablet.shell
    shell.tab("map")
    stage.gps.at = Fix(ORIGIN[0] + 0.0004, ORIGIN[1] + 0.0003, 18.0)
    yield "map"
    stage.screen.locate()
    hand.until(lambda: not stage.screen.locating, "fix")
    stage.screen.ids.map.zoom(1.6)
    yield "map-here"
    shell.tab("sync")
    yield "sync"
    stage.tablet.runner.start()
    hand.until(lambda: not stage.tablet.runner.running, "sync fails")
    yield "sync-offline"
    stage.screen._open(stage.session.desk.outbox.rows()[0])
    yield "sync-change"
    close_sheet()
    stage.screen._open(stage.session.desk.outbox.rows()[1])
    yield "sync-contest"
    close_sheet()
    stage.screen._repair(stage.session.desk.outbox.rows()[0].change)
    yield "sync-repair"
    shell.tab("today")
    shell.open("settings")
    yield "settings"
    stage.screen.begin()
    yield "settings-pin"
    stage.tablet.lock()
    yield "unlock"


def close_sheet() -> None:
    """Close the sheet on top."""
    hand.Window.children[0].dismiss()
    hand.settle()


def take(out: Path, name: str) -> None:
    """Take the screen both ways round."""
    for way, size in SIZES.items():
        hand.Window.size = size
        hand.picture(out / f"{name}-{way}.png")
    sys.stderr.write(f"{name}\n")


def main(arguments: list[str] | None = None) -> int:
    """Write all pictures."""
    parser = argparse.ArgumentParser(prog="python -m tests.field_app.screens.gallery", description=__doc__)
    parser.add_argument(
        "out", type=Path, metavar="OUT", help="folder for the pictures, made if it is not there"
    )
    out = parser.parse_args(arguments).out
    out.mkdir(parents=True, exist_ok=True)
    hub = StreetHub()
    street = Street(hub)
    hub.judge = judge
    with tempfile.TemporaryDirectory() as folder, Stage(Path(folder), hub) as stage:
        for name in enrolment(stage):
            take(out, name)
        fill(stage, street)
        for name in work(stage, street):
            take(out, name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
