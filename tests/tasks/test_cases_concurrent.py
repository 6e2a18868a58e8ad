"""Two clerks press at once, several follow at once: every case takes one way, and all are told which."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from governance.access.errors import NotPossible
from governance.tasks.cases.follow import grid_follow
from governance.tasks.models import CaseStep
from tests.factories import GRID
from tests.tasks.desk import COMMUNITY_DESK, Door, at_station, case_of, clerk, desk_make, state_of

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
