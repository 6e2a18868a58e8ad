"""Proxy services between a real tablet and the real hub: by the commands a worker's script would use."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone
from PIL import Image

from field_app.cli.commands import parser_make
from field_app.cli.running import _ON_DESK
from field_app.work.errors import NotFound, Refused
from governance.access.actor import HUB
from governance.records.files.reading import files_arrived
from governance.tasks.cases.catalogue import Terms, service_save
from governance.tasks.models import ProxyService
from governance.tasks.offers import tasks_offer
from governance.tasks.settle import task_id
from governance.tasks.wanted import Wanted
from tests import factories
from tests.sync.desks import Desk
from tests.tasks.desk import (
    COMMUNITY_DESK,
    STREET_DESK,
    at_station,
    by_department,
    case_of,
    clerk,
    desk_make,
    state_of,
)

pytestmark = pytest.mark.database

Lines = list[dict[str, Any]]


class Tablet(Desk):
    """A tablet worked by commands."""

    def run(self, capsys: pytest.CaptureFixture[str], *words: str) -> Lines:
        """Run a command; gives the lines it printed."""
        capsys.readouterr()
        arguments = parser_make().parse_args(words)
        _ON_DESK[arguments.command](self.session.desk, arguments)
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.fixture
def tablet(db: None, tmp_path: Path) -> Tablet:
    """A worker's tablet, enrolled and synced."""
    desk_make()
    factories.worker()
    made = Tablet(tmp_path / "tablet", "worker")
    made.sync()
    return made


@pytest.fixture
def picture(tmp_path: Path) -> str:
    """A picture."""
    path = tmp_path / "picture.png"
    Image.new("RGB", (60, 40), "white").save(path)
    return str(path)


@pytest.fixture
def baby(tablet: Tablet) -> str:
    """A child in a household."""
    building = tablet.collect(
        "building", name="1号楼", lon=factories.WEST + 0.005, lat=factories.SOUTH + 0.005
    )
    room = tablet.collect("room", parent=building, number="101")
    household = tablet.collect("household", parent=room, head_name="王示例")
    return tablet.collect(
        "person", parent=household, name="王小宝", birth_date="2026-11-01", residence_kind="1"
    )


def test_what_is_offered_comes_with_the_first_sync_and_changes_with_the_next(
    tablet: Tablet, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = {line["code"]: line for line in tablet.run(capsys, "services")}
    assert lines["elder_card"]["department"] == "民政局"
    assert lines["elder_card"]["needed"] == ["01", "05"]
    assert lines["newborn"]["parts"][0] == "hukou_birth"
    terms = Terms("certificate", "代开社区证明", needed=("01", "14"), days=3, mend_days=5)
    service_save(actor=HUB, terms=terms)
    service_save(actor=HUB, terms=Terms("hardship_aid", "代办困难救助", enabled=False))
    tablet.sync()
    lines = {line["code"]: line for line in tablet.run(capsys, "services")}
    assert lines["certificate"]["needed"] == ["01", "14"]
    assert "hardship_aid" not in lines
    only = tablet.run(capsys, "services", "--item", "老年优待证")
    assert [line["code"] for line in only] == ["elder_card"]


def test_a_newborns_matters_are_asked_once_and_come_back_done(
    tablet: Tablet, baby: str, picture: str, capsys: pytest.CaptureFixture[str]
) -> None:
    start = ("case", "start", "--service", "newborn", "--person", baby)
    with pytest.raises(NotFound, match="nowhere"):
        tablet.run(capsys, *start, "--task", "nowhere")
    with pytest.raises(Refused, match="--task"):
        tablet.run(capsys, *start, "--task", baby)
    begun = tablet.run(capsys, *start)
    assert len(begun) == len(ProxyService.objects.get(pk="newborn").parts)
    lead, second = begun[0]["id"], begun[1]["id"]
    with pytest.raises(Refused, match="已经在办"):
        tablet.run(capsys, *start)
    with pytest.raises(Refused, match="还缺居民户口簿、出生医学证明、监护人居民身份证；委托签名"):
        tablet.run(capsys, "case", "hand-in", lead)
    for material in ("02", "03", "15"):
        tablet.run(capsys, "case", "paper", lead, "--material", material, "--file", picture)
    with pytest.raises(Refused, match="签名"):
        tablet.run(capsys, "case", "hand-in", lead)
    tablet.run(capsys, "case", "sign", second, "--file", picture, "--by", "王示例", "--relation", "51")
    for case in (lead, second):
        tablet.run(capsys, "case", "hand-in", case)
    sheet = tablet.run(capsys, "case", "show", second)[0]
    assert [line["paper"] != "" for line in sheet["checklist"]] == [True, True, True]
    tablet.sync()
    assert (state_of(lead), state_of(second)) == ("submitted", "submitted")
    (signature,) = case_of(lead).values["signature"]  # type: ignore[misc]
    assert files_arrived([signature])

    community, street = clerk("clerk", COMMUNITY_DESK), clerk("street", STREET_DESK)
    at_station(community, lead, "accept")
    at_station(community, lead, "hand_up")
    at_station(street, lead, "accept")
    at_station(street, lead, "file")
    by_department("police", lead, "approve", reference="户字1号")
    tablet.sync()
    row = next(line for line in tablet.run(capsys, "cases") if line["id"] == lead)
    assert (row["state_label"], row["mine"]) == ("已办成待送达", True)
    assert [line["title"] for line in tablet.run(capsys, "tasks")] == ["送达办理结果：代上户口"]
    assert "户字1号" in tablet.run(capsys, "case", "receipt", lead)[0]["text"]
    with pytest.raises(Refused, match="签收人"):
        tablet.run(capsys, "case", "deliver", lead, "--by", "")
    tablet.run(capsys, "case", "deliver", lead, "--by", "王示例", "--file", picture)
    tablet.sync()
    assert state_of(lead) == "delivered"
    tablet.sync()
    assert tablet.run(capsys, "tasks") == []
    assert lead in [line["id"] for line in tablet.run(capsys, "cases", "--ended")]
    assert "结果签收：王示例" in tablet.run(capsys, "case", "receipt", lead)[0]["text"]


def test_what_a_station_returns_says_what_to_bring(
    tablet: Tablet, baby: str, picture: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (begun,) = tablet.run(capsys, "case", "start", "--service", "vaccine_newborn", "--person", baby)
    case = begun["id"]
    tablet.run(capsys, "case", "paper", case, "--material", "03", "--file", picture)
    tablet.run(capsys, "case", "sign", case, "--file", picture, "--by", "王示例")
    tablet.run(capsys, "case", "hand-in", case)
    tablet.sync()
    at_station(clerk("clerk", COMMUNITY_DESK), case, "return", note="照片看不清", missing=["03"])
    tablet.sync()
    sheet = tablet.run(capsys, "case", "show", case)[0]
    assert (sheet["state"], sheet["answer"], sheet["missing"]) == ("returned", "照片看不清", "出生医学证明")
    assert [act["code"] for act in sheet["acts"]] == ["hand_in", "withdraw"]
    assert (
        "remarks" not in tablet.run(capsys, "case", "paper", case, "--material", "03", "--file", picture)[0]
    )
    assert "remarks" not in tablet.run(capsys, "case", "hand-in", case)[0]
    tablet.sync()
    assert state_of(case) == "submitted"


def test_a_step_that_the_hub_refused_is_the_workers_to_mend(
    tablet: Tablet, baby: str, picture: str, capsys: pytest.CaptureFixture[str]
) -> None:
    case = handed_in(tablet, baby, "elder_card", picture, capsys)
    community = clerk("clerk", COMMUNITY_DESK)
    for step in ("accept", "file"):
        at_station(community, case, step)
    tablet.sync()
    by_department("civil", case, "take")
    tablet.run(capsys, "case", "withdraw", case)
    assert [line["id"] for line in tablet.run(capsys, "cases", "--ended")] == [case]
    tablet.sync()
    assert state_of(case) == "taken"
    assert tablet.run(capsys, "cases", "--ended") == []
    (line,) = tablet.run(capsys, "cases")
    assert (line["id"], line["sync"], line["mine"]) == (case, "refused", True)


def test_the_paper_that_was_sent_back_is_not_handed_in_again_unnoticed(
    tablet: Tablet, baby: str, picture: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The desk may take it after all: the worker decides, and knows."""
    case = handed_in(tablet, baby, "vaccine_newborn", picture, capsys)
    desk = clerk("clerk", COMMUNITY_DESK)

    def again() -> list[str]:
        lines = tablet.run(capsys, "case", "show", case)[0]["checklist"]
        return [line["material"] for line in lines if line["again"]]

    assert again() == []
    for _ in range(2):
        at_station(desk, case, "return", note="照片看不清", missing=["03"])
        tablet.sync()
        assert again() == ["03"]
        (saved,) = tablet.run(capsys, "case", "hand-in", case)
        assert saved["remarks"] == ["要求重交的出生医学证明没有改过，交的还是原来那份"]
        assert again() == []
        tablet.sync()
        assert state_of(case) == "submitted"
    at_station(desk, case, "return", note="照片看不清", missing=["03"])
    tablet.sync()
    (paper,) = [
        line["paper"] for line in tablet.run(capsys, "case", "show", case)[0]["checklist"] if line["paper"]
    ]
    tablet.collect("paper", id=paper, number="E420000001")
    assert again() == []
    tablet.sync()
    assert again() == []
    assert "remarks" not in tablet.run(capsys, "case", "hand-in", case)[0]
    tablet.sync()
    at_station(desk, case, "return", note="照片看不清", missing=["03"])
    tablet.sync()
    assert again() == ["03"]
    factories.apply(
        factories.hub_in(factories.GRID), factories.change("paper", paper, 2, number="E420000002")
    )
    tablet.sync()
    assert again() == []


def test_a_number_that_is_held_is_not_asked_again(
    tablet: Tablet, baby: str, capsys: pytest.CaptureFixture[str]
) -> None:
    number = "420502195801031212"
    household = str(tablet.view(baby).values["household"])  # type: ignore[union-attr]
    elder = tablet.collect(
        "person", parent=household, name="王示例", citizen_number=number, residence_kind="1"
    )
    (begun,) = tablet.run(capsys, "case", "start", "--service", "elder_card", "--person", elder)
    form = tablet.session.desk.cases.paper(begun["id"], "01")
    assert (form.values["number"], form.values["person"]) == (number, elder)
    assert "person" not in tablet.session.desk.cases.paper(begun["id"], "02").values
    with pytest.raises(Refused, match="不需要这种材料"):
        tablet.session.desk.cases.paper(begun["id"], "12")


def handed_in(
    tablet: Tablet, person: str, service: str, picture: str, capsys: pytest.CaptureFixture[str]
) -> str:
    """Begin a case, with all that it needs, and hand it in."""
    (begun,) = tablet.run(capsys, "case", "start", "--service", service, "--person", person)
    case = str(begun["id"])
    for line in tablet.run(capsys, "case", "show", case)[0]["checklist"]:
        if line["needed"] and not line["paper"]:
            tablet.run(capsys, "case", "paper", case, "--material", line["material"], "--file", picture)
    tablet.run(capsys, "case", "sign", case, "--file", picture, "--by", "王示例", "--relation", "51")
    tablet.run(capsys, "case", "hand-in", case)
    tablet.sync()
    return case


def test_an_act_that_does_not_lead_on_is_refused_at_once(
    tablet: Tablet, baby: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (begun,) = tablet.run(capsys, "case", "start", "--service", "vaccine_newborn", "--person", baby)
    with pytest.raises(Refused, match="现在是“收集材料”，不能“送达结果”"):
        tablet.run(capsys, "case", "deliver", begun["id"], "--by", "王示例")
    tablet.run(capsys, "case", "withdraw", begun["id"])
    with pytest.raises(Refused, match="已撤回"):
        tablet.run(capsys, "case", "hand-in", begun["id"])
    tablet.sync()
    assert case_of(begun["id"]).values["state"] == "withdrawn"


def test_a_resident_takes_his_mandate_back_until_the_department_has_the_case(
    tablet: Tablet, baby: str, picture: str, capsys: pytest.CaptureFixture[str]
) -> None:
    community = clerk("clerk", COMMUNITY_DESK)
    for service, steps in (("vaccine_newborn", ("accept",)), ("elder_card", ("accept", "file"))):
        case = handed_in(tablet, baby, service, picture, capsys)
        for step in steps:
            at_station(community, case, step)
        tablet.sync()
        tablet.run(capsys, "case", "withdraw", case)
        tablet.sync()
        assert state_of(case) == "withdrawn"
    case = handed_in(tablet, baby, "elder_card", picture, capsys)
    for step in ("accept", "file"):
        at_station(community, case, step)
    by_department("civil", case, "take")
    tablet.sync()
    with pytest.raises(Refused, match="部门办理中"):
        tablet.run(capsys, "case", "withdraw", case)


def test_of_a_step_that_came_second_nothing_is_mixed_in(
    tablet: Tablet,
    baby: str,
    picture: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What the worker wrote to a step that was not taken is no word on where the case stands."""
    case = handed_in(tablet, baby, "vaccine_newborn", picture, capsys)
    monkeypatch.setattr("field_app.work.cases.moment_now", lambda _: "2026-11-20T03:00:00Z")
    tablet.run(capsys, "case", "withdraw", case, "--note", "家里不办了")
    at_station(clerk("clerk", COMMUNITY_DESK), case, "return", note="照片看不清", missing=["03"])
    tablet.sync()
    values = case_of(case).values
    assert (values["state"], values.get("act"), values.get("act_note")) == ("returned", None, None)
    (waiting,) = tablet.run(capsys, "outbox")
    assert [contest["field"] for contest in waiting["contests"]] == ["act", "act_at", "act_note"]


def test_each_case_of_a_bundle_goes_with_the_task_it_answers(
    tablet: Tablet, baby: str, capsys: pytest.CaptureFixture[str]
) -> None:
    tablet.sync()
    today = timezone.localdate()
    household = str(tablet.view(baby).values["household"])  # type: ignore[union-attr]
    wanted = [
        Wanted(
            occasion=f"rule{number}:{baby}:0",
            origin="rule",
            origin_ref=f"rule{number}",
            item=item,
            title=item,
            reason="新生儿",
            grid=factories.GRID,
            opens_on=today,
            due_on=today,
            subject_kind="person",
            subject=UUID(baby),
            household=UUID(household),
        )
        for number, item in enumerate(("出生登记", "新生儿参保"))
    ]
    tasks_offer(wanted, today)
    tablet.sync()
    first, second = (str(task_id(each.occasion)) for each in wanted)
    begun = tablet.run(capsys, "case", "start", "--service", "newborn", "--person", baby, "--task", second)
    tablet.sync()
    cases = {str(case_of(each["id"]).values["service"]): case_of(each["id"]).values for each in begun}
    assert cases["hukou_birth"]["task"] == first
    assert cases["insurance_newborn"]["task"] == second
    assert "task" not in cases["card_newborn"]
