"""A case goes from the door to its result and back, by the steps of one closed machine."""

from collections.abc import Collection
from uuid import UUID

import pytest

from governance.access.errors import Forbidden, NotPossible
from governance.contract import Result, Status
from governance.contract.casework import ACTS, STATES, STATION_STEPS, acts_in, state_after
from governance.feed.models import Entry
from governance.feed.services import heads_lock
from governance.records.codes import book
from governance.records.rows import rows_read
from governance.rules.calendar import working_days_after
from governance.tasks.cases import follow
from governance.tasks.cases.desk import CaseUnknown
from governance.tasks.cases.follow import cases_release, grid_follow
from governance.tasks.cases.selectors import queue
from governance.tasks.models import CaseStep, Paper, ProxyService, Station, Task
from governance.tasks.offers import tasks_offer
from governance.tasks.settle import task_id
from governance.tasks.wanted import Wanted
from tests import factories
from tests.factories import GRID
from tests.tasks.desk import (
    COMMUNITY_DESK,
    STREET_DESK,
    Door,
    at_station,
    by_department,
    case_of,
    clerk,
    desk_make,
    state_of,
    today,
)

pytestmark = pytest.mark.database


@pytest.fixture
def door(db: None) -> Door:
    """One door of the town, with services and stations."""
    desk_make()
    return Door.make()


def errands(case: str) -> dict[str, str]:
    """Give the tasks that a case asked of the worker: step → state."""
    rows = Task.objects.filter(origin="case", origin_ref=case).values_list("occasion", "state")
    return {occasion.rpartition(":")[2]: state for occasion, state in rows}


def test_the_lists_say_what_the_machine_says(door: Door) -> None:
    assert {code: item.label for code, item in book()["case_state"].items()} == STATES
    assert {code: item.label for code, item in book()["case_act"].items()} == ACTS


def test_what_is_handed_in_comes_to_the_nearest_station_with_number_and_deadline(door: Door) -> None:
    case = door.handed_in()
    held = case_of(case)
    assert held.values["state"] == "submitted"
    assert held.values["station"] == COMMUNITY_DESK
    assert str(held.values["number"]).startswith(f"{today():%Y%m%d}")
    assert held.values["due_on"] == working_days_after(today(), 10).isoformat()


def test_a_case_goes_to_the_department_and_its_result_to_the_door(door: Door) -> None:
    case, staff = door.handed_in(), clerk("clerk", COMMUNITY_DESK)
    at_station(staff, case, "accept")
    at_station(staff, case, "file")
    by_department("civil", case, "take")
    by_department("civil", case, "approve", reference="宜优001", note="请凭证领取")
    assert errands(case) == {"deliver1": "open"}
    refused = door.act(case, "deliver")
    assert refused.status == Status.REJECTED
    assert [problem.field for problem in refused.errors] == ["received_by"]
    assert door.act(case, "deliver", received_by="王示例").status == Status.UPDATED
    held = case_of(case)
    assert held.values["state"] == "delivered"
    assert (held.values["closed_reason"], held.values["reference"]) == ("01", "宜优001")
    assert errands(case) == {"deliver1": "done"}
    steps = list(CaseStep.objects.filter(case=case).values_list("side", "after"))
    assert steps == [
        ("worker", "submitted"),
        ("station", "station"),
        ("station", "filed"),
        ("department", "taken"),
        ("department", "approved"),
        ("worker", "delivered"),
    ]


def test_the_feed_being_read_again_changes_nothing(door: Door) -> None:
    case = door.handed_in()
    version, steps = case_of(case).version, CaseStep.objects.count()
    grid_follow(GRID)
    grid_follow(GRID)
    assert (case_of(case).version, CaseStep.objects.count()) == (version, steps)


def test_a_case_without_consent_or_materials_is_refused_by_the_hub_too(door: Door) -> None:
    case = door.case(signature=None, consent_at=None)
    result = door.act(case, "hand_in", needed=["01", "05"], materials=["01"])
    assert {problem.field for problem in result.errors} == {"consent_at", "signature", "materials"}
    assert state_of(case) == "collecting"


def test_materials_that_were_named_but_are_not_there_send_the_case_back(door: Door) -> None:
    door.papers("01")
    door.papers("05", valid_to="2026-11-01")
    case = door.case()
    door.act(case, "hand_in", materials=["01", "05"])
    held = case_of(case)
    assert (held.values["state"], held.values["missing"]) == ("returned", ["05"])
    assert "免冠照片" in str(held.values["answer"])
    assert errands(case) == {"mend1": "open"}
    door.papers("05")
    assert door.act(case, "hand_in", materials=["01", "05"]).status == Status.UPDATED
    assert state_of(case) == "submitted"
    assert "missing" not in case_of(case).values
    assert errands(case) == {"mend1": "done"}


def test_another_persons_material_does_not_serve(door: Door) -> None:
    other = factories.person(door.tablet, door.home["household"], name="李示例")
    door.papers("01", "05", person=other)
    case = door.case()
    door.act(case, "hand_in", materials=["01", "05"])
    assert case_of(case).values["missing"] == ["01", "05"]


def test_a_material_of_the_whole_household_serves_each_member(door: Door) -> None:
    door.papers("01", "05", person=None)
    case = door.case()
    door.act(case, "hand_in", materials=["01", "05"])
    assert state_of(case) == "submitted"


def test_what_a_station_returns_comes_back_to_it_after_it_was_mended(door: Door) -> None:
    case = door.handed_in("hukou_birth", ("02", "03", "15"))
    staff, street = clerk("clerk", COMMUNITY_DESK), clerk("street", STREET_DESK)
    at_station(staff, case, "accept")
    at_station(staff, case, "hand_up")
    assert case_of(case).values["station"] == STREET_DESK
    with pytest.raises(CaseUnknown):
        at_station(staff, case, "accept")
    at_station(street, case, "return", note="照片看不清", missing=["03"])
    assert (state_of(case), errands(case)) == ("returned", {"mend1": "open"})
    assert "出生医学证明" in Task.objects.get(origin_ref=case).reason
    door.act(case, "hand_in", materials=["02", "03", "15"])
    assert (state_of(case), case_of(case).values["station"]) == ("submitted", STREET_DESK)


@pytest.mark.parametrize(
    ("step", "wish", "said"),
    [
        ("file", {}, "不能“报部门”"),
        ("approve", {}, "不能“办结”"),
        ("return", {}, "须写明理由"),
        ("fly", {}, "没有“fly”这一步"),
        ("return", {"note": "缺", "missing": ["77"]}, "不在代码表"),
        ("return", {"note": "长" * 501}, "最多500个字"),
    ],
)
def test_a_step_that_does_not_lead_on_is_refused_with_its_reason(
    door: Door, step: str, wish: dict[str, object], said: str
) -> None:
    case, staff = door.handed_in(), clerk("clerk", COMMUNITY_DESK)
    with pytest.raises(NotPossible, match=said):
        at_station(staff, case, step, **wish)
    assert state_of(case) == "submitted"


def test_a_station_decides_only_what_no_department_decides(door: Door) -> None:
    case, staff = door.handed_in(), clerk("clerk", COMMUNITY_DESK)
    at_station(staff, case, "accept")
    with pytest.raises(NotPossible, match="民政局"):
        at_station(staff, case, "approve")
    own = door.case("certificate")
    door.act(own, "hand_in", materials=["01"])
    at_station(staff, own, "accept")
    with pytest.raises(NotPossible, match="没有要报的部门"):
        at_station(staff, own, "file")
    assert at_station(staff, own, "approve", reference="证字1号").values["state"] == "approved"


def test_a_community_station_does_not_file_what_the_street_files(door: Door) -> None:
    case, staff = door.handed_in("hukou_birth", ("02", "03", "15")), clerk("clerk", COMMUNITY_DESK)
    at_station(staff, case, "accept")
    with pytest.raises(NotPossible, match="转上级中心"):
        at_station(staff, case, "file")


def test_only_who_sits_at_the_desk_today_handles_its_cases(door: Door) -> None:
    case = door.handed_in()
    with pytest.raises(CaseUnknown):
        at_station(clerk("street", STREET_DESK), case, "accept")
    with pytest.raises(Forbidden):
        at_station(door.tablet, case, "accept")
    gone = clerk("gone", COMMUNITY_DESK)
    gone_posts = Station.objects.get(pk=COMMUNITY_DESK).posts
    gone_posts.update(ends_on="2026-11-01")
    with pytest.raises(CaseUnknown):
        at_station(gone, case, "accept")


def test_a_case_at_a_desk_that_is_put_out_of_use_comes_to_the_next_one(door: Door) -> None:
    waiting, accepted = door.handed_in(), door.handed_in("certificate", ("01",))
    community, street = clerk("community", COMMUNITY_DESK), clerk("street", STREET_DESK)
    at_station(community, accepted, "accept")
    assert cases_release() == 0
    Station.objects.filter(pk=COMMUNITY_DESK).update(enabled=False)
    assert cases_release() == 2
    assert {str(row.pk) for row in queue(street)} == {waiting, accepted}
    assert (state_of(waiting), state_of(accepted)) == ("submitted", "station")
    at_station(street, accepted, "approve")
    Station.objects.filter(pk=STREET_DESK).update(enabled=False)
    assert cases_release() == 0  # there is none left: it waits for the next


def test_a_desk_that_is_in_use_again_when_its_cases_are_sent_on_keeps_them(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, community = door.handed_in(), clerk("community", COMMUNITY_DESK)
    at_station(community, case, "accept")
    at_station(community, case, "hand_up")
    street = Station.objects.filter(pk=STREET_DESK)
    street.update(enabled=False)

    def locked(grids: Collection[str]) -> dict[str, int]:
        street.update(enabled=True)
        return heads_lock(grids)

    monkeypatch.setattr(follow, "heads_lock", locked)
    assert cases_release() == 0
    assert case_of(case).values["station"] == STREET_DESK


def test_a_department_handles_only_what_was_filed_to_it(door: Door) -> None:
    case, staff = door.handed_in(), clerk("clerk", COMMUNITY_DESK)
    at_station(staff, case, "accept")
    with pytest.raises(CaseUnknown):
        by_department("civil", case, "take")
    at_station(staff, case, "file")
    with pytest.raises(CaseUnknown):
        by_department("police", case, "take")
    assert by_department("civil", case, "take").values["state"] == "taken"


def test_the_same_answer_given_again_changes_nothing(door: Door) -> None:
    case, staff = door.handed_in(), clerk("clerk", COMMUNITY_DESK)
    at_station(staff, case, "accept")
    at_station(staff, case, "file")
    first = by_department("civil", case, "refuse", note="未满60周岁")
    again = by_department("civil", case, "refuse", note="未满60周岁")
    assert first.version == again.version
    with pytest.raises(NotPossible, match="不予办理待告知"):
        by_department("civil", case, "approve")
    assert errands(case) == {"tell1": "open"}


def test_a_resident_may_withdraw_until_the_department_has_it(door: Door) -> None:
    staff = clerk("clerk", COMMUNITY_DESK)
    early = door.handed_in()
    assert door.act(early, "withdraw").status == Status.UPDATED
    assert case_of(early).values["closed_reason"] == "03"
    for steps in (("accept",), ("accept", "file")):
        case = door.case()
        door.act(case, "hand_in", materials=["01", "05"])
        for step in steps:
            at_station(staff, case, step)
        assert door.act(case, "withdraw").status == Status.UPDATED
        assert state_of(case) == "withdrawn"
    late = door.case()
    door.act(late, "hand_in", materials=["01", "05"])
    at_station(staff, late, "accept")
    at_station(staff, late, "file")
    by_department("civil", late, "take")
    refused = door.act(late, "withdraw")
    assert refused.status == Status.REJECTED
    assert "部门办理中" in refused.errors[0].reason


def test_the_task_a_case_came_of_follows_it_to_its_end(door: Door) -> None:
    wanted = Wanted(
        occasion="turns_60:x:0",
        origin="rule",
        origin_ref="turns_60",
        item="老年优待证",
        title="代办老年优待证",
        reason="满60周岁",
        grid=GRID,
        opens_on=today(),
        due_on=today(),
        subject_kind="person",
        subject=UUID(door.person),
        household=UUID(door.home["household"]),
        asks="signature doc:01",
    )
    tasks_offer([wanted], today())
    source = str(task_id(wanted.occasion))
    door.papers("01", "05")
    case = door.case(task=source)
    door.act(case, "hand_in", materials=["01", "05"])
    assert rows_read("task", [source])[source].values["state"] == "handed_on"
    staff = clerk("clerk", COMMUNITY_DESK)
    at_station(staff, case, "accept")
    at_station(staff, case, "file")
    by_department("civil", case, "approve")
    door.act(case, "deliver", received_by="王示例")
    assert rows_read("task", [source])[source].values["state"] == "done"


def test_one_matter_of_several_parts_is_signed_once(door: Door) -> None:
    door.papers("02", "15", person=None)
    door.papers("03")
    lead = door.case("hukou_birth", bundle="newborn")
    other = door.case("insurance_newborn", bundle="newborn", lead=lead, signature=None)
    for case in (lead, other):
        result = door.act(case, "hand_in", materials=["02", "03", "15"])
        assert result.status == Status.UPDATED, result
    assert (state_of(lead), state_of(other)) == ("submitted", "submitted")


def test_a_lead_without_signature_does_not_carry_the_others(door: Door) -> None:
    door.papers("02", "03")
    lead = door.case("hukou_birth", signature=None)
    other = door.case("insurance_newborn", lead=lead, signature=None)
    door.act(other, "hand_in", materials=["02", "03"])
    assert state_of(other) == "returned"
    assert "委托签名" in str(case_of(other).values["answer"])


def test_a_service_put_out_of_use_takes_no_more_cases(door: Door) -> None:
    ProxyService.objects.filter(pk="elder_card").update(enabled=False)
    case = door.handed_in()
    assert (state_of(case), case_of(case).values["answer"]) == ("returned", "平台没有这项代办事项，或已停办")


def test_every_way_through_the_machine_ends(door: Door) -> None:
    leads = {state: {state_after(state, act) for act in acts_in(state)} for state in STATES}
    for state in STATES:
        leads[state] |= {step.after for step in STATION_STEPS.values() if state in step.before}
    ended = {state for state, after in leads.items() if not after}
    assert ended == {"delivered", "told", "withdrawn", "taken"}


def test_every_step_reaches_the_tablet(door: Door) -> None:
    case, staff = door.handed_in(), clerk("clerk", COMMUNITY_DESK)
    before = Entry.objects.get(grid=GRID, record=case).seq
    at_station(staff, case, "accept")
    assert Entry.objects.get(grid=GRID, record=case).seq > before


def test_a_household_with_an_open_case_is_not_closed_and_the_case_is_named(door: Door) -> None:
    case = door.handed_in()
    household = door.home["household"]
    gone = factories.change(
        "person", door.person, 1, closed_on="2026-11-22", closed_reason=factories.close_reason("person")
    )
    factories.apply(door.tablet, gone)

    def close() -> Result:
        change = factories.change(
            "household",
            household,
            rows_read("household", [household])[household].version,
            closed_on="2026-11-22",
            closed_reason=factories.close_reason("household"),
        )
        (result,) = factories.apply(door.tablet, change)
        return result

    refused = close()
    assert refused.status == "rejected"
    number = case_of(case).values["number"]
    assert f"（受理编号{number}，待站点受理）" in refused.errors[0].reason
    assert "材料" not in refused.errors[0].reason
    assert state_of(case) == "submitted"
    door.act(case, "withdraw", act_note="居民不办了")
    assert close().status == "updated"
    assert rows_read("paper", [str(pk) for pk in Paper.objects.values_list("pk", flat=True)])
    assert state_of(case) == "withdrawn"
