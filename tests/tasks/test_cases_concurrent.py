"""Two clerks press at once, several follow at once: every case takes one way, and all are told which."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest
from django.db import connection

from governance.access.errors import NotPossible
from governance.feed.services import heads_lock
from governance.tasks.cases.follow import grid_follow
from governance.tasks.models import CaseStep, Task
from tests import factories
from tests.factories import EAST, GRID, NEXT
from tests.tasks.desk import COMMUNITY_DESK, Door, at_station, case_of, clerk, desk_make, state_of
from tests.waiting import meanwhile

ROUNDS = 4


def together(*jobs: Callable[[], object]) -> list[str]:
    """Do jobs at the same moment; gives "" for each that was done, else why it was not."""
    gate = Barrier(len(jobs))

    def one(job: Callable[[], object]) -> str:
        try:
            gate.wait()
            job()
        except NotPossible as error:
            return error.reason
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(one, jobs))


@pytest.mark.django_db(transaction=True)
def test_of_two_steps_at_once_one_is_taken_and_the_other_told_why() -> None:
    desk_make()
    door = Door.make()
    first, second = clerk("first", COMMUNITY_DESK), clerk("second", COMMUNITY_DESK)
    door.papers("01", "05")
    for _ in range(ROUNDS):
        case = door.case()
        door.act(case, "hand_in", materials=["01", "05"])
        said = together(
            lambda case=case: at_station(first, case, "accept"),
            lambda case=case: at_station(second, case, "return", note="材料不清", missing=["05"]),
        )
        state = state_of(case)
        if state == "returned":  # the return may follow on the acceptance, never the other way round
            assert said[1] == ""
        else:
            assert (state, said[0]) == ("station", "")
            assert "不能" in said[1]
        grid_follow(GRID)
        steps = [step.after for step in CaseStep.objects.filter(case=case).order_by("version")]
        assert steps[-1] == state
        assert len(steps) == len(set(steps))


@pytest.mark.django_db(transaction=True)
def test_followers_at_once_number_and_route_a_case_once() -> None:
    desk_make()
    door = Door.make()
    door.papers("01", "05")
    cases = []
    for _ in range(ROUNDS):
        case = door.case()
        door.act(case, "hand_in", follow=False, materials=["01", "05"])
        cases.append(case)
    together(*(lambda: grid_follow(GRID) for _ in range(4)))
    assert {case_of(case).values["station"] for case in cases} == {COMMUNITY_DESK}
    assert len({case_of(case).values["number"] for case in cases}) == ROUNDS
    assert CaseStep.objects.filter(case__in=cases, after="submitted").count() == ROUNDS


if connection.vendor == "postgresql":  # SQLite's writers come one by one

    @pytest.mark.django_db(transaction=True)
    def test_who_follows_a_case_waits_for_nobody_in_a_circle() -> None:
        """The case's task lies in another grid than the case, as it does while a household moves."""
        desk_make()
        factories.home(factories.hub_in(GRID))
        tablet = factories.tablet(factories.worker("wang", NEXT))
        home = factories.home(tablet, lon=EAST + 0.005)
        door = Door(tablet, home, factories.person(tablet, home["household"], birth_date="1960-05-05"))
        door.papers("01", "05")
        case = door.case()
        door.act(case, "hand_in", materials=["01", "05"])
        grid_follow(NEXT)
        at_station(clerk("clerk", COMMUNITY_DESK), case, "return", note="看不清", missing=["05"])
        task = Task.objects.filter(origin="case", origin_ref=case)
        assert task.update(grid=GRID) == 1
        door.act(case, "hand_in", follow=False, materials=["01", "05"])
        meanwhile(partial(heads_lock, [NEXT]), late=partial(grid_follow, NEXT))
        assert (state_of(case), task.get().state) == ("submitted", "done")
