"""Visits of one worker in two grids are read from both streams at once: none is overlooked."""

import threading
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from django.db import connection

from governance.tasks.models import Question
from governance.tasks.oversight import services
from governance.tasks.plans.services import grid_follow
from tests import factories
from tests.factories import GRID, NEXT
from tests.tasks.oversight.conftest import DAY
from tests.tasks.oversight.test_questions import visit
from tests.waiting import closing

if connection.vendor == "postgresql":  # SQLite's writers come one by one

    @pytest.mark.django_db(transaction=True)
    def test_what_only_the_visits_of_two_grids_together_show_is_asked(
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        factories.town()
        hub = factories.hub_in(GRID, NEXT)
        doors = [factories.home(hub, factories.WEST + place)["household"] for place in (0.005, 0.015)]
        tablet = factories.tablet(factories.worker("worker", GRID, NEXT))
        at = datetime.combine(DAY, datetime.min.time()).replace(hour=1)
        made = factories.apply(tablet, *(visit(door, at) for door in doors))
        assert {result.status for result in made} == {"created"}
        begun, known = threading.Barrier(2), services._facts_of

        def facts_of(touched: Collection[Any]) -> Any:
            with suppress(threading.BrokenBarrierError):
                begun.wait(1.0)
            return known(touched)

        monkeypatch.setattr(services, "_facts_of", facts_of)
        with ThreadPoolExecutor(2) as pool:
            for each in [pool.submit(closing, partial(grid_follow, grid)) for grid in (GRID, NEXT)]:
                each.result()
        assert Question.objects.get().count == len(doors)
