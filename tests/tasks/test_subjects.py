"""Rules about what is no person: places without a door, events that come to an end."""

from typing import Any

from governance.access.actor import Actor
from governance.rules.models import Rule, RuleVersion
from governance.tasks.models import Task
from governance.tasks.services import day_run, grid_follow
from tests import factories
from tests.factories import GRID, apply, change
from tests.tasks.conftest import DAY


def only(subject: str, **said: Any) -> None:
    """Let one rule hold and no other."""
    Rule.objects.update(enabled=False)
    content = {"subject": subject, "title": "巡查", "item": "巡查", "text": "看一看。", **said}
    rule = Rule.objects.create(code="only", name="规则")
    version = RuleVersion(rule=rule, number=1, state="active", content=content, valid_from="2026-01-01")
    version.made_at = "2026-01-01T00:00:00Z"
    version.save()


def test_a_rule_about_buildings_runs_every_day(home: dict[str, str]) -> None:
    only("building", moment={"op": "every", "step": 1, "start": "2026-11-01"})
    assert day_run(DAY) == 1
    task = Task.objects.get()
    assert (task.subject, task.household_id) == (home["building"], None)
    assert day_run(DAY) == 0


def test_a_closed_event_asks_for_nothing_more(worker: Actor) -> None:
    only("event", moment={"op": "standing"}, who={"op": "present", "field": "description"})
    hub = factories.hub_in(GRID)
    category = factories.codes_of("event_category")[0]
    made = [change("event", category=category, description="合成事件", grid=GRID) for _ in range(2)]
    assert {result.status for result in apply(hub, *made)} == {"created"}
    grid_follow(GRID)
    assert [task.state for task in Task.objects.all()] == ["open", "open"]
    reason = factories.close_reason("event")
    ends = {"closed_on": DAY.isoformat(), "closed_reason": reason}
    assert apply(hub, change("event", made[0].id, 1, **ends))[0].status == "updated"
    grid_follow(GRID)
    states = dict(Task.objects.values_list("subject", "state"))
    assert states == {str(made[0].id): "withdrawn", str(made[1].id): "open"}
    assert apply(hub, change("event", made[1].id, 1, **ends))[0].status == "updated"
    day_run(DAY)
    assert set(Task.objects.values_list("state", flat=True)) == {"withdrawn"}
