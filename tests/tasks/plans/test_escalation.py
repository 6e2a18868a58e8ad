"""A visit nobody made and danger seen on one: who hears of it, when, and who does not."""

from datetime import date, datetime, time, timedelta

import pytest
from django.contrib.admin import site
from django.utils import timezone

from governance.access.actor import HUB
from governance.access.errors import Forbidden, NotPossible
from governance.access.models import Post
from governance.access.selectors import actor_for_user
from governance.audit.models import AuditEntry
from governance.events.models import Event
from governance.tasks.models.plans import Escalation
from governance.tasks.plans.admin import EscalationAdmin
from governance.tasks.plans.reports import escalation_answer, escalations_seen, escalations_unseen
from governance.tasks.plans.services import day_run, grid_follow
from tests import factories
from tests.factories import GRID, NEXT
from tests.tasks.plans.conftest import DAY, Care, Maker, follow

pytestmark = pytest.mark.django_db


def staff(name: str, role: str, grid: str = GRID):
    user = factories.user(name, role)
    Post.objects.create(worker=user, grid=grid, kind="stand_in", starts_on=DAY)
    return actor_for_user(user, purpose="督导检查")


def told() -> list[tuple[str, int, str]]:
    return list(Escalation.objects.values_list("cause", "level", "state"))


def test_a_missed_visit_is_told_to_the_community_and_then_to_the_street(entered: Maker) -> None:
    entered(care_level="1").pass_days(0, 1)  # due on day 1
    assert told() == []
    care = entered(care_level="2")  # due on day 8
    care.pass_days(2, 3)
    assert told() == [("missed", 1, "open")]
    care.pass_days(4, 4)
    assert told() == [("missed", 2, "open")]
    care.pass_days(5, 11)
    assert sorted(told()) == [("missed", 1, "open"), ("missed", 2, "open")]


def test_a_visit_ends_what_was_told(entered: Maker) -> None:
    care = entered(care_level="1")
    care.pass_days(0, 3)
    care.visit(3)
    assert told() == [("missed", 1, "visited")]
    care.pass_days(4, 9)
    assert told() == [("missed", 1, "visited")]


def test_who_left_the_register_needs_no_visit(entered: Maker) -> None:
    care = entered(care_level="1")
    care.pass_days(0, 3)
    care.set(closed_on="2026-11-25", closed_reason="01")
    assert told() == [("missed", 1, "lapsed")]


def test_an_answer_does_not_keep_it_from_going_up(entered: Maker) -> None:
    care = entered(care_level="1")
    care.pass_days(0, 2)
    leader = staff("leader", "grid_leader")
    escalation_answer(actor=leader, escalation=Escalation.objects.get(), answer="已电话联系，住院中")
    assert told() == [("missed", 1, "answered")]
    care.pass_days(3, 3)
    assert told() == [("missed", 1, "answered")]
    care.pass_days(4, 4)
    row = Escalation.objects.get()
    assert (row.level, row.state, row.answer) == (2, "open", "已电话联系，住院中")
    assert AuditEntry.objects.filter(action="plans.answer", subject=care.person).count() == 1


def test_a_returned_task_is_told_of_as_nobody_met_the_person(entered: Maker) -> None:
    care = entered(care_level="1")
    (task,) = care.tasks()
    refused = factories.change(
        "task", task.pk, task.version, outcome="refused", done_at="2026-11-22T02:00:00Z"
    )
    assert factories.apply(care.worker, refused)[0].status == "updated"
    care.pass_days(0, 2)
    assert told() == [("missed", 1, "open")]


def danger(care: Care) -> Escalation:
    care.visit(0, found="5", danger=True, danger_found=["04", "06"])
    return Escalation.objects.get(cause="danger")


def test_danger_is_told_to_the_centre_at_once_with_a_report_that_names_nobody(entered: Maker) -> None:
    care = entered("care_mental", care_level="3")
    row = danger(care)
    assert (row.level, row.state, row.register, str(row.person_id)) == (3, "open", "", care.person)
    event = Event.objects.get()
    assert (event.category, event.urgency, event.grid) == ("0208", "3", GRID)
    said = f"{event.title}{event.description}{event.address}"
    assert "断粮" in said
    assert "示例" not in said.replace("示例路1号", "")
    assert "精神" not in said
    assert care.held().next_visit_on == DAY + timedelta(days=1)
    assert care.tasks(state="open")[0].priority == "3"


def test_danger_is_told_once(entered: Maker) -> None:
    care = entered(care_level="3")
    danger(care)
    visit = factories.model("visit").objects.get()
    note = factories.change("visit", visit.pk, visit.version, content="已通知家属")
    assert factories.apply(care.worker, note)[0].status == "updated"
    follow()
    assert Event.objects.count() == 1
    assert len(told()) == 1


def test_danger_at_any_door_is_told(entered: Maker) -> None:
    care = entered(care_level="3")
    care.visit(0, person=None, danger=True, danger_found=["07"])
    assert told() == [("danger", 3, "open")]
    assert Event.objects.get().category == "0212"


def test_danger_that_was_entered_by_mistake_is_taken_back(entered: Maker) -> None:
    care = entered(care_level="3")
    danger(care)
    visit = factories.model("visit").objects.get()
    wrong = factories.change("visit", visit.pk, visit.version, danger=False, danger_found=None)
    assert factories.apply(care.worker, wrong)[0].status == "updated"
    follow()
    assert told() == [("danger", 3, "lapsed")]


def test_danger_that_is_there_after_all_is_told_again(entered: Maker) -> None:
    care = entered(care_level="3")
    danger(care)
    visit = factories.model("visit").objects.get()
    for values in ({"danger": False, "danger_found": None}, {"danger": True, "danger_found": ["07"]}):
        held = factories.model("visit").objects.get()
        again = factories.change("visit", visit.pk, held.version, **values)
        assert factories.apply(care.worker, again)[0].status == "updated"
        follow()
    assert told() == [("danger", 3, "open")]
    assert (Escalation.objects.get().found, Escalation.objects.get().ended_at) == ("07", None)


def test_what_was_told_goes_with_who_moves(entered: Maker) -> None:
    care = entered(care_level="1")
    danger(care)
    care.pass_days(3, 3)
    assert sorted(told()) == [("danger", 3, "open"), ("missed", 1, "open")]
    there = factories.home(factories.hub_in(NEXT), lon=factories.EAST + 0.005)["building"]
    room = factories.model("room").objects.exclude(building=there).get()
    moved = factories.change("room", room.pk, room.version, building=there, number="102")
    assert factories.apply(factories.hub_in(GRID, NEXT), moved)[0].status == "updated"
    follow()
    grid_follow(NEXT)
    assert list(Escalation.objects.values_list("grid", "state")) == [(NEXT, "open")] * 2


def test_days_late_are_days_of_the_city(entered: Maker) -> None:
    """The day's run tells of them soon after midnight, when it is still the day before in UTC."""
    entered(care_level="1").pass_days(0, 2)
    row = Escalation.objects.get()
    row.level_at = datetime.combine(
        row.due_on + timedelta(days=1), time(0, 5), timezone.get_default_timezone()
    )
    row.save()
    assert EscalationAdmin(Escalation, site).late(Escalation.objects.get()) == "1天"


def test_missed_visits_are_seen_with_the_registers_right_only(entered: Maker) -> None:
    care = entered("care_mental", risk_level="04", care_level="1")
    care.pass_days(0, 3)
    leader, community = staff("leader", "grid_leader"), staff("community", "community_staff")
    elsewhere = staff("elsewhere", "grid_leader", NEXT)
    commander = staff("commander", "commander")
    row = escalations_seen(leader).get()
    assert row.register == "care_mental"
    for other in (community, elsewhere, commander):
        assert not escalations_seen(other).exists()
        with pytest.raises(Forbidden):
            escalation_answer(actor=other, escalation=row, answer="已处理")
    assert escalations_unseen(community) == {GRID: 1}
    assert escalations_unseen(leader) == escalations_unseen(elsewhere) == {}


def test_danger_is_seen_by_staff_of_the_area_who_see_people(entered: Maker) -> None:
    danger(entered("care_mental", care_level="3"))
    seen = {
        role: escalations_seen(staff(role, role)).count()
        for role in ("commander", "community_staff", "dispatcher")
    }
    assert seen == {"commander": 1, "community_staff": 1, "dispatcher": 1}
    assert not escalations_seen(actor_for_user(factories.user("clerk", "intake_clerk"))).exists()


def test_an_answer_says_something_and_comes_in_time(entered: Maker) -> None:
    care = entered(care_level="1")
    care.pass_days(0, 3)
    row = Escalation.objects.get()
    leader = staff("leader", "grid_leader")
    with pytest.raises(NotPossible, match="写明"):
        escalation_answer(actor=leader, escalation=row, answer=" ")
    care.visit(3)
    with pytest.raises(NotPossible, match="已经结束"):
        escalation_answer(actor=leader, escalation=row, answer="已处理")


def test_the_days_run_tells_a_town_of_what_fell_due_without_any_change(entered: Maker) -> None:
    care = entered(care_level="1")
    assert HUB.scope.unbounded
    care.clock.day = date(2026, 12, 20)
    day_run(care.clock.day)
    assert told() == [("missed", 2, "open")]
