"""A rule that staff make becomes a task on the tablet, a case at the station, a result, a figure."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from PIL import Image

from governance.access.actor import HUB, Actor
from governance.access.selectors import actor_for_user
from governance.access.services.areas import area_grant
from governance.rules.desk.preview import preview
from governance.rules.desk.services import Sheet, sheet_save, version_agree, version_put
from governance.rules.grammar import Body, Milestone, Term, Window
from governance.rules.models import VersionState
from governance.rules.notation import as_json
from governance.rules.services import Draft
from governance.tasks.oversight.progress import Progress, progress_by_item
from gridmap.models import Division
from tests import factories
from tests.sync.test_cases import Tablet
from tests.tasks.desk import COMMUNITY_DESK, at_station, by_department, clerk, desk_make, state_of

pytestmark = pytest.mark.database

CARD = Body(
    "person",
    "代办优待证",
    "老年优待证",
    "本人同意的代为办理。",
    Milestone("birth_date", (60,)),
    window=Window(Term(-30), Term(60), Term(180)),
)


def planner(username: str) -> Actor:
    account = factories.user(username, "commander")
    area_grant(actor=HUB, holder=account, area=Division.objects.get(code="420500"))
    return actor_for_user(account).for_purpose("规则编制")


def counted(actor: Actor) -> Progress:
    today = timezone.localdate()
    days = (today - timedelta(days=400), today + timedelta(days=400))
    (line,) = [
        each for each in progress_by_item(actor, "", days, today) if each.key == ("rule", "老年优待证")
    ]
    return line


def test_a_rule_made_by_staff_is_seen_done_and_counted(
    db: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk_make()
    factories.worker()
    tablet = Tablet(tmp_path / "tablet", "worker")
    tablet.sync()
    today = timezone.localdate()
    author, second = planner("author"), planner("second")

    told = preview(actor=author, body=CARD, day=today)
    assert told["total"] == 0
    content = Draft(as_json(CARD), today)
    sheet = Sheet("card_at_60", "满六十周岁", "", confirmed=False, draft=content, new=True)
    version = version_put(actor=author, version=sheet_save(actor=author, sheet=sheet), day=today)
    if version.state != VersionState.ACTIVE:
        version = version_agree(actor=second, version=version, day=today)
    assert version.state == VersionState.ACTIVE

    elder = _elder(tablet, today.replace(year=today.year - 60).isoformat())
    tablet.sync()
    tablet.sync()
    (task,) = tablet.run(capsys, "tasks")
    assert task["title"] == "代办优待证"
    assert (counted(author).due, counted(author).done) == (1, 0)

    tablet.run(capsys, "task", "accept", task["id"])
    (case,) = [line["id"] for line in _started(tablet, capsys, elder, task["id"])]
    picture = tmp_path / "picture.png"
    Image.new("RGB", (60, 40), "white").save(picture)
    for material in ("01", "05"):
        tablet.run(capsys, "case", "paper", case, "--material", material, "--file", str(picture))
    tablet.run(capsys, "case", "sign", case, "--file", str(picture), "--by", "王示例")
    tablet.run(capsys, "case", "hand-in", case)
    tablet.sync()
    desk = clerk("clerk", COMMUNITY_DESK)
    at_station(desk, case, "accept")
    at_station(desk, case, "file")
    by_department("civil", case, "approve", reference="优字1号")
    tablet.sync()
    assert {line["title"] for line in tablet.run(capsys, "tasks")} >= {"送达办理结果：代办老年优待证"}
    tablet.run(capsys, "case", "deliver", case, "--by", "王示例", "--file", str(picture))
    tablet.sync()
    assert state_of(case) == "delivered"
    tablet.sync()
    assert tablet.run(capsys, "tasks") == []
    assert (counted(author).due, counted(author).done) == (1, 1)


def _elder(tablet: Tablet, born: str) -> str:
    building = tablet.collect(
        "building", name="1号楼", lon=factories.WEST + 0.005, lat=factories.SOUTH + 0.005
    )
    room = tablet.collect("room", parent=building, number="101")
    household = tablet.collect("household", parent=room, head_name="王示例")
    return tablet.collect("person", parent=household, name="王示例", birth_date=born, residence_kind="1")


def _started(tablet: Tablet, capsys: Any, person: str, task: str) -> list[dict[str, Any]]:
    words = ("case", "start", "--service", "elder_card", "--person", person, "--task", task)
    return tablet.run(capsys, *words)
