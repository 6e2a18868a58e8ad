"""Two hubs of one database are set up at the same moment: rules come in once."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import connection, transaction

from governance.access.actor import HUB
from governance.rules.loading import rules_load
from governance.rules.models import Rule
from tests import factories
from tests.rules.conftest import RULES
from tests.waiting import closing, waits

if connection.vendor == "postgresql":  # SQLite's writers come one by one

    @pytest.mark.django_db(transaction=True)
    def test_rules_that_somebody_else_just_brings_in_are_there_already() -> None:
        factories.codes()
        load = partial(rules_load, actor=HUB, folder=RULES)
        with ThreadPoolExecutor(1) as pool:
            with transaction.atomic():
                assert load() > 0
                second = pool.submit(closing, load)
                waits(1)
            assert second.result() == 0
        assert Rule.objects.exists()
