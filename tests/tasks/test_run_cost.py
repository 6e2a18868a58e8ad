"""What a day's run asks of the database: indexes, and one write for the news of several rules."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.rules.models import Rule, RuleVersion
from governance.tasks.models import Task
from governance.tasks.services import day_run
from tests import factories
from tests.tasks.conftest import DAY

BORN = ("1966-12-01", "1961-11-01", "1941-12-01")


@pytest.fixture
def elders(town: None) -> None:
    """People who turn 60, 65 and 85, whom as many rules find."""
    home = factories.home(factories.hub_in(factories.GRID))
    for day in BORN:
        factories.person(factories.hub_in(factories.GRID), home["household"], birth_date=day)
    Rule.objects.exclude(code__in=["turns_60", "turns_65", "turns_85"]).update(enabled=False)


def test_what_several_rules_find_anew_is_one_write(elders: None) -> None:
    with CaptureQueriesContext(connection) as captured:
        assert day_run(DAY) == len(BORN)
    told = [query for query in captured if 'INSERT INTO "feed_entry"' in query["sql"]]
    assert len(told) == 1
    assert Task.objects.count() == len(BORN)


def test_a_birthday_rule_is_held_against_its_tasks_by_indexes_alone(elders: None) -> None:
    with plans() as found:
        day_run(DAY)
    assert len(found) == len(BORN)
    for plan in found:
        assert re.search(r"person_(birth_date|home)", plan), plan
        assert "task_of_rule" in plan
        assert (
            re.search(r"Seq Scan on (records_person|tasks_task)|SCAN ([tk]\b|f LEFT-JOIN)", plan) is None
        ), plan


def test_rules_that_count_the_same_for_everybody_share_one_pass(town: None) -> None:
    hub = factories.hub_in(factories.GRID)
    ages = {
        "alone_80": ["1940-01-01"],
        "alone_65": ["1955-01-01"],
        "elders_only": ["1950-01-01", "1951-01-01"],
    }
    for born in [*ages.values(), ["1940-01-01", "1990-01-01"], ["1980-01-01"]]:
        home = factories.home(hub)
        for day in born:
            factories.person(hub, home["household"], birth_date=day)
    Rule.objects.exclude(code__in=ages).update(enabled=False)
    for version in RuleVersion.objects.filter(rule__in=ages):
        version.content["moment"]["start"] = (DAY - timedelta(days=200)).isoformat()
        version.save()
    with CaptureQueriesContext(connection) as captured:
        day_run(DAY)
    assert sorted(Task.objects.values_list("origin_ref", flat=True)) == sorted(ages)
    passes = [query["sql"] for query in captured if "GROUP BY p0" in query["sql"]]
    assert len(passes) == 1
    assert passes[0].count("GROUP BY p0") == 1


@contextmanager
def plans() -> Iterator[list[str]]:
    """Collect how the database goes about each comparison of a rule with its tasks."""
    found: list[str] = []
    postgres = connection.vendor == "postgresql"

    def explain(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("SELECT * FROM (SELECT 0 AS rule"):
            context["cursor"].execute(f"EXPLAIN {'' if postgres else 'QUERY PLAN '}{sql}", params)
            found.append(
                "\n".join(str(row[0] if postgres else row[3]) for row in context["cursor"].fetchall())
            )
        return execute(sql, params, many, context)

    with connection.cursor() as cursor:
        if postgres:  # A town of three is sooner read than looked up.
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")
            # What earlier tests left in its indexes would else decide which one is the cheapest.
            cursor.execute("TRUNCATE tasks_task CASCADE")
    with connection.execute_wrapper(explain):
        yield found
