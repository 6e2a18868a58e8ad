"""Staff give a task out or take it back, a volunteer takes it, just as somebody else acts on it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection

from governance.access.actor import Actor
from governance.access.errors import NotPossible
from governance.access.models import Post
from governance.access.scope import Scope
from governance.access.selectors import actor_for_user
from governance.tasks.centres.giving import TEAM
from governance.tasks.centres.helping import help_report, help_take
from governance.tasks.centres.reporting import TaskElsewhere
from governance.tasks.cycle.services import Acted, assignees_release, tasks_assign, tasks_take_back
from governance.tasks.models import HelpTurn, Task, Team, TeamMember
from governance.tasks.offers import planned_write, tasks_offer, tasks_withdraw, written_count
from governance.tasks.selectors import held_by_id
from governance.tasks.settle import tasks_run_out
from governance.tasks.wanted import Wanted
from tests import factories
from tests.factories import COMMUNITY, GRID, apply, change
from tests.tasks.conftest import DAY
from tests.waiting import meanwhile

NOW = "2026-11-22T03:00:00Z"


def staff_wish(assignee: str = "") -> Wanted:
    """Give what staff want done in the grid."""
    return Wanted(
        occasion="staff:1",
        origin="staff",
        origin_ref="leader",
        item="检查",
        title="用气安全检查",
        reason="例行检查",
        grid=GRID,
        opens_on=DAY,
        due_on=DAY,
        assignee=assignee,
    )


def task_made(assignee: str = "") -> Task:
    """Let staff have made a task of the grid."""
    tasks_offer([staff_wish(assignee)], DAY)
    return Task.objects.get()


if connection.vendor == "postgresql":  # SQLite's writers come one by one
    pytestmark = pytest.mark.django_db(transaction=True)

    @pytest.fixture
    def worker() -> Actor:
        factories.town()
        return factories.tablet(factories.worker())

    @pytest.fixture
    def staff(worker: Actor) -> Actor:
        leader = factories.user("leader", "grid_leader")
        Post.objects.create(worker=leader, grid=GRID, kind="stand_in", starts_on=DAY)
        return actor_for_user(leader)

    @pytest.fixture
    def volunteer(worker: Actor) -> Actor:
        user = factories.user("volunteer", "volunteer")
        team = Team.objects.create(division_id=COMMUNITY, name="志愿队")
        TeamMember.objects.create(team=team, user=user, starts_on=DAY)
        return actor_for_user(user)

    def again(staff: Actor, task: Task) -> Acted:
        return tasks_assign(actor=staff, tasks=[task.pk], assignee="user:worker", note="", day=DAY)

    def back(staff: Actor, task: Task) -> Acted:
        return tasks_take_back(actor=staff, tasks=[task.pk], reason="不用了", day=DAY)

    @pytest.mark.parametrize(("late", "reason"), [(again, "须写明原因"), (back, "不能撤回")])
    def test_what_a_worker_has_just_done_is_neither_given_out_again_nor_taken_back(
        worker: Actor, staff: Actor, late: Callable[[Actor, Task], Acted], reason: str
    ) -> None:
        task = task_made()
        done = change("task", task.pk, base=1, outcome="done", done_at=NOW)
        acted = meanwhile(lambda: apply(worker, done), late=lambda: late(staff, task))
        assert isinstance(acted, Acted)
        assert (acted.done, reason in acted.refused[0]) == (0, True)
        assert Task.objects.values_list("state", "assignee", "version").get() == ("done", None, 2)

    def withdrawn() -> int:
        return tasks_withdraw(["staff:1"], DAY, "事项已取消")

    def run_out() -> int:
        (task,) = held_by_id(list(Task.objects.values_list("pk", flat=True)))
        late = replace(task, expires_on=DAY - timedelta(days=1))
        return written_count(planned_write(tasks_run_out([late], DAY)))

    @pytest.mark.parametrize("late", [withdrawn, run_out])
    @pytest.mark.parametrize(("outcome", "state"), [("done", "done"), ("refused", "returned")])
    def test_what_a_worker_has_just_reported_stands_though_the_hub_ends_the_task(
        worker: Actor, late: Callable[[], int], outcome: str, state: str
    ) -> None:
        task = task_made()
        told = change("task", task.pk, base=1, outcome=outcome, done_at=NOW)
        meanwhile(lambda: apply(worker, told), late=late)
        assert Task.objects.values_list("state", "outcome", "closed_on", "note").get() == (
            state,
            outcome,
            None,
            None,
        )

    @pytest.mark.parametrize("late", [again, back])
    def test_of_what_has_just_moved_staff_are_told(
        worker: Actor, staff: Actor, late: Callable[[Actor, Task], Acted]
    ) -> None:
        other = COMMUNITY + "002"
        both = replace(staff, scope=Scope.of({GRID, other}, ()))
        task = task_made()
        with pytest.raises(NotPossible, match="正在迁移"):
            meanwhile(lambda: Task.objects.update(grid=other), late=lambda: late(both, task))
        assert Task.objects.get().version == 1

    def test_what_is_just_given_to_somebody_else_no_volunteer_takes(
        worker: Actor, staff: Actor, volunteer: Actor
    ) -> None:
        task = task_made(f"{TEAM}{Team.objects.get().pk}")
        with pytest.raises(TaskElsewhere):
            meanwhile(lambda: again(staff, task), late=lambda: help_take(actor=volunteer, id_=task.pk))
        assert not HelpTurn.objects.exists()
        assert Task.objects.get().accepted_at is None

    def test_what_is_just_given_to_somebody_else_no_volunteer_reports(
        worker: Actor, staff: Actor, volunteer: Actor
    ) -> None:
        task = task_made(f"{TEAM}{Team.objects.get().pk}")
        help_take(actor=volunteer, id_=task.pk)
        with pytest.raises(TaskElsewhere):
            meanwhile(
                lambda: again(staff, task),
                late=lambda: help_report(actor=volunteer, id_=task.pk, outcome="done", note=""),
            )
        assert Task.objects.get().state == "open"

    def test_what_is_just_given_to_somebody_else_does_not_go_back_with_the_post_of_who_had_it(
        worker: Actor, staff: Actor
    ) -> None:
        factories.user("gone", "grid_worker")
        task = task_made("user:gone")
        released = meanwhile(lambda: again(staff, task), late=lambda: assignees_release(DAY))
        assert (released, Task.objects.get().assignee) == (0, "user:worker")
